"""A due text becomes a delivery, or waits, or is withdrawn with a reason."""

from datetime import datetime

from msgspec.structs import replace

from rules.cap import is_last_move
from rules.events import counted, released, with_text
from rules.gate import Defer, Facts, Send, Verdict, Wait
from rules.ids import text_id
from rules.links import manage_link
from rules.policy import Policy
from rules.segments import segments
from rules.texts import render
from schemas.bookings import BookingInput, ReplyDue
from schemas.deliveries import Delivery, TextRef, Withdrawal, Wording
from schemas.reasons import EndReason, Waiting
from schemas.rows import EventRow, PlannedText

REPLY_WORDING: dict[str, Wording] = {
    "stop": "reply_stop",
    "start": "reply_start",
    "help": "reply_help",
    "unclear": "reply_unclear",
    "other": "reply_other",
}


def after(event: EventRow, text: PlannedText, verdict: Verdict, now: datetime) -> EventRow:
    """The event once the verdict on a text of it is carried out."""
    match verdict:
        case Send():
            event, text = released(event, text, now)
            event = replace(event, counted_ids=(*event.counted_ids, f"{text.text_id}#1"))
        case Wait(reason):
            text = replace(text, state="waiting", waits_for=reason)
        case Defer(until):
            text = replace(text, state="planned", due_at=until)
        case _:
            text = replace(text, state="ended", end="withdrawn", waits_for=None)
    return event if event.texts.get(text.text_id) == text else with_text(event, text)


def ref_of(booking: BookingInput, text: PlannedText, phone_ref: str, segments_predicted: int = 0) -> TextRef:
    """The identity of a planned text."""
    return TextRef(
        text_id=text.text_id,
        plan_version=text.plan_version,
        phone_ref=phone_ref,
        workspace_id=booking.workspace_id,
        study_id=booking.study_id,
        event_id=booking.event_id,
        booking_id=booking.booking_id,
        person_id=text.former_person_id or booking.person_id,
        kind=text.kind,
        wording=text.wording,
        basis=text.basis,
        due_at=text.due_at,
        first_due_at=text.first_due_at,
        segments=segments_predicted,
        is_test=booking.is_test,
    )


def delivery(
    event: EventRow,
    text: PlannedText,
    verdict: Send,
    facts: Facts,
    *,
    phone_ref: str,
    revisions: tuple[int, int],
    policy: Policy,
) -> Delivery:
    """The delivery of a text that may go; ``revisions`` are those of the workspace's and study's switch."""
    booking = event.booking
    if is_last_move(event, text, policy):
        text = replace(text, wording="moved_last")
    body = body_of(event, text, zone=facts.zone, now=facts.now, phone_ref=phone_ref, policy=policy)
    return Delivery(
        text=ref_of(booking, text, phone_ref, segments(body)),
        phone=facts.phone,
        body=body,
        not_after=verdict.not_after,
        starts_at=booking.starts_at,
        counts_to_cap=True,
        counted_ids=list(counted(event)),
        consent_id=verdict.consent.consent_id,
        consent_at=verdict.consent.at,
        workspace_revision=revisions[0],
        study_revision=revisions[1],
        reply_token=None,
        released_at=facts.now,
    )


def body_of(
    event: EventRow, text: PlannedText, *, zone: str, now: datetime, phone_ref: str, policy: Policy
) -> str:
    """The words of a planned text if it goes at ``now``, with times in ``zone``."""
    booking = event.booking
    return render(
        text.wording,
        workspace_name=booking.workspace_name,
        starts_at=text.told.starts_at,
        zone=zone,
        now=now,
        link=manage_link(policy, booking.workspace_id, booking.event_id, phone_ref),
        contact=policy.support_contact,
    )


def withdrawal(
    booking: BookingInput,
    text: PlannedText,
    phone_ref: str,
    *,
    reason: EndReason,
    at: datetime,
    waited_for: Waiting | None = None,
) -> Withdrawal:
    """The end of a planned text before it went."""
    return Withdrawal(text=ref_of(booking, text, phone_ref), reason=reason, waited_for=waited_for, at=at)


def reply_delivery(
    due: ReplyDue, booking: BookingInput | None, zone: str, policy: Policy, now: datetime
) -> Delivery:
    """The one answer that a participant's text entitles to; ``booking`` is the one texted last."""
    wording = REPLY_WORDING[due.answer]
    link = manage_link(policy, booking.workspace_id, booking.event_id, due.phone_ref) if booking else None
    body = render(
        wording,
        workspace_name=booking.workspace_name if booking else "",
        starts_at=booking.starts_at if booking else now,
        zone=zone,
        now=now,
        link=link,
        contact=policy.support_contact,
    )
    return Delivery(
        text=_reply_ref(due, booking, wording, segments(body), policy),
        phone=due.phone,
        body=body,
        not_after=due.received_at + policy.reply_latest,
        starts_at=booking.starts_at if booking else None,
        counts_to_cap=False,
        counted_ids=[],
        consent_id=None,
        consent_at=None,
        workspace_revision=0,
        study_revision=0,
        reply_token=due.inbound_uuid,
        released_at=now,
    )


def _reply_ref(
    due: ReplyDue, booking: BookingInput | None, wording: Wording, segments_predicted: int, policy: Policy
) -> TextRef:
    return TextRef(
        text_id=text_id(
            policy.reference_key,
            workspace_id=None,
            event_id=None,
            person_id=None,
            phone=due.phone,
            kind="reply",
            basis=due.inbound_uuid,
        ),
        plan_version=0,
        phone_ref=due.phone_ref,
        workspace_id=booking.workspace_id if booking else None,
        study_id=booking.study_id if booking else None,
        event_id=booking.event_id if booking else None,
        booking_id=booking.booking_id if booking else None,
        person_id=booking.person_id if booking else None,
        kind="reply",
        wording=wording,
        basis=due.inbound_uuid,
        due_at=due.received_at,
        first_due_at=due.received_at,
        segments=segments_predicted,
        is_test=booking.is_test if booking else False,
    )
