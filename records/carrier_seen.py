"""What the records show of how the carrier is set up: how it signs, and what it does itself."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from records import reply_tables, tables
from rules.drift import BLOCKED
from schemas.sms import InboundSms

LOOKED_AT = 1000
"""So many of the latest replies are read."""


def latest_signatures(connection: Connection) -> dict[str, datetime]:
    """By what proved replies of late (``v3``, ``v2``): when it was last seen."""
    found: dict[str, datetime] = {}
    for sms in _latest(connection):
        if sms.signature != "page":
            found.setdefault(sms.signature, sms.received_at)
    return found


def knows_opt_outs(connection: Connection) -> bool:
    """Whether the carrier called a reply an opt-out of late, or refused a text because of one."""
    t = tables.texts
    refused = connection.execute(select(func.count()).where(t.c.carrier_code == BLOCKED)).scalar_one()
    return refused > 0 or any(sms.intent == "optout" for sms in _latest(connection))


def _latest(connection: Connection) -> Iterator[InboundSms]:
    i = reply_tables.inbound
    query = select(i.c.record).order_by(i.c.received_at.desc()).limit(LOOKED_AT)
    for record in connection.execute(query).scalars():
        yield msgspec.json.decode(record, type=InboundSms)
