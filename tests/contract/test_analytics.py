"""The contract of delivery-events: readers of the version before still read, every field is explained."""

import msgspec
from msgspec import Struct

from cli.fields_page import dictionary
from schemas.base import encode
from schemas.delivery_events import DeliveryEvent
from schemas.samples import samples

PERSONAL = {"phone", "body", "person_id", "join_url", "place", "name", "email", "text", "ip"}


class EventOfVersion1(Struct, tag_field="type", tag="delivery-event"):
    """What a reader made for schema version 1 knows. Never edit: such readers are out of our hands."""

    schema_version: int
    delivery_event_id: str
    text_id: str
    plan_version: int
    phone_ref: str
    workspace_id: str | None
    study_id: str | None
    event_id: str | None
    booking_id: str | None
    kind: str
    wording: str
    state: str
    final: bool
    reason: str | None
    carrier_code: str | None
    carrier_uuid: str | None
    attempt: int | None
    segments_predicted: int
    segments_billed: int | None
    lateness_s: float | None
    due_at: str
    at: str
    is_test: bool


def test_a_reader_of_the_version_before_still_reads() -> None:
    for message in samples("delivery-events").values():
        read = msgspec.json.decode(encode(message), type=EventOfVersion1)
        assert read.text_id == message.text_id  # type: ignore[attr-defined]


def test_an_event_of_the_version_before_is_still_read() -> None:
    names = set(EventOfVersion1.__struct_fields__)
    for message in samples("delivery-events").values():
        old = {k: v for k, v in msgspec.to_builtins(message).items() if k in names | {"type"}}
        assert msgspec.convert(old, DeliveryEvent) == message


def test_no_field_can_hold_personal_data() -> None:
    assert not PERSONAL & set(DeliveryEvent.__struct_fields__)


def test_every_field_has_meaning_unit_and_example() -> None:
    told = {name: words for name, *words in dictionary()}
    assert set(told) == set(DeliveryEvent.__struct_fields__)
    assert [name for name, words in told.items() if not all(words)] == []
    assert told["lateness_s"][1:] == ["seconds", "`1.25`"]
    assert told["segments_billed"][1:] == ["segments", "`1`"]
