"""Evidence on request: the exact words, who agreed and how, what was ended and sent; openings are noted."""

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select, update
from typer.testing import CliRunner

from archive.process import keys_of
from cli.main import app
from records import own_tables, tables
from records.engine import connect
from records.writes import write
from rules.ids import phone_ref, stable_id
from rules.ledger import chain
from runtime.config import Config
from schemas.base import Message, encode
from schemas.ledger import ConsentFact, LedgerEntry
from schemas.rows import LedgerHead
from tests.makers import OTHER_PHONE, PHONE, a_consent, an_end, at, evidence
from tests.records.desk import delivery, event

WORDS = "You consent to texts. Reply STOP to opt out."
SHOWN = evidence(
    disclosure_text=WORDS,
    disclosure_sha256=sha256(WORDS.encode()).hexdigest(),
    act="submit",
    ip="203.0.113.7",
    user_agent="Browser 9",
    source_url="https://sms.example/join",
)


def test_the_evidence_of_a_phone(terminal: CliRunner, config: Config) -> None:
    _story(config)
    made = json.loads(_run(terminal, "evidence", PHONE, "--reason", "a letter"))
    [consent] = made["consents"]
    assert consent["words_shown"] == WORDS
    assert consent["words_match_sha256"]
    assert (consent["phone"], consent["ip"], consent["act"]) == (PHONE, "203.0.113.7", "submit")
    assert consent["evidence_matches_ledger"]
    [attested] = made["staff_attested"]
    assert (attested["actor"], attested["reason"]) == ("dana", "agreed by phone")
    assert [end["by"] for end in made["revocations"]] == ["manage_page"]
    assert [one["effective_at"] for one in made["opt_outs"]] == ["2026-11-25T00:05:02+00:00"]
    assert [(text["state"], text["consent_id"]) for text in made["texts"]] == [("accepted", "c1")]
    assert made["chain"] == {"sound": True, "broken": []}
    with connect(config.records_url).connect() as connection:
        openings = connection.execute(select(own_tables.openings)).mappings().all()
        assert {(row["consent_id"], row["reason"]) for row in openings} == {
            ("c1", "a letter"),
            ("c2", "a letter"),
        }


def test_of_a_workspace_a_person_and_a_time(terminal: CliRunner, config: Config) -> None:
    _story(config)
    for words, wanted in (
        (["--workspace", "w1"], ["c1"]),
        (["--workspace", "w1", "--person", "p1"], ["c1"]),
        (["--workspace", "w2"], []),
        (["--workspace", "w1", "--since", "2026-11-24T18:00"], []),
    ):
        made = json.loads(_run(terminal, "evidence", *words))
        assert [one["consent_id"] for one in made["consents"]] == wanted, words
    assert json.loads(_run(terminal, "evidence", OTHER_PHONE))["consents"] == []


def test_a_page_to_print(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    _story(config)
    _run(terminal, "evidence", PHONE, "--html", str(tmp_path / "evidence.html"))
    page = (tmp_path / "evidence.html").read_text("utf-8")
    for told in (WORDS, "Consents attested by staff", "Browser 9", "it is what the ledger sealed", "sound"):
        assert told in page
    assert "does not match" not in page


def test_a_document_is_checked_without_servers(terminal: CliRunner, config: Config, tmp_path: Path) -> None:
    _story(config)
    paper = tmp_path / "evidence.json"
    paper.write_text(_run(terminal, "evidence", PHONE), "utf-8")
    Path(config.records_url.removeprefix("sqlite:///")).unlink()
    assert "every hash is right" in _run(terminal, "evidence", "--verify", str(paper))
    paper.write_text(paper.read_text("utf-8").replace('"actor": "dana"', '"actor": "dora"'), "utf-8")
    assert "changed" in _run(terminal, "evidence", "--verify", str(paper), exit_code=1)


def test_words_that_are_not_those_of_the_ledger_are_seen(terminal: CliRunner, config: Config) -> None:
    _story(config, shown=replace(SHOWN, ip="203.0.113.8"))
    [consent] = json.loads(_run(terminal, "evidence", PHONE))["consents"]
    assert consent["evidence_matches_ledger"] is False


def test_another_secret_opens_nothing(terminal: CliRunner, config: Config, monkeypatch: Any) -> None:
    _story(config)
    monkeypatch.setenv("EVIDENCE_SECRET", "another")
    assert "EVIDENCE_SECRET" in _run(terminal, "evidence", PHONE, exit_code=2)


def test_evidence_whose_key_is_gone_stays_closed(terminal: CliRunner, config: Config) -> None:
    _story(config)
    engine = connect(config.records_url)
    with engine.begin() as connection:
        connection.execute(update(own_tables.evidence_keys).values(salt=None, destroyed_at="now"))
    engine.dispose()
    [consent] = json.loads(_run(terminal, "evidence", PHONE))["consents"]
    assert consent["evidence"] == "no longer readable: its key was destroyed"
    assert (consent["phone"], consent["ip"]) == (None, "")


def test_consent_at_a_time(terminal: CliRunner, config: Config) -> None:
    _story(config)
    for time, code, told in (
        ("2026-11-24T11:00-05:00", 1, "no consent was live"),
        ("2026-11-24T12:30-05:00", 0, "2 live, so it could be texted"),
        ("2026-11-24T18:30-05:00", 1, "no consent was live"),
        ("2026-11-24T20:00-05:00", 1, "silent for everyone: stopped"),
    ):
        words = ("consent", PHONE, "--workspace", "w1", "--at", time)
        assert told in _run(terminal, *words, exit_code=code), time


def test_the_ledger_is_verified(terminal: CliRunner, config: Config) -> None:
    _story(config)
    assert "The ledger is sound" in _run(terminal, "ledger", "verify", "--offline")
    engine = connect(config.records_url)
    with engine.begin() as connection:
        connection.execute(tables.ledger.delete().where(tables.ledger.c.seq == 2))
    engine.dispose()
    told = _run(terminal, "ledger", "verify", "--offline", exit_code=1)
    assert "partition 0, number 3, fact stopped: missing" in told


def _story(config: Config, shown: Any = SHOWN) -> None:
    """A consent of the page and one by staff; a text; a removal; a STOP."""
    ref = phone_ref(config.reference_secret.encode(), PHONE)
    given = a_consent(phone_ref=ref, consent_id="c1", evidence=SHOWN)
    attested = a_consent(
        phone_ref=ref, consent_id="c2", source="staff_attested", actor="dana", reason="agreed by phone"
    )
    stopped = ConsentFact(
        fact_id="stopped",
        kind="opted_out",
        phone_ref=ref,
        source="reply",
        accepted_at=at("19:05"),
        effective_at=at("19:05") + timedelta(seconds=2),
        at=at("19:05"),
    )
    facts = (_fact(config, replace(given, evidence=shown)), _fact(config, attested), stopped)
    text = delivery(phone_ref=ref, consent_id="c1", workspace_id="w1")
    sent = event("accepted", 2, phone_ref=ref, workspace_id="w1")
    _write(config, given, attested, an_end(phone_ref=ref, by="manage_page", at=at("18:00")), text, sent)
    _write(config, *_chained(*facts))


def _fact(config: Config, given: Any) -> ConsentFact:
    digest = stable_id(config.reference_secret.encode(), "evidence", encode(given.evidence).decode())
    return ConsentFact(
        fact_id=f"given-{given.consent_id}",
        kind="consent_given",
        phone_ref=given.phone_ref,
        workspace_id=given.workspace_id,
        person_id=given.person_id,
        consent_id=given.consent_id,
        source=given.source,
        evidence_digest=digest,
        actor=given.actor,
        at=given.at,
    )


def _chained(*facts: ConsentFact) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    head: LedgerHead | None = None
    for fact in facts:
        entries.append(chain(head, 0, fact))
        head = LedgerHead(seq=entries[-1].seq, hash=entries[-1].hash, at=fact.at)
    return entries


def _write(config: Config, *messages: Message) -> None:
    engine = connect(config.records_url)
    with engine.begin() as connection:
        write(connection, messages, keys_of(config))
    engine.dispose()


def _run(terminal: CliRunner, *words: str, exit_code: int = 0) -> str:
    done = terminal.invoke(app, words)
    assert done.exit_code == exit_code, done.output
    return done.stdout if done.stdout else done.output
