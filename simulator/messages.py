"""The carrier's records of messages (MDRs): what `GET Message/` shows. They hold no text.

Sample: {"error_code": "000", "from_number": "13306619491", "message_direction": "outbound",
"message_state": "delivered", "message_time": "2017-05-22 21:36:14+05:30", "message_type": "sms",
"message_uuid": "…", "resource_uri": "/v1/Account/MA…/Message/…/", "to_number": "12025550123",
"total_amount": "0.00250", "total_rate": "0.00250", "units": 1, "error_message": ""}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Literal

import msgspec

Direction = Literal["outbound", "inbound"]

# The SDK's own samples answer in this offset: a reader that ignores offsets is found out here.
ANSWER_ZONE = timezone(timedelta(hours=5, minutes=30))
KEPT = 200_000
RATE = 0.0025
PAGE = 20


@dataclass(slots=True, kw_only=True)
class Message:
    """One message in the carrier's network; numbers are E.164, times UTC, `sequence` counts its reports."""

    uuid: str
    direction: Direction
    src: str
    dst: str
    text: str
    at: datetime
    message_type: str = "sms"
    units: int = 1
    url: str | None = None
    method: str = "POST"
    message_expiry: int = 10800
    log: str = "true"
    state: str = "queued"
    error_code: str = ""
    sent_at: datetime | None = None
    updated_at: datetime | None = None
    sequence: int = 0

    def listed_to(self) -> str:
        """The recipient as the list shows it: masked when the sender asked for no log of the number."""
        return mask(self.dst) if self.log in ("false", "content_only") else self.dst


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list; numbers as bare digits, times aware. Without any time: the last 24 hours."""

    direction: str | None = None
    state: str | None = None
    message_type: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    gt: datetime | None = None
    gte: datetime | None = None
    lt: datetime | None = None
    lte: datetime | None = None

    def matches(self, message: Message) -> bool:
        """Whether a message is to be shown."""
        return (
            self.direction in (None, message.direction)
            and self.state in (None, message.state)
            and self.message_type in (None, message.message_type)
            and self.from_number in (None, digits(message.src))
            and self.to_number in (None, digits(message.listed_to()))
            and (self.gt is None or message.at > self.gt)
            and (self.gte is None or message.at >= self.gte)
            and (self.lt is None or message.at < self.lt)
            and (self.lte is None or message.at <= self.lte)
        )


def digits(number: str) -> str:
    """A number as Plivo writes it: without its plus."""
    return number.strip().lstrip("+")


def mask(number: str) -> str:
    """The number with its last four digits hidden."""
    return number[:-4] + "XXXX"


@dataclass
class Messages:
    """All messages of the account, the oldest dropped beyond `KEPT`; `lag_s` hides the newest in lists."""

    auth_id: str
    lag_s: float = 0.0
    _by_uuid: dict[str, Message] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Keep a new message."""
        self._by_uuid[message.uuid] = message
        if len(self._by_uuid) > KEPT:
            del self._by_uuid[next(iter(self._by_uuid))]

    def get(self, uuid: str) -> Message | None:
        """The message of that uuid, if known."""
        return self._by_uuid.get(uuid)

    def page(self, wanted: Filter, *, limit: int, offset: int, now: datetime) -> list[Message]:
        """One page of what matches, the newest first, and one message more if there is a next page."""
        return list(islice(self._matching(wanted, now), offset, offset + limit + 1))

    def _matching(self, wanted: Filter, now: datetime) -> Iterator[Message]:
        timed = (wanted.gt, wanted.gte, wanted.lt, wanted.lte) != (None,) * 4
        oldest = datetime.min.replace(tzinfo=UTC) if timed else now - timedelta(hours=24)
        newest = now - timedelta(seconds=self.lag_s)
        for message in reversed(self._by_uuid.values()):
            if oldest <= message.at <= newest and wanted.matches(message):
                yield message

    def record(self, message: Message) -> dict[str, object]:
        """The MDR of a message as the API answers it."""
        sent_at, updated_at = message.sent_at, message.updated_at
        return {
            "error_code": message.error_code or ("000" if message.state == "delivered" else None),
            "error_message": "",
            "from_number": digits(message.src),
            "message_direction": message.direction,
            "message_sent_time": sent_at and str(sent_at.astimezone(ANSWER_ZONE)),
            "message_state": message.state,
            "message_time": str(message.at.astimezone(ANSWER_ZONE).replace(microsecond=0)),
            "message_type": message.message_type,
            "message_updated_time": updated_at and str(updated_at.astimezone(ANSWER_ZONE)),
            "message_uuid": message.uuid,
            "resource_uri": f"/v1/Account/{self.auth_id}/Message/{message.uuid}/",
            "to_number": digits(message.listed_to()),
            "total_amount": f"{RATE * message.units:.5f}",
            "total_rate": f"{RATE:.5f}",
            "units": message.units,
        }
