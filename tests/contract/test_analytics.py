"""The contract of delivery-events: readers of the version before still read, and the example answers."""

import csv
import sqlite3
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from schemas.base import encode
from schemas.delivery_events import DeliveryEvent
from schemas.samples import samples
from tests.records.desk import event

ROOT = Path(__file__).parents[2]
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


def _follower() -> Any:
    spec = spec_from_file_location("follow", ROOT / "examples" / "follow.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def events() -> list[bytes]:
    a, b = "a" * 32, "b" * 32
    told = [
        event("planned", text_id=a),
        event("accepted", 3, text_id=a, lateness_s=3.0, final=True),
        event("accepted", 6, text_id=a, attempt=2, final=False),
        event("delivered", 9, text_id=a, segments_billed=2),
        event("planned", text_id=b),
        event("suppressed", 1, text_id=b, reason="opted_out"),
        event("planned", text_id="c" * 32),
        event("planned", text_id="d" * 32, is_test=True),
    ]
    return [encode(one) for one in [*told, told[1]]]


def test_the_example_writes_each_event_once(events: list[bytes], tmp_path: Path) -> None:
    follow = _follower()
    rows = follow.table(events)
    assert len(rows) == 8
    assert set(follow.COLUMNS) <= set(DeliveryEvent.__struct_fields__)
    path = follow._write_csv(rows, tmp_path / "events.csv")
    with path.open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 8


def test_the_five_questions_are_answered(events: list[bytes]) -> None:
    rows = _follower().table(events)
    database = sqlite3.connect(":memory:")
    columns = list(rows[0])
    database.execute(f"CREATE TABLE events ({', '.join(columns)})")
    marks = ", ".join("?" * len(columns))
    database.executemany(f"INSERT INTO events VALUES ({marks})", [tuple(row.values()) for row in rows])  # noqa: S608
    script = (ROOT / "examples" / "questions.sql").read_text("utf-8")
    plain = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    answers = [database.execute(one).fetchall() for one in plain.split(";") if one.strip()]
    database.close()
    ends, why, late, delivered, cost = answers
    assert dict(ends) == {"accepted": 1, "suppressed": 1, "open": 1}
    assert [(row[2], row[3], row[4]) for row in why] == [("suppressed", "opted_out", 1)]
    assert late == [("confirmation", 1, 3.0, 3.0)]
    assert delivered == [("confirmation", 1, 1, 0)]
    [(_, day, predicted, billed)] = cost
    assert (day, predicted, billed) == ("2026-05-04", 2, 2)  # both tries cost
