"""One simulator with fast reports for the tests that need no settings of their own, and a receiver."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.settings import Settings
from tests.simulator.carrier import Carrier, running
from tests.simulator.receiver import Receiver

FAST = Settings(
    port=0,
    auth_id="MATESTTESTTESTTEST00",
    auth_token="test-token",
    speedup=1000,
    queued_after_s=0.0,
    sent_after_s=0.02,
    delivered_after_s=0.05,
    webhook_timeout_s=1.0,
    lists_per_min=0,
    hang_s=3.0,
)

Start = Callable[..., AbstractContextManager[Carrier]]


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where callbacks go."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def carrier(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """The simulator all tests share: each uses numbers of its own."""
    ledger = str(tmp_path_factory.mktemp("simulator") / "ledger.jsonl")
    with running(replace(FAST, ledger=ledger, message_url=receiver.url + "/inbound")) as carrier:
        yield carrier


@pytest.fixture
def start(receiver: Receiver, tmp_path: Path) -> Start:
    """Start a simulator with other settings: `with start(mps=1) as carrier`."""

    def start(**changed: object) -> AbstractContextManager[Carrier]:
        given = {
            "ledger": str(tmp_path / "ledger.jsonl"),
            "message_url": receiver.url + tmp_path.name,
            **changed,
        }
        return running(replace(FAST, **given))  # type: ignore[arg-type]

    return start


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    """A status path that no other test uses."""
    return f"/status/{zlib.crc32(request.node.nodeid.encode()):08x}.1.0.ff"
