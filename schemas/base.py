r"""The base of every message, and the bounded types its fields are made of.

Patterns end in ``$(?![\s\S])``: msgspec searches with Python's ``re``, where a bare ``$`` lets a trailing
newline pass, and the same pattern must mean the same in JSON Schema (ECMA 262).
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

END = r"$(?![\s\S])"

Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        pattern=r"^[^/|\u0000-\u0020\u007f]+" + END,
        description="An identifier without blanks, control characters, '/' or '|'.",
    ),
]
Ref = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="Keyed hash of an E.164 number.")]
Phone = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}" + END, description="An E.164 number.")]
At = Annotated[datetime, Meta(tz=True, description="An instant, RFC 3339 with offset; we write UTC.")]
Zone = Annotated[str, Meta(min_length=1, max_length=64, description="An IANA time zone.")]
Url = Annotated[str, Meta(max_length=2048, pattern=r"^https?://[^\s]+" + END)]
Line = Annotated[str, Meta(max_length=200, description="Text for people, one line.")]
Body = Annotated[str, Meta(max_length=4096, description="Text of a message.")]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Revision = Annotated[int, Meta(ge=0, le=2**53 - 1, description="Grows with every change.")]
TextId = Annotated[str, Meta(pattern=r"^[a-z2-7]{32}" + END, description="Keyed hash that names one text.")]

Kind = Literal["confirmation", "schedule_change", "interview_reminder", "day_of_update", "reply"]
SchemaVersion = Literal[1]


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value that travels on a topic or rests in a table. Unknown fields are ignored on read.

    Subclasses repeat ``frozen=True, kw_only=True``: msgspec inherits neither for type checkers.
    """


def encode(message: Message) -> bytes:
    """The message as JSON bytes, times in UTC as they were given."""
    return msgspec.json.encode(message)
