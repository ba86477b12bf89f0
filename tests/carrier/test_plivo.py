"""What may have come of a send, told by the real SDK over the wire. The carrier's own ledger is the judge."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from carrier.plivo import BadCarrier, PlivoCarrier, refuse_mix
from carrier.port import ListRefused, NotBegun, Outgoing, Taken, Unclear
from simulator.answers import ANSWERS
from simulator.ledger import Accepted, Refused
from tests.carrier.conftest import PATIENT_S, client
from tests.simulator.carrier import Carrier

ACCOUNT = ("MATESTTESTTESTTEST00", "test-token")


def text(to: str, body: str = "Hello") -> Outgoing:
    return Outgoing(to=to, body=body, callback_url="http://127.0.0.1:9/webhooks/plivo/status/x", expiry_s=600)


def yes() -> bool:
    return True


fresh = map("+1202555{:04d}".format, itertools.count(200))

TAKEN = {"202", "200", "201"}
CERTAINLY_NOT = {
    "400": "never",
    "401": "stop",
    "402": "pause",
    "403": "never",
    "404": "never",
    "405": "never",
    "409": "never",
    "413": "never",
    "422": "never",
    "429": "again",
    "429-json": "again",
    "202-invalid": "never",
}
ENDLESS = {"hang", "drip"}
UNCLEAR = ANSWERS - TAKEN - CERTAINLY_NOT.keys()


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_every_answer_on_the_wire(
    desk: Carrier, plivo: PlivoCarrier, hasty: PlivoCarrier, answer: str
) -> None:
    number = next(fresh)
    desk.behave(number, answer)
    outcome = (hasty if answer in ENDLESS else plivo).send(text(number), yes)
    if answer in TAKEN:
        assert outcome == Taken(desk.ledger(Accepted)[-1].uuid)
    elif answer in CERTAINLY_NOT:
        assert isinstance(outcome, NotBegun)
        assert outcome.then == CERTAINLY_NOT[answer]
        assert desk.accepted(number) == 0
    else:
        assert isinstance(outcome, Unclear)
    assert number not in str(outcome)


def test_the_unclear_answers_are_the_ones_that_may_hide_a_send() -> None:
    assert {
        "hang",
        "close",
        "reset",
        "truncated",
        "drip",
        "302",
        "500",
        "502",
        "503",
        "504",
        "408",
    } <= UNCLEAR


@pytest.mark.long
@pytest.mark.parametrize("answer", ["hang+unaccepted", "close+unaccepted", "500+accepted", "503+accepted"])
def test_an_answer_that_lies_either_way_is_unclear(desk: Carrier, hasty: PlivoCarrier, answer: str) -> None:
    number = next(fresh)
    desk.behave(number, answer)
    assert isinstance(hasty.send(text(number), yes), Unclear)


def test_too_many_requests_say_when_to_come_back(desk: Carrier, plivo: PlivoCarrier) -> None:
    number = next(fresh)
    desk.behave(number, "429")
    outcome = plivo.send(text(number), yes)
    assert isinstance(outcome, NotBegun)
    assert outcome.retry_after_s == 1


def test_what_the_carrier_is_told(desk: Carrier, plivo: PlivoCarrier) -> None:
    number = next(fresh)
    for expiry_s, told in ((600, 600), (1, 5), (86_400, 10_799)):
        outgoing = Outgoing(to=number, body="Grüße", callback_url="https://e.org/s", expiry_s=expiry_s)
        assert isinstance(plivo.send(outgoing, yes), Taken)
        there = desk.ledger(Accepted)[-1]
        assert (there.dst, there.src, there.text) == (number, desk.settings.number, "Grüße")
        assert (there.url, there.method, there.log) == ("https://e.org/s", "POST", "number_only")
        assert there.message_expiry == told


def test_too_late_writes_nothing(desk: Carrier, plivo: PlivoCarrier) -> None:
    number = next(fresh)
    before = len(desk.ledger(Accepted)) + len(desk.ledger(Refused))
    assert plivo.send(text(number), lambda: False) == NotBegun("too late to begin")
    assert isinstance(plivo.send(text(next(fresh)), yes), Taken)
    assert len(desk.ledger(Accepted)) + len(desk.ledger(Refused)) == before + 1
    assert desk.accepted(number) == 0


def test_the_question_comes_on_the_open_connection(desk: Carrier, plivo: PlivoCarrier) -> None:
    """One question a send, and none before the carrier can be reached."""
    asked: list[int] = []

    def ask() -> bool:
        asked.append(1)
        return True

    assert isinstance(plivo.send(text(next(fresh)), ask), Taken)
    assert len(asked) == 1
    closed = client_of(_closed_port())
    assert isinstance(closed.send(text(next(fresh)), ask), NotBegun)
    assert len(asked) == 1


def client_of(
    port: int, *, connect_timeout_s: float = PATIENT_S, read_timeout_s: float = PATIENT_S
) -> PlivoCarrier:
    return PlivoCarrier(
        *ACCOUNT,
        base=f"http://127.0.0.1:{port}",
        number="+13306619491",
        connect_timeout_s=connect_timeout_s,
        read_timeout_s=read_timeout_s,
    )


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_nobody_there_is_surely_not_sent() -> None:
    assert isinstance(client_of(_closed_port()).send(text(next(fresh)), yes), NotBegun)


def test_no_such_host_is_surely_not_sent() -> None:
    nowhere = PlivoCarrier(
        *ACCOUNT,
        base="http://nowhere.invalid",
        number="+13306619491",
        connect_timeout_s=0.3,
        read_timeout_s=0.5,
    )
    assert isinstance(nowhere.send(text(next(fresh)), yes), NotBegun)


def test_a_full_queue_is_surely_not_sent() -> None:
    with socket.socket() as listener, socket.socket() as one, socket.socket() as two:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        full = client_of(listener.getsockname()[1], connect_timeout_s=0.3)
        outcome = full.send(text(next(fresh)), yes)
    assert isinstance(outcome, NotBegun)


@contextmanager
def server(answer: bytes) -> Iterator[tuple[int, list[bytes], threading.Semaphore]]:
    """A carrier of one line: it reads a request on each connection, answers, closes it, and says so."""
    got: list[bytes] = []
    closed = threading.Semaphore(0)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            while (part := connection.recv(65_536)) and b"{" not in part:
                pass
            got.append(part)
            connection.sendall(answer)
        closed.release()

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], got, closed
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


GOOD = b'{"message_uuid":["u-1"]}'
ANSWER = b"HTTP/1.1 202 ACCEPTED\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n" + GOOD


def test_a_connection_closed_while_idle_is_opened_again_before_the_first_byte() -> None:
    with server(ANSWER) as (port, got, closed):
        carrier = client_of(port)
        assert carrier.send(text(next(fresh)), yes) == Taken("u-1")
        assert closed.acquire(timeout=PATIENT_S)
        assert carrier.send(text(next(fresh)), yes) == Taken("u-1")
        assert len(got) == 2


@pytest.mark.long
def test_a_slow_drip_ends_in_time() -> None:
    """Each byte comes well within the timeout of a read; the answer as a whole does not."""
    head = b"HTTP/1.1 202 ACCEPTED\r\nContent-Length: 4000\r\n\r\n"
    listener = socket.create_server(("127.0.0.1", 0))
    gone = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(head)
            for _ in range(4000):
                try:
                    connection.sendall(b" ")
                except OSError:
                    gone.set()
                    return
                time.sleep(0.02)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    hasty = client_of(listener.getsockname()[1], read_timeout_s=0.5)
    assert isinstance(hasty.send(text(next(fresh)), yes), Unclear)
    thread.join(5)
    listener.close()
    assert gone.is_set()


def test_proxies_of_the_environment_are_not_asked(
    desk: Carrier, plivo: PlivoCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{_closed_port()}")
    assert isinstance(plivo.send(text(next(fresh)), yes), Taken)


def test_the_list_shows_what_was_sent_and_what_came(desk: Carrier, plivo: PlivoCarrier) -> None:
    number, other = next(fresh), next(fresh)
    since = datetime.now(UTC) - timedelta(seconds=5)
    sent = plivo.send(text(number), yes)
    plivo.send(text(other), yes)
    came = desk.reply(number, "START")
    until = datetime.now(UTC) + timedelta(seconds=5)
    outbound = plivo.listed(inbound=False, phone=number, since=since, until=until)
    assert [(row.carrier_uuid, row.to, row.inbound) for row in outbound] == [
        (sent.carrier_uuid if isinstance(sent, Taken) else "", number, False)
    ]
    assert since < outbound[0].at + timedelta(seconds=1) < until + timedelta(seconds=1)
    inbound = plivo.listed(inbound=True, phone=number, since=since, until=until)
    assert [(row.carrier_uuid, row.sender, row.inbound) for row in inbound] == [(came, number, True)]
    assert plivo.listed(inbound=False, phone=number, since=until, until=until) == []


def test_a_list_that_cannot_be_read_is_said_so(desk: Carrier) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ListRefused):
        client_of(_closed_port()).listed(inbound=False, phone="+12025550100", since=now, until=now)
    wrong = PlivoCarrier(
        ACCOUNT[0], "wrong", base=desk.url, number="+13306619491", connect_timeout_s=1, read_timeout_s=1
    )
    with pytest.raises(ListRefused):
        wrong.listed(inbound=False, phone="+12025550100", since=now, until=now)


@pytest.mark.long
def test_sixteen_threads_do_not_mix_answers_up(desk: Carrier) -> None:
    carrier = client(desk)
    sent: list[tuple[str, object]] = []

    def work() -> None:
        for _ in range(10):
            number = next(fresh)
            sent.append((number, carrier.send(text(number), yes)))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there = {entry.dst: entry.uuid for entry in desk.ledger(Accepted)}
    assert all(outcome == Taken(there[number]) for number, outcome in sent)
    assert len(sent) == 160


@pytest.mark.parametrize(
    ("account", "base"),
    [
        ("MAABCDEFGHIJKLMNOPQR", "http://127.0.0.1:8070"),
        ("MAABCDEFGHIJKLMNOPQR", "https://api.plivo.com.example.org"),
        ("MAABCDEFGHIJKLMNOPQR", "http://api.plivo.com"),
        ("MAXXXXXXXXXXXXXXXXXX", "https://api.plivo.com"),
        ("MATESTTESTTESTTEST00", "https://api.plivo.com/"),
    ],
)
def test_accounts_and_addresses_that_do_not_belong_together(account: str, base: str) -> None:
    with pytest.raises(BadCarrier):
        refuse_mix(account, base)


@pytest.mark.parametrize(
    ("account", "base"),
    [
        ("MAABCDEFGHIJKLMNOPQR", "https://api.plivo.com"),
        ("MASIMULATOR000000000", "http://127.0.0.1:8070"),
    ],
)
def test_accounts_and_addresses_that_do(account: str, base: str) -> None:
    refuse_mix(account, base)
