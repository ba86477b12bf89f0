"""The pipeline on one page: which topic goes to which agent, and which table that agent writes.

What an agent returns goes to the topic of its message: see ``schemas.topics``. An agent may read any table
of its own partition; it writes one.
"""

from collections.abc import Callable
from dataclasses import dataclass
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
from schemas.topics import Topic

Agent = Callable[[Any, Tables, Moment], list[Message]]


@dataclass(frozen=True)
class Flow:
    """One stage: every message of ``topic`` goes through ``agent``, which writes the table ``writes``."""

    name: str
    topic: Topic
    agent: Agent
    writes: str | None = None


FLOWS: tuple[Flow, ...] = (
    Flow("intake", topics.BOOKING_EVENTS, take_booking),
    Flow("intake_consent", topics.CONSENT_CHANGES, take_consent),
    Flow("settings", topics.SETTINGS_CHANGES, copy_setting),
    Flow("intake_sign_up", topics.SIGN_UPS, take_sign_up),
    Flow("match", topics.BOOKING_INPUTS, match, "event_phones"),
    Flow("consent", topics.CONSENTS_IN, keep_consent, "consents"),
    Flow("opt_out", topics.INBOUND_SMS, keep_opt_outs, "opt_outs"),
    Flow("switch", topics.SETTINGS_COPIES, keep_switch, "switches"),
    Flow("plan", topics.BOOKINGS, plan_texts, "bookings"),
    Flow("release", topics.TEXTS_DUE, release_text, "bookings"),
    Flow("ledger", topics.CONSENT_FACTS, write_ledger, "ledger"),
)

STAGES: tuple[tuple[Topic, ...], ...] = (
    (topics.BOOKING_EVENTS, topics.CONSENT_CHANGES, topics.SETTINGS_CHANGES, topics.SIGN_UPS),
    (topics.BOOKING_INPUTS,),
    (topics.CONSENTS_IN, topics.INBOUND_SMS, topics.SETTINGS_COPIES, topics.BOOKINGS),
)
"""The barrier after an assignment: each stage's ends are noted when the stage before is past its own."""
