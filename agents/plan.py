"""States of events in, and how texts ended; each phone's plan is kept, struck texts are withdrawn."""

from msgspec.structs import replace

from agents.analytics import planned
from agents.moment import Moment
from agents.tables import Tables
from rules.events import event_key
from rules.plan import Plan, ended, fold_state, handed_over, handover, leave, replan
from rules.release import ref_of, withdrawal
from rules.wanted import Draft
from schemas.base import Message
from schemas.bookings import BookingState, DayOf, Handover, Left, TextEnded
from schemas.rows import EventRow, PhoneRow


def plan_texts(
    event: BookingState | Left | Handover | TextEnded, tables: Tables, moment: Moment
) -> list[Message]:
    """Keep a phone's plan true to what happened."""
    match event:
        case BookingState():
            return _state(event, tables, moment)
        case Left():
            return _left(event, tables, moment)
        case Handover():
            return _handover(event, tables, moment)
        case TextEnded():
            return _ended(event, tables, moment)


def _state(state: BookingState, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(state.phone_ref) or PhoneRow(phone=state.phone)
    key = event_key(state.booking.workspace_id, state.booking.event_id)
    after = fold_state(row.events.get(key), state, moment.now)
    if after is None:
        return []
    return _keep(state.phone_ref, row, after, tables, moment, news=state.news)


def _left(left: Left, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(left.phone_ref)
    event = row.events.get(event_key(left.workspace_id, left.event_id)) if row else None
    if row is None or event is None:
        return _answer(None, left.phone_ref, left.to_ref, (left.workspace_id, left.event_id, left.version))
    if left.version < event.version or (left.version == event.version and event.left_at_version is None):
        return []  # it came back to this phone since
    after = leave(event, version=left.version, to=left.to, to_ref=left.to_ref)
    messages = _keep(left.phone_ref, row, after, tables, moment)
    return messages + _pass_on(left.phone_ref, left, tables)


def _pass_on(phone_ref: str, event: Left | Handover, tables: Tables) -> list[Message]:
    """Hand an event that left over to its new phone, once this row has what it awaits itself."""
    row = tables.bookings[phone_ref].events[event_key(event.workspace_id, event.event_id)]
    if row.awaits is not None or row.left_at_version is None:
        return []
    left = (event.workspace_id, event.event_id, row.left_at_version)
    return _answer(row, phone_ref, row.left_to_ref, left)


def _answer(
    event: EventRow | None, from_ref: str, to_ref: str | None, left: tuple[str, str, int]
) -> list[Message]:
    return [] if to_ref is None else [handover(event, phone_ref=to_ref, from_ref=from_ref, left=left)]


def _handover(known: Handover, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(known.phone_ref)
    event = row.events.get(event_key(known.workspace_id, known.event_id)) if row else None
    after = handed_over(event, known) if event else None
    if row is None or after is None:
        return []
    messages = _keep(known.phone_ref, row, after, tables, moment)
    return messages + _pass_on(known.phone_ref, known, tables)


def _ended(end: TextEnded, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(end.phone_ref)
    event = row.events.get(event_key(end.workspace_id, end.event_id)) if row else None
    after = ended(event, end) if event else None
    if row is None or after is None:
        return []
    return _keep(end.phone_ref, row, after, tables, moment)


def _keep(
    phone_ref: str,
    row: PhoneRow,
    event: EventRow,
    tables: Tables,
    moment: Moment,
    *,
    news: DayOf | None = None,
) -> list[Message]:
    """Replan the event, write the row, say what was planned and what was struck."""
    plan = replan(Draft(event, row.phone, moment.policy, moment.now), news)
    key = event_key(event.booking.workspace_id, event.booking.event_id)
    tables.bookings[phone_ref] = replace(row, events={**row.events, key: plan.event})
    return _say(phone_ref, plan, moment)


def _say(phone_ref: str, plan: Plan, moment: Moment) -> list[Message]:
    booking = plan.event.booking
    struck = [
        withdrawal(booking, text, phone_ref, reason=reason, at=moment.now) for text, reason in plan.struck
    ]
    return [*struck, *(planned(ref_of(booking, text, phone_ref), moment) for text in plan.planned)]
