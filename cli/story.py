"""A file of what upstream publishes and people do, and of the texts it must end in.

Each line is one of: ``{"say"}`` for the reader; ``{"at_s", "topic", "record"}``, a record as upstream
publishes it; ``{"at_s", "sign_up"}``, someone fills in the sign-up page; ``{"person", "on", "reply"}``, a
phone that answers a text holding ``on``; ``{"at_s", "text_from", "text"}``; ``{"expect", "texts"}``, how
every text of an event must end. Times like ``"+35s"`` count from the start.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

OFFSET = re.compile(r"\+([0-9.]+)s")


@dataclass(frozen=True)
class Step:
    """Something to do ``at_s`` seconds after the start."""

    at_s: float
    line: dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """How every text of an event (``workspace/event``) must end, and the notices it must cause."""

    event: str
    texts: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass
class Story:
    """A parsed file."""

    steps: list[Step] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def prologue(self) -> list[Step]:
        """The settings, which are there before anything else happens."""
        first = [
            step for step in self.steps if step.line.get("topic") == "settings-changes" and not step.at_s
        ]
        self.steps = [step for step in self.steps if step not in first]
        return first

    def bookings(self) -> int:
        """How many different bookings there are."""
        lines = (step.line for step in self.steps if step.line.get("topic") == "booking-events")
        return len({(line["record"]["workspace_id"], line["record"]["booking_id"]) for line in lines})


def read(path: Path) -> Story:
    """Parse a story file. Raises ``ValueError`` with the line that can't be read."""
    story = Story()
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            _add(story, json.loads(text))
        except (ValueError, KeyError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
    story.steps.sort(key=lambda step: step.at_s)
    return story


def _add(story: Story, line: dict[str, Any]) -> None:
    if "at_s" in line:
        story.steps.append(Step(line["at_s"], line))
    elif "person" in line:
        story.people.append(line)
    elif "expect" in line:
        texts, notices = tuple(sorted(line["texts"])), tuple(sorted(line.get("notices", ())))
        story.expected.append(Expected(line["expect"], texts, notices))
    elif "say" not in line:
        raise ValueError("not a line that a story knows")


def at_last(value: Any, start: datetime) -> Any:
    """The value with every ``"+35s"`` in it turned into an instant."""
    if isinstance(value, dict):
        return {name: at_last(inner, start) for name, inner in value.items()}
    if isinstance(value, str) and (offset := OFFSET.fullmatch(value)):
        return (start + timedelta(seconds=float(offset.group(1)))).isoformat()
    return value
