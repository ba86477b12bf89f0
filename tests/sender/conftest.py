"""A street for each module that wants one: servers of its own, with nothing of other tests on the topics."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from devstack import Stack
from runtime import gate_keys as keys
from runtime.config import Config
from sender.claims import Claims
from sender.gate import Gate
from sender.gate_redis import connect, epoch_of
from simulator.settings import Settings
from tests.model.conformance import refusals
from tests.sender.bench import Bench
from tests.sender.callbacks import Callbacks
from tests.sender.street import Street
from tests.simulator.carrier import running

CARRIER = Settings(
    port=0,
    auth_id="MATESTTESTTESTTEST00",
    auth_token="test-token",
    speedup=100,
    queued_after_s=0.0,
    sent_after_s=0.05,
    delivered_after_s=0.1,
    webhook_timeout_s=2.0,
    lists_per_min=0,
    hang_s=3.0,
)


@pytest.fixture(scope="module")
def servers_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka and Valkey that a test may hurt."""
    stack = Stack(tmp_path_factory.mktemp("street-servers"), environ={})
    try:
        yield stack
    finally:
        stack.stop(wipe=True)


@pytest.fixture(scope="module")
def whole_street(servers_of_its_own: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The street, without senders."""
    folder = tmp_path_factory.mktemp("street")
    callbacks = Callbacks()
    try:
        addresses = servers_of_its_own.start()
        with running(replace(CARRIER, ledger=str(folder / "ledger.jsonl"))) as carrier:
            street = Street(folder, addresses, carrier, callbacks)
            try:
                yield street
            finally:
                street.stop_all()
                refused = refusals(street.read("sms-journal"))  # every journal is one of the model's
                assert [line for line in refused if line.split()[0] not in street.spoilt] == []
    finally:
        callbacks.close()


@pytest.fixture
def street(whole_street: Street) -> Iterator[Street]:
    """The street; senders end with the test."""
    yield whole_street
    whole_street.stop_all()
    whole_street.callbacks.lost = False
    whole_street.carrier.http.delete("/admin/behaviours").raise_for_status()


@pytest.fixture
async def bench(valkey: str) -> AsyncIterator[Bench]:
    """A warm gate, empty but for that."""
    config = Config(redis_url=valkey, partitions=2, account_rate_per_s=1e6, number_rate_per_s=1e6)
    redis = connect(config)
    await redis.flushall()
    epoch = await epoch_of(redis)
    await redis.sadd(keys.rebuilt_key(epoch), "0", "1")
    gate = Gate(config, redis, sender="me", earliest=lambda: None)
    yield Bench(config, redis, gate, Claims(redis), epoch)
    await redis.aclose()
