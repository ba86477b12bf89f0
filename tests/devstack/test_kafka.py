"""The settings of a broker fit the size of its cluster."""

from pathlib import Path

import pytest

from devstack.kafka import Broker, Seat, new_cluster_id

SEATS = (Seat(1001, 2001), Seat(1002, 2002), Seat(1003, 2003))


def settings(broker: Broker) -> dict[str, str]:
    lines = (line.partition("=") for line in broker.properties().splitlines())
    return {key: value for key, _, value in lines}


@pytest.mark.parametrize(("size", "min_isr"), [(1, "1"), (3, "2")])
def test_internal_topics_have_as_many_copies_as_brokers(size: int, min_isr: str) -> None:
    told = settings(Broker(1, SEATS[:size], "id", Path("/data")))
    for topic in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic"):
        assert told[f"{topic}.replication.factor"] == str(size)
    assert told["transaction.state.log.min.isr"] == min_isr
    assert told["default.replication.factor"] == str(size)


def test_each_broker_knows_all_voters_and_its_own_ports() -> None:
    told = settings(Broker(2, SEATS, "id", Path("/data")))
    assert told["controller.quorum.voters"] == "1@127.0.0.1:2001,2@127.0.0.1:2002,3@127.0.0.1:2003"
    assert told["listeners"] == "PLAINTEXT://127.0.0.1:1002,CONTROLLER://127.0.0.1:2002"
    assert told["node.id"] == "2"


def test_topics_are_made_on_purpose_only() -> None:
    assert settings(Broker(1, SEATS, "id", Path("/data")))["auto.create.topics.enable"] == "false"


def test_cluster_ids_are_in_kafkas_form() -> None:
    ids = {new_cluster_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(len(cluster_id) == 22 and not cluster_id.startswith("-") for cluster_id in ids)
