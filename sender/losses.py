"""Reminders that the carrier accepted and its network lost: each may be tried once more."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from rules.second_tries import LOST, again_at
from runtime.config import Config
from schemas.deliveries import Delivery
from schemas.journal import Reported
from sender import metrics
from sender.claims import Claims
from sender.fold import TextFold
from sender.journal import Journal
from sender.outcomes import not_sent
from sender.partition import Partition

log = structlog.get_logger()


class Losses:
    """Opens the second tries of the partitions of this process; the gate is asked anew for each."""

    def __init__(
        self, config: Config, claims: Claims, journal: Journal, *, now: Callable[[], datetime]
    ) -> None:
        self._claims, self._journal, self._now = claims, journal, now
        self._later = timedelta(seconds=config.lost_retry_s)

    async def sweep(self, partitions: Iterable[Partition]) -> None:
        """Open what is due, forget what is too late. Raises what Kafka and Redis raise, ``PartitionGone``."""
        for partition in partitions:
            partition.let_go(self._now())
            if not partition.has_reports():
                continue  # one that waits may say that it arrived after all
            for text_id, kept in list(partition.kept.texts.items()):
                text = partition.fold.of(text_id)
                if text.is_lost and text.reported and self._is_due(partition, kept.delivery, text.reported):
                    await self._open(partition, text, text.reported.error_code)

    def _is_due(self, partition: Partition, delivery: Delivery, lost: Reported) -> bool:
        now = self._now()
        at = again_at(lost.error_code, lost.at, delivery.not_after, self._later)
        return now >= at and partition.end_of(delivery, now) is None

    async def _open(self, partition: Partition, text: TextFold, code: str) -> None:
        """First the claim that was sent is barred, then the journal says why."""
        if text.claim is None:
            return
        await self._claims.free(text.claim, counted=True)
        record = not_sent(text.claim, f"{LOST}{code}", self._now())
        await partition.read_past(await self._journal.append(record))
        metrics.SECOND_TRIES.labels(f"carrier code {code}").inc()
        log.warning("second_try", text_id=text.claim.text.text_id, carrier_code=code)
