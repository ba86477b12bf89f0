"""What analytics hears of a plan."""

from agents.moment import Moment
from rules.ids import stable_id
from schemas.deliveries import TextRef
from schemas.delivery_events import DeliveryEvent


def planned(text: TextRef, moment: Moment) -> DeliveryEvent:
    """The first event in the life of a text."""
    return DeliveryEvent(
        delivery_event_id=stable_id(
            moment.policy.reference_key, "planned", text.text_id, str(text.plan_version)
        ),
        text_id=text.text_id,
        plan_version=text.plan_version,
        phone_ref=text.phone_ref,
        workspace_id=text.workspace_id,
        study_id=text.study_id,
        event_id=text.event_id,
        booking_id=text.booking_id,
        kind=text.kind,
        wording=text.wording,
        state="planned",
        final=False,
        reason=None,
        carrier_code=None,
        carrier_uuid=None,
        attempt=None,
        segments_predicted=text.segments,
        segments_billed=None,
        lateness_s=None,
        due_at=text.due_at,
        at=moment.now,
        is_test=text.is_test,
    )
