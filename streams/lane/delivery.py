"""From the fetcher to the agents: all records of one partition from one poll, as one Faust message."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import faust
from aiokafka import ConsumerRecord
from faust.types import TP, AppT, Message


class Fetched(NamedTuple):
    """What one poll gave of one partition. ``end``: the fetcher's position after it, exclusive."""

    records: "list[ConsumerRecord[bytes, bytes]]"
    end: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """Records ``start`` to ``end`` (exclusive) of a partition; fewer, or none, where the log has holes."""

    tp: TP
    records: "list[ConsumerRecord[bytes, bytes]]"
    start: int
    end: int
    generation: int


class DeliverySchema(faust.Schema[Any, Any]):
    """The message's value is the ``Delivered`` already; there is no key."""

    def loads_key(self, app: AppT, message: Message, **_kwargs: Any) -> Any:
        """No key: the records have their own."""
        return None

    def loads_value(self, app: AppT, message: Message, **_kwargs: Any) -> Any:
        """The value as it is: decoding is the agent's part, so it cannot fail inside Faust."""
        return message.value
