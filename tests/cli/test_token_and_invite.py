"""What lets people in: tokens for staff and services, links for participants."""

import re
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from cli.main import app
from gateway.auth import digest_of, read_tokens
from rules.links import Invitation, unsign

RUN = CliRunner()
KEY = b"example-link"
INVITE = ("invite", "--workspace", "acme", "--workspace-name", "Acme", "--study", "s1")


def test_a_token_is_let_in_by_its_entry_and_shown_once() -> None:
    out = RUN.invoke(
        app, ["token", "--workspace", "acme", "--role", "admin", "--name", "dana", "--days", "30"]
    )
    assert out.exit_code == 0, out.output
    made, entry = re.findall(r"^(?:token|add to API_TOKENS)\s+(\S+)$", out.output, re.MULTILINE)
    [(digest, caller)] = read_tokens(entry, must_end=True).items()
    assert digest == digest_of(made)
    assert made not in entry
    assert (caller.workspace, caller.role, caller.name) == ("acme", "admin", "dana")
    assert caller.until is not None
    assert 29 <= (caller.until - datetime.now(UTC)).days <= 31


@pytest.mark.parametrize("wrong", [["--role", "king"], ["--name", "a,b"], ["--days", "0"]])
def test_a_token_that_could_not_be_read_back_is_not_made(wrong: list[str]) -> None:
    whole = ["token", "--workspace", "acme", "--role", "admin", "--name", "dana", *wrong]
    assert RUN.invoke(app, whole).exit_code == 2


def test_an_invitation_holds_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_SECRET", KEY.decode())
    monkeypatch.setenv("PUBLIC_URL", "https://texts.example")
    out = RUN.invoke(app, [*INVITE, "--person", "p1", "--starts-at", "2031-05-06T15:00:00Z"])
    assert out.exit_code == 0, out.output
    url = out.output.strip()
    assert url.startswith("https://texts.example/join/")
    read = unsign(KEY, url.rpartition("/")[2], "invitation", datetime.now(UTC), Invitation)
    assert isinstance(read, Invitation)
    assert (read.workspace_id, read.person_id, read.public) == ("acme", "p1", False)


@pytest.mark.parametrize("wrong", [["--zone", "Mars/Base"], ["--starts-at", "soon"], ["--return-url", "x"]])
def test_an_invitation_that_can_not_be_meant_is_refused(wrong: list[str]) -> None:
    out = RUN.invoke(app, [*INVITE, *wrong])
    assert out.exit_code == 2
