"""`reminders why` tells what became of a text and why: in words, with both clocks, without a number."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from archive.process import keys_of
from cli.main import app
from records.engine import connect
from records.writes import write
from rules.ids import phone_ref
from rules.second_tries import LOST, NO_EVIDENCE
from runtime.config import Config
from schemas.base import Message
from schemas.bookings import DayOf
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.notices import Notice
from schemas.samples import samples
from tests.makers import PHONE, a_booking, a_consent, an_end, at
from tests.records.desk import delivery, event, withdrawal

TEXT = "a" * 32
OTHER = "b" * 32
NAMES = {"workspace_id": "w1", "study_id": "s1", "event_id": "b1", "booking_id": "b1"}


def test_a_sent_text(terminal: CliRunner, config: Config) -> None:
    consent = a_consent(phone_ref=_ref(config), consent_id="c1", at=at("13:30"))
    _write(
        config,
        a_booking(),
        consent,
        _event(config, "planned"),
        _delivery(config, consent_id="c1", not_after=at("15:00")),
        _event(config, "accepted", 2, carrier_uuid="uuid-1", attempt=1, lateness_s=2.0),
        _event(config, "delivered", 9, carrier_uuid="uuid-1"),
    )
    told = _why(terminal, TEXT)
    assert "Confirmation for booking b1 in w1" in told
    assert "Sent: the carrier accepted it 2.0 s after it was due, and reports: delivered." in told
    assert "the carrier accepted it as uuid-1" in told
    assert "released, to go until Tue Nov 24, 3:00 PM EST (2026-11-24 20:00:00 UTC)" in told
    assert "by consent c1 (sign_up, event b1, words rally-sms-1, upstream) of Tue Nov 24, 1:30 PM EST" in told
    steps = ("planned, due", "released, to go", "accepted it as", "reports: delivered")
    lines = [next(n for n, line in enumerate(told.splitlines()) if step in line) for step in steps[:3]]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        (
            [("suppressed", "opted_out")],
            "Not sent: the phone has opted out (STOP)",
        ),
        (
            [("expired", "waiting_for_consent")],
            "Not sent: it was too late to be of use; it had waited for a consent of this person",
        ),
        ([("expired", None)], "Not sent: it was too late to be of use."),
        ([("rejected", "landline")], "Not sent: the carrier refused it for good (landline)."),
        (
            [("rejected", "by hand: Ann, the log")],
            "Not sent: a person looked at the carrier's records (Ann, the log).",
        ),
        ([("unresolved", None)], "Unclear: there is no evidence whether the carrier got it"),
        ([("unresolved", None), ("accepted", None)], "Sent: the carrier accepted it."),
    ],
)
def test_verdicts(
    terminal: CliRunner, config: Config, steps: list[tuple[Any, str | None]], verdict: str
) -> None:
    ends = [_event(config, state, 5 + n, reason=reason) for n, (state, reason) in enumerate(steps)]
    _write(config, a_booking(), _event(config, "planned"), *ends)
    assert verdict in _why(terminal, TEXT)


def test_a_booking_with_its_texts_and_its_phone(terminal: CliRunner, config: Config) -> None:
    ref = _ref(config)
    late = DayOf(kind="interviewer_late", notice_id="n1")
    _write(
        config,
        a_booking(received_at=at("09:00")),
        a_booking(revision=2, starts_at=at("16:00"), received_at=at("10:00"), day_of=late),
        a_booking(workspace_id="w2", booking_id="b1", event_id="b1", workspace_name="Other"),
        a_consent(phone_ref=ref, consent_id="c1"),
        a_consent(phone_ref=ref, consent_id="c2", person_id="somebody-else"),
        an_end(phone_ref=ref, change_id="e1", person_id="p1"),
        an_end(phone_ref=ref, change_id="e2", person_id="p1", workspace_id="w2", by="staff"),
        an_end(phone_ref=ref, change_id="e3", person_id="p2", phone_wide=True, by="wrong_number"),
        _fact("opted_out", ref, words="optout STOP"),
        _event(config, "planned"),
        _event(config, "suppressed", 4, reason="opted_out"),
        _event(config, "planned", text_id=OTHER, wording="reminder"),
        withdrawal(text_id=OTHER, wording="reminder", phone_ref=ref, at=at("11:00"), reason="moved", **NAMES),
    )
    told = _why(terminal, "b1", "--workspace", "w1")
    assert "Event b1 in w1 (Acme Research), study s1" in told
    assert "b1 revision 1: booked for Tue Nov 24, 3:00 PM EST (2026-11-24 20:00:00 UTC) with a phone" in told
    assert "b1 revision 2: booked for Tue Nov 24, 4:00 PM EST" in told
    assert "notice: interviewer_late" in told
    assert f"its phone is {ref}" in told
    assert "consent c1" in told
    assert "consent c2" not in told
    assert "consents of person p1 ended by manage_page" in told
    assert "ended by staff" not in told
    assert "all consents of the phone ended by wrong_number" in told
    assert "opted out: silent in every workspace: optout STOP" in told
    assert "Confirmation" in told
    assert "Reminder" in told
    assert "Withdrawn: the interview has moved" in told
    assert "Other" not in told
    assert "Event b1 in w2 (Other)" in _why(terminal, "b1")


@pytest.mark.parametrize(
    ("booking", "reason"),
    [
        ({"phone": None}, "it waits for a phone, from the booking or the sign-up page"),
        ({"announce": False}, "the booking was taken over as told"),
        ({"status": "cancelled"}, "it was cancelled before anything was told"),
        ({}, "the worker has planned none yet"),
    ],
)
def test_why_there_is_no_text(
    terminal: CliRunner, config: Config, booking: dict[str, Any], reason: str
) -> None:
    notice = Notice(
        notice_id="n1",
        kind="waiting_for_phone",
        workspace_id="w1",
        booking_id="b1",
        event_id="b1",
        person_id="p1",
        text_id=None,
        reason="no phone",
        at=at("09:00"),
    )
    _write(config, a_booking(**booking), notice)
    told = _why(terminal, "b1")
    assert f"No text is planned: {reason}" in told
    assert "notice waiting_for_phone: the booking has no phone yet" in told


@pytest.mark.parametrize(
    ("known", "waits"),
    [
        ([], "It waits for a consent of this person for this event and phone."),
        (["consent", "opted_out"], "It waits for START from the phone"),
        (["consent", "held"], "It waits for START or STOP from the phone"),
        (["consent"], None),
        (["consent", "opted_out", "opted_in"], None),
    ],
)
def test_what_an_open_text_waits_for(
    terminal: CliRunner, config: Config, known: list[Any], waits: str | None
) -> None:
    ref = _ref(config)
    messages: list[Message] = [a_consent(phone_ref=ref)] if "consent" in known else []
    messages += [_fact(kind, ref, seq=n) for n, kind in enumerate(known) if kind != "consent"]
    _write(config, a_booking(), _event(config, "planned"), *messages)
    told = _why(terminal, TEXT)
    assert "Planned for" in told
    assert ("It waits for" in told) == (waits is not None)
    assert waits is None or waits in told


def test_an_answer_without_a_booking(terminal: CliRunner, config: Config) -> None:
    of_none = {"workspace_id": None, "study_id": None, "event_id": None, "booking_id": None}
    reply = {"kind": "reply", "wording": "reply_help", **of_none}
    _write(
        config,
        _event(config, "planned", **reply),
        _delivery(config, person_id=None, reply_token="inbound-1", consent_id=None, **reply),
    )
    told = _why(terminal, TEXT)
    assert "Answer to HELP\n" in told
    assert "released as the one answer to the participant's text inbound-1" in told


def test_nothing_on_record(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    told = terminal.invoke(app, ["why", "b1"])
    assert told.exit_code == 2
    assert "reminders archive" in told.output
    assert not (tmp_path / "records.sqlite").exists()
    _write(config, a_booking())
    told = terminal.invoke(app, ["why", "b2"])
    assert told.exit_code == 1
    assert "Nothing is on record of 'b2'" in told.output
    assert terminal.invoke(app, ["why", "b1", "--workspace", "w9"]).exit_code == 1


def _ref(config: Config) -> str:
    return phone_ref(config.reference_secret.encode(), PHONE)


def test_each_try_of_the_sender_is_told(terminal: CliRunner, config: Config) -> None:
    journal = samples("sms-journal")
    tries = [journal[name] for name in ("claimed", "not-sent", "unknown", "accepted")]
    text = _delivery(config).text
    _write(config, _event(config, "planned"), *(replace(tried, text=text) for tried in tries))
    told = _why(terminal, TEXT)
    assert "the sender claimed try 1 (claim 4c1f3a0d9b7e4f0fa6d2c5e8b1037d42)" in told
    assert "try 1 surely did not reach the carrier" in told
    assert "it is unclear whether try 1 reached the carrier" in told
    assert "try 1 reached the carrier, as the carrier's own answer shows" in told


def test_a_second_try_is_told_with_its_reason(terminal: CliRunner, config: Config) -> None:
    not_sent, text = samples("sms-journal")["not-sent"], _delivery(config).text
    given_up = replace(not_sent, text=text, reason=NO_EVIDENCE)
    lost = replace(not_sent, text=text, reason=f"{LOST}80")
    _write(config, _event(config, "planned"), given_up, lost)
    told = _why(terminal, TEXT)
    assert "no evidence of the carrier came of try 1: it may go once more" in told
    assert "try 1 was lost by the network, carrier code 80: it may go once more" in told


def _event(config: Config, state: str, after_s: float = 0, **changes: Any) -> Message:
    fields = {"text_id": TEXT, "phone_ref": _ref(config), **NAMES, **changes}
    return event(state, after_s, **fields)


def _delivery(config: Config, **changes: Any) -> Message:
    return delivery(**{"text_id": TEXT, "phone_ref": _ref(config), "phone": PHONE, **NAMES, **changes})


def _fact(kind: Any, ref: str, *, seq: int = 1, words: str = "") -> LedgerEntry:
    minute = f"{8 + seq:02d}:00"
    fact = ConsentFact(
        fact_id=f"f{seq}", kind=kind, phone_ref=ref, source="reply", words=words, at=at(minute, day=1)
    )
    return LedgerEntry(partition=0, seq=seq, previous="0" * 64, hash=f"{seq:064x}", fact=fact)


def _write(config: Config, *messages: Message) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, messages, keys_of(config))
    engine.dispose()


def _why(terminal: CliRunner, *arguments: str) -> str:
    told = terminal.invoke(app, ["why", *arguments])
    assert told.exit_code == 0, told.output
    assert PHONE not in told.output
    return told.output
