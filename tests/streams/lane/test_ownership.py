"""What an owner does when somebody else writes to its changelog."""

from typing import Any

import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from streams.lane import Superseded, ownership
from streams.lane.epochs import FENCE_KEY, encode_fence, fenced_epoch, stamp
from streams.lane.marks import Mark, encode_mark, mark_key
from tests.streams.lane.stand import Stand

CHANGELOG = TP("stand-counts-changelog", 0)
Row = tuple[int | None, bytes, bytes | None]


class Intruder:
    """Somebody else who writes to the changelog, and the reader that finds it there."""

    def __init__(self, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stand = stand
        self.log: dict[int, Row] = {}
        monkeypatch.setattr(ownership, "read", self.read)

    def write(self, *rows: Row) -> None:
        for row in rows:
            self.log[self.stand.producer.ends[CHANGELOG]] = row
            self.stand.producer.ends[CHANGELOG] += 1

    async def read(self, _app: Any, tp: TP, start: int, end: int) -> list["ConsumerRecord[bytes, bytes]"]:
        assert tp == CHANGELOG
        rows = dict(self.log)
        for sent in self.stand.producer.sent:
            if sent.topic == CHANGELOG.topic and sent.partition == 0:
                for n, ((key, value), [(_, epoch)]) in enumerate(
                    zip(sent.records, sent.headers, strict=True)
                ):
                    rows[sent.offset + n] = int(epoch), key, value
        return [
            ConsumerRecord(tp.topic, 0, n, 0, 0, key, value, None, 0, 0, tuple(stamp(epoch)))
            for n, (epoch, key, value) in sorted(rows.items())
            if start <= n < end
        ]


@pytest.fixture
async def stand() -> Stand:
    return await Stand().start()


@pytest.fixture
def intruder(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> Intruder:
    return Intruder(stand, monkeypatch)


def rows_sent(stand: Stand) -> list[list[tuple[bytes | None, bytes | None]]]:
    return [sent.records for sent in stand.producer.sent if sent.topic == CHANGELOG.topic]


def epoch(stand: Stand) -> int:
    return fenced_epoch(stand.counts.store.read(0, FENCE_KEY))


async def test_each_assignment_begins_an_epoch_and_rows_carry_it(stand: Stand) -> None:
    assert epoch(stand) == 1
    stand.lane.forget(frozenset({TP("in", 0)}))
    stand.lane.progress.start({TP("in", 0): 0})
    await stand.claim()
    assert epoch(stand) == 2
    await stand.count(stand.delivery("a"))
    await stand.settle()
    assert stand.producer.sent[-1].headers == [stamp(2), stamp(2)]


async def test_who_is_no_member_claims_nothing(stand: Stand) -> None:
    stand.member = False
    with pytest.raises(Superseded):
        await stand.claim()
    assert rows_sent(stand) == []


async def test_what_came_before_the_fence_is_read_before_the_partition_is_ours(
    stand: Stand, intruder: Intruder
) -> None:
    intruder.write((1, b"a", b"7"), (1, mark_key("in"), encode_mark(Mark(4))))
    end = stand.producer.ends[CHANGELOG] - 2
    stand.lane.ownership.forget()
    await stand.lane.ownership.claim({CHANGELOG: end}, stand.app.consumer_generation_id)
    assert stand.counts.row_of(0, "a") == 7
    assert stand.counts.mark(TP("in", 0)).offset == 4
    assert epoch(stand) == 3  # the fence before it is void, this one follows what was read
    assert not stand.counts.reading(0).covered


async def test_a_claim_that_meets_a_newer_owner_is_given_up(stand: Stand, intruder: Intruder) -> None:
    """Frozen between recovery and fence, woken after somebody else took over."""
    intruder.write((2, FENCE_KEY, encode_fence(2, "other")), (2, b"a", b"9"))
    asked = 0

    async def is_member(_generation: int) -> bool:
        nonlocal asked
        asked += 1
        return asked == 1

    consumer: Any = stand.app.consumer
    consumer.is_member = is_member
    with pytest.raises(Superseded):
        await stand.lane.ownership.claim({CHANGELOG: 1}, stand.app.consumer_generation_id)
    assert [key for sent in rows_sent(stand) for key, _ in sent] == [FENCE_KEY]


async def test_rows_left_out_in_recovery_are_written_again_with_the_fence(
    stand: Stand, intruder: Intruder
) -> None:
    """Compaction keeps the last row of a key, counted or not: the last one must be the true one."""
    stand.counts.store.write(0, {b"a": b"5"}, 0)
    intruder.write((0, b"a", b"1"), (0, b"gone", b"1"))
    stand.counts.apply(0, await intruder.read(None, CHANGELOG, 1, 3))
    assert stand.counts.persisted_offset(CHANGELOG) == 0, "a crash now must meet them again"
    await stand.claim()
    assert stand.counts.row_of(0, "a") == 5
    assert epoch(stand) == 2
    assert stand.counts.persisted_offset(CHANGELOG) == 5


async def test_the_mending_rows_are_in_the_record_batch_of_the_fence(
    stand: Stand, intruder: Intruder
) -> None:
    stand.counts.store.write(0, {b"a": b"5"}, 0)
    intruder.write((0, b"a", b"1"), (0, b"gone", b"1"))
    stand.counts.apply(0, await intruder.read(None, CHANGELOG, 1, 3))
    await stand.lane.ownership.claim({CHANGELOG: 3}, stand.app.consumer_generation_id)
    [sent] = rows_sent(stand)
    assert dict(sent[:-1]) == {b"a": b"5", b"gone": None}
    assert sent[-1][0] == FENCE_KEY


async def test_a_gap_in_our_rows_is_believed_only_by_a_member(stand: Stand, intruder: Intruder) -> None:
    intruder.write((2, FENCE_KEY, encode_fence(2, "other")))
    stand.member = False  # we were taken for dead; the lease of the last answer still runs
    await stand.count(stand.delivery("a"))
    await stand.settle()
    assert [type(error) for error in stand.crashes] == [Superseded]
    assert stand.counts.row_of(0, "a") is None, "what does not count must not reach the store"
    assert stand.counts.persisted_offset(CHANGELOG) == 0
    assert stand.lane.progress.done[TP("in", 0)] == 0


async def test_an_owner_mends_what_a_dead_worker_covered(stand: Stand, intruder: Intruder) -> None:
    await stand.count(stand.delivery("a", "a", "b"))
    await stand.settle()
    intruder.write((0, b"a", b"1"), (0, b"new", b"1"), (0, mark_key("in"), encode_mark(Mark(0))))
    await stand.lane.ownership.look()
    assert dict(rows_sent(stand)[-1]) == {
        b"a": b"2",
        b"new": None,
        mark_key("in"): encode_mark(Mark(2, 2, 0)),
    }
    sent = len(rows_sent(stand))
    await stand.lane.ownership.look()
    assert len(rows_sent(stand)) == sent, "mended once"


async def test_behind_a_gap_the_store_says_nothing_of_the_changelog_until_it_is_mended(
    stand: Stand, intruder: Intruder
) -> None:
    intruder.write((0, b"a", b"8"))
    await stand.count(stand.delivery("b"))
    await stand.settle()
    assert stand.counts.persisted_offset(CHANGELOG) == 0
    await stand.lane.ownership.look()
    assert dict(rows_sent(stand)[-1]) == {b"a": None}
    await stand.count(stand.delivery("b", start=1))
    await stand.settle()
    assert stand.counts.persisted_offset(CHANGELOG) == stand.producer.ends[CHANGELOG] - 1


async def test_an_owner_that_finds_a_newer_one_ends(stand: Stand, intruder: Intruder) -> None:
    intruder.write((5, FENCE_KEY, encode_fence(5, "other")))
    with pytest.raises(Superseded):
        await stand.lane.ownership.look()


async def test_without_epochs_rows_are_as_they_were_before() -> None:
    stand = await Stand(env={"REMINDERS_TESTING": "1", "REMINDERS_NO_EPOCHS": "1"}).start()
    await stand.count(stand.delivery("a"))
    await stand.settle()
    assert stand.producer.sent[-1].headers == [[], []]
    assert stand.counts.store.read(0, FENCE_KEY) is None
