"""Tries that are over: Redis is told, at once or when it answers again."""

import structlog

from schemas.journal import Claimed
from sender.claims import Claims
from sender.gate import AWAY

log = structlog.get_logger()


class Over:
    """Marks go, and what was surely not sent leaves the cap."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._unfreed: dict[str, Claimed] = {}

    async def let_go(self, claim: Claimed, *, freed: bool) -> None:
        """The try is over; ``freed``: it surely sent nothing. Redis may be told later."""
        try:
            await (self._free(claim) if freed else self._claims.over(claim))
        except AWAY:
            log.warning("gate_not_told", text_id=claim.text.text_id)

    async def free_again(self) -> None:
        """Tell Redis what it did not take in before. Raises one of ``AWAY``."""
        for claim in list(self._unfreed.values()):
            await self._free(claim)

    async def _free(self, claim: Claimed) -> None:
        self._unfreed[claim.claim_id] = claim
        await self._claims.free(claim)
        self._unfreed.pop(claim.claim_id, None)
