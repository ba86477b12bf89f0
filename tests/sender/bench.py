"""A warm gate on a real server, and ways to ask it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from runtime import gate_keys as keys
from runtime.config import Config
from schemas.deliveries import Delivery
from schemas.journal import Claimed
from sender.claims import Claims
from sender.gate import Gate, Question

HOUR = timedelta(hours=1)


@dataclass
class Bench:
    """A warm gate, and what is needed to ask it."""

    config: Config
    redis: Redis
    gate: Gate
    claims: Claims
    epoch: str

    def question(self, text: Delivery, claim_id: str = "c1", **more: Any) -> Question:
        now = datetime.now(UTC)
        claim = Claimed(
            text=text.text,
            attempt=more.pop("attempt", 1),
            claim_id=claim_id,
            counts_to_cap=text.counts_to_cap,
            not_after=text.not_after,
            deadline_at=now + HOUR,
            at=now,
        )
        return Question(**{"delivery": text, "claim": claim, "epoch": self.epoch, "dead": (), **more})

    async def ask(self, text: Delivery, claim_id: str = "c1", **more: Any) -> str:
        verdict = await self.gate.judge(self.question(text, claim_id, **more))
        return verdict.reason or verdict.word

    async def raise_to(self, text: Delivery, name: str, at: datetime) -> None:
        await self.redis.eval(keys.RAISE, 1, keys.phone_key(text.text.phone_ref), name, keys.ms(at))
