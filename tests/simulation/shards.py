"""A table's shard as the world has it: rows, their changelog, and the way back to where a step began."""

from collections.abc import Callable
from typing import Any

import msgspec

from schemas import rows
from schemas.base import encode

DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "event_phones": msgspec.json.Decoder(rows.EventPhones),
    "bookings": msgspec.json.Decoder(rows.PhoneRow),
    "consents": msgspec.json.Decoder(rows.PhoneConsents),
    "opt_outs": msgspec.json.Decoder(rows.PhoneStops),
    "switches": msgspec.json.Decoder(rows.Switch),
    "ledger": msgspec.json.Decoder(rows.LedgerHead),
}


class Rows(dict[str, Any]):
    """A table's shard that can be set back to where the step began."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Any] = {}
        self.changelog: dict[str, bytes] = {}

    def __setitem__(self, key: str, value: Any) -> None:
        self.before.setdefault(key, self.get(key))
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.before.setdefault(key, self[key])
        super().__delitem__(key)

    def undo(self) -> None:
        """Forget the step."""
        for key, value in self.before.items():
            if value is None:
                self.pop(key, None)
            else:
                super().__setitem__(key, value)
        self.before.clear()

    def keep(self) -> None:
        """Write the step to the changelog."""
        for key in self.before:
            if key in self:
                self.changelog[key] = encode(self[key])
            else:
                self.changelog.pop(key, None)
        self.before.clear()

    def recover(self, decode: Callable[[bytes], Any]) -> None:
        """Read the rows anew from the changelog."""
        self.clear()
        self.update({key: decode(value) for key, value in self.changelog.items()})
