"""The life of one version of a text: its steps, in whatever order they came, and where it stands. Pure."""

from collections.abc import Iterable
from typing import Any

import msgspec

from records.rows import iso
from schemas.deliveries import Delivery, TextRef, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.journal import Accepted, Claimed, NotSent, Unknown

Try = Claimed | Accepted | NotSent | Unknown
Step = DeliveryEvent | Delivery | Withdrawal | Try
ENDS = ("unresolved", "expired", "suppressed", "rejected", "accepted")
"""What ends a text; a later one here stands against an earlier: evidence of sending always wins."""
REPORTS = ("sent", "undelivered", "failed", "delivered")
"""What the carrier reports, in the order in which one outweighs the other."""
_STEP: msgspec.json.Decoder[Step] = msgspec.json.Decoder(Step)


def read_step(record: str) -> Step:
    """A step from the JSON that the table keeps."""
    return _STEP.decode(record)


def standing(steps: Iterable[Step]) -> dict[str, Any]:
    """The row of ``texts`` for all steps known of one version of a text (at least one)."""
    known = sorted(steps, key=_at)
    events = [step for step in known if isinstance(step, DeliveryEvent)]
    planned = next((event for event in events if event.state == "planned"), None)
    released = next((step for step in known if isinstance(step, Delivery)), None)
    withdrawn = next((step for step in known if isinstance(step, Withdrawal)), None)
    end = _weightiest(events, ENDS)
    last = _last_try(events, end)
    report = _weightiest(events, REPORTS)
    text = _identity(end or released or withdrawn or planned or known[0])
    return {
        **text,
        "state": end.state if end else "withdrawn" if withdrawn else "released" if released else "planned",
        "reason": end.reason if end else withdrawn.reason if withdrawn else None,
        "planned_at": iso(planned.at) if planned else None,
        "released_at": iso(released.released_at) if released else None,
        "not_after": iso(released.not_after) if released else None,
        "consent_id": released.consent_id if released else None,
        "ended_at": iso(end.at) if end else None,
        "lateness_s": end.lateness_s if end else None,
        "carrier_uuid": last.carrier_uuid if last else report.carrier_uuid if report else None,
        "attempt": last.attempt if last else None,
        **_reported(report),
    }


def _reported(report: DeliveryEvent | None) -> dict[str, Any]:
    return {
        "carrier_status": report.state if report else None,
        "carrier_code": report.carrier_code if report else None,
        "segments_billed": report.segments_billed if report else None,
    }


def _at(step: Step) -> Any:
    return step.released_at if isinstance(step, Delivery) else step.at


def _weightiest(events: list[DeliveryEvent], states: tuple[str, ...]) -> DeliveryEvent | None:
    """The event that outweighs the others; of two alike the first."""
    among = [event for event in events if event.state in states]
    return max(among, key=lambda event: states.index(event.state), default=None)


def _last_try(events: list[DeliveryEvent], end: DeliveryEvent | None) -> DeliveryEvent | None:
    """What tells of the last try: a text that the network lost may have been accepted a second time."""
    among = [event for event in events if end is not None and event.state == end.state]
    return max(among, key=lambda event: event.attempt or 0, default=None)


def _identity(step: Step) -> dict[str, Any]:
    text: TextRef | DeliveryEvent = step if isinstance(step, DeliveryEvent) else step.text
    segments = text.segments_predicted if isinstance(text, DeliveryEvent) else text.segments
    return {
        "text_id": text.text_id,
        "plan_version": text.plan_version,
        "phone_ref": text.phone_ref,
        "workspace_id": text.workspace_id,
        "study_id": text.study_id,
        "event_id": text.event_id,
        "booking_id": text.booking_id,
        "kind": text.kind,
        "wording": text.wording,
        "due_at": iso(text.due_at),
        "segments": segments,
        "is_test": text.is_test,
    }
