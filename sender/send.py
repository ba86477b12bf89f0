"""The steps of one send: claim, win in log order, pass the gate, write in time, note what came of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog

from carrier.port import Carrier, NotBegun, Outcome
from runtime.config import Config
from runtime.failpoints import passing, planted
from schemas.journal import Claimed, Suppressed
from sender import metrics
from sender.claims import Claims
from sender.clocks import boottime
from sender.gate import AWAY, Gate, GateAway, Question, Verdict
from sender.journal import UNCLEAR, Journal
from sender.notes import Notes
from sender.outcomes import of_outcome, of_refusal, outgoing, word_of
from sender.over import Over
from sender.pacing import Pacer
from sender.pending import PartitionGone, Pending

log = structlog.get_logger()
TRY_AGAIN = (*UNCLEAR, *AWAY)
"""What stops a send before it is tried, or leaves its outcome to the reconciler."""


class Sends:
    """Carries out sends for the partitions of this process."""

    def __init__(
        self,
        config: Config,
        *,
        carrier: Carrier,
        gate: Gate,
        claims: Claims,
        journal: Journal,
        pacer: Pacer,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._config, self._carrier, self._gate = config, carrier, gate
        self._journal, self._pacer, self._now, self._new_id = journal, pacer, now, new_id
        self._notes = Notes(journal, config.reconnect_s)
        self._threads = ThreadPoolExecutor(config.post_threads, thread_name_prefix="post")
        self._text_only = frozenset(filter(None, config.text_only.replace(" ", "").split(",")))
        self._most = timedelta(seconds=config.retry_max_s)
        self.over = Over(claims)
        self.refused = False
        """The account is refused: nothing is sent until a person has looked."""

    async def send(self, pending: Pending) -> None:
        """Try one text; never raises. What can't be tried now is put off, what is unclear settled later."""
        text = pending.delivery.text
        try:
            await self._send(pending)
        except PartitionGone:
            pass
        except TRY_AGAIN as error:
            log.warning("send_put_off", text_id=text.text_id, error=type(error).__name__)
            pending.put_off(self._now(), self._most)
        except Exception as error:  # noqa: BLE001  # one text must not end the process, nor be tried at once
            log.error("send_failed", alert=True, text_id=text.text_id, error=type(error).__name__)
            pending.put_off(self._now(), self._most)

    async def _send(self, pending: Pending) -> None:
        delivery, partition = pending.delivery, pending.partition
        if self._text_only and delivery.phone not in self._text_only:
            await self._notes.write(
                partition, Suppressed(text=delivery.text, reason="test_only", at=self._now())
            )
            return
        segments = max(delivery.text.segments, 1)
        token_at = self._pacer.claim(segments, boottime())
        try:
            claim, epoch = await self._claim(pending), partition.epoch
            if claim is None:
                return
            verdict, asked_at = await self._ask(pending, claim, epoch, token_at)
        finally:
            self._pacer.let_go(segments)
        if verdict.word == "ok":
            self._pacer.passed(0, verdict.wait_s, boottime())
            await self._post(pending, claim, asked_at)
        else:
            await self._refused(pending, claim, verdict.reason)

    async def _claim(self, pending: Pending) -> Claimed | None:
        """Append a claim and read the log up to it: None if another one won, or something ended the text."""
        delivery, partition, now = pending.delivery, pending.partition, self._now()
        text_id = delivery.text.text_id
        passing("C0")
        valid_s = self._config.claim_valid_s + self._config.claim_deadline_s
        claim = Claimed(
            text=delivery.text,
            attempt=partition.fold.of(text_id).attempt,
            claim_id=self._new_id(),
            counts_to_cap=delivery.counts_to_cap,
            not_after=delivery.not_after,
            deadline_at=now + timedelta(seconds=valid_s),
            at=now,
        )
        offset = await self._journal.append(claim)
        passing("C2")
        async with asyncio.timeout(self._config.kafka_timeout_s):
            await partition.read_past(offset)
        if planted("lease", "giveback"):
            return claim
        first = partition.fold.of(text_id)
        won = first.status == "claimed" and first.claim is not None and first.claim.claim_id == claim.claim_id
        return claim if won else None

    async def _ask(
        self, pending: Pending, claim: Claimed, epoch: str, token_at: float
    ) -> tuple[Verdict, float]:
        """The gate's verdict, and when it was asked for; a wait keeps the claim and starts no deadline."""
        claimed_at = boottime()
        dead = pending.partition.fold.of(claim.text.text_id).dead
        question = Question(delivery=pending.delivery, claim=claim, epoch=epoch, dead=dead)
        await asyncio.sleep(max(token_at - boottime(), 0))
        while True:
            asked_at = boottime()
            if self._gives_up(pending, claimed_at):
                return Verdict("no", reason="gave_up"), asked_at
            try:
                verdict = await self._gate.judge(question)
            except GateAway:
                return Verdict("no", reason="gate_away"), asked_at
            if verdict.word != "wait":
                return verdict, asked_at
            self._pacer.told_to_wait(verdict.wait_s, boottime())
            await asyncio.sleep(verdict.wait_s)

    def _gives_up(self, pending: Pending, claimed_at: float) -> bool:
        is_late = boottime() - claimed_at > self._config.claim_valid_s
        ends = pending.partition.is_pointless(pending.delivery, self._now())
        return is_late or ends or self.refused or pending.partition.closed

    async def _refused(self, pending: Pending, claim: Claimed, reason: str) -> None:
        """The gate said no: the claim is closed, and the text ends or waits."""
        metrics.REFUSALS.labels(reason).inc()
        pending.put_off(self._now(), self._most)
        if reason == "over_budget":
            self._pause(reason)
        await self._notes.keep_writing(pending.partition, of_refusal(claim, reason, self._now()))
        if reason in ("claimed", "gate_away"):  # poisoned or barred; or it may have passed, unheard
            await self.over.let_go(claim, freed=True)

    async def _post(self, pending: Pending, claim: Claimed, asked_at: float) -> None:
        """The deadline counts from before the question: a STOP's drain begins no earlier."""
        passing("C3")
        posted_at = self._now()
        left_s = (pending.delivery.not_after - posted_at).total_seconds()
        deadline = min(asked_at + self._config.claim_deadline_s, boottime() + left_s)
        sms = outgoing(self._config, pending.delivery, claim, pending.partition.number, posted_at)

        def may_begin() -> bool:
            passing("C4")
            return boottime() < deadline

        def post() -> Outcome:
            outcome = self._carrier.send(sms, may_begin)
            passing("C5")
            return outcome

        outcome = await asyncio.get_running_loop().run_in_executor(self._threads, post)
        passing("C6")
        metrics.TRIES.labels(word_of(outcome)).inc()
        if isinstance(outcome, NotBegun):
            self._not_begun(pending, outcome)
        await self._notes.keep_writing(pending.partition, of_outcome(claim, outcome, posted_at, self._now()))
        passing("C7")
        await self.over.let_go(claim, freed=isinstance(outcome, NotBegun))

    def _not_begun(self, pending: Pending, outcome: NotBegun) -> None:
        """What a refusal means for this text and for the account."""
        after = timedelta(seconds=outcome.retry_after_s) if outcome.retry_after_s else None
        pending.put_off(self._now(), self._most, after)
        if outcome.then == "stop":
            self.refused = True
            metrics.PAUSES.labels("refused").inc()
            log.error("account_refused", alert=True, reason=outcome.reason)
        elif outcome.then == "pause":
            self._pause("no_credit")
        elif outcome.retry_after_s:
            self._pacer.pause(outcome.retry_after_s, boottime())

    def _pause(self, why: str) -> None:
        self._pacer.pause(self._config.credit_pause_s, boottime())
        metrics.PAUSES.labels(why).inc()
        log.error("account_paused", alert=True, reason=why)
