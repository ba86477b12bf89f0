"""The pipeline on a desk: real agents over dict tables, one message after the other, time as told.

For tables of cases: nothing here is duplicated, delayed or lost. ``tests.simulation`` is for that.
"""

from collections import deque
from datetime import datetime
from typing import Any

from agents.moment import Moment
from agents.tables import Tables
from rules.due import due_of_phone, due_of_stops
from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import TextEnded
from schemas.deliveries import Delivery, Withdrawal
from schemas.delivery_events import DeliveryEvent
from schemas.notices import Notice
from schemas.rows import EventRow, PlannedText
from schemas.topics import TOPIC_OF
from streams.topology import FLOWS
from tests.makers import PHONE, a_setting, at, policy, ref

AGENTS = {flow.topic.name: flow.agent for flow in FLOWS}


class Desk:
    """``accepts``: the carrier takes every text at once; else a test says how texts end."""

    def __init__(
        self, *, now: datetime | None = None, accepts: bool = True, on: bool = True, **settings: Any
    ) -> None:
        self.policy: Policy = policy(**settings)
        self.tables = Tables()
        self.now = now or at("12:00")
        self.accepts = accepts
        self.caught_up = True
        self.out: list[Message] = []
        if on:
            self.put(a_setting())

    def put(self, *messages: Message) -> list[Message]:
        """What these messages cause that no agent takes: texts, withdrawals, notices, facts."""
        return self.put_now(*messages)

    def put_now(self, *messages: Message) -> list[Message]:
        """The same, whatever a desk of its own kind does with messages."""
        before = len(self.out)
        queue = deque(messages)
        first = set(map(id, messages))
        while queue:
            message = queue.popleft()
            agent = self.agent(message) if id(message) not in first else AGENTS.get(_topic(message))
            if agent is None:
                self.out.append(message)
                if isinstance(message, Delivery) and self.accepts and message.text.event_id:
                    queue.append(ended(message))
                continue
            moment = Moment(now=self.now, partition=0, policy=self.policy, inputs_caught_up=self.caught_up)
            queue.extend(agent(message, self.tables, moment))
        return self.out[before:]

    def agent(self, message: Message) -> Any:
        """Who takes what an agent wrote; None: nobody here."""
        return AGENTS.get(_topic(message))

    def run_to(self, until: datetime) -> list[Message]:
        """What the clock causes until then."""
        before = len(self.out)
        for _ in range(1000):
            due = [(when, repr(tick), tick) for when, tick in self._ticks() if when <= until]
            if not due:
                break
            when, _, tick = min(due)
            self.now = max(self.now, when)
            self.put(tick)
        else:
            raise AssertionError("the clock ticks for ever")
        self.now = max(self.now, until)
        return self.out[before:]

    def _ticks(self) -> list[tuple[datetime, Message]]:
        ticks: list[tuple[datetime, Message]] = []
        for phone_ref, row in self.tables.bookings.items():
            ticks += due_of_phone(phone_ref, row, self.policy)
        for phone_ref, stops in self.tables.opt_outs.items():
            ticks += due_of_stops(phone_ref, stops, self.policy)
        return ticks

    # what there is to see

    def event(self, key: str = "w1/b1", phone: str = PHONE) -> EventRow:
        """The event as the phone's row has it."""
        return self.tables.bookings[ref(phone)].events[key]

    def texts(self, kind: str, phone: str = PHONE, key: str = "w1/b1") -> list[PlannedText]:
        """The texts of a kind in the row, by due time."""
        texts = self.event(key, phone).texts.values()
        return sorted((t for t in texts if t.kind == kind), key=lambda t: t.due_at)


def _topic(message: Message) -> str:
    return TOPIC_OF[type(message)].name


def ended(delivery: Delivery, end: Any = "accepted", *, at: datetime | None = None) -> TextEnded:
    """What the projector tells the plan of a delivery's end."""
    text = delivery.text
    counts = delivery.counts_to_cap and end in ("accepted", "unresolved")
    return TextEnded(
        phone_ref=text.phone_ref,
        workspace_id=text.workspace_id or "",
        event_id=text.event_id or "",
        text_id=text.text_id,
        plan_version=text.plan_version,
        end=end,
        counted_ids=[f"{text.text_id}#1"] if counts else [],
        at=at or delivery.released_at,
    )


def sent(messages: list[Message]) -> list[str]:
    """The wordings that were released."""
    return [m.text.wording for m in messages if isinstance(m, Delivery)]


def withdrawn(messages: list[Message]) -> list[tuple[str, str]]:
    """The wordings that were withdrawn, and why."""
    return [(m.text.wording, m.reason) for m in messages if isinstance(m, Withdrawal)]


def planned(messages: list[Message]) -> list[str]:
    """The wordings that were planned."""
    return [m.wording for m in messages if isinstance(m, DeliveryEvent)]


def notices(messages: list[Message]) -> list[str]:
    """The kinds of notices."""
    return [m.kind for m in messages if isinstance(m, Notice)]


def of(messages: list[Message], kind: type[Any]) -> list[Any]:
    """The messages of a kind."""
    return [m for m in messages if isinstance(m, kind)]
