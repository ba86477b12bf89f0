"""What staff must see and do something about: replies, holds, notices, sends that stayed unclear."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, select

from records import reply_tables, tables
from records.rows import iso
from schemas.sms import InboundSms

SHOWN_MAX = 200


def replies_to(connection: Connection, workspace_id: str, since: datetime) -> list[InboundSms]:
    """Replies from phones whose last text before was the workspace's, latest first; bounded."""
    i, t = reply_tables.inbound, tables.texts
    texted = select(t.c.phone_ref).where(t.c.workspace_id == workspace_id)
    query = select(i.c.record).where(i.c.received_at >= iso(since), i.c.phone_ref.in_(texted))
    records = connection.execute(query.order_by(i.c.received_at.desc()).limit(SHOWN_MAX)).scalars()
    found = [msgspec.json.decode(record, type=InboundSms) for record in records]
    return [sms for sms in found if _texted_last(connection, sms) == workspace_id]


def _texted_last(connection: Connection, sms: InboundSms) -> str | None:
    """The workspace whose text went last to the phone, of those released before its reply."""
    t = tables.texts
    query = select(t.c.workspace_id).where(
        t.c.phone_ref == sms.phone_ref,
        t.c.workspace_id.is_not(None),
        t.c.kind != "reply",
        t.c.released_at <= iso(sms.received_at),
    )
    return connection.execute(query.order_by(t.c.released_at.desc()).limit(1)).scalar()


def handled_of(connection: Connection, workspace_id: str, uuids: Collection[str]) -> dict[str, RowMapping]:
    """Who of the workspace has seen to which of these replies, and when."""
    h = reply_tables.handled_replies
    query = select(h).where(h.c.workspace_id == workspace_id, h.c.inbound_uuid.in_(uuids))
    return {row["inbound_uuid"]: row for row in connection.execute(query).mappings()}


def replies_from(connection: Connection, phone_ref: str, since: datetime) -> list[InboundSms]:
    """Replies from a phone since then, oldest first; bounded."""
    i = reply_tables.inbound
    query = select(i.c.record).where(i.c.phone_ref == phone_ref, i.c.received_at >= iso(since))
    records = connection.execute(query.order_by(i.c.received_at).limit(SHOWN_MAX)).scalars()
    return [msgspec.json.decode(record, type=InboundSms) for record in records]


def last_event_of(connection: Connection, workspace_id: str, phone_ref: str) -> RowMapping | None:
    """The text of the workspace that went last to a phone: its event and booking say whom it was for."""
    t = tables.texts
    query = select(t).where(t.c.workspace_id == workspace_id, t.c.phone_ref == phone_ref)
    query = query.where(t.c.released_at.is_not(None), t.c.kind != "reply")
    return connection.execute(query.order_by(t.c.released_at.desc()).limit(1)).mappings().first()


def notices_since(connection: Connection, workspace_id: str, since: datetime) -> list[RowMapping]:
    """The workspace's notices since then, latest first; bounded."""
    n = tables.notices
    query = select(n).where(n.c.workspace_id == workspace_id, n.c.at >= iso(since))
    return list(connection.execute(query.order_by(n.c.at.desc()).limit(SHOWN_MAX)).mappings())


def unresolved(connection: Connection, workspace_id: str, since: datetime) -> list[RowMapping]:
    """Texts of which no evidence says whether the carrier got them, latest first; bounded."""
    t = tables.texts
    query = select(t).where(
        t.c.workspace_id == workspace_id, t.c.state == "unresolved", t.c.due_at >= iso(since)
    )
    return list(connection.execute(query.order_by(t.c.due_at.desc()).limit(SHOWN_MAX)).mappings())
