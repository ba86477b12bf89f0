"""What a replay would hand to the sender: the agents over the rows that stand, with old records once more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from agents.ahead import Ahead
from agents.alarms import Rows
from agents.assumed import accepted, confirmed
from agents.moment import Moment
from agents.tables import Tables
from rules.policy import Policy
from rules.refused import Refused
from schemas.base import Message
from schemas.deliveries import Delivery, ScopeWithdrawal, Withdrawal
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.rows import Switch
from schemas.settings import SettingCopy

ForSender = Delivery | Withdrawal | ScopeWithdrawal | StopState | EndedState


@dataclass
class Outcome:
    """What the sender would be told, in its order, and how many records would be dead letters."""

    told: list[ForSender] = field(default_factory=list)
    refused: int = 0


def replayed(tables: Tables, records: Iterable[Message], policy: Policy, now: datetime) -> Outcome:
    """What follows if workers with these tables read the records at ``now``, until nothing is left to happen.

    All are read before anything is released, as the barrier has it. Assumed is that the carrier takes each
    text and that nobody answers. The tables are not changed.
    """
    outcome = Outcome()

    def outside(message: Message, _moment: Moment) -> list[Message]:
        match message:
            case Delivery() | Withdrawal() | ScopeWithdrawal() | StopState() | EndedState():
                outcome.told.append(message)
            case StartAsked():
                return [confirmed(message)]
            case _:
                pass
        return _answer(message)

    ahead = Ahead(policy, copied(tables), outside=outside, now=now)
    for record in records:
        try:
            ahead.cause(_in_one_partition(record), now)
        except Refused:
            outcome.refused += 1
    ahead.run_to(None)
    return outcome


def _answer(message: Message) -> list[Message]:
    of_event = isinstance(message, Delivery) and message.text.workspace_id and message.text.event_id
    return [accepted(message)] if isinstance(message, Delivery) and of_event else []


def _in_one_partition(record: Message) -> Message:
    return replace(record, partition=0) if isinstance(record, SettingCopy) else record


def copied(tables: Tables) -> Tables:
    """The same rows in tables of their own, settings as of one partition; the ledger is left out."""
    return Tables(
        event_phones=dict(tables.event_phones),
        bookings=_rows(tables.bookings),
        consents=dict(tables.consents),
        opt_outs=_rows(tables.opt_outs),
        switches=_of_one_partition(tables.switches),
    )


def _rows(table: Mapping[str, Any]) -> Rows:
    rows = Rows()
    for key, row in table.items():
        rows[key] = row
    return rows


def _of_one_partition(switches: Mapping[str, Switch]) -> dict[str, Switch]:
    """Each partition has a copy of every setting: the newest one counts."""
    found: dict[str, Switch] = {}
    for key, switch in switches.items():
        name = f"0|{key.partition('|')[2]}"
        if name not in found or found[name].revision < switch.revision:
            found[name] = switch
    return found
