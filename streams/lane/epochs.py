"""Whose rows of a changelog count: each carries the epoch of the owner that wrote it.

An owner begins with a fence row one epoch above all that it read. A row of a smaller epoch behind a fence
came from a worker that was taken for dead and did not know it yet: whoever reads the changelog leaves it out.
Rows without an epoch, of a version that knew none, count as the owner's.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

import msgspec
from aiokafka import ConsumerRecord

from streams.lane.stores import Rows

FENCE_KEY = b"\0fence"
_HEADER = "epoch"
_headers = attrgetter("headers")


class Fence(msgspec.Struct, frozen=True):
    """From here on the changelog belongs to ``owner``, a name for people."""

    epoch: int
    owner: str


_decoder = msgspec.json.Decoder(Fence)


def encode_fence(epoch: int, owner: str) -> bytes:
    """Changelog value of a fence."""
    return msgspec.json.encode(Fence(epoch, owner))


def fenced_epoch(value: bytes | None) -> int:
    """The epoch of a fence; 0 for none."""
    return 0 if value is None else _decoder.decode(value).epoch


def stamp(epoch: int | None) -> list[tuple[str, bytes]]:
    """The headers of a row written in ``epoch``; None: of a writer that knows no epochs."""
    return [] if epoch is None else [(_HEADER, b"%d" % epoch)]


def epoch_of(headers: Iterable[tuple[str, bytes]]) -> int | None:
    """The epoch a row was written in; None if its writer knew none. Raises ``ValueError`` if unreadable."""
    return next((int(value) for name, value in headers if name == _HEADER), None)


class Reading:
    """One changelog partition, read in order.

    ``epoch``: of its owner so far. ``covered``: keys whose newest record does not count, so that compaction
    would keep the wrong one until the owner writes them again. ``ignored``: how many rows did not count.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.covered: set[bytes] = set()
        self.ignored = 0

    def take(self, records: "Iterable[ConsumerRecord[bytes, bytes]]") -> Rows:
        """The rows that count among the next records, the newest of each key."""
        rows: dict[bytes, bytes | None] = {}
        for headers, some in groupby(records, _headers):
            epoch = epoch_of(headers)
            written = {record.key or b"": record.value for record in some}
            if epoch is not None and epoch < self.epoch:
                self.ignored += len(written)
                self.covered |= written.keys()
                continue
            self.epoch = max(self.epoch, epoch or 0)
            self.covered -= written.keys()
            rows |= written
        return rows

    def mended(self) -> None:
        """The owner wrote what was covered again."""
        self.covered, self.ignored = set(), 0
