"""Topics, flows, tables, archive and processes agree on who carries what."""

from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from agents.tables import Tables
from archive.reading import KEPT
from records.rows import rows_of
from runtime import topics_admin
from runtime.config import Config
from runtime.routing import route
from runtime.topics_admin import changelog_name, wanted
from schemas import topics
from schemas.samples import samples
from schemas.topics import BY_NAME, SIGN_UPS, TABLES, TOPIC_OF, TOPICS
from streams.app import ROW_TYPES
from streams.lane import changelog_topic_name
from streams.topology import FLOWS, STAGES
from tests.records.desk import KEYS

ROOT = Path(__file__).parents[2]
NOT_OURS = {"upstream", "analytics", "operator"}
PROCESSES = {"worker", "sender", "gateway", "archive", "clock", "projector", "cli"}
"""``clock`` is of the worker, ``projector`` of the sender."""
NO_ROWS = {"ScopeWithdrawal", "PhoneGiven", "DayOfAsked", "HoldOver", "CarrierBlock", "StartConfirmed"}
NO_ROWS |= {"EraseEvent", "ErasePhone", "EraseReplies"}  # orders, carried out
NO_ROWS |= {"Suppressed", "Expired", "Rejected", "Unresolved", "Reported"}  # told by delivery-events


def test_each_message_travels_on_one_topic_and_is_told_apart_there() -> None:
    carried = Counter(message for topic in TOPICS for message in topic.messages)
    assert set(carried.values()) == {1}
    assert set(TOPIC_OF) == set(carried)
    assert len(BY_NAME) == len(TOPICS)
    for topic in TOPICS:
        tags = [message.__struct_config__.tag for message in topic.messages]
        assert len(set(tags)) == len(tags), topic.name


def test_flows_read_what_the_topics_say() -> None:
    agents = {reader for topic in TOPICS for reader in topic.readers} - NOT_OURS - PROCESSES
    for topic in TOPICS:
        flows = {flow.name for flow in FLOWS if flow.topic is topic}
        readers = set(topic.readers) & agents
        assert {_agent(name, agents) for name in flows} == readers, topic.name
    writers = {writer for topic in TOPICS for writer in topic.writers}
    assert writers - NOT_OURS - PROCESSES <= agents


def _agent(flow: str, agents: set[str]) -> str:
    """``intake_sign_up`` is a flow of ``intake``."""
    return next(name for name in sorted(agents, key=len, reverse=True) if f"{flow}_".startswith(f"{name}_"))


def test_flows_that_write_a_table_read_topics_partitioned_like_it() -> None:
    assert all(flow.topic.partitioned for flow in FLOWS if flow.writes)
    assert {flow.writes for flow in FLOWS if flow.writes} == set(TABLES)
    assert [field.name for field in fields(Tables)] == list(TABLES)
    assert set(ROW_TYPES) == set(TABLES)


def test_the_barrier_waits_for_inputs_that_have_flows() -> None:
    staged = [topic for stage in STAGES for topic in stage]
    assert len(set(staged)) == len(staged)
    assert set(staged) <= {flow.topic for flow in FLOWS}
    public = {topic for topic in TOPICS if topic.public and "upstream" in topic.writers}
    assert set(STAGES[0]) == public | {SIGN_UPS}


def test_changelogs_are_named_as_the_worker_names_them() -> None:
    for table in TABLES:
        assert changelog_name("app", table) == changelog_topic_name("app", table)
    config = Config(partitions=7, min_insync_replicas=2)
    made = {topic.name: topic for topic in wanted(config)}
    assert len(made) == len(TOPICS) + len(TABLES)
    for topic in TOPICS:
        assert made[topic.name].configs["cleanup.policy"] == topic.cleanup
    changelog = made[changelog_topic_name(config.app_id, "bookings")]
    assert changelog.partitions == 7
    assert changelog.configs["cleanup.policy"] == "compact"
    assert changelog.configs["max.compaction.lag.ms"] == str(topics_admin.COMPACTION_LAG_MS)
    assert all(topic.configs["min.insync.replicas"] == "2" for topic in made.values())


def test_every_sample_is_routed_to_its_own_topic() -> None:
    for topic in TOPICS:
        for message in samples(topic.name).values():
            record = route(message, 12)
            assert record.topic == topic.name
            assert record.key
            assert (record.partition is not None) == topic.partitioned
            assert b"+1330" not in record.key, "a number in a key"


def test_the_archive_keeps_all_it_reads() -> None:
    for name in KEPT:
        for message in samples(name).values():
            kept = list(rows_of(message, KEYS))
            assert bool(kept) == (type(message).__name__ not in NO_ROWS), message


@pytest.mark.parametrize("process", ["sender"])
def test_a_process_names_the_topics_it_reads(process: str) -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / process).glob("*.py"))
    for topic in TOPICS:
        if process in topic.readers:
            constant = next(name for name, value in vars(topics).items() if value is topic)
            assert constant in source or f'"{topic.name}"' in source, topic.name
