"""The ledger: all that reached the simulator and all that left it, one JSON object a line, fsynced.

It is the judge in tests. An entry about a request is on disk before the request is answered; a process killed
at any moment leaves at most one torn last line, which `read` leaves out.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec


class _Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    at: datetime


class Accepted(_Entry, frozen=True, tag="accepted"):
    """The carrier has this message, whatever its answer said; numbers are E.164 where they have a +.

    `answer` names what went back over the wire, `202` being the plain good one; `behaviour` is all that was
    chosen for the message; `message_expiry` in seconds.
    """

    uuid: str
    api_id: str
    src: str
    dst: str
    text: str
    url: str | None = None
    method: str = "POST"
    message_expiry: int = 10800
    log: str = "true"
    message_type: str = "sms"
    units: int = 1
    answer: str = "202"
    behaviour: str = "202"


class Refused(_Entry, frozen=True, tag="refused"):
    """A request answered with a refusal; `dst` and the rest only as far as they could be read."""

    status: int
    reason: str
    phase: str
    dst: str = ""
    src: str = ""
    text: str = ""
    url: str | None = None


class Unanswered(_Entry, frozen=True, tag="unanswered"):
    """A request that got no answer, or one that says nothing, and was not accepted.

    `phase` is what had been received: `body` (broken off inside the body) or `request` (all of it).
    """

    how: str
    phase: str
    dst: str = ""
    src: str = ""
    text: str = ""
    url: str | None = None


class StateChanged(_Entry, frozen=True, tag="state"):
    """A message moved on in the carrier's network."""

    uuid: str
    state: str
    error_code: str = ""


class CallbackTried(_Entry, frozen=True, tag="callback"):
    """One try to post a callback: its answer's status, or the error's name."""

    callback: str
    about: str
    uuid: str
    url: str
    attempt: int
    status: str = ""
    answer: int | None = None
    error: str = ""


class Inbound(_Entry, frozen=True, tag="inbound"):
    """A phone texted us."""

    uuid: str
    src: str
    dst: str
    text: str
    intent: str = ""
    message_type: str = "sms"


class AutoReplied(_Entry, frozen=True, tag="auto_reply"):
    """The carrier itself answered STOP, START or HELP."""

    src: str
    dst: str
    text: str
    intent: str


Entry = Accepted | Refused | Unanswered | StateChanged | CallbackTried | Inbound | AutoReplied

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)


def read(path: str | Path) -> list[Entry]:
    """All entries of the file in the order written, [] if there is no file; a torn last line is left out."""
    path = Path(path)
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [_decoder.decode(line) for line in lines if line]


class Ledger:
    """Appends entries from one event loop; a thread of its own writes and fsyncs whatever has gathered."""

    def __init__(self, path: str | Path) -> None:
        self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - closed by close()
        _end_torn_line(Path(path), self._file)
        self._waiting: queue.SimpleQueue[tuple[bytes, asyncio.Future[None] | None] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._thread.start()

    def note(self, entry: Entry) -> None:
        """Have the entry written soon, in order."""
        self._waiting.put((_encoder.encode(entry) + b"\n", None))

    async def append(self, entries: Iterable[Entry]) -> None:
        """Write the entries and return when they are on disk; OSError if that failed."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put((b"".join(_encoder.encode(entry) + b"\n" for entry in entries), done))
        await done

    def close(self) -> None:
        """Write what waits and close the file."""
        self._waiting.put(None)
        self._thread.join()
        self._file.close()

    def _write(self) -> None:
        going_on = True
        while going_on:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            going_on = None not in group
            self._settle([item for item in group if item is not None])

    def _settle(self, group: list[tuple[bytes, asyncio.Future[None] | None]]) -> None:
        error: OSError | None = None
        try:
            _write_all(self._file, b"".join(lines for lines, _ in group))
        except OSError as failed:
            error = failed
        futures = [done for _, done in group if done is not None]
        if futures:
            futures[0].get_loop().call_soon_threadsafe(_resolve, futures, error)


def _write_all(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
    os.fsync(file.fileno())


def _resolve(futures: list[asyncio.Future[None]], error: OSError | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


def _end_torn_line(path: Path, file: IO[bytes]) -> None:
    """A crash may have left half a line: cut it off, so that the next entry starts on a line of its own."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        file.truncate(data.rfind(b"\n") + 1)
