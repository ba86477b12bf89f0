"""The edge's questions to real records, written as the archive writes them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace as with_config
from pathlib import Path

import pytest
from msgspec.structs import replace

from agents.intake import copy_setting
from agents.moment import Moment
from agents.tables import Tables
from gateway.known import Records
from gateway.lookup import RecordsAway
from records.engine import connect
from records.writes import write
from rules.links import manage_token
from runtime.config import Config
from schemas.base import Message
from schemas.deliveries import Delivery
from tests.makers import OTHER_PHONE, PHONE, a_booking, a_setting, a_sign_up, at, policy, ref
from tests.records.desk import KEYS, delivery, event

Write = Callable[..., None]
TOKEN = manage_token(KEYS.link, "w1", "b1", ref(PHONE))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(records_url=f"sqlite:///{tmp_path / 'records.sqlite'}")


@pytest.fixture
def archive(config: Config) -> Write:
    engine = connect(config.records_url)

    def put(*messages: Message) -> None:
        with engine.begin() as connection:
            write(connection, messages, KEYS)
        engine.dispose()

    return put


@pytest.fixture
async def records(config: Config) -> AsyncIterator[Records]:
    found = Records(config)
    yield found
    found.close()


def released(phone: str = PHONE) -> Delivery:
    return delivery(phone=phone, phone_ref=ref(phone), workspace_id="w1", event_id="b1", booking_id="b1")


async def test_a_link_stands_for_event_and_phone(archive: Write, records: Records) -> None:
    archive(a_booking(place="12 Main St"), released())
    found = await records.event_of_token(TOKEN)
    assert found is not None
    assert (found.workspace_id, found.event_id, found.person_id) == ("w1", "b1", a_booking().person_id)
    assert (found.phone, found.phone_ref, found.is_current) == (PHONE, ref(PHONE), True)
    assert (found.place, found.starts_at) == ("12 Main St", a_booking().starts_at)
    assert await records.event_of_token("x" * 22) is None


async def test_a_moved_booking_is_shown_as_it_is_now(archive: Write, records: Records) -> None:
    moved = a_booking(revision=2, starts_at=at("16:00"), received_at=at("13:00"))
    archive(a_booking(), released(), moved)
    found = await records.event_of_token(TOKEN)
    assert found is not None
    assert found.starts_at == at("16:00")


async def test_a_phone_that_the_event_left_is_not_current(archive: Write, records: Records) -> None:
    changed = a_booking(revision=2, phone=OTHER_PHONE, received_at=at("13:00"))
    archive(a_booking(), released(), changed)
    found = await records.event_of_token(TOKEN)
    assert found is not None
    assert (found.phone, found.is_current) == (PHONE, False)


async def test_a_phone_that_came_by_sign_up_is_current(archive: Write, records: Records) -> None:
    archive(a_booking(phone=None), replace(a_sign_up(), event_id="b1", phone=PHONE), released())
    found = await records.event_of_token(TOKEN)
    assert found is not None
    assert found.is_current


async def test_settings_are_found_by_workspace_and_study(archive: Write, records: Records) -> None:
    on = a_setting(workspace_id="w1", name="sms_enabled", value=True)
    off = a_setting(workspace_id="w1", study_id="s1", name="interview_reminder", value=False)
    hosts = a_setting(workspace_id="w1", name="allowed_hosts", value=["meet.example"])
    moment = Moment(now=at("12:00"), partition=0, policy=policy())
    for change in (on, off, hosts):
        archive(*copy_setting(change, Tables(), moment))
    assert await records.setting("w1", None, "sms_enabled") is True
    assert await records.setting("w1", "s1", "interview_reminder") is False
    assert await records.setting("w1", None, "allowed_hosts") == ["meet.example"]
    assert await records.setting("w2", None, "sms_enabled") is None


async def test_a_text_and_its_booking_are_told_without_number_and_words(
    archive: Write, records: Records
) -> None:
    text = released()
    done = event("accepted", 1, text_id=text.text.text_id, workspace_id="w1", event_id="b1", booking_id="b1")
    archive(a_booking(), text, replace(done, plan_version=text.text.plan_version))
    view = await records.text(text.text.text_id)
    assert view is not None
    assert view.workspace_id == "w1"
    assert [version.state for version in view.versions] == ["accepted"]
    assert len(view.steps) >= 2
    booking = await records.booking("w1", "b1")
    assert booking is not None
    assert [one.text_id for one in booking.texts] == [text.text.text_id]
    assert (booking.revision, booking.has_phone) == (1, True)
    for told in (view, booking):
        assert PHONE[1:] not in repr(told)
        assert text.body not in repr(told)
    assert await records.booking("w2", "b1") is None
    assert await records.text("none") is None


async def test_records_that_cannot_be_had_say_so(config: Config) -> None:
    away = Records(with_config(config, records_url="sqlite:////dev/null/records.sqlite"))
    with pytest.raises(RecordsAway):
        await away.setting("w1", None, "sms_enabled")
    assert not await away.reachable()
    away.close()


async def test_records_connect_when_they_come(config: Config, records: Records) -> None:
    assert await records.reachable()
