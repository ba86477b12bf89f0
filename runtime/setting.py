"""One setting: its default and meaning as the field of a frozen class, and its value from a variable."""

from dataclasses import field
from typing import Any


class BadConfig(Exception):
    """A setting is missing or cannot be read; says which and what to do."""


def setting(default: str, meaning: str, *, secret: bool = False) -> Any:
    """A word or line; a secret is never shown."""
    return field(default=default, repr=not secret, metadata={"meaning": meaning, "secret": secret})


def number(default: float, meaning: str) -> Any:
    """A number, or yes and no."""
    return field(default=default, metadata={"meaning": meaning})


def read(f: Any, raw: str) -> Any:
    """The value of a field from its variable. Raises ``BadConfig``."""
    kind = f.type if isinstance(f.type, type) else {"int": int, "float": float, "bool": bool}.get(f.type, str)
    try:
        return raw.lower() in ("1", "true", "yes") if kind is bool else kind(raw)
    except ValueError:
        raise BadConfig(f"{f.name.upper()}={raw!r} is not a number") from None
