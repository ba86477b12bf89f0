"""A simulated carrier and our client of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from carrier.plivo import PlivoCarrier
from simulator.settings import Settings
from tests.simulator.carrier import Carrier, running

PATIENT_S = 20.0
SETTINGS = Settings(
    port=0, auth_id="MATESTTESTTESTTEST00", auth_token="test-token", hang_s=3.0, lists_per_min=0
)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """The simulator; its ledger is the judge."""
    ledger: Path = tmp_path_factory.mktemp("carrier") / "ledger.jsonl"
    with running(Settings(**{**SETTINGS.__dict__, "ledger": str(ledger)})) as carrier:
        yield carrier


def client(desk: Carrier, *, read_timeout_s: float = PATIENT_S) -> PlivoCarrier:
    """Our client; it waits so long for an answer that no busy machine is taken for a silent carrier."""
    return PlivoCarrier(
        desk.settings.auth_id,
        desk.settings.auth_token,
        base=desk.url,
        number=desk.settings.number,
        connect_timeout_s=PATIENT_S,
        read_timeout_s=read_timeout_s,
    )


@pytest.fixture
def plivo(desk: Carrier) -> PlivoCarrier:
    return client(desk)


@pytest.fixture
def hasty(desk: Carrier) -> PlivoCarrier:
    """For answers that never come whole."""
    return client(desk, read_timeout_s=0.5)
