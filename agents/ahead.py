"""The agents ahead of time: over tables of their own, with a clock that does not wait. Nothing is written."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agents.alarms import Alarms, Rows
from agents.by_topic import AGENTS
from agents.moment import Moment
from agents.tables import Tables
from rules.policy import Policy
from schemas import topics
from schemas.base import Message

Outside = Callable[[Message, Moment], list[Message]]
"""Told of what no agent takes; gives what the world answers."""


def _nothing(_message: Message) -> list[Message]:
    return []


class Ahead:
    """``take`` records as of their time, ``run_to`` a time; what leaves the pipeline goes to ``outside``.

    All partitions are one: settings are those of partition 0. ``assumed`` gives what is handled before a
    message. ``bookings`` and ``opt_outs`` of the tables are ``Rows``: the clock looks at what they hold.
    """

    def __init__(
        self,
        policy: Policy,
        tables: Tables,
        *,
        outside: Outside,
        assumed: Callable[[Message], list[Message]] = _nothing,
        now: datetime | None = None,
    ) -> None:
        self._policy, self._tables = replace(policy, partitions=1), tables
        assert isinstance(tables.bookings, Rows)  # noqa: S101  narrows
        assert isinstance(tables.opt_outs, Rows)  # noqa: S101  narrows
        self._alarms = Alarms(tables.bookings, tables.opt_outs, self._policy)
        self._outside, self._assumed, self._now = outside, assumed, now

    def take(self, record: Message, at: datetime) -> None:
        """Something is received at ``at``, after all that was due before. Raises ``Refused``.

        What is received at the same instant is read as one: nothing is sent in between.
        """
        self.run_to(at - at.resolution)
        self.cause(record, at)

    def run_to(self, until: datetime | None) -> None:
        """The clock runs until then; with None until nothing is left to happen."""
        while (due := self._alarms.take(until)) is not None:
            self.cause(due[1], max(due[0], self._now or due[0]))
        if until is not None:
            self._now = max(until, self._now or until)

    def cause(self, record: Message, now: datetime) -> None:
        """A record through the agents, and all that follows from it at once; no clock runs before."""
        self._now = now
        moment, queue = Moment(now=now, partition=0, policy=self._policy), deque([record])
        while queue:
            message = queue.popleft()
            for assumed in self._assumed(message):
                self._handle(assumed, moment)
            queue.extend(self._handle(message, moment))

    def _handle(self, message: Message, moment: Moment) -> list[Message]:
        agent = AGENTS.get(topics.TOPIC_OF[type(message)].name)
        return agent(message, self._tables, moment) if agent else self._outside(message, moment)
