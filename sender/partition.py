"""What the sender knows of one partition: texts to send, withdrawals, the journal's fold, the phones."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.consent import outweighs
from schemas.deliveries import Delivery, ScopeWithdrawal, Withdrawal
from schemas.journal import Expired, JournalRecord, Suppressed
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.settings import EVERY_WORKSPACE, SettingCopy
from schemas.topics import SMS_JOURNAL
from sender.fold import Fold

BACKOFF_FIRST, BACKOFF_MAX = timedelta(seconds=1), timedelta(seconds=30)


@dataclass
class Pending:
    """A delivery that has not ended."""

    delivery: Delivery
    offset: int
    not_before: datetime
    backoff: timedelta = BACKOFF_FIRST
    running: bool = False

    def put_off(self, now: datetime, retry_after: timedelta | None = None) -> None:
        """Try again later, and later each time."""
        self.not_before = now + (retry_after or self.backoff)
        self.backoff = min(self.backoff * 2, BACKOFF_MAX)


@dataclass
class Partition:
    """One partition this sender holds."""

    number: int
    fold: Fold = field(default_factory=Fold)
    pending: dict[str, Pending] = field(default_factory=dict)
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    _withdrawn_at: dict[str, int] = field(default_factory=dict)
    scopes: dict[tuple[str, str | None], ScopeWithdrawal] = field(default_factory=dict)
    stops: dict[str, StopState] = field(default_factory=dict)
    ended: dict[tuple[str, str], EndedState] = field(default_factory=dict)
    starts: dict[str, StartAsked] = field(default_factory=dict)
    paused: dict[str, SettingCopy] = field(default_factory=dict)
    epoch: int = -1
    """The epoch of Redis that this partition is known to be rebuilt for."""
    ends: dict[str, int] = field(default_factory=dict)
    """The ends of the topics noted at the assignment: nothing is sent before all are read."""
    read_to: dict[str, int] = field(default_factory=dict)
    tail: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever the journal was read further."""
    undone: set[int] = field(default_factory=set)
    """Offsets of deliveries and withdrawals that have not ended."""

    def is_read(self) -> bool:
        """Whether all that was there at the assignment has been read: withdrawals lie behind deliveries."""
        return all(self.read_to.get(topic, 0) >= end for topic, end in self.ends.items())

    async def all_read(self) -> None:
        """Return when everything that was there at the assignment has been read."""
        while not self.is_read():
            self.tail.clear()
            await self.tail.wait()

    async def read_past(self, offset: int) -> None:
        """Return when the journal has been read past an offset."""
        while self.read_to.get(SMS_JOURNAL.name, 0) <= offset:
            self.tail.clear()
            await self.tail.wait()

    def commit_to(self, topic: str) -> int:
        """The offset up to which every delivery has ended."""
        return min(self.undone, default=self.read_to.get(topic, 0))

    def take(self, offset: int, message: Delivery | Withdrawal | ScopeWithdrawal, now: datetime) -> None:
        """A record of ``sms-deliveries``."""
        match message:
            case Delivery():
                self._take_delivery(offset, message, now)
            case Withdrawal():
                self._take_withdrawal(offset, message)
            case ScopeWithdrawal():
                self.scopes[message.workspace_id, message.study_id] = message

    def _take_delivery(self, offset: int, delivery: Delivery, now: datetime) -> None:
        name = delivery.text.text_id
        known = self.pending.get(name)
        if known is not None and known.delivery.text.plan_version >= delivery.text.plan_version:
            return
        if known is not None:
            self.undone.discard(known.offset)
        self.undone.add(offset)
        self.pending[name] = Pending(delivery, offset, now)

    def _take_withdrawal(self, offset: int, withdrawal: Withdrawal) -> None:
        name = withdrawal.text.text_id
        known = self.withdrawals.get(name)
        if known is not None and known.text.plan_version > withdrawal.text.plan_version:
            return
        self.withdrawn(name)
        self.withdrawals[name] = withdrawal
        self._withdrawn_at[name] = offset
        self.undone.add(offset)

    def withdrawn(self, text_id: str) -> None:
        """A withdrawal has been applied: the journal says so."""
        if self.withdrawals.pop(text_id, None) is not None:
            self.undone.discard(self._withdrawn_at.pop(text_id))

    def done(self, text_id: str) -> None:
        """A delivery has ended, or never needs to be looked at again."""
        pending = self.pending.pop(text_id, None)
        if pending is not None:
            self.undone.discard(pending.offset)

    def hear_setting(self, copy: SettingCopy) -> None:
        """Keep the latest word about a pause."""
        known = self.paused.get(copy.workspace_id)
        if copy.name == "paused" and (known is None or copy.revision > known.revision):
            self.paused[copy.workspace_id] = copy

    def hear_state(self, state: StopState | StartAsked | EndedState) -> None:
        """Keep the latest of what the worker says of a phone."""
        match state:
            case StopState():
                self.stops[state.phone_ref] = state
            case StartAsked():
                self.starts[state.phone_ref] = state
            case EndedState():
                scope = f"{state.workspace_id}|{state.person_id}"
                self.ended[state.phone_ref, scope] = state

    def is_paused(self, delivery: Delivery) -> bool:
        """Whether sends of its workspace wait. Replies never do."""
        if delivery.reply_token is not None:
            return False
        words = (self.paused.get(scope) for scope in (EVERY_WORKSPACE, delivery.text.workspace_id or ""))
        return any(word is not None and word.value is True for word in words)

    def is_held(self, delivery: Delivery) -> bool:
        """Whether the phone's unclear reply is still to be answered."""
        stops = self.stops.get(delivery.text.phone_ref)
        return delivery.reply_token is None and stops is not None and outweighs(stops.hold_at, stops.start_at)

    def end_of(self, delivery: Delivery, now: datetime) -> JournalRecord | None:
        """The record that ends this delivery without a try, if something does."""
        text = delivery.text
        tries = len(self.fold.of(text.text_id).counted)
        withdrawn = self.withdrawals.get(text.text_id)
        if withdrawn is not None and withdrawn.text.plan_version >= text.plan_version:
            return ended_by(withdrawn, tries, now)
        if now >= delivery.not_after:
            return Expired(text=text, tries=tries, at=now)
        if delivery.reply_token is not None:
            return None
        scope = self._scope_of(delivery)
        if scope is not None:
            return Suppressed(text=text, tries=tries, reason=scope.reason, at=now)
        stops = self.stops.get(text.phone_ref)
        if stops is not None and outweighs(stops.stop_at, stops.start_at):
            return Suppressed(text=text, tries=tries, reason="opted_out", at=now)
        return None

    def _scope_of(self, delivery: Delivery) -> ScopeWithdrawal | None:
        workspace = delivery.text.workspace_id or ""
        judged = (
            (self.scopes.get((workspace, None)), delivery.workspace_revision),
            (self.scopes.get((workspace, delivery.text.study_id)), delivery.study_revision),
        )
        return next((s for s, revision in judged if s and s.settings_revision > revision), None)

    def ready(self, now: datetime) -> Iterator[Pending]:
        """What may be tried now, earliest deadline first."""
        for pending in sorted(self.pending.values(), key=lambda p: p.delivery.not_after):
            delivery = pending.delivery
            if pending.running or pending.not_before > now:
                continue
            fold = self.fold.of(delivery.text.text_id)
            busy = self.fold.is_busy(delivery.text.phone_ref, delivery.text.text_id)
            if not (fold.is_open or busy or self.is_paused(delivery) or self.is_held(delivery)):
                yield pending


def ended_by(withdrawn: Withdrawal, tries: int, now: datetime) -> JournalRecord:
    """The journal record of a withdrawal."""
    if withdrawn.reason == "expired":
        return Expired(text=withdrawn.text, tries=tries, waited_for=withdrawn.waited_for, at=now)
    return Suppressed(text=withdrawn.text, tries=tries, reason=withdrawn.reason, at=now)
