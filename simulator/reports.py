"""Delivery reports: through which states a message goes, and the form that tells of one.

Sample (as a form): Status=delivered&From=13306619491&To=12025550123&MessageUUID=…&ParentMessageUUID=…
&ErrorCode=&Units=1&TotalRate=0.0025&TotalAmount=0.0025&PartInfo=1 of 1&MCC=310&MNC=004
&Sequence=3&MessageTime=…&QueuedTime=…
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from simulator.behaviours import Behaviour
from simulator.messages import RATE, Message, digits
from simulator.settings import Settings

FINAL = frozenset({"delivered", "undelivered", "failed"})

_EXTRA = {
    "DestinationCountryISO2": "US",
    "DestinationNetwork": "Simulated",
    "CarrierFees": "0.003",
    "TendlcRegistrationStatus": "registered",
    "requester_ip": "127.0.0.1",
    "SomethingNew": "",
}


@dataclass(frozen=True)
class Stage:
    """A state a message reaches, `after_s` its dispatch."""

    state: str
    after_s: float
    error_code: str = ""


def stages(behaviour: Behaviour, settings: Settings) -> list[Stage]:
    """The states after `queued` that a behaviour leads through."""
    end = behaviour.end
    if end == "silent":
        return []
    if end == "failed":
        return [Stage("failed", settings.sent_after_s, behaviour.error_code)]
    on_the_way = Stage("sent", settings.sent_after_s)
    if end == "sent":
        return [on_the_way]
    return [on_the_way, Stage(end, settings.delivered_after_s, behaviour.error_code)]


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if at else ""


def form(message: Message, state: str) -> dict[str, str]:
    """The report of a state a message has reached, numbers as bare digits."""
    done = state in FINAL
    return {
        "Status": state,
        "From": digits(message.src),
        "To": digits(message.dst),
        "MessageUUID": message.uuid,
        "ParentMessageUUID": message.uuid,
        "PartInfo": "1 of 1",
        "Type": message.message_type,
        "ErrorCode": message.error_code if done else "",
        "Units": str(message.units),
        "TotalRate": f"{RATE:.4f}",
        "TotalAmount": f"{RATE * message.units:.4f}",
        "MCC": "310",
        "MNC": "004",
        "PowerpackUUID": "",
        "Sequence": str(message.sequence),
        "MessageTime": _moment(message.at),
        "QueuedTime": _moment(message.at),
        "SentTime": _moment(message.sent_at),
        "DeliveryReportTime": _moment(message.updated_at) if done else "",
    }


def variants(told: dict[str, str], faults: frozenset[str]) -> Iterator[dict[str, str]]:
    """The forms really posted for one report: the odd ones it is to follow, and repeats."""
    if "unknown-uuid" in faults:
        yield told | {"MessageUUID": str(uuid.uuid4())}
    if "unknown-status" in faults:
        yield told | {"Status": "carrier_pending"}
    report = told | (_EXTRA if "extra-keys" in faults else {})
    yield report
    if "duplicated" in faults:
        yield report
