"""What the network lost is tried once more, under ``verified`` alone, and changes no end."""

from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from runtime.config import Config
from schemas.deliveries import Delivery
from schemas.journal import Accepted, Claimed, JournalRecord, NotSent, Reported, Suppressed
from schemas.sms import DeliveryReport
from schemas.topics import SMS_JOURNAL
from sender.fold import NOTHING, TextFold, step
from sender.kept import Kept
from sender.losses import Losses
from sender.partition import Partition
from sender.reports import is_of_another, on_reports
from sender.warm import commands
from tests.sender.records import (
    AT,
    TEXT,
    accepted,
    claimed,
    expired,
    lost,
    not_sent,
    opened,
    rejected,
    reported,
    suppressed,
    unknown,
    unresolved,
)
from tests.sender.texts import delivery, new_phone, reminder, withdrawal

FIRST = [claimed(), accepted(), lost()]
SECOND = claimed("c2", attempt=2)
SENT_AGAIN = [*FIRST, opened(), SECOND, accepted("u2", attempt=2, claim_id="c2")]
NAME = TEXT.text_id


def fold(*records: JournalRecord) -> TextFold:
    text = NOTHING
    for record in records:
        text = step(text, record)
    return text


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        (FIRST, True),
        ([claimed(), accepted()], False),  # nothing was reported
        ([claimed(), accepted(), lost("200")], False),  # opted out
        ([claimed(), accepted(), lost("420")], False),
        ([claimed(), lost()], False),  # not accepted, as far as the journal tells
        ([*FIRST, reported("delivered", 4)], False),
        ([*FIRST, reported("delivered", 3)], False),  # of two alike the good one
        ([*FIRST, suppressed()], False),  # withdrawn
        ([*FIRST, expired()], False),
        (SENT_AGAIN, False),
        ([claimed(), unknown(), not_sent("c1", "no_evidence"), accepted(), lost()], False),  # had its second
    ],
)
def test_what_is_opened_once_more(before: list[JournalRecord], opens: bool) -> None:
    text = fold(*before)
    assert (step(text, opened()) is not text) is opens


def test_only_the_claim_that_was_sent_is_opened() -> None:
    assert fold(*FIRST, opened("c2")) == fold(*FIRST)


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ([suppressed(claim_id="c2", reason="opted_out")], "c1"),
        ([expired(claim_id="c2")], "c1"),
        ([rejected("c2", attempt=2)], "c1"),
        ([not_sent("c2", attempt=2), suppressed()], "c1"),
        ([unknown("c2", attempt=2), unresolved("c2", attempt=2)], "c2"),  # it may have gone: it counts
        ([accepted("u2", attempt=2, claim_id="c2")], "c2"),
    ],
)
def test_the_text_stays_accepted_whatever_comes_of_it(end: list[JournalRecord], last: str) -> None:
    text = fold(*FIRST, opened(), SECOND, *end)
    assert (text.status, text.claim and text.claim.claim_id) == ("accepted", last)
    assert not text.may_be_lost(1)
    tried = 2 if last == "c2" else 1
    counted = {str(part) for command in commands(text) if command[1] == cap_key() for part in command[2:]}
    assert {f"{NAME}#{n + 1}" for n in range(tried)} == {c for c in counted if c.startswith(NAME)}


def cap_key() -> str:
    return f"cap:{TEXT.workspace_id}/{TEXT.event_id}"


def test_another_version_is_not_sent_as_the_second_try() -> None:
    later = claimed("c2", attempt=2, text=suppressed(5).text)
    assert fold(*FIRST, opened(), later) == fold(*FIRST, opened())


def test_what_was_delivered_while_it_was_claimed_again_is_given_up() -> None:
    text = fold(*FIRST, opened(), SECOND, reported("delivered", 4))
    assert (text.status, text.is_delivered) == ("claimed", True)
    assert step(text, not_sent("c2", attempt=2)).status == "accepted"
    assert fold(*FIRST, opened(), reported("delivered", 4)).status == "accepted"


def report(status: str, sequence: int, *, attempt: int, uuid: str) -> DeliveryReport:
    return DeliveryReport(
        text_id=NAME,
        partition=0,
        status=status,
        sequence=sequence,
        received_at=AT,
        attempt=attempt,
        carrier_uuid=uuid,
        error_code="",
        units=1,
    )


def test_reports_of_the_second_try_begin_anew_and_those_of_the_first_are_past() -> None:
    text = fold(*FIRST, opened(), SECOND)
    added = on_reports(text, [report("sent", 1, attempt=2, uuid="u2")], AT)
    assert [type(record) for record in added] == [Accepted, Reported]
    again = fold(*FIRST, opened(), SECOND, *added)
    assert again.carrier_uuid == "u2"
    assert on_reports(again, [report("delivered", 9, attempt=1, uuid="u1")], AT) == []
    assert [r.status for r in on_reports(again, [report("delivered", 2, attempt=2, uuid="u2")], AT)] == [  # type: ignore[union-attr]  # Reported
        "delivered"
    ]


def test_evidence_of_a_second_try_that_was_given_up_unclear_still_counts() -> None:
    text = fold(*FIRST, opened(), SECOND, unknown("c2", attempt=2), unresolved("c2", attempt=2))
    late = report("delivered", 1, attempt=2, uuid="u2")
    assert not is_of_another(text, late)
    assert [type(record) for record in on_reports(text, [late], AT)] == [Accepted, Reported]


def test_a_report_of_a_third_message_is_an_alarm() -> None:
    assert is_of_another(fold(*SENT_AGAIN), report("delivered", 1, attempt=2, uuid="u3"))
    assert not is_of_another(fold(*SENT_AGAIN), report("delivered", 1, attempt=1, uuid="u1"))


class World:
    """One partition whose reminder the carrier accepted at ``AT``, and what is written of it."""

    def __init__(self, text: Delivery, *, verified: bool = True) -> None:
        self.text, self.now, self.offset = text, AT, 0
        self.partition = Partition(0, kept=Kept(verified))
        self.freed: list[str] = []
        self.written: list[JournalRecord] = []
        self.partition.take(0, text, AT)
        self.partition.has_read("sms-deliveries", 1)
        everyone = cast(Any, self)
        self.losses = Losses(Config(lost_retry_s=300), everyone, everyone, now=lambda: self.now)
        self.hear(claimed(text=text.text), accepted(text=text.text))

    async def append(self, *records: JournalRecord) -> int:
        self.written += records
        self.hear(*records)
        self.offset += len(records)
        self.partition.has_read(SMS_JOURNAL.name, self.offset)
        return self.offset - 1

    async def free(self, claim: Claimed, *, counted: bool = False) -> None:
        assert counted
        self.freed.append(claim.claim_id)

    def hear(self, *records: JournalRecord) -> None:
        for record in records:
            self.partition.hear(replace(record, text=self.text.text))

    async def sweep(self, at: datetime) -> list[str]:
        """The reasons of what was opened."""
        self.now, self.written = at, []
        await self.losses.sweep([self.partition])
        return [record.reason for record in self.written if isinstance(record, NotSent)]


def due(**changes: Any) -> Delivery:
    return reminder(new_phone(), not_after=AT + timedelta(minutes=15), **changes)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("code", "after"), [("20", 5), ("80", 5), ("300", 0), ("1000", 0)])
async def test_a_lost_reminder_is_opened_when_its_code_says(code: str, after: int) -> None:
    world = World(due())
    world.hear(lost(code))
    if after:
        assert await world.sweep(AT + after * MINUTE - timedelta(seconds=1)) == []
    assert await world.sweep(AT + after * MINUTE) == [f"lost by the network, carrier code {code}"]
    assert world.freed == ["c1"]
    (again,) = world.partition.revived
    assert again.delivery == world.text
    assert world.partition.outlook(again, world.now) == "go"
    assert await world.sweep(AT + 6 * MINUTE) == []  # once


@pytest.mark.parametrize(
    "world",
    [
        World(due(), verified=False),
        World(delivery(new_phone(), not_after=AT + timedelta(minutes=15))),
    ],
    ids=["strict", "no reminder"],
)
async def test_what_has_no_second_try(world: World) -> None:
    world.hear(lost("300"))
    assert await world.sweep(AT + MINUTE) == []
    assert world.partition.commit_to() == 1


async def test_too_late_is_too_late() -> None:
    world = World(due())
    world.hear(lost("300"))
    assert await world.sweep(world.text.not_after) == []
    assert world.partition.commit_to() == 1


async def test_the_delivery_is_kept_until_nothing_can_come_of_it() -> None:
    """Whoever gets the partition reads it again."""
    world = World(due())
    world.hear(reported("sent", 2))
    assert world.partition.commit_to() == 0
    world.hear(reported("delivered", 3))
    assert world.partition.commit_to() == 1


async def test_a_withdrawal_bars_it_in_the_journal() -> None:
    world = World(due())
    name = world.text.text.text_id
    world.partition.take_withdrawal(1, withdrawal(world.text.text))
    world.partition.has_read("sms-deliveries", 2)
    world.hear(lost("300"))
    assert await world.sweep(AT + MINUTE) == []
    assert world.partition.commit_to() == 0
    end = world.partition.next_end(name, AT)
    assert isinstance(end, Suppressed)
    world.hear(end)
    assert world.partition.commit_to() == 2
    assert await world.sweep(AT + MINUTE) == []


async def test_a_stop_before_it_is_opened_and_after() -> None:
    world = World(due())
    world.hear(lost("300"))
    world.partition.phones.stops[world.text.text.phone_ref] = stop = cast(Any, StoppedAt())
    assert await world.sweep(AT + MINUTE) == []
    stop.stop_at = None
    assert await world.sweep(AT + MINUTE) != []
    stop.stop_at = AT
    (again,) = world.partition.revived
    assert world.partition.outlook(again, world.now) == "end"
    end = world.partition.next_end(world.text.text.text_id, world.now)
    assert isinstance(end, Suppressed)
    world.hear(end)
    assert (again.over, world.partition.commit_to()) == (True, 1)


class StoppedAt:
    stop_at: datetime | None = AT
    start_at = None
    hold_at = None


async def test_another_delivery_is_no_second_try() -> None:
    """A repeat, or a later version: only the one that was sent and lost may go again."""
    world = World(due())
    world.hear(lost("300"))
    await world.sweep(AT)
    assert world.partition.take(5, world.text, AT) is None
    later = replace(world.text, text=replace(world.text.text, plan_version=2))
    assert world.partition.take(6, later, AT) is None


async def test_one_that_arrived_after_all_is_pointless() -> None:
    world = World(due())
    world.hear(lost("300"))
    await world.sweep(AT)
    world.hear(SECOND)
    assert not world.partition.is_pointless(world.text, AT)
    world.hear(reported("delivered", 4))
    assert world.partition.is_pointless(world.text, AT)
