"""Texts that go no more, until the journal says so: the lowest version first, each version has its end."""

from collections.abc import Callable
from datetime import datetime

from schemas.deliveries import Withdrawal
from schemas.journal import Expired, JournalRecord, Suppressed


class Withdrawals:
    """Those of one partition that have not been applied."""

    def __init__(self) -> None:
        self._of: dict[str, dict[int, tuple[Withdrawal, list[int]]]] = {}

    def take(self, offset: int, withdrawal: Withdrawal) -> None:
        """A withdrawal; repeats are applied with the first."""
        versions = self._of.setdefault(withdrawal.text.text_id, {})
        versions.setdefault(withdrawal.text.plan_version, (withdrawal, []))[1].append(offset)

    def next(self, text_id: str, version: int = -1) -> Withdrawal | None:
        """The lowest one that ends this version (or any)."""
        versions = self._of.get(text_id, {})
        lowest = min((v for v in versions if v >= version), default=None)
        return None if lowest is None else versions[lowest][0]

    def applied(self, text_id: str, is_done: Callable[[int], bool]) -> list[int]:
        """Let go of those with nothing more to do for their version; their offsets."""
        versions = self._of.get(text_id, {})
        done = [offset for v, (_, offsets) in versions.items() if is_done(v) for offset in offsets]
        left = {v: kept for v, kept in versions.items() if not is_done(v)}
        if left:
            self._of[text_id] = left
        else:
            self._of.pop(text_id, None)
        return done

    def texts(self) -> list[str]:
        """The texts that have one."""
        return list(self._of)


def ended_by(withdrawn: Withdrawal, tries: int, now: datetime) -> JournalRecord:
    """The journal record of a withdrawal; ``tries``: earlier attempts that may have reached the carrier."""
    if withdrawn.reason == "expired":
        return Expired(text=withdrawn.text, tries=tries, waited_for=withdrawn.waited_for, at=now)
    return Suppressed(text=withdrawn.text, tries=tries, reason=withdrawn.reason, at=now)
