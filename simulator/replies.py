"""What phones text to us: into the ledger, through the carrier's opt-out, out to the message URL.

Sample of the form posted: MessageUUID=…&From=12025550123&To=13306619491&Type=sms&Text=STOP&Units=1
&TotalRate=0&TotalAmount=0&PowerpackUUID=&MessageIntent=optout. An MMS has Body, MediaCount and Media0…
instead of Text.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from simulator.callbacks import Callback
from simulator.ledger import AutoReplied, Entry, Inbound
from simulator.messages import Message, digits
from simulator.opt_outs import AUTO_REPLIES, Intent, meaning
from simulator.phones import Bubble
from simulator.send_request import normalised
from simulator.settings import Plus
from simulator.units import units

if TYPE_CHECKING:
    from simulator.desk import Desk


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text from a phone, or from a short code or a name.

    Unless given: `to` is our number, `uuid` a new one, `intent` what the carrier recognises, `plus` as set.
    `times` posts the same message several times. `type` mms with `media` URLs sends Body and Media0….
    """

    from_: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = msgspec.field(name="from")
    text: Annotated[str, msgspec.Meta(max_length=1600)] = ""
    to: str | None = None
    type: Literal["sms", "mms"] = "sms"
    media: list[str] = []
    uuid: str | None = None
    times: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    intent: Intent | None = None
    plus: Plus | None = None


def phone_number(written: str) -> str:
    """A sender as the simulator knows it: E.164 from seven digits on, a short code or a name as it stands."""
    number = normalised(written)
    return number if number and len(number) > 7 else written


class Replies:
    """Takes in what phones text."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tasks: set[asyncio.Task[object]] = set()

    def close(self) -> None:
        """Give up answers people have not sent yet."""
        for task in self._tasks:
            task.cancel()

    def type_later(self, reply: Reply, delay_s: float) -> None:
        """Have someone text this after `delay_s`."""

        async def typing() -> None:
            await asyncio.sleep(delay_s)
            await self.take(reply)

        task = asyncio.create_task(typing())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def take(self, reply: Reply) -> Message:
        """Take in a text: on disk when this returns, its callback on the way."""
        message, recognised = self._message(reply), self._recognised(reply)
        told = recognised if self._desk.settings.intent else ""
        told = told if reply.intent is None else reply.intent
        answer = AUTO_REPLIES.get(recognised) if self._desk.settings.auto_reply else None
        await self._desk.ledger.append(_entries(message, told, recognised, answer))
        self._desk.messages.add(message)
        self._desk.phones.show(message.src, Bubble("typed", message.at, message.text, message))
        if answer:
            self._desk.phones.show(message.src, Bubble("carrier", message.at, answer))
        self._desk.opt_outs.heard(message.dst, message.src, recognised, asyncio.get_running_loop().time())
        self._post(message, reply, told)
        return message

    def _recognised(self, reply: Reply) -> Intent:
        return meaning(reply.text) if self._desk.settings.dnd and reply.type == "sms" else ""

    def _message(self, reply: Reply) -> Message:
        return Message(
            uuid=reply.uuid or str(uuid.uuid4()),
            direction="inbound",
            src=phone_number(reply.from_),
            dst=phone_number(reply.to or self._desk.settings.number),
            text=reply.text,
            at=datetime.now(UTC),
            message_type=reply.type,
            units=units(reply.text),
            state="received",
        )

    def _post(self, message: Message, reply: Reply, told: Intent) -> None:
        """Forward to the message URL; without one a message stays `received`."""
        if not self._desk.settings.message_url:
            return
        callback = Callback(
            about="inbound",
            uuid=message.uuid,
            url=self._desk.settings.message_url,
            method="POST",
            form=_form(message, reply, told),
            plus=reply.plus or self._desk.settings.plus,
        )

        def ended(taken: bool) -> None:
            message.state = "delivered" if taken else "undelivered"
            self._desk.phones.changed()

        for _ in range(reply.times):
            self._desk.callbacks.start(callback, ended=ended)


def _form(message: Message, reply: Reply, told: Intent) -> dict[str, str]:
    body = {"Text": message.text}
    if message.message_type == "mms":
        media = {f"Media{number}": url for number, url in enumerate(reply.media)}
        body = {"Body": message.text, "MediaCount": str(len(media)), **media}
    return {
        "MessageUUID": message.uuid,
        "From": digits(message.src),
        "To": digits(message.dst),
        "Type": message.message_type,
        **body,
        "Units": str(message.units),
        "TotalRate": "0",
        "TotalAmount": "0",
        "PowerpackUUID": "",
        "MessageIntent": told,
    }


def _entries(message: Message, told: Intent, recognised: Intent, answer: str | None) -> list[Entry]:
    inbound = Inbound(
        at=message.at,
        uuid=message.uuid,
        src=message.src,
        dst=message.dst,
        text=message.text,
        intent=told,
        message_type=message.message_type,
    )
    if answer is None:
        return [inbound]
    return [
        inbound,
        AutoReplied(at=message.at, src=message.dst, dst=message.src, text=answer, intent=recognised),
    ]
