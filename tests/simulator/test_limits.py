"""Rates, queues, expiry and credit; the list's limit, lag, paging and masking."""

from datetime import UTC, datetime, timedelta

import plivo
import pytest

from simulator.ledger import Refused, StateChanged
from simulator.limits import Credit, SourceQueues, Window
from simulator.messages import ANSWER_ZONE
from tests.simulator.carrier import Carrier, until
from tests.simulator.conftest import Start

pytestmark = pytest.mark.long


def test_a_window_forgets() -> None:
    window = Window(2, 5.0)
    assert [at for at in (0, 1, 2, 4.9, 5, 5.5, 6) if window.take(at)] == [0, 1, 5, 6]
    assert all(Window(0, 5.0).take(0) for _ in range(1000))


def test_a_queue_for_each_number() -> None:
    queues = SourceQueues(mps=2)
    assert [queues.wait_s("a", 10, 0) for _ in range(3)] == [0, 0.5, 1.0]
    assert queues.wait_s("b", 10, 0) == 0
    assert queues.wait_s("a", 1.4, 0) is None  # would wait 1.5 s; takes no turn
    assert queues.wait_s("a", 10, 0) == 1.5
    assert queues.wait_s("a", 10, 60) == 0


def test_credit() -> None:
    credit = Credit()
    assert credit.spend(0)
    credit.top_up(1)
    assert [credit.spend(0), credit.refuses(0), credit.spend(0)] == [True, False, False]
    assert credit.refuses(119)
    assert not credit.refuses(120)
    credit.top_up(None)
    assert credit.spend(0)


def test_a_queued_message_expires(start: Start) -> None:
    with start(mps=5, expiry_speedup=50) as carrier:
        first = carrier.send("+12025550501")
        late = carrier.send("+12025550501", message_expiry=5)  # 0.1 s, and its turn comes after 0.2 s
        third = carrier.send("+12025550501")
        carrier.ends(late, "failed", "420")
        carrier.ends(first, "delivered", "000")
        carrier.ends(third, "delivered", "000")
        moves = [(move.uuid, move.state) for move in carrier.ledger(StateChanged)]
    assert [uuid for uuid, state in moves if state == "sent"] == [first, third]


def test_too_many_requests(start: Start) -> None:
    with start(requests_per_5s=2, lists_per_min=2) as carrier:
        answers = [carrier.post() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert answers[2].json()["error"] == "too many requests"
        assert carrier.ledger(Refused)[0].status == 429
        statuses = [carrier.http.get(carrier.messages, auth=carrier.access).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        with pytest.raises(TypeError):  # the SDK's own trap
            carrier.plivo.messages.list()


def test_credit_runs_out_and_comes_back(start: Start) -> None:
    with start(speedup=1.0) as carrier:
        carrier.admin("credit", {"messages": 1})
        carrier.ends(carrier.send("+12025550502"), "delivered", "000")
        carrier.ends(carrier.send("+12025550502"), "failed", "900")
        refused = carrier.post()
        assert (refused.status_code, refused.json()["error"]) == (402, "Insufficient credit")
        carrier.admin("credit", {"messages": None})
        carrier.ends(carrier.send("+12025550502"), "delivered", "000")


def test_a_source_that_is_not_ours(carrier: Carrier) -> None:
    uuid = carrier.post(src="+12025550199", dst="+12025550503").json()["message_uuid"][0]
    carrier.ends(uuid, "failed", "40")


def test_new_messages_are_not_listed_at_once(start: Start) -> None:
    with start(list_lag_s=0.3) as carrier:
        uuid = carrier.send("+12025550504")
        assert carrier.plivo.messages.list().objects == []
        assert carrier.plivo.messages.get(uuid).message_uuid == uuid
        until(lambda: carrier.plivo.messages.list().objects)


def test_pages(start: Start) -> None:
    with start() as carrier:
        sent = [carrier.send(f"+120255505{number:02}") for number in range(5)]
        first = carrier.plivo.messages.list(limit=2, to_number=None)
        uuids = [message.message_uuid for message in first.objects]
        following = first.meta["next"]
        while following:
            page = carrier.http.get(following, auth=carrier.access).json()
            uuids += [message["message_uuid"] for message in page["objects"]]
            following = page["meta"]["next"]
        assert page["meta"] == {
            "limit": 2, "offset": 4, "next": None,
            "previous": f"/v1/Account/{carrier.settings.auth_id}/Message/?limit=2&offset=2",
        }  # fmt: skip
        assert uuids == sent[::-1]
        assert [message.message_uuid for message in carrier.plivo.messages] == sent[::-1]


def test_the_time_window_is_utc(carrier: Carrier) -> None:
    number = "+12025550505"
    before = datetime.now(UTC)
    uuid = carrier.send(number)
    after = datetime.now(UTC)

    def found(**window: datetime) -> list[str]:
        times = {name: at.strftime("%Y-%m-%d %H:%M:%S.%f") for name, at in window.items()}
        listed = carrier.plivo.messages.list(to_number=number, **times)
        return [message.message_uuid for message in listed.objects]

    assert found(message_time__gte=before, message_time__lte=after) == [uuid]
    assert found(message_time__gt=after) == found(message_time__lt=before) == []
    told = carrier.plivo.messages.get(uuid).message_time
    assert before - timedelta(seconds=1) <= datetime.fromisoformat(told) <= after
    assert datetime.fromisoformat(told).utcoffset() == ANSWER_ZONE.utcoffset(None)


@pytest.mark.parametrize(
    ("log", "number", "listed"),
    [
        ("true", "+12025550511", True),
        ("number_only", "+12025550512", True),
        ("false", "+12025550513", False),
        ("content_only", "+12025550514", False),
    ],
)
def test_a_number_not_logged_is_masked(carrier: Carrier, log: str, number: str, listed: bool) -> None:
    uuid = carrier.send(number, log=log)
    assert carrier.plivo.messages.get(uuid).to_number == (number[1:] if listed else "1202555XXXX")
    assert len(carrier.plivo.messages.list(to_number=number).objects) == listed


@pytest.mark.parametrize(
    "query", ["limit=21", "limit=0", "offset=-1", "message_time__gte=yesterday", "message_direction=up"]
)
def test_wrong_filters(carrier: Carrier, query: str) -> None:
    answer = carrier.http.get(f"{carrier.messages}?{query}", auth=carrier.access)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_filters_by_state_and_type(carrier: Carrier) -> None:
    number = "+12025550507"
    carrier.behave(number, "failed:30")
    uuid = carrier.send(number)
    carrier.ends(uuid, "failed", "30")
    carrier.ends(carrier.send(number), "delivered", "000")
    listed = carrier.plivo.messages.list(to_number=number, message_state="failed", message_type="sms")
    assert [message.message_uuid for message in listed.objects] == [uuid]
    assert not carrier.plivo.messages.list(to_number=number, message_type="mms").objects


def test_the_sdk_checks_the_same_limit(carrier: Carrier) -> None:
    with pytest.raises(plivo.exceptions.ValidationError):
        carrier.plivo.messages.list(limit=21)
