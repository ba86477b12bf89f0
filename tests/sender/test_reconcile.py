"""What stayed unclear: rows count at once, silence only when all was read and the quiet time is over."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import pytest

from carrier.port import Listed
from rules.second_tries import NO_EVIDENCE
from runtime.config import Config
from schemas.deliveries import Delivery, TextRef
from schemas.journal import Accepted, Claimed, JournalRecord, NotSent, Unknown, Unresolved
from schemas.topics import SMS_JOURNAL
from sender.listing import NoLook
from sender.partition import Partition
from sender.reconcile import Reconciler
from tests.sender.records import AT, claimed
from tests.sender.texts import KEY, delivery, new_phone, reminder

QUIET = timedelta(seconds=90)
SECOND = timedelta(seconds=1)


class World:
    """One partition, and what journal, list, Redis and clock say of it."""

    def __init__(self, text: Delivery, *, policy: str = "verified") -> None:
        self.partition, self.text, self.now, self.offset = Partition(0), text, AT, 0
        self.shown: list[list[Listed] | NoLook] = [[]]
        self.passed_no_gate: bool | None = None
        self.freed: list[str] = []
        self.written: list[JournalRecord] = []
        self.partition.take(0, text, AT)
        everyone = cast(Any, self)
        config = Config(reference_secret=KEY.decode(), reminder_policy=policy)
        self.reconciler = Reconciler(config, everyone, everyone, everyone, now=lambda: self.now)

    async def append(self, *records: JournalRecord) -> int:
        for record in records:
            self.written.append(record)
            self.partition.hear(record)
            self.offset += 1
        self.partition.has_read(SMS_JOURNAL.name, self.offset)
        return self.offset - 1

    async def pages(self, **_: object) -> AsyncIterator[list[Listed]]:
        for page in self.shown:
            if isinstance(page, NoLook):
                raise page
            yield page

    async def never_begun(self, _claim: Claimed, _partition: int) -> bool | None:
        return self.passed_no_gate

    async def free(self, claim: Claimed, *, counted: bool = False) -> None:
        assert counted
        self.freed.append(claim.claim_id)

    def hear(self, *records: JournalRecord) -> None:
        for record in records:
            assert self.partition.hear(record)

    def row(self, uuid: str = "u1") -> Listed:
        return Listed(
            carrier_uuid=uuid,
            inbound=False,
            to=self.text.phone,
            sender="+13306619491",
            state="sent",
            error_code="",
            at=AT + SECOND,
        )

    async def pass_by(self, after: timedelta, *, looks: bool = True) -> list[JournalRecord]:
        """Some time later; what was written then."""
        self.now, self.written = AT + after, []
        if looks:
            await self.reconciler.look([self.partition], [])
        await self.reconciler.sweep([self.partition], [])
        return self.written


def unclear(text: Delivery, *, policy: str = "verified") -> World:
    """A text posted at ``AT``, of which no answer came."""
    world = World(text, policy=policy)
    world.hear(claimed(text=text.text, at=AT), no_answer(text.text, "c1"))
    return world


def no_answer(text: TextRef, claim_id: str, *, attempt: int = 1) -> Unknown:
    return Unknown(text=text, attempt=attempt, claim_id=claim_id, reason="reset", posted_at=AT, at=AT)


def due(valid: timedelta = timedelta(hours=1), **changes: Any) -> Delivery:
    return reminder(new_phone(), not_after=AT + valid, **changes)


async def test_a_row_counts_although_the_rest_could_not_be_read() -> None:
    world = unclear(due())
    world.shown = [[], [world.row()], NoLook()]
    (found,) = await world.pass_by(20 * SECOND)
    assert isinstance(found, Accepted)
    assert (found.carrier_uuid, found.evidence, found.attempt) == ("u1", "list", 1)


async def test_silence_counts_only_when_all_was_read_after_the_quiet_time() -> None:
    world = unclear(due())
    assert await world.pass_by(60 * SECOND) == []  # read, but too early
    world.shown = [[], NoLook()]
    assert await world.pass_by(QUIET + SECOND) == []  # late enough, but not read to its end
    world.shown = [[]]
    (found,) = await world.pass_by(QUIET + 20 * SECOND)
    assert isinstance(found, NotSent)
    assert (found.reason, world.freed) == (NO_EVIDENCE, ["c1"])
    assert world.partition.fold.of(world.text.text.text_id).attempt == 2


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        (due(), "strict"),
        (delivery(new_phone(), not_after=AT + timedelta(hours=1)), "verified"),
        (due(valid=QUIET), "verified"),
    ],
    ids=["strict", "no reminder", "too late"],
)
async def test_who_gets_no_second_try_is_shown_to_a_person(text: Delivery, policy: str) -> None:
    world = unclear(text, policy=policy)
    (found,) = await world.pass_by(QUIET + SECOND)
    assert isinstance(found, Unresolved)
    assert world.freed == []


async def test_a_list_that_is_away_for_long_leaves_it_to_a_person_too() -> None:
    world = unclear(due())
    world.shown = [NoLook()]
    assert await world.pass_by(2 * QUIET) == []
    (found,) = await world.pass_by(3 * QUIET)
    assert isinstance(found, Unresolved)


async def test_while_the_list_is_read_another_try_is_not_taken_for_this_one() -> None:
    world = unclear(due())
    text = world.text.text

    async def pages(**_: object) -> AsyncIterator[list[Listed]]:
        world.hear(NotSent(text=text, attempt=1, claim_id="c1", reason=NO_EVIDENCE, at=AT))
        world.hear(claimed("c2", attempt=2, text=text, at=AT), no_answer(text, "c2", attempt=2))
        yield [world.row("u2")]

    world.pages = pages  # type: ignore[method-assign]  # the list as this test has it
    assert await world.pass_by(20 * SECOND) == []


@pytest.mark.parametrize(("no_gate", "kind"), [(True, NotSent), (False, Unknown), (None, None)])
async def test_a_claim_whose_sender_is_gone(no_gate: bool | None, kind: type | None) -> None:
    world = World(due())
    world.hear(claimed(text=world.text.text, at=AT))
    world.passed_no_gate = no_gate
    assert await world.pass_by(20 * SECOND) == []  # it may still be at work
    assert [type(record) for record in await world.pass_by(40 * SECOND)] == ([kind] if kind else [])


async def test_what_runs_here_is_left_alone() -> None:
    world = unclear(due())
    world.now, name = AT + 5 * QUIET, world.text.text.text_id
    await world.reconciler.look([world.partition], [name])
    await world.reconciler.sweep([world.partition], [name])
    assert world.written == []
