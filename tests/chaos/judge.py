"""Which promises were broken, by the carrier's fsynced ledger; our own records are only held against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.deliveries import Delivery
from schemas.delivery_events import DeliveryEvent
from schemas.journal import JournalRecord
from simulator.ledger import Accepted, StateChanged
from tests.chaos.traffic import Stop, Traffic
from tests.model.conformance import refusals
from tests.sender.street import ENDS, Street

TRANSIT = timedelta(seconds=0.5)
"""From a first byte that may begin to the carrier's book, on a machine that is short of time."""
PAUSED_AFTER = timedelta(seconds=2)
MAY_PASS = ("20", "80", "300", "1000")
"""Codes of a loss that a second try may pass, as decision 10 lists them."""


@dataclass(frozen=True)
class Sent:
    """A try in the carrier's book."""

    at: datetime
    lost_at: datetime | None = None
    """When its network lost it with one of these codes."""


@dataclass(frozen=True)
class Seen:
    """All that is judged."""

    accepted: dict[str, list[Sent]]
    """By text: each time that the carrier accepted it."""
    ends: dict[str, DeliveryEvent]
    """By text: how it ended; evidence outweighs."""
    texts: dict[str, Delivery]
    """What was to be sent, by text."""
    stops: dict[str, Stop]
    """By phone reference."""
    pauses: list[tuple[datetime, datetime]]
    journal: list[JournalRecord]
    logs: str
    strict: bool = False
    """Under the policy of that name nothing has a second try."""


def look(street: Street, traffic: Traffic, pauses: list[tuple[datetime, datetime]]) -> Seen:
    """Read the carrier's ledger, what was told of ends, and the senders' logs."""
    logs = "".join(log.read_text() for log in street.folder.glob("*.log"))
    return Seen(
        sent_by(street.carrier.ledger(Accepted), street.carrier.ledger(StateChanged)),
        ends_of(street.read("delivery-events")),
        traffic.texts,
        traffic.stops,
        pauses,
        street.read("sms-journal"),
        logs,
        strict=street.config.reminder_policy == "strict",
    )


def sent_by(entries: list[Accepted], states: list[StateChanged]) -> dict[str, list[Sent]]:
    """By text, which the callback's URL names: its tries, and which of them the network lost."""
    last = {state.uuid: state for state in states}
    tries: dict[str, list[Sent]] = {}
    for entry in entries:
        name, end = (entry.url or "").rpartition("/")[2].partition(".")[0], last.get(entry.uuid)
        is_lost = end is not None and end.state in ("failed", "undelivered") and end.error_code in MAY_PASS
        tries.setdefault(name, []).append(Sent(entry.at, end.at if end and is_lost else None))
    return tries


def second_tries(seen: Seen) -> int:
    """How many texts went again after a loss, as they may."""
    texts = seen.accepted.keys() & seen.texts.keys()
    return sum(_is_second_try(seen, name, seen.accepted[name]) for name in texts)


def _is_second_try(seen: Seen, name: str, tries: list[Sent]) -> bool:
    """Of a reminder, once, after its first try was lost with a code that may pass."""
    if seen.strict or seen.texts[name].text.kind != "interview_reminder" or len(tries) != 2:
        return False
    lost_at = tries[0].lost_at
    return lost_at is not None and tries[1].at >= lost_at


def ends_of(events: list[DeliveryEvent]) -> dict[str, DeliveryEvent]:
    """How each text ended: the last version's end, and acceptance before all."""
    ends: dict[str, DeliveryEvent] = {}
    for event in events:
        known = ends.get(event.text_id)
        if event.state not in ENDS or (known is not None and known.state == "accepted"):
            continue
        if known is None or event.plan_version >= known.plan_version:
            ends[event.text_id] = event
    return ends


def unfinished(texts: dict[str, Delivery], ends: dict[str, DeliveryEvent]) -> list[str]:
    """The texts of which the last version has not ended."""
    return [
        name
        for name, text in texts.items()
        if name not in ends or ends[name].plan_version < text.text.plan_version
    ]


def violations(seen: Seen) -> Iterator[str]:
    """Each broken promise in a line."""
    for name in unfinished(seen.texts, seen.ends):
        yield f"never ended: {name}"
    for name in seen.accepted.keys() & seen.texts.keys():
        yield from _of_text(seen, name, seen.accepted[name])
    for name in seen.ends.keys() & seen.texts.keys():
        yield from _of_end(seen, name, seen.ends[name].state)
    for line in refusals(seen.journal):
        yield f"not one of the model's journals: {line}"


def _of_end(seen: Seen, name: str, state: str) -> Iterator[str]:
    if state == "accepted" and name not in seen.accepted:
        yield f"said to be accepted, and was not: {name}"
    if state == "unresolved" and f'"text_id": "{name}", "event": "unresolved"' not in seen.logs:
        yield f"unresolved without an alert: {name}"


def _of_text(seen: Seen, name: str, tries: list[Sent]) -> Iterator[str]:
    text, end = seen.texts[name], seen.ends.get(name)
    if len(tries) > 1 and not _is_second_try(seen, name, tries):
        yield f"accepted {len(tries)} times: {name} ({text.text.kind})"
    if end is not None and end.state not in ("accepted", "unresolved"):
        yield f"accepted, and said to be {end.state} {end.reason or ''}: {name}"
    for at in (one.at for one in tries):
        if at > text.not_after + TRANSIT:
            yield f"accepted {(at - text.not_after).total_seconds():.2f} s after not_after: {name}"
        if text.reply_token is not None:
            continue
        if any(begun + PAUSED_AFTER < at < over for begun, over in seen.pauses):
            yield f"accepted while paused: {name}"
        stop = seen.stops.get(text.text.phone_ref)
        if stop is not None and _is_after(at, stop):
            yield f"accepted {(at - stop.effective_at).total_seconds():.3f} s after STOP: {name}"


def _is_after(at: datetime, stop: Stop) -> bool:
    """With nothing left under way, not one; at the end of the drain's time, one that had begun may arrive."""
    return at > (stop.effective_at if stop.empty else stop.effective_at + TRANSIT)
