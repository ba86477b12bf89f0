"""A carrier that was ended and started again goes on as one that ran through."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.messages import Filter, Message, Messages
from tests.simulator.conftest import Start
from tests.simulator.receiver import Receiver
from tests.simulator.test_reports import in_sequence

pytestmark = pytest.mark.long
NUMBER = "+12025550621"


def test_reports_go_on_counting(start: Start, receiver: Receiver, path: str) -> None:
    with start(delivered_after_s=60.0) as carrier:
        carrier.ends(carrier.send(NUMBER, url=receiver.url + path), "sent", None)
        receiver.wait(path, 2)
    with start():
        got = in_sequence(receiver.wait(path, 3))
    told = [(report.form["Sequence"], report.form["Status"]) for report in got]
    assert told == [("1", "queued"), ("2", "sent"), ("3", "delivered")]


def test_a_picture_that_says_stop_blocks_nobody_after_a_restart_either(start: Start) -> None:
    with start() as carrier:
        carrier.reply(NUMBER, "STOP", type="mms")
        assert not carrier.http.get(f"/admin/phones/{NUMBER}").json()["blocked"]
    with start() as carrier:
        assert not carrier.http.get(f"/admin/phones/{NUMBER}").json()["blocked"]


def test_the_one_message_after_stop_is_let_through_once_in_all(start: Start) -> None:
    with start(speedup=1.0) as carrier:
        carrier.reply(NUMBER, "STOP")
        carrier.ends(carrier.send(NUMBER, "the one confirmation"), "delivered", "000")
    with start(speedup=1.0) as carrier:
        carrier.ends(carrier.send(NUMBER, "one too many"), "failed", "200")


def test_without_a_time_the_list_shows_the_last_day_alone() -> None:
    now = datetime(2030, 5, 6, 14, 0, tzinfo=UTC)
    messages = Messages("MA")
    for name, age in (("old", timedelta(hours=24, seconds=1)), ("new", timedelta(hours=24))):
        message = Message(uuid=name, direction="outbound", src="+1", dst="+2", text="", at=now - age)
        messages.add(message)
    assert [m.uuid for m in messages.page(Filter(), limit=20, offset=0, now=now)] == ["new"]
    since = Filter(gte=now - timedelta(days=2))
    assert [m.uuid for m in messages.page(since, limit=20, offset=0, now=now)] == ["new", "old"]
