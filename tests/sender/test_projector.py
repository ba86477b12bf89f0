"""What others hear of a journal record: events with stable ids, ends for the planner, notices for people."""

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.bookings import TextEnded
from schemas.delivery_events import DeliveryEvent
from schemas.journal import JournalRecord
from schemas.notices import Notice
from sender.projector import project
from tests.sender.records import (
    TEXT,
    accepted,
    claimed,
    expired,
    not_sent,
    rejected,
    reported,
    suppressed,
    unknown,
    unresolved,
)

KEY = b"key"
NAME = TEXT.text_id


def told(record: JournalRecord, offset: int = 7) -> list[Any]:
    return project(record, partition=0, offset=offset, key=KEY)


def of(kind: type, record: JournalRecord) -> list[Any]:
    return [message for message in told(record) if isinstance(message, kind)]


@pytest.mark.parametrize("record", [claimed(), not_sent(), unknown(), reported("queued")])
def test_what_is_still_open_is_nobodys_business(record: JournalRecord) -> None:
    assert told(record) == []


@pytest.mark.parametrize(
    ("record", "state", "counted"),
    [
        (accepted(), "accepted", [f"{NAME}#1"]),
        (accepted(attempt=2), "accepted", [f"{NAME}#1", f"{NAME}#2"]),
        (unresolved(), "unresolved", [f"{NAME}#1"]),
        (rejected(), "rejected", []),
        (rejected(attempt=2), "rejected", [f"{NAME}#1"]),
        (suppressed(), "suppressed", []),
        (replace(suppressed(), tries=1), "suppressed", [f"{NAME}#1"]),
        (expired(), "expired", []),
    ],
)
def test_an_end_is_told_to_analytics_and_the_planner(
    record: JournalRecord, state: str, counted: list[str]
) -> None:
    (event,), (ended,) = of(DeliveryEvent, record), of(TextEnded, record)
    assert (event.state, event.final, event.text_id) == (state, True, NAME)
    assert (ended.end, ended.counted_ids) == (state, counted)


def test_a_second_try_after_a_loss_is_told_without_another_end() -> None:
    event, ended = project(accepted("u2", attempt=2), partition=0, offset=7, key=KEY, again=True)
    assert isinstance(event, DeliveryEvent)
    assert isinstance(ended, TextEnded)
    assert (event.state, event.final, event.attempt, event.lateness_s) == ("accepted", False, 2, None)
    assert (ended.end, ended.counted_ids) == ("accepted", [f"{NAME}#1", f"{NAME}#2"])


def test_ids_come_from_the_place_in_the_log() -> None:
    again = told(accepted())[0].delivery_event_id
    assert again == told(accepted())[0].delivery_event_id
    assert again != told(accepted(), offset=8)[0].delivery_event_id


def test_a_report_is_no_end() -> None:
    (event,) = told(reported("failed", 3, error_code="300", units=2))
    assert (event.state, event.final, event.carrier_code) == ("failed", False, "300")
    assert event.segments_billed == 2


def worded(record: Any, wording: str, **more: Any) -> Any:
    return replace(record, text=replace(record.text, wording=wording), **more)


@pytest.mark.parametrize("wording", ["moved", "moved_last", "cancelled"])
@pytest.mark.parametrize(
    "record",
    [
        suppressed(reason="capped"),
        suppressed(reason="opted_out"),
        expired(),
        rejected(),
        unresolved(),
        reported("failed", error_code="300"),
        reported("undelivered", error_code="50"),
    ],
)
def test_a_move_or_cancellation_that_was_not_told_is_someones_task(wording: str, record: Any) -> None:
    (notice,) = of(Notice, worded(record, wording))
    assert (notice.kind, notice.text_id) == ("tell_the_participant", NAME)


@pytest.mark.parametrize(
    "record",
    [
        worded(accepted(), "moved"),
        worded(suppressed(reason="nothing_new"), "moved"),
        worded(suppressed(reason="coalesced"), "moved"),
        worded(suppressed(reason="phone_changed"), "cancelled"),
        suppressed(reason="capped"),
        worded(reported("sent"), "moved"),
        worded(reported("delivered"), "cancelled"),
        reported("failed"),
    ],
)
def test_nothing_else_is(record: Any) -> None:
    assert of(Notice, record) == []


def test_a_reply_ends_in_an_event_alone() -> None:
    text = replace(TEXT, kind="reply", wording="reply_help", workspace_id=None, event_id=None)
    assert [type(message) for message in told(replace(accepted(), text=text))] == [DeliveryEvent]


def test_no_event_holds_a_number() -> None:
    for record in (accepted(), suppressed(), reported()):
        assert "+1202" not in str(told(record))
