"""States of events in, and how texts ended; each phone's plan is kept, struck texts are withdrawn."""

from collections.abc import Iterable

from msgspec.structs import replace

from agents.analytics import planned
from agents.erase import erase_plans
from agents.moment import Moment
from agents.tables import Tables
from rules.events import event_key, is_open
from rules.handover import correctable, handed_over, handover, leave, paid, parting_of, payable
from rules.keeping import admitted
from rules.news import News, news_of
from rules.plan import Plan, ended, fold_state, replan
from rules.release import ref_of, withdrawal
from rules.wanted import Draft
from schemas.base import Message
from schemas.bookings import BookingState, Handover, Left, TextEnded
from schemas.erasure import ErasePlans
from schemas.rows import EventRow, Parting, PhoneRow


def plan_texts(
    event: BookingState | Left | Handover | TextEnded | ErasePlans, tables: Tables, moment: Moment
) -> list[Message]:
    """Keep a phone's plan true to what happened. Raises ``Refused`` if the phone has no room."""
    match event:
        case BookingState():
            return _state(event, tables, moment)
        case Left():
            return _left(event, tables, moment)
        case Handover():
            return _handover(event, tables, moment)
        case ErasePlans():
            return erase_plans(event, tables, moment)
        case _:
            return _ended(event, tables, moment)


def _found(message: Left | Handover | TextEnded, tables: Tables) -> tuple[PhoneRow | None, EventRow | None]:
    row = tables.bookings.get(message.phone_ref)
    return row, row.events.get(event_key(message.workspace_id, message.event_id)) if row else None


def _state(state: BookingState, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(state.phone_ref) or PhoneRow(phone=state.phone)
    key = event_key(state.booking.workspace_id, state.booking.event_id)
    after = fold_state(row.events.get(key), state)
    if after is None:
        return []
    early = row.early.get(f"{key}@{state.version}")
    if early is not None:
        after = handed_over(after, early) or after
        row = replace(row, early={name: e for name, e in row.early.items() if e is not early})
    return _keep(state.phone_ref, admitted(row, key, moment.now), after, tables, moment, news=news_of(state))


def _left(left: Left, tables: Tables, moment: Moment) -> list[Message]:
    row, event = _found(left, tables)
    if row is None or event is None:
        return _hand_over(None, (parting_of(left),), left, moment)
    after = leave(event, left)
    return [] if after is None else _keep_and_pay(left, row, after, tables, moment)


def _handover(known: Handover, tables: Tables, moment: Moment) -> list[Message]:
    row, event = _found(known, tables)
    if event is None or event.version < known.version:
        name = f"{event_key(known.workspace_id, known.event_id)}@{known.version}"
        return _keep_early(known, name, row, tables)
    after = handed_over(event, known)
    if row is None or after is None:
        return []
    corrected = _hand_over(after, correctable(event, after), known, moment)
    return _keep_and_pay(known, row, after, tables, moment) + corrected


def _keep_early(known: Handover, name: str, row: PhoneRow | None, tables: Tables) -> list[Message]:
    """The old phone's row was faster than the state of the event: what it says waits for that."""
    row = row or PhoneRow(phone=known.phone)
    tables.bookings[known.phone_ref] = replace(row, early={**row.early, name: known})
    return []


def _keep_and_pay(
    message: Left | Handover, row: PhoneRow, event: EventRow, tables: Tables, moment: Moment
) -> list[Message]:
    messages = _keep(message.phone_ref, row, paid(event), tables, moment)
    return messages + _hand_over(event, payable(event), message, moment)


def _hand_over(
    event: EventRow | None, partings: Iterable[Parting], message: Left | Handover | TextEnded, moment: Moment
) -> list[Message]:
    name = message.workspace_id, message.event_id
    given = (handover(event, p, from_ref=message.phone_ref, name=name, at=moment.now) for p in partings)
    return [known for known in given if known is not None]


def _ended(end: TextEnded, tables: Tables, moment: Moment) -> list[Message]:
    row, event = _found(end, tables)
    after = ended(event, end) if event else None
    if row is None or event is None or after is None:
        return []
    messages = _hand_over(after, correctable(event, after), end, moment) + _overtaken(event, end, moment)
    return _keep(end.phone_ref, row, after, tables, moment) + messages


def _overtaken(event: EventRow, end: TextEnded, moment: Moment) -> list[Message]:
    """An earlier version of an open text turned out to have gone: the open one is taken back."""
    text = event.texts.get(end.text_id)
    if text is None or not is_open(text) or text.plan_version <= end.plan_version:
        return []
    return [withdrawal(event.booking, text, end.phone_ref, reason="nothing_new", at=moment.now)]


def _keep(
    phone_ref: str,
    row: PhoneRow,
    event: EventRow,
    tables: Tables,
    moment: Moment,
    *,
    news: News | None = None,
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
