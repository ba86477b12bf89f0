"""What Kafka did not take in time: one file a message, on disk before we say so, until Kafka has it."""

import asyncio
import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from schemas.base import Message, encode
from schemas.topics import TOPIC_OF, decode

SUFFIX = ".message"
UNREADABLE = ".unreadable"


class Spool:
    """A folder of messages, named by what makes them one message. Holds personal data: mode 0700."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    async def keep(self, name: str, message: Message) -> None:
        """Return when the message is on disk. A name that is there keeps its first message."""
        await asyncio.to_thread(self._keep, self._path(name), message)

    async def find(self, name: str) -> Message | None:
        """The message of that name, if it waits here."""
        return await asyncio.to_thread(self._read, self._path(name))

    async def waiting(self) -> dict[Path, Message]:
        """All that waits, oldest first. What can't be read is put aside with the suffix ``.unreadable``."""
        return await asyncio.to_thread(self._waiting)

    async def forget(self, paths: list[Path]) -> None:
        """Kafka has them."""
        await asyncio.to_thread(_unlink, paths)

    def _path(self, name: str) -> Path:
        return self._folder / (hashlib.sha256(name.encode(errors="replace")).hexdigest() + SUFFIX)

    def _keep(self, path: Path, message: Message) -> None:
        if path.exists():
            return
        with NamedTemporaryFile(dir=self._folder, delete=False) as draft:  # readable by us alone
            draft.write(TOPIC_OF[type(message)].name.encode() + b"\n" + encode(message))
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).rename(path)
        _sync_folder(self._folder)

    def _waiting(self) -> dict[Path, Message]:
        paths = sorted(self._folder.glob(f"*{SUFFIX}"), key=_age)
        return {path: message for path in paths if (message := self._read(path)) is not None}

    def _read(self, path: Path) -> Message | None:
        try:
            topic, _, payload = path.read_bytes().partition(b"\n")
            message: Message = decode(topic.decode(), payload)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
            path.rename(path.with_suffix(UNREADABLE))
            return None
        return message


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _sync_folder(folder: Path) -> None:
    """The name is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
