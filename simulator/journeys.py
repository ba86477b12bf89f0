"""What becomes of a message after it was accepted: queue, opt-out, states, reports."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from simulator.behaviours import Behaviour, parse
from simulator.callbacks import Callback
from simulator.ledger import Accepted, StateChanged
from simulator.limits import SourceQueues
from simulator.messages import Message
from simulator.phones import Bubble
from simulator.replies import Reply
from simulator.reports import FINAL, Stage, form, stages, variants
from simulator.send_request import SendRequest
from simulator.units import units

if TYPE_CHECKING:
    from simulator.desk import Desk

EXPIRED, BLOCKED, BAD_SOURCE, NO_CREDIT = "420", "200", "40", "900"

_APART_S = 0.1

Posting = asyncio.Task[None]


@dataclass(slots=True)
class _Journey:
    """A message on its way, with the reports held back to be posted in the wrong order."""

    message: Message
    behaviour: Behaviour
    paid: bool
    held: list[dict[str, str]] = field(default_factory=list)


class Journeys:
    """Takes on messages and carries them to the phones."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._queues = SourceQueues(desk.settings.mps)
        self._loop = asyncio.get_running_loop()

    async def accept(
        self, request: SendRequest, src: str, numbers: list[str], how: Behaviour, api_id: str
    ) -> list[str]:
        """Take on a message to each number: on disk when this returns, and on its way; gives their uuids."""
        messages = [_message(request, src, number) for number in numbers]
        await self._desk.ledger.append(_accepted(message, how, api_id) for message in messages)
        for message in messages:
            self._desk.messages.add(message)
            self._desk.phones.show(message.dst, Bubble("received", message.at, message.text, message))
        journeys = [
            _Journey(message, how, self._desk.credit.spend(self._loop.time())) for message in messages
        ]
        if "early" in how.faults:
            await self._hurry(journeys)
        else:
            for journey in journeys:
                self._start(journey)
        return [message.uuid for message in messages]

    def resume(self, message: Message, behaviour: str) -> None:
        """Go on with a message of an earlier run that is not at its end."""
        journey = _Journey(message, parse(behaviour), paid=True)
        if message.state == "queued":
            self._start(journey)
        elif journey.behaviour.end != message.state:
            last = stages(journey.behaviour, self._desk.settings)[-1]
            self._loop.call_later(last.after_s, self._reach, journey, last)

    def _start(self, journey: _Journey) -> None:
        message, settings = journey.message, self._desk.settings
        waited_s = (datetime.now(UTC) - message.at).total_seconds()
        expiry_s = max(0.0, message.message_expiry / settings.expiry_speedup - waited_s)
        wait_s = self._queues.wait_s(message.src, expiry_s, self._loop.time())
        self._loop.call_later(settings.queued_after_s, self._tell, journey, "queued")
        if wait_s is None:
            self._loop.call_later(expiry_s, self._reach, journey, Stage("failed", 0, EXPIRED))
        elif wait_s:
            self._loop.call_later(wait_s, self._dispatch, journey)
        else:
            self._dispatch(journey)

    def _dispatch(self, journey: _Journey) -> None:
        for stage in self._stages(journey):
            self._loop.call_later(stage.after_s, self._reach, journey, stage)

    async def _hurry(self, journeys: list[_Journey]) -> None:
        """Post every report before the request is answered."""
        postings: list[Posting] = []
        for journey in journeys:
            postings += self._tell(journey, "queued")
            for stage in self._stages(journey):
                postings += self._reach(journey, stage)
        if postings:
            await asyncio.wait(postings, timeout=self._desk.settings.webhook_timeout_s)

    def _stages(self, journey: _Journey) -> list[Stage]:
        code = self._barred(journey)
        if code:
            return [Stage("failed", self._desk.settings.sent_after_s, code)]
        return stages(journey.behaviour, self._desk.settings)

    def _barred(self, journey: _Journey) -> str:
        """The error code of what stops a message here, "" if nothing does."""
        message = journey.message
        if message.src != self._desk.settings.number:
            return BAD_SOURCE
        if not journey.paid:
            return NO_CREDIT
        passes = self._desk.opt_outs.passes(message.src, message.dst, self._loop.time())
        return "" if passes else BLOCKED

    def _reach(self, journey: _Journey, stage: Stage) -> list[Posting]:
        """Move a message on, and tell of it."""
        message, now = journey.message, datetime.now(UTC)
        message.state, message.error_code, message.updated_at = stage.state, stage.error_code, now
        message.sent_at = message.sent_at or now
        entry = StateChanged(at=now, uuid=message.uuid, state=stage.state, error_code=stage.error_code)
        self._desk.ledger.note(entry)
        self._desk.phones.changed()
        if stage.state == "delivered" or stage.state == journey.behaviour.end == "sent":
            self._arrive(message)
        return self._tell(journey, stage.state)

    def _arrive(self, message: Message) -> None:
        """The text is on the phone: whoever sits at it may answer."""
        person = self._desk.phones.answering(message.dst, message.text)
        if person:
            reply = Reply(from_=person.number, to=message.src, text=person.reply)
            self._desk.replies.type_later(reply, person.delay_s)

    def _tell(self, journey: _Journey, state: str) -> list[Posting]:
        """Report a state as the message's behaviour has it; the tasks that post."""
        message, how = journey.message, journey.behaviour
        message.sequence += 1
        if message.url is None or "lost" in how.faults or how.end == "silent":
            return []
        journey.held.insert(0, form(message, state))
        if "reordered" in how.faults and state not in FINAL and state != how.end:
            return []
        told, journey.held = journey.held, []
        reports = [report for each in told for report in variants(each, how.faults)]
        return [self._post(message, report, how.delay_s + _APART_S * n) for n, report in enumerate(reports)]

    def _post(self, message: Message, report: dict[str, str], delay_s: float) -> Posting:
        callback = Callback(
            about="report",
            uuid=message.uuid,
            url=message.url or "",
            method=message.method,
            form=report,
            plus=self._desk.settings.plus,
        )
        return self._desk.callbacks.start(callback, delay_s=delay_s)


def _message(request: SendRequest, src: str, number: str) -> Message:
    return Message(
        uuid=str(uuid.uuid4()),
        direction="outbound",
        src=src,
        dst=number,
        text=request.text,
        at=datetime.now(UTC),
        message_type=request.type,
        units=units(request.text),
        url=request.url,
        method=request.method,
        message_expiry=request.message_expiry,
        log=request.log_kept(),
    )


def _accepted(message: Message, how: Behaviour, api_id: str) -> Accepted:
    return Accepted(
        at=message.at,
        uuid=message.uuid,
        api_id=api_id,
        src=message.src,
        dst=message.dst,
        text=message.text,
        url=message.url,
        method=message.method,
        message_expiry=message.message_expiry,
        log=message.log,
        message_type=message.message_type,
        units=message.units,
        answer=how.answer,
        behaviour=how.written,
    )
