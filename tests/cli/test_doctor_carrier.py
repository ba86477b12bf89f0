"""The doctor tells the carrier's side: the sheet from our texts, number, webhook, opt-outs, signature."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from archive.process import keys_of
from cli import own_phone
from cli.doctor_carrier import examine_carrier
from cli.main import app
from records.engine import connect
from records.writes import write
from rules.segments import is_gsm7
from runtime.config import Config
from schemas.base import Message
from simulator.settings import Settings
from tests.makers import OTHER_PHONE, PHONE, a_booking, a_consent, an_end, an_sms, ref
from tests.simulator.carrier import Carrier, running

PATH = "http://127.0.0.1:8080/webhooks/plivo/example-path/inbound"
ACCOUNT = {"auth_id": "MATESTTESTTESTTEST00", "auth_token": "test-token"}
ALL = {"number", "campaign", "webhook", "signature", "carrier's own opt-out"}


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.jsonl")


@pytest.fixture
def carrier(ledger: str) -> Iterator[Carrier]:
    """A carrier that posts replies to the gateway of the settings."""
    with running(Settings(port=0, ledger=ledger, message_url=PATH, **ACCOUNT)) as carrier:
        yield carrier


def of(config: Config, carrier: Carrier, **changes: Any) -> Config:
    account = {"plivo_auth_id": ACCOUNT["auth_id"], "plivo_auth_token": ACCOUNT["auth_token"]}
    settings = {"plivo_api_base": carrier.url, **account, **changes}
    return replace(config, **settings)


def found(config: Config) -> dict[str, tuple[bool, str]]:
    return {one.name: (one.well, one.said) for one in examine_carrier(config)}


def keep(config: Config, *messages: Message) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, list(messages), keys_of(config))
    engine.dispose()


def test_all_is_well_once_a_phone_has_texted_stop(config: Config, carrier: Carrier) -> None:
    keep(config, an_sms("STOP", intent="optout"))
    told = found(of(config, carrier))
    assert set(told) == ALL
    assert [name for name, (well, _) in told.items() if not well] == []
    assert told["campaign"][1] == "COMPLETED, CSIMULATOR"
    assert told["webhook"][1] == "POST http://127.0.0.1:8080/webhooks/plivo/***/inbound"
    assert told["signature"][1].startswith("v3 at ")


# each row: what differs, and the finding that is not well
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "another number": ({"sender_number": "+13306619492"}, "number", "the account has no"),
    "another account": ({"plivo_auth_token": "wrong"}, "carrier's account", "status 401"),
    "the real one here": ({"plivo_auth_id": "MAREAL"}, "carrier's account", "do not belong together"),
    "another gateway": ({"public_url": "https://texts.example.org"}, "webhook", "POST http://127.0.0.1"),
    "another scheme": ({"signatures": "v2"}, "signature", "v3 at "),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(config: Config, carrier: Carrier, case: str) -> None:
    changes, name, said = WRONG[case]
    keep(config, an_sms("STOP", intent="optout"))
    well, told = found(of(config, carrier, **changes))[name]
    assert not well
    assert said in told


def test_a_number_that_is_not_linked_nor_registered(config: Config, ledger: str) -> None:
    with running(Settings(port=0, ledger=ledger, campaign="", **ACCOUNT)) as carrier:
        told = found(of(config, carrier))
    assert told["campaign"] == (False, "UNREGISTERED")
    assert told["webhook"] == (False, "the number is linked to no application: replies are lost")


def test_nothing_came_in_yet(config: Config, carrier: Carrier) -> None:
    assert found(of(config, carrier))["replies"][0] is False
    keep(config, an_sms("hello", signature="page"))
    told = found(of(config, carrier))
    assert told["signature"] == (False, "none yet")
    assert told["carrier's own opt-out"] == (False, "not seen yet; CARRIER_AUTO_REPLIES=auto")


def test_the_sheet_comes_first_and_is_made_of_the_texts(
    terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLIVO_API_BASE", "http://127.0.0.1:1")
    done = terminal.invoke(app, ["doctor", "--carrier"])
    assert done.exit_code == 1, done.output
    assert "interview with Acme Research booked, Mon May 4, 2:00 PM EDT" in done.output
    assert "+13306619491" in done.output
    assert "example-path" not in done.output, "a secret"
    assert all(is_gsm7(line.strip()) for line in done.output.splitlines() if line.startswith("  Rally"))
    assert "can't be asked: ConnectionError" in done.output
    assert done.output.count("mend:") == 2


KEY = Config().reference_secret.encode()


def test_a_test_text_needs_a_consent_of_ones_own(config: Config) -> None:
    assert own_phone.send_test(config, PHONE).said.startswith("There are no records")
    keep(config, a_booking())
    assert own_phone.send_test(config, PHONE).said == own_phone.NONE_FREE
    assert own_phone.send_test(config, ref(PHONE)).said == "a number is needed, not a reference"


def _free(config: Config) -> Any:
    engine = connect(config.records_url)
    with engine.connect() as connection:
        found = own_phone.free_consent(connection, ref(PHONE))
    engine.dispose()
    return found


def test_the_consent_of_a_test_text_stands_and_its_event_is_free(config: Config) -> None:
    keep(config, a_booking(), a_consent())
    assert _free(config) == own_phone.NONE_FREE, "its event has a booking, which ours would push away"
    keep(config, a_consent(consent_id="other", phone=OTHER_PHONE, event_id="b2"))
    assert _free(config) == own_phone.NONE_FREE, "another phone's"
    keep(config, a_consent(consent_id="mine", event_id="b3"))
    assert _free(config).consent_id == "mine"
    keep(config, an_end())
    assert _free(config) == own_phone.NONE_FREE, "it has ended"


def test_a_test_booking_is_one_of_a_test() -> None:
    consent = own_phone.ConsentRow(
        consent_id="c", workspace_id="w1", person_id="p1", event_id="e1", source="sign_up", at=NOW
    )
    booking = own_phone.booking_of(consent, PHONE, NOW)
    assert (booking.is_test, booking.event_id, booking.person_id) == (True, "e1", "p1")


NOW = datetime(2026, 5, 4, 14, tzinfo=UTC)
