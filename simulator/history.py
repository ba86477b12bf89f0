"""A carrier does not forget: what an earlier run wrote into the ledger is true in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from simulator.ledger import Accepted, AutoReplied, Entry, Inbound, StateChanged
from simulator.messages import Message
from simulator.opt_outs import meaning
from simulator.phones import Bubble
from simulator.reports import FINAL

if TYPE_CHECKING:
    from simulator.desk import Desk

_QUEUED = 1
"""The report of a message's first state is in no entry, but took the first number of its sequence."""


def restore(desk: Desk, entries: Iterable[Entry]) -> None:
    """Fill an empty desk from the entries; messages that had not arrived go on where they were.

    Callbacks that were waiting for a repeat are lost, as they are where a webhook client dies.
    """
    behaviours: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, Accepted):
            behaviours[entry.uuid] = entry.behaviour
        restorer = _RESTORERS.get(type(entry))
        if restorer:
            restorer(desk, entry)
    for uuid, behaviour in behaviours.items():
        message = desk.messages.get(uuid)
        if message and message.state not in FINAL:
            desk.journeys.resume(message, behaviour)


def _accepted(desk: Desk, entry: Accepted) -> None:
    message = Message(
        uuid=entry.uuid,
        direction="outbound",
        src=entry.src,
        dst=entry.dst,
        text=entry.text,
        at=entry.at,
        message_type=entry.message_type,
        units=entry.units,
        url=entry.url,
        method=entry.method,
        message_expiry=entry.message_expiry,
        log=entry.log,
    )
    desk.messages.add(message)
    desk.phones.show(message.dst, Bubble("received", message.at, message.text, message))


def _state(desk: Desk, entry: StateChanged) -> None:
    message = desk.messages.get(entry.uuid)
    if message:
        if message.state == "queued" and entry.state != "failed":
            desk.opt_outs.passes(message.src, message.dst, _loop_time_s(entry))  # may be the one after STOP
        message.state, message.error_code, message.updated_at = entry.state, entry.error_code, entry.at
        message.sent_at = message.sent_at or entry.at
        message.sequence = max(message.sequence, _QUEUED) + 1


def _inbound(desk: Desk, entry: Inbound) -> None:
    message = Message(
        uuid=entry.uuid,
        direction="inbound",
        src=entry.src,
        dst=entry.dst,
        text=entry.text,
        at=entry.at,
        message_type=entry.message_type,
        state="received",
    )
    desk.messages.add(message)
    desk.phones.show(message.src, Bubble("typed", message.at, message.text, message))
    if desk.settings.dnd and entry.message_type == "sms":
        desk.opt_outs.heard(entry.dst, entry.src, meaning(entry.text), _loop_time_s(entry))


def _loop_time_s(entry: Entry) -> float:
    """When an entry was written, by the clock of this run's loop."""
    return asyncio.get_running_loop().time() - (datetime.now(UTC) - entry.at).total_seconds()


def _auto_replied(desk: Desk, entry: AutoReplied) -> None:
    desk.phones.show(entry.dst, Bubble("carrier", entry.at, entry.text))


_RESTORERS: dict[type, Callable[..., None]] = {
    Accepted: _accepted,
    StateChanged: _state,
    Inbound: _inbound,
    AutoReplied: _auto_replied,
}
