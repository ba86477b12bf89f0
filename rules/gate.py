"""May this text go now? The whole policy on one screen; every no has its reason."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from rules.cap import slots_left
from rules.consent import had_consent, is_held, is_stopped, live_consents
from rules.covering import covered
from rules.events import ANNOUNCEMENTS, knows, open_texts
from rules.phones import served
from rules.policy import Policy
from rules.quiet_hours import add_awake, waits_for_morning
from schemas.reasons import EndReason, Suppression, Waiting
from schemas.rows import ConsentRow, EventRow, PhoneConsents, PhoneStops, PlannedText


class Facts(Struct, frozen=True, kw_only=True, gc=False):
    """What the gate knows beside the event: its phone, consents, opt-out, switches, and the clock."""

    phone: str
    consents: PhoneConsents | None
    stops: PhoneStops | None
    workspace_on: bool
    study_on: bool
    zone: str
    now: datetime


class Send(Struct, frozen=True, gc=False):
    """It may go until ``not_after``, by this consent."""

    consent: ConsentRow
    not_after: datetime


class Wait(Struct, frozen=True, gc=False):
    """It waits for something that may still come."""

    reason: Waiting


class Defer(Struct, frozen=True, gc=False):
    """It waits for the morning."""

    until: datetime


class Drop(Struct, frozen=True, gc=False):
    """It never goes."""

    reason: EndReason
    waited_for: Waiting | None = None


Verdict = Send | Wait | Defer | Drop


def judge(event: EventRow, text: PlannedText, facts: Facts, policy: Policy) -> Verdict:
    """The verdict on a due text of an event."""
    if facts.now > text.expires_at:
        return Drop("expired", text.waits_for)
    if event.awaits:
        return Wait("waiting_for_handover")
    reason = _never(facts, policy)
    if reason is not None:
        return Drop(reason)
    consent = _consent(event, facts)
    if not isinstance(consent, ConsentRow):
        return consent
    not_after = latest(text, consent.at, facts.zone, policy)
    if facts.now > not_after:
        return Drop("expired", text.waits_for)
    return _now_or_later(event, text, facts, policy) or Send(consent, not_after)


def _never(facts: Facts, policy: Policy) -> Suppression | None:
    """Why it goes neither now nor later, whatever consent comes."""
    if not facts.workspace_on:
        return "workspace_off"
    if not facts.study_on:
        return "study_off"
    return None if served(facts.phone, policy.countries) else "country_not_served"


def _consent(event: EventRow, facts: Facts) -> ConsentRow | Wait | Drop:
    """The consent it may go by, or what it waits for, or why it never goes."""
    booking = event.booking
    whose = {
        "workspace_id": booking.workspace_id,
        "person_id": booking.person_id,
        "event_id": booking.event_id,
    }
    live = live_consents(facts.consents, **whose)
    if not live and not had_consent(facts.consents, **whose):
        return Wait("waiting_for_consent")
    stops = facts.stops
    if stops is not None and is_stopped(stops) and stops.stop_at is not None:
        if live and live[-1].at > stops.stop_at:
            return Wait("waiting_for_start")
        return Drop("carrier_blocked" if stops.by_carrier else "opted_out")
    if stops is not None and is_held(stops):
        return Wait("held_unclear")
    return live[0] if live else Drop("consent_ended")


def latest(text: PlannedText, consent_at: datetime, zone: str, policy: Policy) -> datetime:
    """After this it would come too late: bounded by the start, and by its cause or consent."""
    if text.kind not in ("confirmation", "schedule_change"):
        return text.expires_at
    since = max(text.cause_at, consent_at)
    return min(text.expires_at, add_awake(policy, since, policy.latest_after_cause, zone))


def _now_or_later(event: EventRow, text: PlannedText, facts: Facts, policy: Policy) -> Defer | Drop | None:
    if text.kind == "interview_reminder":
        needless = covered(event, text, _coming(event, facts, policy))
        if needless is not None:
            return Drop(needless)
    elif text.kind in ("schedule_change", "day_of_update"):
        until = waits_for_morning(policy, facts.now, _next_start(event, text, facts.now), facts.zone)
        if until is not None:
            return Defer(until)
    return Drop("capped") if slots_left(event, text, policy) == 0 else None


def _coming(event: EventRow, facts: Facts, policy: Policy) -> Iterator[PlannedText]:
    """The announcements that this gate would let go, now or in the morning."""
    for other in open_texts(event, *ANNOUNCEMENTS):
        if isinstance(judge(event, other, facts, policy), Send | Defer):
            yield other


def _next_start(event: EventRow, text: PlannedText, now: datetime) -> datetime:
    """The first start to come that the text is about: a change's is the one they know of, if sooner."""
    known = knows(event) if text.kind == "schedule_change" else None
    starts = [told.starts_at for told in (text.told, known) if told is not None and told.starts_at > now]
    return min(starts, default=text.told.starts_at)
