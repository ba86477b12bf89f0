"""What upstream publishes, made canonical. Refuses what can be read but not meant."""

from datetime import UTC, datetime

from rules.disclosures import flaw
from rules.ids import phone_ref, stable_id
from rules.phones import parse_phone
from rules.policy import Policy
from rules.refused import Refused
from rules.zones import is_zone
from schemas.bookings import BookingEvent, BookingInput
from schemas.consent import ConsentChange, ConsentEnded, ConsentGiven, Evidence
from schemas.settings import EVERY_WORKSPACE, SettingsChange

FIRST_YEAR, LAST_YEAR = 2000, 2199


def booking_input(event: BookingEvent, now: datetime) -> BookingInput:
    """The canonical form of a booking event received at ``now``. Raises ``Refused``.

    A phone or zone that can't be read is left out and reported in ``phone_error`` or ``zone_error``:
    the rest of the booking still counts.
    """
    if event.replaces_booking_id not in (None, event.booking_id) and event.event_id is None:
        raise Refused("event_id", "a booking that replaces another repeats its event_id")
    phone, phone_error = _phone(event.phone, event.region)
    zone_ok = event.zone is None or is_zone(event.zone)
    return BookingInput(
        workspace_id=event.workspace_id,
        workspace_name=event.workspace_name,
        study_id=event.study_id,
        booking_id=event.booking_id,
        event_id=event.event_id or event.booking_id,
        replaces_booking_id=event.replaces_booking_id,
        person_id=event.person_id,
        revision=event.revision,
        status=event.status,
        starts_at=_utc("starts_at", event.starts_at),
        zone=event.zone if zone_ok else None,
        zone_error=None if zone_ok else "not an IANA time zone",
        phone=phone,
        phone_error=phone_error,
        join_url=event.join_url,
        place=event.place,
        manage_url=event.manage_url,
        day_of=event.day_of,
        announce=event.announce,
        is_test=event.is_test,
        received_at=now,
    )


def _utc(field: str, at: datetime) -> datetime:
    """The instant in UTC. Raises ``Refused`` outside of the years that sums of dates are safe in."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Refused(field, f"not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(UTC)


def _phone(raw: str | None, region: str | None) -> tuple[str | None, str | None]:
    if raw is None:
        return None, None
    read = parse_phone(raw, region)
    return (read, None) if read.startswith("+") else (None, read)


def consent_input(change: ConsentChange, policy: Policy, now: datetime) -> ConsentGiven | ConsentEnded:
    """The canonical form of a consent change. Raises ``Refused`` with the field and the reason."""
    phone, error = _phone(change.phone, change.region)
    if phone is None:
        raise Refused("phone", error or "missing")
    at = min(_utc("at", change.at), now)
    if change.action == "grant":
        return _given(change, phone, policy, at, now)
    if change.person_id is None and not (change.phone_wide or change.wrong_number):
        raise Refused("person_id", "needed unless phone_wide")
    return ConsentEnded(
        change_id=stable_id(policy.reference_key, "consent-change", change.message_id),
        phone_ref=phone_ref(policy.reference_key, phone),
        workspace_id=change.workspace_id,
        person_id=change.person_id,
        phone_wide=change.phone_wide or change.wrong_number,
        by="wrong_number" if change.wrong_number else change.source,
        actor=change.actor,
        reason=change.reason,
        at=at,
        received_at=now,
    )


def _given(change: ConsentChange, phone: str, policy: Policy, at: datetime, now: datetime) -> ConsentGiven:
    person_id, evidence = _granted(change)
    return ConsentGiven(
        consent_id=stable_id(policy.reference_key, "consent", change.message_id),
        phone=phone,
        phone_ref=phone_ref(policy.reference_key, phone),
        workspace_id=change.workspace_id,
        person_id=person_id,
        event_id=change.event_id if change.scope == "event" else None,
        source="staff_attested" if change.source == "staff" else "upstream",
        evidence=evidence,
        actor=change.actor,
        reason=change.reason,
        at=at,
        received_at=now,
    )


def _granted(change: ConsentChange) -> tuple[str, Evidence]:
    """The person and evidence of a grant that lacks nothing. Raises ``Refused``."""
    if change.source == "manage_page":
        raise Refused("source", "the manage page only withdraws")
    if change.person_id is None:
        raise Refused("person_id", "needed for a grant")
    if change.scope == "event" and change.event_id is None:
        raise Refused("event_id", "needed for a grant of scope event")
    if change.evidence is None:
        raise Refused("evidence", "needed for a grant")
    if change.source == "staff" and not (change.actor and change.reason):
        raise Refused("actor", "staff names who, how and when the participant agreed")
    wrong = flaw(change.evidence, change.scope)
    if wrong is not None:
        raise Refused(*wrong)
    return change.person_id, change.evidence


def check_setting(change: SettingsChange) -> None:
    """Raise ``Refused`` if the setting's value or scope can't be."""
    kinds: dict[str, type] = {"zone": str, "allowed_hosts": list}
    if not isinstance(change.value, kinds.get(change.name, bool)):
        raise Refused("value", f"{change.name} takes {kinds.get(change.name, bool).__name__}")
    if change.name == "interview_reminder" and change.study_id is None:
        raise Refused("study_id", "needed for interview_reminder")
    if change.name == "zone" and not is_zone(str(change.value)):
        raise Refused("value", "not an IANA time zone")
    if change.name in ("sms_enabled", "paused", "allowed_hosts") and change.study_id is not None:
        raise Refused("study_id", f"{change.name} belongs to a workspace")
    if change.workspace_id == EVERY_WORKSPACE and change.name != "paused":
        raise Refused("workspace_id", "only a pause is for all workspaces")
