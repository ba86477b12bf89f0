"""Reading switches: off or on, by which revision, and the zones that settings name."""

from agents.moment import Moment
from agents.tables import Tables
from rules.zones import zone_for
from schemas.bookings import BookingInput
from schemas.rows import Switch


def switch_key(partition: int, workspace_id: str, study_id: str | None, name: str) -> str:
    """The name of a setting in its partition's part of the table."""
    return f"{partition}|{workspace_id}|{study_id or ''}|{name}"


def workspace_switch(tables: Tables, partition: int, workspace_id: str) -> tuple[bool, int]:
    """Whether the workspace texts (off until an admin turns it on), and the revision that says so."""
    return _state(
        tables.switches.get(switch_key(partition, workspace_id, None, "sms_enabled")), default=False
    )


def study_switch(tables: Tables, partition: int, workspace_id: str, study_id: str) -> tuple[bool, int]:
    """Whether the study texts (on until someone turns it off), and the revision that says so."""
    key = switch_key(partition, workspace_id, study_id, "interview_reminder")
    return _state(tables.switches.get(key), default=True)


def _state(switch: Switch | None, *, default: bool) -> tuple[bool, int]:
    return (default, 0) if switch is None else (switch.value is True, switch.revision)


def zones(tables: Tables, partition: int, workspace_id: str, study_id: str) -> tuple[str | None, str | None]:
    """The zones that the study and the workspace name, if any."""
    found = (
        tables.switches.get(switch_key(partition, workspace_id, study, "zone")) for study in (study_id, None)
    )
    study_zone, workspace_zone = (str(switch.value) if switch else None for switch in found)
    return study_zone, workspace_zone


def person_zone(tables: Tables, moment: Moment, phone: str, booking: BookingInput) -> str:
    """The zone that texts about the booking show their times in: see ``rules.zones.zone_for``."""
    study_zone, workspace_zone = zones(tables, moment.partition, booking.workspace_id, booking.study_id)
    return zone_for(moment.policy, booking.zone, phone, study_zone, workspace_zone)
