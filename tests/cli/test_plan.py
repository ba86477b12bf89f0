"""``reminders plan``: every text of a file is foreseen, nothing is written, what is wrong is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.story import read
from runtime.config import Config
from schemas.base import encode
from tests.makers import a_booking_event, a_change, a_setting

NOON = ["--at", "2026-11-24T17:00:00"]
BOOKING = encode(a_booking_event()).decode()
ROOT = Path(__file__).parents[2]


def plan(terminal: CliRunner, folder: Path, *lines: str, options: tuple[str, ...] = ()) -> Any:
    file = folder / "bookings.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    before = sorted(folder.rglob("*"))
    told = terminal.invoke(app, ["plan", str(file), *NOON, *options], env={"COLUMNS": "900"})
    assert sorted(folder.rglob("*")) == before, "it writes nothing"
    return told


def test_a_table_for_people(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    told = plan(terminal, tmp_path, BOOKING)
    assert told.exit_code == 0
    assert "b1 in w1" in told.output
    assert "Rally: interview with Acme Research booked, Tue Nov 24, 3:00 PM EST." in told.output
    assert "Tue Nov 24, 2:45 PM EST" in told.output
    assert "4 of 6 texts left" in told.output
    assert "everybody consents when booked" in told.output


def test_lines_for_programs(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    cancelled = encode(a_booking_event(revision=2, status="cancelled")).decode()
    told = plan(terminal, tmp_path, BOOKING, cancelled, options=("--json",))
    texts = [json.loads(line) for line in told.output.splitlines()]
    assert [(t["wording"], t["reason"], t["goes_at"]) for t in texts] == [
        ("confirmation", "cancelled", None),
        ("reminder", "cancelled", None),
    ]
    assert all(t["segments"] == 1 and "Rally:" in t["body"] for t in texts)
    assert "+1330" not in told.output, "a phone appears as its reference"


def test_times_of_receipt(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    moved = json.loads(encode(a_booking_event(revision=2)))
    later = json.dumps({"at_s": 3600, "record": {**moved, "starts_at": "+14400s"}})
    told = plan(terminal, tmp_path, later, BOOKING, options=("--json",))
    texts = [json.loads(line) for line in told.output.splitlines()]
    assert [(t["wording"], t["goes_at"]) for t in texts if t["goes_at"]] == [
        ("confirmation", "2026-11-24T17:00:00+00:00"),
        ("moved", "2026-11-24T18:01:00+00:00"),
        ("reminder", "2026-11-24T20:45:00+00:00"),
    ]


def test_consents_of_the_file_count_alone_if_it_has_some(
    terminal: CliRunner, config: Config, tmp_path: Path
) -> None:
    other = encode(a_change(event_id="b9")).decode()
    for options, wanted in (((), "it had waited for a consent"), (("--consent",), "goes when due")):
        told = plan(terminal, tmp_path, BOOKING, other, options=options)
        assert wanted in told.output
    assert (
        "it had waited for a consent" in plan(terminal, tmp_path, BOOKING, options=("--no-consent",)).output
    )


def test_a_switch_that_is_off(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    told = plan(terminal, tmp_path, BOOKING, encode(a_setting(value=False)).decode())
    assert "not sent: texts are switched off for the workspace" in told.output


def test_an_array_or_a_single_object(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    assert "b1 in w1" in plan(terminal, tmp_path, f"[{BOOKING}]").output
    assert "b1 in w1" in plan(terminal, tmp_path, json.dumps(json.loads(BOOKING), indent=2)).output


# each row: a line, and what is said of it
WRONG = {
    # bytes that are no JSON at all
    '{"type": "booking", ': "line 1: not a JSON object",
    # a field is missing: msgspec names it
    '{"type": "booking"}': "line 1: Object missing required field `message_id`",
    # a record of a topic that upstream does not write
    '{"type": "delivery"}': "line 1: type: one of booking, consent-change, setting, not 'delivery'",
    '{"hello": 1}': "line 1: neither a record",
    '{"at_s": "soon", "record": {"type": "booking"}}': "line 1: at_s: a number of seconds, not 'soon'",
    '{"at_s": 1, "record": 7}': "line 1: type: one of",
    # can be read, not meant
    encode(a_booking_event(replaces_booking_id="b0")).decode(): "line 1: event_id:",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_named_and_the_rest_is_planned(
    terminal: CliRunner, config: Config, tmp_path: Path, line: str
) -> None:
    told = plan(terminal, tmp_path, line, BOOKING)
    assert told.exit_code == 1
    assert WRONG[line] in told.output
    assert "b1 in w1" in told.output
    assert "Traceback" not in told.output


def test_a_file_of_other_bytes_is_named(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "bookings.jsonl"
    file.write_bytes(BOOKING.encode() + b"\n\xff\xfe")
    told = terminal.invoke(app, ["plan", str(file)])
    assert told.exit_code == 1
    assert "is not UTF-8" in told.output
    assert "Traceback" not in told.output


def test_nothing_to_tell(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    told = plan(terminal, tmp_path, encode(a_booking_event(phone=None)).decode())
    assert "No text would go." in told.output
    assert "the booking has no phone yet" in told.output
    assert terminal.invoke(app, ["plan", str(tmp_path / "none.jsonl")]).exit_code == 2


def test_the_example_can_be_planned(terminal: CliRunner, config: Config) -> None:
    """Every event of the demo whose texts hang on no answer ends as its file says."""
    file = ROOT / "examples" / "bookings.jsonl"
    told = terminal.invoke(app, ["plan", str(file), "--json"])
    assert told.exit_code == 0, told.output
    events = {json.loads(line)["event_id"] for line in told.output.splitlines()}
    expected = {e.event.partition("/")[2] for e in read(file).expected if e.texts}
    assert len(events & expected) > 20
