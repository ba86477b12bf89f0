"""What a Submit of the sign-up page means: a consent, and the phone of the event."""

from datetime import datetime

from rules.ids import phone_ref, stable_id
from rules.policy import Policy
from schemas.consent import ConsentGiven, Evidence
from schemas.sign_ups import PhoneGiven, SignUp


def phone_given(sign_up: SignUp) -> PhoneGiven:
    """The event's phone, unless its booking has one of its own."""
    return PhoneGiven(
        sign_up_id=sign_up.sign_up_id,
        workspace_id=sign_up.workspace_id,
        event_id=sign_up.event_id,
        phone=sign_up.phone,
        at=sign_up.at,
    )


def sign_up_consent(sign_up: SignUp, policy: Policy, now: datetime) -> ConsentGiven:
    """The consent of a sign-up received at ``now``."""
    return ConsentGiven(
        consent_id=stable_id(policy.reference_key, "consent", sign_up.sign_up_id),
        phone=sign_up.phone,
        phone_ref=phone_ref(policy.reference_key, sign_up.phone),
        workspace_id=sign_up.workspace_id,
        person_id=sign_up.person_id,
        event_id=sign_up.event_id,
        source="sign_up",
        evidence=Evidence(
            disclosure_version=sign_up.disclosure_version,
            disclosure_sha256=sign_up.disclosure_sha256,
            disclosure_text=sign_up.disclosure_text,
            act=sign_up.act,
            phone_typed=sign_up.phone_typed,
            source_url=sign_up.source_url,
            form_version=sign_up.form_version,
            ip=sign_up.ip,
            user_agent=sign_up.user_agent,
            locale=sign_up.locale,
            zone=sign_up.zone,
            study_id=sign_up.study_id,
        ),
        actor=None,
        reason=None,
        at=sign_up.at,
        received_at=now,
    )
