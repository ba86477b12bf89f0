"""What bars, keeps and tells of a second try while the world around it changes."""

from datetime import timedelta
from typing import Any, cast

import pytest
from aiokafka.structs import TopicPartition
from msgspec.structs import replace

from runtime.config import Config
from schemas.bookings import TextEnded
from schemas.deliveries import Delivery, Withdrawal
from schemas.journal import JournalRecord, Unresolved
from schemas.topics import DELIVERY_REPORTS
from sender import metrics
from sender.foreseen import foreseen, informed
from sender.partition import Partition
from sender.partitions import Partitions
from sender.reconcile import Reconciler
from sender.telling import Projection
from tests.desk import Desk, ended, of
from tests.makers import OTHER_PHONE, a_booking_event, a_sign_up, at
from tests.sender.records import (
    AT,
    accepted,
    claimed,
    lost,
    opened,
    reported,
    suppressed,
    unknown,
    unresolved,
)
from tests.sender.test_second_tries import MINUTE, SECOND, World, due
from tests.sender.texts import withdrawal

REPORTS = DELIVERY_REPORTS.name


# Worker and sender together


@pytest.mark.parametrize(
    ("changes", "opens"),
    [
        ({"join_url": "https://meet.example/2"}, True),
        ({"starts_at": at("18:00")}, False),
        ({"status": "cancelled"}, False),
        ({"phone": OTHER_PHONE}, False),
    ],
)
async def test_what_the_booking_no_longer_says_does_not_go_again(changes: Any, opens: bool) -> None:
    desk = Desk(accepts=False)
    desk.put(a_booking_event(), a_sign_up())
    desk.put(*(ended(text) for text in of(desk.run_to(at("12:00")), Delivery)))
    [text] = of(desk.run_to(at("14:45")), Delivery)
    world = World(text)
    desk.put(ended(text))
    desk.run_to(at("14:46"))
    for offset, withdrawn in enumerate(of(desk.put(a_booking_event(revision=2, **changes)), Withdrawal), 1):
        world.partition.take_withdrawal(offset, withdrawn)
    world.hear(replace(lost("20"), at=desk.now))
    assert bool(await world.sweep(desk.now + 5 * MINUTE)) is opens


# The journal folded anew


async def test_a_kept_text_outlives_a_journal_folded_anew() -> None:
    world = World(due())
    world.partition.forget_journal()
    world.partition.take(1, world.text, AT)  # a repeat, of which the fold does not know yet
    world.partition.has_read("sms-deliveries", 2)
    world.hear(claimed(text=world.text.text))
    assert world.partition.commit_to() == 0
    world.hear(accepted(text=world.text.text), lost("300"))
    assert await world.sweep(AT) != []
    (again,) = world.partition.revived
    assert again.offset == 0
    world.hear(suppressed())
    assert world.partition.commit_to() == 2


async def test_one_that_has_had_its_second_try_is_not_kept_by_folding_anew() -> None:
    world = World(due())
    records = (lost("300"), opened(code="300"), SECOND, accepted("u2", attempt=2, claim_id="c2"))
    world.hear(*records)
    world.partition.forget_journal()
    world.hear(claimed(), accepted(), *records)
    assert await world.sweep(AT + MINUTE) == []
    assert world.partition.commit_to() == 1


# Reports that waited while no sender was there


async def test_nothing_is_lost_before_the_reports_that_waited_were_heard() -> None:
    world = World(due())
    world.partition.note_end(REPORTS, 3)
    world.hear(lost("300"))
    world.partition.has_read(REPORTS, 2)
    assert await world.sweep(AT) == []
    world.partition.has_read(REPORTS, 3)
    assert await world.sweep(AT) != []


async def test_one_that_arrived_by_a_report_that_waited_does_not_go_again() -> None:
    world = World(due())
    world.partition.note_end(REPORTS, 1)
    world.hear(lost("300"))
    assert await world.sweep(AT) == []
    world.hear(reported("delivered", 4))
    world.partition.has_read(REPORTS, 1)
    assert await world.sweep(AT) == []
    assert world.partition.commit_to() == 1


class Consumer:
    """Kafka with nothing in it but seven reports that nobody has heard."""

    async def nothing(self, *_: object) -> None:
        return None

    committed = seek_to_beginning = nothing

    def assign(self, _: list[TopicPartition]) -> None:
        return None

    pause = assign

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: 7 if tp.topic == REPORTS else 0 for tp in places}


async def test_who_takes_over_notes_where_the_reports_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sender.partitions.consumers", lambda _: (Consumer(),) * 3)
    ours = Partitions(Config(), leaving=Consumer().nothing)
    await ours.on_partitions_assigned([TopicPartition("sms-deliveries", 4)])
    assert ours.failed is None
    held = ours.held[4]
    assert not held.has_reports()
    assert REPORTS not in held.ends, "reports are heard after all else was read"
    held.has_read(REPORTS, 7)
    assert held.has_reports()
    for task in ours._loading.values():
        task.cancel()


# A second try that stays unclear


class Told:
    """Journal, list and gate at once: what is published is kept."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.projected: dict[int, int] = {}
        self.held: dict[int, Partition] = {}

    async def append_all(self, messages: list[Any]) -> None:
        self.messages += messages


async def test_one_that_nobody_knows_the_end_of_counts_and_is_no_other_end() -> None:
    told = Told()
    projection = Projection(cast(Any, told), cast(Any, told), key=b"key")
    held = Partition(0)
    second = (unknown("c2", attempt=2), unresolved("c2", attempt=2))
    for offset, record in enumerate((claimed(), accepted(), lost(), opened(), SECOND, *second)):
        projection.hear(held, offset, record, counts=held.hear(record))
    await projection.tell()
    ends = [m for m in told.messages if isinstance(m, TextEnded)]
    assert [(m.end, len(m.counted_ids)) for m in ends] == [("accepted", 1), ("accepted", 2)]
    assert [m.state for m in told.messages if not isinstance(m, TextEnded)] == ["accepted", "failed"]


@pytest.mark.parametrize("was_lost", [True, False])
async def test_it_raises_an_alert_of_its_own(was_lost: bool) -> None:
    """One without a loss is a case for a person, which has its alert."""
    world = World(due())
    first = [lost(), opened(), SECOND] if was_lost else []
    text = world.text.text
    held = world.partition
    if not was_lost:
        held.forget_journal()
        first = [claimed("c2", attempt=1)]
    world.hear(*first, unknown("c2", attempt=2 if was_lost else 1))
    everyone = cast(Any, world)
    later = AT + timedelta(minutes=30)
    reconciler = Reconciler(Config(quiet_s=90), everyone, everyone, everyone, now=lambda: later)
    before = _unclear()
    await reconciler.sweep([held], [])
    assert [type(record) for record in world.written] == [Unresolved]
    assert held.fold.of(text.text_id).status == ("accepted" if was_lost else "unresolved")
    assert _unclear() - before == was_lost


def _unclear() -> float:
    return metrics.UNCLEAR_SECOND_TRIES._value.get()


# What a replay foresees


@pytest.mark.parametrize(
    ("verified", "records", "goes"),
    [
        (True, [lost("20")], True),
        (True, [lost("20"), opened()], True),
        (True, [], False),
        (True, [lost("20"), reported("delivered", 4)], False),
        (True, [lost("20"), opened(), SECOND, accepted("u2", attempt=2, claim_id="c2")], False),
        (False, [lost("20")], False),
    ],
)
def test_a_replay_foresees_second_tries(verified: bool, records: list[JournalRecord], goes: bool) -> None:
    text = due()
    journal = [replace(record, text=text.text) for record in (claimed(), accepted(), *records)]
    partition = informed([text], journal, AT, verified=verified)
    assert foreseen(partition, [text], AT) == ([text] if goes else [])


def test_a_replay_foresees_none_of_what_was_withdrawn() -> None:
    text = due()
    journal = [replace(record, text=text.text) for record in (claimed(), accepted(), lost())]
    assert foreseen(informed([text, withdrawal(text.text)], journal, AT, verified=True), [], AT) == []
