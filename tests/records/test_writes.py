"""What is written: each message once, whatever comes twice, together with how far the topics are written."""

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from records import tables
from records.engine import connect
from records.queries import next_offsets, setting_of
from records.writes import Overtaken, note_offset, write
from schemas.samples import samples
from schemas.settings import SettingCopy
from tests.records.desk import KEYS, delivery, dump, event, every_sample


def test_every_kept_kind_has_a_row_and_a_repeat_adds_none(engine: Engine) -> None:
    for _ in range(2):
        with engine.begin() as connection:
            write(connection, every_sample(), KEYS)
    with engine.connect() as connection:
        found = {name: len(rows) for name, rows in dump(connection).items()}
    assert found == {
        "bookings": 1,
        "consents": 2,
        "dead_letter_ends": 0,
        "dead_letters": 1,
        "erasures": 0,
        "handled_replies": 1,
        "inbound": 1,
        "ledger": 1,
        "manage_tokens": 1,
        "notices": len(samples("notices")),
        "offsets": 0,
        "openings": 0,
        "settings": 1,
        "sign_ups": 1,
        "steps": 11,
        "texts": 1,
    }


def test_many_texts_in_one_batch(engine: Engine) -> None:
    names = [f"{n:032d}".translate(str.maketrans("0189", "abcd")) for n in range(1200)]
    messages = [event("planned", text_id=name) for name in names]
    with engine.begin() as connection:
        write(connection, messages, KEYS)
        assert len(dump(connection)["texts"]) == 1200


def test_a_setting_keeps_its_highest_revision(engine: Engine) -> None:
    copy = samples("settings-copies")["setting-copy"]
    assert isinstance(copy, SettingCopy)
    later = replace(copy, value=False, revision=copy.revision + 1)
    for messages in ([copy, later, replace(later, partition=0, value="lost")], [copy]):
        with engine.begin() as connection:
            write(connection, messages, KEYS)
    with engine.connect() as connection:
        assert setting_of(connection, copy.workspace_id, copy.study_id, copy.name) is False
        assert setting_of(connection, copy.workspace_id, None, "zone") is None


def test_offsets_and_rows_come_together_or_not_at_all(engine: Engine) -> None:
    def half() -> None:
        with engine.begin() as connection:
            note_offset(connection, "sms-deliveries", 0, None, 7)
            write(connection, [delivery()], KEYS)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        half()
    with engine.connect() as connection:
        assert next_offsets(connection) == {}
        assert dump(connection)["steps"] == []


def test_an_archive_that_was_overtaken_writes_no_more(engine: Engine) -> None:
    for before, after in ((None, 5), (5, 9)):
        with engine.begin() as connection:
            note_offset(connection, "notices", 1, before, after)
    for stale in (None, 5):
        with pytest.raises(Overtaken), engine.begin() as connection:
            note_offset(connection, "notices", 1, stale, 12)
    with engine.connect() as connection:
        assert next_offsets(connection) == {("notices", 1): 9}


def test_two_ledger_entries_of_one_place_both_stay(engine: Engine) -> None:
    entry = samples("consent-ledger")["ledger-entry"]
    forged = replace(entry, hash="f" * 64)
    with engine.begin() as connection:
        write(connection, [entry, forged, entry], KEYS)
        assert len(dump(connection)["ledger"]) == 2


def test_errors_name_no_row(engine: Engine) -> None:
    row = {"token": "t", "workspace_id": "w", "event_id": "e", "phone_ref": None, "phone": "+13305550147"}
    with pytest.raises(IntegrityError) as told, engine.begin() as connection:
        connection.execute(tables.manage_tokens.insert(), [row])
    assert "+13305550147" not in str(told.value)


def test_readers_do_not_wait_for_the_writer(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'records.sqlite'}")
    with engine.begin() as connection:
        write(connection, [delivery()], KEYS)
    with engine.begin() as writing:
        write(writing, [delivery(plan_version=2)], KEYS)
        reader = sqlite3.connect(tmp_path / "records.sqlite", timeout=0)
        assert reader.execute("SELECT count(*) FROM steps").fetchone() == (1,)
        reader.close()
    engine.dispose()
