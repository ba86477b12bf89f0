"""Due texts in; deliveries out, if the gate lets them through, and withdrawals with their reason if not."""

from msgspec.structs import replace

from agents.analytics import planned
from agents.moment import Moment
from agents.switches import person_zone, study_switch, workspace_switch
from agents.tables import Tables
from rules.events import event_key, is_open, with_text
from rules.gate import Drop, Facts, Send, judge
from rules.keeping import tidied
from rules.release import after, delivery, reply_delivery, withdrawal
from schemas.base import Message
from schemas.bookings import BookingInput, DueText, ReplyDue, Tidy
from schemas.deliveries import Delivery, Withdrawal
from schemas.rows import EventRow, PhoneRow, PlannedText


def release_text(due: DueText | ReplyDue | Tidy, tables: Tables, moment: Moment) -> list[Message]:
    """Release what may go; a tick that comes too often, too early or too late changes nothing."""
    match due:
        case DueText():
            return _text(due, tables, moment)
        case ReplyDue():
            return _reply(due, tables, moment)
        case _:
            return _tidy(due, tables, moment)


def _text(due: DueText, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(due.phone_ref)
    event = row.events.get(event_key(due.workspace_id, due.event_id)) if row else None
    text = event.texts.get(due.text_id) if event else None
    if row is None or event is None or text is None or not is_open(text):
        return []
    if not moment.inputs_caught_up:
        again = replace(text, state="planned", due_at=min(text.due_at, moment.now))
        _write(due.phone_ref, row, with_text(event, again), tables)
        return []
    if text.state == "planned" and text.due_at > moment.now:
        return []
    return _judged(due.phone_ref, row, event, text, tables=tables, moment=moment)


def _judged(
    phone_ref: str, row: PhoneRow, event: EventRow, text: PlannedText, *, tables: Tables, moment: Moment
) -> list[Message]:
    """Carry out the gate's verdict: outcome into the row, message out."""
    facts, revisions = _facts(phone_ref, row, event.booking, tables, moment)
    verdict = judge(event, text, facts, moment.policy)
    messages: list[Message] = []
    if isinstance(verdict, Send):
        sent = delivery(
            event, text, verdict, facts, phone_ref=phone_ref, revisions=revisions, policy=moment.policy
        )
        text = replace(text, wording=sent.text.wording)
        messages = [sent]
    elif isinstance(verdict, Drop):
        reason, waited_for = verdict.reason, verdict.waited_for
        messages = [
            withdrawal(event.booking, text, phone_ref, reason=reason, at=moment.now, waited_for=waited_for)
        ]
    _write(phone_ref, row, after(event, text, verdict, moment.now), tables)
    return messages


def _write(phone_ref: str, row: PhoneRow, event: EventRow, tables: Tables) -> None:
    key = event_key(event.booking.workspace_id, event.booking.event_id)
    if row.events[key] != event:
        tables.bookings[phone_ref] = replace(row, events={**row.events, key: event})


def _facts(
    phone_ref: str, row: PhoneRow, booking: BookingInput, tables: Tables, moment: Moment
) -> tuple[Facts, tuple[int, int]]:
    workspace_on, workspace_revision = workspace_switch(tables, moment.partition, booking.workspace_id)
    study_on, study_revision = study_switch(tables, moment.partition, booking.workspace_id, booking.study_id)
    facts = Facts(
        phone=row.phone,
        consents=tables.consents.get(phone_ref),
        stops=tables.opt_outs.get(phone_ref),
        workspace_on=workspace_on,
        study_on=study_on,
        zone=person_zone(tables, moment, row.phone, booking),
        now=moment.now,
    )
    return facts, (workspace_revision, study_revision)


def _reply(due: ReplyDue, tables: Tables, moment: Moment) -> list[Message]:
    """An answer skips the gate: its token lets it through the sender, once."""
    row = tables.bookings.get(due.phone_ref)
    event = None
    if row is not None and due.workspace_id is not None and due.event_id is not None:
        event = row.events.get(event_key(due.workspace_id, due.event_id))
    booking = event.booking if event else None
    zone = person_zone(tables, moment, due.phone, booking) if booking else moment.policy.default_zone
    sent = reply_delivery(due, booking, zone, moment.policy, moment.now)
    return [planned(sent.text, moment), _unless_late(sent, moment)]


def _unless_late(sent: Delivery, moment: Moment) -> Message:
    if moment.now <= sent.not_after:
        return sent
    return Withdrawal(text=sent.text, reason="expired", at=moment.now)


def _tidy(due: Tidy, tables: Tables, moment: Moment) -> list[Message]:
    row = tables.bookings.get(due.phone_ref)
    if row is None:
        return []
    left = tidied(row, moment.now, moment.policy)
    if left is None:
        del tables.bookings[due.phone_ref]
    elif left != row:
        tables.bookings[due.phone_ref] = left
    return []
