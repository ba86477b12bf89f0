"""What the sender knows of one partition: texts to send, withdrawals, the journal's fold, the phones."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from rules.consent import outweighs
from schemas.deliveries import Delivery, ScopeWithdrawal, Withdrawal
from schemas.journal import Expired, JournalRecord, Suppressed
from schemas.topics import SMS_DELIVERIES, SMS_JOURNAL
from sender.fold import Fold
from sender.offsets import Offsets
from sender.pending import PartitionGone, Pending
from sender.phones import Phones
from sender.scopes import Scopes
from sender.withdrawals import Withdrawals, ended_by


@dataclass(eq=False)
class Partition:
    """One partition that this sender holds."""

    number: int
    retry_first: timedelta = timedelta(seconds=1)
    fold: Fold = field(default_factory=Fold)
    phones: Phones = field(default_factory=Phones)
    pending: dict[str, dict[int, Pending]] = field(default_factory=dict)
    withdrawals: Withdrawals = field(default_factory=Withdrawals)
    scopes: Scopes = field(default_factory=Scopes)
    offsets: Offsets = field(default_factory=Offsets)
    touched: dict[str, None] = field(default_factory=dict)
    """Texts of which something was heard: one of them may have come to its end."""
    epoch: str = ""
    """The epoch of Redis that this partition is known to be rebuilt for."""
    oldest: datetime | None = None
    """The time of the earliest text that was read and has not ended."""
    floor: datetime | None = None
    """The journal is folded from here; None: from its start."""
    whole: bool = False
    """All of the journal is wanted."""
    seeking: bool = True
    """The journal's place is still to be found."""
    ends: dict[str, int] = field(default_factory=dict)
    """The ends of the topics noted at the assignment: nothing is sent before all are read."""
    read_to: dict[str, int] = field(default_factory=dict)
    closed: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    # --- how far it was read

    def has_read(self, topic: str, offset: int) -> None:
        """All records of a topic before ``offset`` were heard."""
        if offset > self.read_to.get(topic, -1):
            self.read_to[topic] = offset
            self._changed.set()

    def is_read(self, *topics: str) -> bool:
        """Whether all that was there at the assignment was read: withdrawals lie behind deliveries."""
        if not topics and self.seeking:
            return False
        return all(self.read_to.get(t, 0) >= end for t, end in self.ends.items() if not topics or t in topics)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when more was read and it is so. Raises ``PartitionGone``."""
        while not is_so():
            if self.closed:
                raise PartitionGone
            self._changed.clear()
            await self._changed.wait()

    async def read_past(self, offset: int) -> None:
        """Return when the journal has been read past an offset. Raises ``PartitionGone``."""
        await self.until(lambda: self.read_to.get(SMS_JOURNAL.name, 0) > offset)

    def close(self) -> None:
        """It has left: whoever waits is told."""
        self.closed = True
        for pending in self.all_pending():
            pending.over = True
        self._changed.set()

    def commit_to(self) -> int:
        """The offset of ``sms-deliveries`` up to which every record has ended."""
        return self.offsets.first_open(self.read_to.get(SMS_DELIVERIES.name, 0))

    def found(self) -> None:
        """The journal's place is found: it is read from there."""
        self.seeking = False
        self._changed.set()

    def forget_journal(self) -> None:
        """The journal is about to be folded anew."""
        self.fold = Fold()

    # --- texts

    def all_pending(self) -> Iterator[Pending]:
        """Every delivery that has not ended."""
        return (pending for versions in self.pending.values() for pending in versions.values())

    def take(self, offset: int, delivery: Delivery, now: datetime) -> Pending | None:
        """A new delivery; None if it is known, or over as far as the journal was read."""
        text = delivery.text
        known = text.plan_version in self.pending.get(text.text_id, {})
        if known or self.fold.of(text.text_id).is_over(text.plan_version):
            return None
        self.offsets.begin(offset)
        pending = Pending(delivery, offset, self, now, self.retry_first)
        self.pending.setdefault(text.text_id, {})[text.plan_version] = pending
        return pending

    def take_withdrawal(self, offset: int, withdrawal: Withdrawal) -> None:
        """A text goes no more, whether it was released or not."""
        text = withdrawal.text
        if not self.fold.of(text.text_id).is_over(text.plan_version):
            self.offsets.begin(offset)
            self.withdrawals.take(offset, withdrawal)
            self.touched[text.text_id] = None

    def take_scope(self, scope: ScopeWithdrawal) -> None:
        """A switch was turned off: every delivery may be over."""
        if self.scopes.take(scope):
            self.touched |= dict.fromkeys(self.pending)

    def hear(self, record: JournalRecord) -> bool:
        """A record of the journal; False if it does not count."""
        counts = self.fold.apply(record)
        self.settle(record.text.text_id)
        return counts

    def settle(self, text_id: str) -> None:
        """Let go of what the journal says is over."""
        fold = self.fold.of(text_id)
        for offset in self.withdrawals.applied(text_id, fold):
            self.offsets.end(offset)
        versions = self.pending.get(text_id, {})
        for version in [v for v in versions if fold.is_over(v)]:
            pending = versions.pop(version)
            pending.over = True
            self.offsets.end(pending.offset)
        if not versions:
            self.pending.pop(text_id, None)
        self.touched[text_id] = None

    def next_end(self, text_id: str, now: datetime) -> JournalRecord | None:
        """What ends the lowest version of a text without a try, if something does and no try is open."""
        fold = self.fold.of(text_id)
        if fold.is_open:
            return None
        withdrawn = self.withdrawals.next(text_id)
        versions = self.pending.get(text_id, {})
        for version in sorted(versions):
            if withdrawn is not None and withdrawn.text.plan_version < version:
                break
            if versions[version].running:
                return None
            record = self.end_of(versions[version].delivery, now)
            if record is not None:
                return record
        return ended_by(withdrawn, len(fold.counted), now) if withdrawn else None

    def end_of(self, delivery: Delivery, now: datetime) -> JournalRecord | None:
        """The record that ends this delivery without a try, if something does."""
        text = delivery.text
        tries = len(self.fold.of(text.text_id).counted)
        withdrawn = self.withdrawals.next(text.text_id, text.plan_version)
        if withdrawn is not None:
            return ended_by(withdrawn, tries, now)
        if now >= delivery.not_after:
            return Expired(text=text, tries=tries, at=now)
        if delivery.reply_token is not None:
            return None
        scope = self.scopes.over(delivery)
        if scope is not None:
            return Suppressed(text=text, tries=tries, reason=scope.reason, at=now)
        stops = self.phones.stops.get(text.phone_ref)
        if stops is not None and outweighs(stops.stop_at, stops.start_at):
            return Suppressed(text=text, tries=tries, reason="opted_out", at=now)
        return None

    def outlook(self, pending: Pending, now: datetime) -> Literal["go", "wait", "end"]:
        """Whether a delivery may be tried now, must wait, or something of its text ends first without a try.

        Acceptance ends the text as a whole: a lower version must have had its own end by then.
        """
        delivery = pending.delivery
        text = delivery.text
        if self.fold.of(text.text_id).is_open or pending.running or pending.not_before > now:
            return "wait"
        withdrawn = self.withdrawals.next(text.text_id)
        if withdrawn is not None and withdrawn.text.plan_version < text.plan_version:
            return "end"
        if self.end_of(delivery, now) is not None:
            return "end"
        busy = self.fold.is_busy(text.phone_ref, text.text_id)
        return "wait" if busy or self.phones.is_held(delivery) else "go"
