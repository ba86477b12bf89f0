"""The life of each text, folded from ``delivery-events`` and ``notices`` as analytics would."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cli.story import Expected
from schemas.delivery_events import DeliveryEvent
from schemas.notices import Notice

ENDS = ("accepted", "suppressed", "expired", "rejected", "unresolved")


@dataclass
class Life:
    """One version of a text: planned, and how it ended."""

    planned: DeliveryEvent
    end: DeliveryEvent | None = None
    delivered: bool = False

    @property
    def event(self) -> str:
        """``workspace/event``."""
        return f"{self.planned.workspace_id}/{self.planned.event_id}"

    @property
    def outcome(self) -> str:
        """Wording, end and reason, as a story expects them."""
        if self.end is None:
            return f"{self.planned.wording} open"
        reason = "" if self.end.state == "accepted" else self.end.reason or ""
        return f"{self.end.wording} {self.end.state} {reason}".strip()

    @property
    def sent_at(self) -> datetime | None:
        """When the carrier accepted it."""
        return self.end.at if self.end is not None and self.end.state == "accepted" else None


@dataclass
class Lives:
    """All texts seen so far."""

    texts: dict[tuple[str, int], Life] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)

    def hear(self, event: DeliveryEvent) -> bool:
        """Take one event in; False if it told nothing new."""
        key = (event.text_id, event.plan_version)
        life = self.texts.get(key)
        if event.state == "planned":
            if life is None:
                self.texts[key] = Life(event)
            return life is None
        if life is None:
            return False
        if event.state in ENDS and (life.end is None or life.end.state == "unresolved"):
            life.end = event
            return True
        if event.state == "delivered" and not life.delivered:
            life.delivered = True
        return False

    def open(self) -> int:
        """How many texts have not ended."""
        return sum(life.end is None for life in self.texts.values())

    def differences(self, expected: list[Expected]) -> Iterator[str]:
        """Each event whose texts or notices are not as expected."""
        texts: dict[str, list[str]] = defaultdict(list)
        notices: dict[str, list[str]] = defaultdict(list)
        for life in self.texts.values():
            texts[life.event].append(life.outcome)
        for notice in self.notices.values():
            notices[f"{notice.workspace_id}/{notice.event_id}"].append(notice.kind)
        for want in expected:
            yield from _compare(want.event, "texts", want.texts, texts.pop(want.event, []))
            yield from _compare(want.event, "notices", want.notices, notices.pop(want.event, []))
        yield from (f"{event}: texts that the file does not know: {found}" for event, found in texts.items())


def _compare(event: str, what: str, want: tuple[str, ...], found: list[str]) -> Iterator[str]:
    if sorted(found) != sorted(want):
        yield f"{event}: {what} {sorted(found)}, expected {sorted(want)}"
