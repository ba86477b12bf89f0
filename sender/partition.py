"""What the sender knows of one partition: texts to send, withdrawals, the journal's fold, the phones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from rules.consent import outweighs
from schemas.deliveries import Delivery, ScopeWithdrawal, Withdrawal
from schemas.journal import Expired, JournalRecord, Suppressed
from schemas.topics import SMS_DELIVERIES
from sender.fold import TextFold
from sender.folds import Fold
from sender.kept import Kept
from sender.offsets import Offsets
from sender.pending import Pending
from sender.phones import Phones
from sender.read_marks import ReadMarks
from sender.scopes import Scopes
from sender.withdrawals import Withdrawals, ended_by


@dataclass(eq=False)
class Partition(ReadMarks):
    """One partition that this sender holds."""

    number: int
    retry_first: timedelta = timedelta(seconds=1)
    fold: Fold = field(default_factory=Fold)
    phones: Phones = field(default_factory=Phones)
    pending: dict[str, dict[int, Pending]] = field(default_factory=dict)
    withdrawals: Withdrawals = field(default_factory=Withdrawals)
    scopes: Scopes = field(default_factory=Scopes)
    offsets: Offsets = field(default_factory=Offsets)
    kept: Kept = field(default_factory=Kept)
    """Accepted texts that may have a second try."""
    revived: list[Pending] = field(default_factory=list)
    """Second tries that nobody has taken up yet."""
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

    def close(self) -> None:
        """It has left: whoever waits is told."""
        for pending in self.all_pending():
            pending.over = True
        self.shut()

    def commit_to(self) -> int:
        """The offset of ``sms-deliveries`` up to which every record has ended."""
        return self.offsets.first_open(self.read_to.get(SMS_DELIVERIES.name, 0))

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
        fold = self.fold.of(text.text_id)
        if known or fold.lost or fold.is_over(text.plan_version):
            return None
        self.offsets.begin(offset)
        pending = Pending(delivery, offset, self, now, self.retry_first)
        self.pending.setdefault(text.text_id, {})[text.plan_version] = pending
        return pending

    def take_withdrawal(self, offset: int, withdrawal: Withdrawal) -> None:
        """A text goes no more, whether it was released or not."""
        text = withdrawal.text
        if not self._is_done(text.text_id, text.plan_version):
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
        versions = self.pending.get(text_id, {})
        for version in [v for v in versions if fold.is_over(v)]:
            pending = versions.pop(version)
            pending.over = True
            if not self.kept.keep(pending, fold):
                self.offsets.end(pending.offset)
        if not versions:
            self.pending.pop(text_id, None)
        self._settle_kept(text_id, fold)
        for offset in self.withdrawals.applied(text_id, lambda version: self._is_done(text_id, version)):
            self.offsets.end(offset)
        self.touched[text_id] = None

    def _settle_kept(self, text_id: str, fold: TextFold) -> None:
        """An accepted text that was kept may go a second time, or that is not asked any more."""
        kept = self.kept.texts.get(text_id)
        folded_anew = fold.status != "accepted" and not fold.lost
        if kept is None or folded_anew or fold.may_be_lost(kept.delivery.text.plan_version):
            return
        del self.kept.texts[text_id]
        if fold.lost and fold.status == "none":
            again = Pending(kept.delivery, kept.offset, self, kept.not_before, self.retry_first)
            self.pending[text_id] = {kept.delivery.text.plan_version: again}
            self.revived.append(again)
        else:
            self.offsets.end(kept.offset)

    def _is_done(self, text_id: str, version: int) -> bool:
        """Whether a withdrawal has nothing to do: the version is over, and has no second try either."""
        fold = self.fold.of(text_id)
        return fold.is_over(version) and (text_id not in self.kept.texts or version <= fold.ended_version)

    def let_go(self, now: datetime) -> None:
        """Keep no accepted text whose time is over."""
        for text_id, kept in list(self.kept.texts.items()):
            if kept.delivery.not_after <= now:
                del self.kept.texts[text_id]
                self.offsets.end(kept.offset)
                self.settle(text_id)

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

    def is_pointless(self, delivery: Delivery, now: datetime) -> bool:
        """Whether a claimed delivery should not go any more: it ends without, or a lost one arrived."""
        return self.fold.of(delivery.text.text_id).is_delivered or self.end_of(delivery, now) is not None

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
