"""START counts when the carrier's list shows it, later than the STOP; in doubt the STOP stands."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from carrier.port import Listed
from rules.ids import phone_ref
from runtime.config import Config
from schemas.phone_states import StartAsked, StopState
from schemas.sms import StartConfirmed
from sender.partition import Partition
from sender.starts import Starts, confirmed
from tests.sender.records import AT
from tests.sender.street import Street, eventually, now
from tests.sender.texts import KEY, delivery, new_phone

PHONE = "+12025550123"
ROW = Listed(
    carrier_uuid="start-1",
    inbound=True,
    to="+13306619491",
    sender=PHONE,
    state="received",
    error_code="",
    at=AT,
)


def asked(phone: str = PHONE, uuid: str = "start-1", **at: object) -> StartAsked:
    fields: dict[str, object] = {"received_at": AT, "stop_at": AT - timedelta(minutes=1)} | at
    return StartAsked(phone=phone, phone_ref=phone_ref(KEY, phone), inbound_uuid=uuid, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("after_stop_s", "newer"), [(1, True), (0, False), (-1, False)])
def test_the_later_word_counts_by_the_carriers_clock(after_stop_s: float, newer: bool) -> None:
    stop_at = AT
    row = replace(ROW, at=stop_at + timedelta(seconds=after_stop_s))
    assert confirmed(asked(stop_at=stop_at), row).newer is newer
    assert confirmed(asked(stop_at=None), row).newer


@pytest.mark.servers
def test_only_a_start_that_the_list_shows_is_confirmed(street: Street) -> None:
    street.start(START_LOOK_S="10")
    ready = delivery(new_phone())
    street.publish(ready)
    assert street.end(ready.text.text_id) == "accepted"
    phone, liar = new_phone(), new_phone()
    stop_at = now()
    uuid = street.carrier.reply(phone, "START")
    street.publish(
        asked(phone, uuid, received_at=now(), stop_at=stop_at),
        asked(liar, "never-sent", received_at=now(), stop_at=stop_at),
    )
    said = eventually(
        lambda: [m for m in street.read("inbound-sms") if isinstance(m, StartConfirmed)],
        otherwise=street.logs,
    )
    eventually(lambda: "start_not_in_list" in street.log(), otherwise=street.logs)
    said = [m for m in street.read("inbound-sms") if isinstance(m, StartConfirmed)]
    assert [(m.phone, m.inbound_uuid) for m in said] == [(phone, uuid)]


@pytest.mark.parametrize("meanwhile", ["settled", "asked again"])
async def test_what_the_worker_says_while_the_list_is_read(meanwhile: str) -> None:
    """The sender goes on, and a newer START still waits."""
    partition, now_at = Partition(0), AT + timedelta(seconds=20)
    first, second = asked(), asked(uuid="start-2", received_at=AT + timedelta(seconds=10))
    partition.phones.hear(first)
    row = replace(ROW, at=AT)

    async def pages(**_: object) -> AsyncIterator[list[Listed]]:
        if meanwhile == "settled":
            stop = StopState(
                phone_ref=first.phone_ref, stop_at=None, start_at=first.received_at, hold_at=None
            )
            partition.phones.hear(stop)
        else:
            partition.phones.hear(second)
        yield [row]

    async def append(*records: object) -> int:
        written.extend(records)
        return -1

    written: list[object] = []
    listing, journal = SimpleNamespace(pages=pages), SimpleNamespace(append=append)
    await Starts(Config(), cast(Any, listing), cast(Any, journal), now=lambda: now_at).confirm([partition])
    assert written == [confirmed(first, row)]
    assert list(partition.phones.starts.values()) == ([] if meanwhile == "settled" else [second])
