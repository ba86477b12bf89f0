"""The phones on the desk: what each got and typed, and people who answer by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from simulator.messages import Message

Side = Literal["received", "typed", "carrier"]

MAX_BUBBLES = 500


@dataclass(slots=True)
class Bubble:
    """A text on a phone's screen: received, typed by its owner, or from the carrier itself."""

    side: Side
    at: datetime
    text: str
    message: Message | None = None

    def view(self) -> dict[str, object]:
        """The bubble as JSON; state and error code are the carrier's at this moment."""
        message = self.message
        return {
            "side": self.side,
            "at": self.at,
            "text": self.text,
            "uuid": message.uuid if message else "",
            "state": message.state if message else "",
            "error_code": message.error_code if message else "",
        }


class Matcher(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which text a person answers: one that contains the words, in any case; "" is any text."""

    contains: str = ""

    def matches(self, text: str) -> bool:
        """Whether the text is answered."""
        return self.contains.casefold() in text.casefold()


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone who answers the first text that matches, once, after `delay_s`."""

    number: str
    reply: str
    on: Matcher = Matcher()
    delay_s: float = 1.0


@dataclass
class Phones:
    """All phones by number; `version` grows with every change a screen should show."""

    version: int = 0
    _screens: dict[str, list[Bubble]] = field(default_factory=dict)
    _people: dict[str, list[Person]] = field(default_factory=dict)

    def add(self, number: str) -> list[Bubble]:
        """The screen of a number, a new one if it has none yet."""
        if number not in self._screens:
            self.changed()
        return self._screens.setdefault(number, [])

    def show(self, number: str, bubble: Bubble) -> None:
        """Put a bubble on a phone's screen; the oldest goes when there are too many."""
        screen = self.add(number)
        screen.append(bubble)
        del screen[:-MAX_BUBBLES]
        self.changed()

    def changed(self) -> None:
        """Something on a screen is different now."""
        self.version += 1

    def screen(self, number: str) -> list[Bubble] | None:
        """A phone's bubbles in order, None if there is no such phone."""
        return self._screens.get(number)

    def all(self) -> Iterator[tuple[str, list[Bubble]]]:
        """Every number with its bubbles, in the order the phones appeared."""
        yield from self._screens.items()

    def seat(self, person: Person) -> None:
        """Give a phone an owner who answers; several wait in order."""
        self.add(person.number)
        self._people.setdefault(person.number, []).append(person)

    def answering(self, number: str, text: str) -> Person | None:
        """Who answers this text now; they will not answer again."""
        people = self._people.get(number, [])
        for person in people:
            if person.on.matches(text):
                people.remove(person)
                return person
        return None
