"""A file of what upstream publishes, as ``reminders plan`` reads it: records with their times of receipt."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from cli.story import at_last
from schemas.base import Message
from schemas.topics import BOOKING_EVENTS, CONSENT_CHANGES, SETTINGS_CHANGES, decode

TOPICS = {
    "booking": BOOKING_EVENTS.name,
    "consent-change": CONSENT_CHANGES.name,
    "setting": SETTINGS_CHANGES.name,
}
"""Where records of a type belong."""
OF_A_STORY = frozenset({"say", "sign_up", "text_from", "person", "expect"})
"""Lines of a demo's story that are no records: what people do, which is not foreseen."""
Read = tuple[int, datetime, Message]
"""Line (or place in an array), time of receipt, record."""


class Unreadable(Exception):
    """A line that is no record; says which and why."""


def read(text: str, start: datetime) -> tuple[list[Read], list[str]]:
    """The records of a file in order of receipt, and what is wrong with its other lines."""
    records: list[Read] = []
    problems: list[str] = []
    for number, content in _contents(text):
        try:
            found = _record(content, start)
        except Unreadable as error:
            problems.append(f"line {number}: {error}")
            continue
        if found is not None:
            records.append((number, *found))
    return sorted(records, key=lambda record: record[1]), problems


def _contents(text: str) -> Iterator[tuple[int, Any]]:
    """Each line's JSON, a broken line as it is; or of a file that is one object or array, what it holds."""
    try:
        whole = json.loads(text)
    except ValueError:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, _json(line)
        return
    yield from enumerate(whole if isinstance(whole, list) else [whole], 1)


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return line


def _record(content: Any, start: datetime) -> tuple[datetime, Message] | None:
    """The record of a line with its time; None for a line of a story that is none (who answers, say)."""
    if not isinstance(content, dict):
        raise Unreadable("not a JSON object")
    if "type" not in content and "record" not in content:
        if content.keys() & OF_A_STORY:
            return None
        raise Unreadable("neither a record (with its type) nor at_s with a record")
    record = at_last(content.get("record", content), start)
    kind = record.get("type") if isinstance(record, dict) else None
    if kind not in TOPICS:
        raise Unreadable(f"type: one of {', '.join(TOPICS)}, not {kind!r}")
    return start + _after(content.get("at_s", 0)), _decoded(TOPICS[kind], record)


def _after(seconds: object) -> timedelta:
    try:
        return timedelta(seconds=float(seconds))  # type: ignore[arg-type]  # refused right here
    except (TypeError, ValueError, OverflowError):
        raise Unreadable(f"at_s: a number of seconds, not {seconds!r}") from None


def _decoded(topic: str, record: dict[str, Any]) -> Message:
    try:
        message: Message = decode(topic, json.dumps(record).encode())
    except msgspec.DecodeError as error:
        raise Unreadable(str(error)) from None
    return message
