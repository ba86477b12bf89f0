"""Which agent takes the records of a topic, for whoever runs them without a stream."""

from collections.abc import Callable
from typing import Any

from agents.consent import keep_consent
from agents.intake import copy_setting, take_booking, take_consent, take_sign_up
from agents.ledger import write_ledger
from agents.match import match
from agents.moment import Moment
from agents.opt_out import keep_opt_outs
from agents.plan import plan_texts
from agents.release import release_text
from agents.settings import keep_switch
from agents.tables import Tables
from schemas import topics
from schemas.base import Message

AGENTS: dict[str, Callable[[Any, Tables, Moment], list[Message]]] = {
    topics.BOOKING_EVENTS.name: take_booking,
    topics.CONSENT_CHANGES.name: take_consent,
    topics.SETTINGS_CHANGES.name: copy_setting,
    topics.SIGN_UPS.name: take_sign_up,
    topics.BOOKING_INPUTS.name: match,
    topics.CONSENTS_IN.name: keep_consent,
    topics.INBOUND_SMS.name: keep_opt_outs,
    topics.SETTINGS_COPIES.name: keep_switch,
    topics.BOOKINGS.name: plan_texts,
    topics.TEXTS_DUE.name: release_text,
    topics.CONSENT_FACTS.name: write_ledger,
}
"""By topic; ``streams.topology`` says the same with the table each one writes."""
