"""Public records in; canonical ones, keyed our way, out. Reads and writes no table."""

from agents.moment import Moment
from agents.tables import Tables
from rules.intake import booking_input, check_setting, consent_input
from rules.sign_up import phone_given, sign_up_consent
from schemas.base import Message
from schemas.bookings import BookingEvent
from schemas.consent import ConsentChange
from schemas.settings import SettingCopy, SettingsChange
from schemas.sign_ups import SignUp


def take_booking(event: BookingEvent, tables: Tables, moment: Moment) -> list[Message]:
    """A booking event becomes a booking input."""
    return [booking_input(event, moment.now)]


def take_consent(change: ConsentChange, tables: Tables, moment: Moment) -> list[Message]:
    """A consent change becomes a consent given or ended. Raises ``Refused``."""
    return [consent_input(change, moment.policy, moment.now)]


def copy_setting(change: SettingsChange, tables: Tables, moment: Moment) -> list[Message]:
    """A setting goes to every partition of the phone-keyed topics. Raises ``Refused``."""
    check_setting(change)
    return [
        SettingCopy(
            partition=partition,
            workspace_id=change.workspace_id,
            study_id=change.study_id,
            name=change.name,
            value=change.value,
            revision=change.revision,
            actor=change.actor,
            reason=change.reason,
            at=change.at,
        )
        for partition in range(moment.policy.partitions)
    ]


def take_sign_up(sign_up: SignUp, tables: Tables, moment: Moment) -> list[Message]:
    """A sign-up becomes a consent and the event's phone: never one without the other."""
    return [sign_up_consent(sign_up, moment.policy, moment.now), phone_given(sign_up)]
