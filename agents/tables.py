"""The state agents keep between records: plain mappings in tests, Faust tables in the worker."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field

from schemas.rows import EventPhones, LedgerHead, PhoneConsents, PhoneRow, PhoneStops, Switch


@dataclass(frozen=True)
class Tables:
    """Each table is written by the agents of one key: see ``streams.topology``."""

    event_phones: MutableMapping[str, EventPhones] = field(default_factory=dict)
    """By ``workspace/event``; written by match."""
    bookings: MutableMapping[str, PhoneRow] = field(default_factory=dict)
    """By phone reference; written by plan and release."""
    consents: MutableMapping[str, PhoneConsents] = field(default_factory=dict)
    """By phone reference; written by consent."""
    opt_outs: MutableMapping[str, PhoneStops] = field(default_factory=dict)
    """By phone reference; written by opt_out."""
    switches: MutableMapping[str, Switch] = field(default_factory=dict)
    """By ``partition|workspace|study|name``; written by switch."""
    ledger: MutableMapping[str, LedgerHead] = field(default_factory=dict)
    """By ``head|partition`` and ``fact|id``; written by ledger."""
