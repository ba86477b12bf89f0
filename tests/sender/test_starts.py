"""START counts when the carrier's list shows it, later than the STOP; in doubt the STOP stands."""

from datetime import timedelta

import pytest

from carrier.port import Listed
from rules.ids import phone_ref
from schemas.phone_states import StartAsked
from schemas.sms import StartConfirmed
from sender.starts import confirmed
from tests.sender.records import AT
from tests.sender.street import Street, eventually, now
from tests.sender.texts import KEY, new_phone

PHONE = "+12025550123"


def asked(phone: str = PHONE, uuid: str = "start-1", **at: object) -> StartAsked:
    fields: dict[str, object] = {"received_at": AT, "stop_at": AT - timedelta(minutes=1)} | at
    return StartAsked(phone=phone, phone_ref=phone_ref(KEY, phone), inbound_uuid=uuid, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("after_stop_s", "newer"), [(1, True), (0, False), (-1, False)])
def test_the_later_word_counts_by_the_carriers_clock(after_stop_s: float, newer: bool) -> None:
    stop_at = AT
    row = Listed(
        carrier_uuid="start-1",
        inbound=True,
        to="+13306619491",
        sender=PHONE,
        state="received",
        error_code="",
        at=stop_at + timedelta(seconds=after_stop_s),
    )
    assert confirmed(asked(stop_at=stop_at), row).newer is newer
    assert confirmed(asked(stop_at=None), row).newer


@pytest.mark.servers
def test_only_a_start_that_the_list_shows_is_confirmed(street: Street) -> None:
    street.start(START_LOOK_S="3")
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
