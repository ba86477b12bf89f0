"""The SQL tables of what phones text to us, and of who on the staff has seen to it."""

from sqlalchemy import Column, Index, String, Table, Text

from records.columns import At, Id, Ref, metadata

inbound = Table(
    "inbound",
    metadata,
    Column("inbound_uuid", Id, primary_key=True),
    Column("phone_ref", Ref, nullable=False),
    Column("received_at", At, nullable=False),
    Column("record", Text, nullable=False),
    Index("inbound_of_phone", "phone_ref"),
)

handled_replies = Table(
    "handled_replies",
    metadata,
    Column("inbound_uuid", Id, primary_key=True),
    Column("workspace_id", Id, primary_key=True),
    Column("phone_ref", Ref, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", At, nullable=False),
    Index("handled_replies_of_phone", "phone_ref"),
)
"""Replies that staff has read and seen to: who first, and when."""
