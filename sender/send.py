"""The steps of one send: claim, win in log order, pass the gate, write in time, note what came of it."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from carrier.port import Carrier, NotBegun, Outcome, Outgoing, Taken, Unclear
from rules.links import status_token
from runtime.config import Config
from runtime.failpoints import passing
from schemas.deliveries import Delivery
from schemas.journal import Accepted, Claimed, Expired, JournalRecord, NotSent, Rejected, Suppressed, Unknown
from schemas.reasons import Suppression
from sender.gate import Gate, GateAway, Verdict
from sender.journal import Journal
from sender.pacing import Pacer
from sender.partition import Partition, Pending

log = structlog.get_logger()


def boottime() -> float:
    """Seconds since boot, suspended time included: a frozen machine does not gain time."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Sends:
    """Carries out sends for the partitions of this process."""

    def __init__(
        self,
        config: Config,
        carrier: Carrier,
        gate: Gate,
        journal: Journal,
        pacer: Pacer,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._config, self._carrier, self._gate, self._journal = config, carrier, gate, journal
        self._pacer, self._now, self._new_id = pacer, now, new_id
        self._threads = ThreadPoolExecutor(config.post_threads, thread_name_prefix="post")
        self._text_only = frozenset(filter(None, config.text_only.replace(" ", "").split(",")))
        self.stopped = False
        """The account is refused: nothing is sent until a person has looked."""

    async def send(self, partition: Partition, pending: Pending) -> None:
        """Try one text. What fails before a try is put off; what is unclear is written as unknown."""
        try:
            await self._send(partition, pending)
        except (KafkaError, TimeoutError, GateAway, RedisError, OSError) as error:
            log.warning("send_put_off", text_id=pending.delivery.text.text_id, error=type(error).__name__)
            pending.put_off(self._now())

    async def _send(self, partition: Partition, pending: Pending) -> None:
        delivery = pending.delivery
        if self._text_only and delivery.phone not in self._text_only:
            await self._append(Suppressed(text=delivery.text, reason="test_only", at=self._now()))
            return
        claimed_at = boottime()
        claim = await self._claim(partition, delivery)
        if claim is None:
            return
        verdict = await self._ask(delivery, claim, claimed_at)
        if verdict.word != "ok":
            await self._refused(pending, claim, verdict)
            return
        await self._post(pending, claim, partition.number)

    async def _claim(self, partition: Partition, delivery: Delivery) -> Claimed | None:
        """Append a claim and read the log up to it: None if another one won, or something ended the text."""
        now = self._now()
        passing("C0")
        claim = Claimed(
            text=delivery.text,
            attempt=partition.fold.of(delivery.text.text_id).attempt,
            claim_id=self._new_id(),
            counts_to_cap=delivery.counts_to_cap,
            not_after=delivery.not_after,
            deadline_at=now + timedelta(seconds=self._config.claim_valid_s + self._config.claim_deadline_s),
            at=now,
        )
        offset = await self._append(claim)
        passing("C2")
        async with asyncio.timeout(self._config.kafka_timeout_s):
            await partition.read_past(offset)
        winner = partition.fold.of(delivery.text.text_id)
        mine = winner.status == "claimed" and winner.claim is not None
        return claim if mine and winner.claim and winner.claim.claim_id == claim.claim_id else None

    async def _ask(self, delivery: Delivery, claim: Claimed, claimed_at: float) -> Verdict:
        """The gate's verdict; a wait keeps the claim and starts no deadline."""
        while True:
            if boottime() - claimed_at > self._config.claim_valid_s or self.stopped:
                return Verdict("no", reason="gave_up")
            verdict = await self._gate.judge(delivery, claim)
            if verdict.word != "wait":
                return verdict
            await asyncio.sleep(verdict.wait_s)

    async def _refused(self, pending: Pending, claim: Claimed, verdict: Verdict) -> None:
        text, now = claim.text, self._now()
        if verdict.reason in ("paused", "held_unclear", "gave_up"):
            await self._append(self._not_sent(claim, verdict.reason))
            pending.put_off(now)
        elif verdict.reason == "expired":
            await self._append(Expired(text=text, claim_id=claim.claim_id, tries=claim.attempt - 1, at=now))
        elif verdict.reason == "claimed":  # poisoned while it waited, or declared dead: it never passed
            await self._gate.free(claim)
            await self._append(self._not_sent(claim, "another claim stands"))
            pending.put_off(now)
        else:
            reason: Suppression = verdict.reason  # type: ignore[assignment]  # the script's closed list
            ended = Suppressed(
                text=text, claim_id=claim.claim_id, tries=claim.attempt - 1, reason=reason, at=now
            )
            await self._append(ended)

    async def _post(self, pending: Pending, claim: Claimed, partition: int) -> None:
        passing("C3")
        deadline = boottime() + self._config.claim_deadline_s
        delivery = pending.delivery
        self._pacer.took(delivery.text.segments, time.monotonic())
        posted_at = self._now()
        outgoing = self._outgoing(delivery, claim, partition, posted_at)
        outcome = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._carrier.send(outgoing, lambda: boottime() < deadline)
        )
        passing("C6")
        await self._note(pending, claim, outcome, posted_at)
        passing("C7")
        await self._gate.drained(claim.text.phone_ref, claim.claim_id)

    def _outgoing(self, delivery: Delivery, claim: Claimed, partition: int, now: datetime) -> Outgoing:
        token = status_token(
            self._config.callback_secret.encode(), claim.text.text_id, claim.attempt, partition
        )
        return Outgoing(
            to=delivery.phone,
            body=delivery.body,
            callback_url=f"{self._config.public_url.rstrip('/')}/webhooks/plivo/status/{token}",
            expiry_s=int((delivery.not_after - now).total_seconds()),
        )

    async def _note(self, pending: Pending, claim: Claimed, outcome: Outcome, posted_at: datetime) -> None:
        """Write down what came of a try; what surely was none leaves the cap."""
        now = self._now()
        match outcome:
            case Taken(uuid):
                await self._append(
                    Accepted(
                        text=claim.text,
                        attempt=claim.attempt,
                        claim_id=claim.claim_id,
                        carrier_uuid=uuid,
                        evidence="reply",
                        at=now,
                    )
                )
            case Unclear(reason):
                await self._append(
                    Unknown(
                        text=claim.text,
                        attempt=claim.attempt,
                        claim_id=claim.claim_id,
                        reason=reason,
                        posted_at=posted_at,
                        at=now,
                    )
                )
            case NotBegun():
                await self._not_begun(pending, claim, outcome)

    async def _not_begun(self, pending: Pending, claim: Claimed, outcome: NotBegun) -> None:
        await self._gate.free(claim)
        if outcome.then == "never":
            record = Rejected(
                text=claim.text,
                attempt=claim.attempt,
                claim_id=claim.claim_id,
                reason=outcome.reason,
                at=self._now(),
            )
            await self._append(record)
            return
        await self._append(self._not_sent(claim, outcome.reason))
        if outcome.then == "stop":
            self.stopped = True
            log.error("account_refused", alert=True)
        if outcome.then == "pause" and outcome.retry_after_s:
            self._pacer.pause(outcome.retry_after_s, time.monotonic())
            log.error("account_paused", alert=True, reason=outcome.reason)
        after = timedelta(seconds=outcome.retry_after_s) if outcome.retry_after_s else None
        pending.put_off(self._now(), after)

    def _not_sent(self, claim: Claimed, reason: str) -> NotSent:
        return NotSent(
            text=claim.text, attempt=claim.attempt, claim_id=claim.claim_id, reason=reason, at=self._now()
        )

    async def _append(self, record: JournalRecord) -> int:
        return await self._journal.append(record)
