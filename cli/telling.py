"""The life of a text and the state of a booking, told in plain sentences. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from records.life import Step, Try
from rules.resolving import BY_HAND
from rules.second_tries import LOST, NO_EVIDENCE
from rules.sentences import EVIDENCE, FACTS, NAMES, NOTICES, REPORTS, WAITS, not_sent, too_late
from rules.texts import when
from schemas.bookings import BookingInput
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.deliveries import Delivery, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.journal import Claimed, NotSent, Unknown
from schemas.ledger import ConsentFact

Row = Any
"""A row of ``texts`` or ``notices``, by column."""


@dataclass(frozen=True)
class Clock:
    """Times as the participant's wall shows them in ``zone`` (an IANA name), with UTC beside."""

    zone: str

    def say(self, at: datetime | str) -> str:
        """``Mon May 4, 2:00 PM EDT (2026-05-04 18:00:01 UTC)``."""
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{when(at, self.zone)} ({at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"


def text_lines(
    row: Row, steps: Iterable[Any], consent: ConsentGiven | None, clock: Clock, holds: str | None
) -> Iterator[str]:
    """One version of a text: what it was, how it stands and why, then each step with its time.

    ``consent`` is the one it relied on, ``holds`` what keeps it, as far as is known.
    """
    of = f" for booking {row['booking_id']} in {row['workspace_id']}" if row["booking_id"] else ""
    yield f"{NAMES.get(row['wording'], row['wording'])}{of}{' (a test)' if row['is_test'] else ''}"
    yield f"  {verdict(row, clock, holds)}"
    yield f"  text {row['text_id']}, plan version {row['plan_version']}, phone {row['phone_ref']}"
    for step in steps:
        at = step.released_at if isinstance(step, Delivery) else step.at
        yield f"  {clock.say(at)}: {step_sentence(step, consent, clock)}"


def verdict(row: Row, clock: Clock, holds: str | None) -> str:
    """How a text stands, in one sentence."""
    match row["state"]:
        case "accepted":
            told = f"Sent: {_lateness(row['lateness_s'])}{_report(row)}."
        case "suppressed":
            told = f"Not sent: {not_sent(row['reason'])}."
        case "expired":
            told = f"Not sent: {too_late(row['reason'])}."
        case "rejected":
            told = f"Not sent: {_rejected(row['reason'])}."
        case "unresolved":
            told = "Unclear: there is no evidence whether the carrier got it; a person must look."
        case "withdrawn":
            told = f"Withdrawn: {not_sent(row['reason'])}. The sender has not written down its end yet."
        case "released":
            told = f"With the sender, which may send it until {clock.say(row['not_after'])}."
        case _:
            told = _planned(row, clock, holds)
    return told


def _rejected(reason: str | None) -> str:
    if reason is not None and reason.startswith(BY_HAND):
        return f"a person looked at the carrier's records ({reason.removeprefix(BY_HAND)})"
    return f"the carrier refused it for good ({reason})"


def _planned(row: Row, clock: Clock, holds: str | None) -> str:
    waits = f" It waits for {WAITS.get(holds, holds)}." if holds else ""
    return f"Planned for {clock.say(row['due_at'])}.{waits}"


def _lateness(lateness_s: float | None) -> str:
    accepted = "the carrier accepted it"
    if lateness_s is None:
        return accepted
    return f"{accepted} {abs(lateness_s):.1f} s {'after' if lateness_s >= 0 else 'before'} it was due"


def _report(row: Row) -> str:
    return (
        f", and reports: {_reported(row['carrier_status'], row['carrier_code'])}"
        if row["carrier_status"]
        else ""
    )


def _reported(status: str, code: str | None) -> str:
    return REPORTS.get(status, status) + (f" (carrier code {code})" if code and code != "000" else "")


def step_sentence(step: Step, consent: ConsentGiven | None, clock: Clock) -> str:
    """What happened in one step."""
    match step:
        case Delivery(reply_token=str(token)):
            return f"released as the one answer to the participant's text {token}"
        case Delivery():
            by = consent_sentence(consent, clock) if consent else f"consent {step.consent_id}"
            return f"released, to go until {clock.say(step.not_after)}; by {by}"
        case Withdrawal():
            why = too_late(step.waited_for) if step.reason == "expired" else not_sent(step.reason)
            return f"withdrawn: {why}"
        case DeliveryEvent():
            return _event_sentence(step, clock)
    return _try_sentence(step)


def _try_sentence(tried: Try) -> str:
    """What the sender wrote down of a try, before it was made and after."""
    match tried:
        case Claimed():
            return f"the sender claimed try {tried.attempt} (claim {tried.claim_id}), then asked the gate"
        case NotSent(reason=reason) if reason.startswith(LOST):
            return f"try {tried.attempt} was {reason}: it may go once more, if all still allows it"
        case NotSent(reason=str(reason)) if reason == NO_EVIDENCE:
            return f"no evidence of the carrier came of try {tried.attempt}: it may go once more"
        case NotSent():
            return f"try {tried.attempt} surely did not reach the carrier ({tried.reason}): open again"
        case Unknown():
            return f"it is unclear whether try {tried.attempt} reached the carrier ({tried.reason})"
    return f"try {tried.attempt} reached the carrier, as {EVIDENCE[tried.evidence]} shows"


def _event_sentence(event: DeliveryEvent, clock: Clock) -> str:
    attempt = f" at try {event.attempt}" if event.attempt and event.attempt > 1 else ""
    match event.state:
        case "planned":
            told = f"planned, due {clock.say(event.due_at)}"
        case "accepted":
            told = f"the carrier accepted it{attempt} as {event.carrier_uuid}"
        case "suppressed":
            told = f"not sent: {not_sent(event.reason)}"
        case "expired":
            told = f"not sent: {too_late(event.reason)}"
        case "rejected":
            told = f"not sent{attempt}: {_rejected(event.reason)}"
        case "unresolved":
            told = f"no evidence of the carrier came{attempt}: it stays unclear whether it was sent"
        case report:
            told = f"the carrier reports: {_reported(report, event.carrier_code)}"
    return told


def consent_sentence(given: ConsentGiven, clock: Clock) -> str:
    """A consent: where it came from, when, and by which words."""
    words = f"words {given.evidence.disclosure_version}, {given.evidence.act}"
    scope = f"event {given.event_id}" if given.event_id else f"all of {given.workspace_id}"
    return f"consent {given.consent_id} ({given.source}, {scope}, {words}) of {clock.say(given.at)}"


def consent_change_sentence(change: ConsentGiven | ConsentEnded, clock: Clock) -> str:
    """A consent, or the end of one, or of all of the phone."""
    if isinstance(change, ConsentGiven):
        return consent_sentence(change, clock)
    scope = "all consents of the phone" if change.phone_wide else f"consents of person {change.person_id}"
    return f"{scope} ended by {change.by}{_by(change.actor, change.reason)}"


def fact_sentence(fact: ConsentFact) -> str:
    """A fact of the consent ledger."""
    words = f": {fact.words}" if fact.words else ""
    return f"{FACTS[fact.kind]}{words} (by {fact.source}{_by(fact.actor, fact.reason)})"


def _by(actor: str | None, reason: str | None) -> str:
    return "".join(f", {part}" for part in (actor, reason) if part)


def booking_sentence(booking: BookingInput, clock: Clock) -> str:
    """What one record of a booking said."""
    day_of = f"; notice: {booking.day_of.kind}" if booking.day_of else ""
    phone = (
        " with a phone"
        if booking.phone
        else ", its phone can't be read"
        if booking.phone_error
        else " without a phone"
    )
    taken = "; taken over, upstream has told it" if not booking.announce else ""
    return (
        f"{booking.booking_id} revision {booking.revision}: {booking.status} for "
        f"{clock.say(booking.starts_at)}{phone}{day_of}{taken}"
    )


def notice_sentence(row: Row) -> str:
    """A notice to upstream and coordinator."""
    return f"notice {row['kind']}: {NOTICES.get(row['kind'], row['kind'])} ({row['reason']})"
