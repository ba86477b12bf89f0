"""Tokens that only we can make: any change of key, purpose, content or time is found."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.links import (
    TOKEN_MAX,
    Invitation,
    LinkError,
    SignedReturn,
    manage_link,
    manage_token,
    read_status_token,
    sign,
    status_token,
    token_matches,
    unsign,
)
from rules.policy import Policy
from rules.texts import PUBLIC_URL_MAX

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REF = "0123456789abcdef" * 2
TEXT_ID = "abcdefgh" * 4
INVITATION = Invitation(
    invitation_id="i1",
    workspace_id="w1",
    workspace_name="Acme “Research”",
    study_id="s1",
    event_id="e1",
    person_id="p1",
    starts_at=NOW + timedelta(days=3),
    zone="Europe/Berlin",
    return_url="https://acme.example/done?x=1",
    expires_at=NOW + timedelta(days=2),
)


def policy(public_url: str) -> Policy:
    return Policy(reference_key=b"r", link_key=KEY, public_url=public_url, support_contact="c", partitions=4)


def test_manage_link_has_the_length_that_texts_count_on() -> None:
    link = manage_link(policy("https://t.rally.co"), "w1", "e1", REF)
    assert link == "https://t.rally.co/m/" + manage_token(KEY, "w1", "e1", REF)
    longest = manage_link(policy("u" * PUBLIC_URL_MAX), "w" * 128, "e" * 128, REF)
    assert len(longest) == PUBLIC_URL_MAX + 3 + 22


def test_manage_token_never_changes() -> None:
    """Links in texts that were sent must go on working."""
    assert manage_token(KEY, "w1", "e1", REF) == "P3KwoFxrsLQexsw7dwUgqw"


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        (OTHER_KEY, ("w1", "e1", REF)),  # another key
        (KEY, ("w2", "e1", REF)),  # another workspace
        (KEY, ("w1", "e2", REF)),  # another event
        (KEY, ("w1", "e1", REF[::-1])),  # another phone
        (KEY, ("w1e1", "", REF)),  # the same letters, cut elsewhere
        (KEY, ('w1","e1', REF, "")),
    ],
)
def test_manage_token_stands_for_its_ids_alone(key: bytes, ids: tuple[str, str, str]) -> None:
    token = manage_token(KEY, "w1", "e1", REF)
    assert token_matches(KEY, token, "w1", "e1", REF)
    assert not token_matches(key, token, *ids)


@pytest.mark.parametrize("token", ["", "x" * 22, "é" * 22, "\ud800", "a\x00"])
def test_any_other_token_does_not_match(token: str) -> None:
    assert not token_matches(KEY, token, "w1", "e1", REF)
    assert read_status_token(KEY, token) is None


def test_status_token_says_which_try_is_meant() -> None:
    token = status_token(KEY, TEXT_ID, 2, 11)
    assert token.startswith(f"{TEXT_ID}.2.11.")
    assert read_status_token(KEY, token) == (TEXT_ID, 2, 11)
    assert read_status_token(OTHER_KEY, token) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace(".2.", ".1."),  # another attempt
        lambda t: t.replace(".11.", ".1."),  # another partition
        lambda t: "b" + t[1:],  # another text
        lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"),  # another signature
        lambda t: t.replace(".2.", ".02."),  # the same number, written otherwise
        lambda t: t.replace(".2.", ".٢."),  # in another script
        lambda t: t + "\n",
        lambda t: t[:-1],
        lambda t: t.upper(),
    ],
)
def test_a_bent_status_token_is_none(change: object) -> None:
    assert callable(change)
    assert read_status_token(KEY, change(status_token(KEY, TEXT_ID, 2, 11))) is None


@given(st.text(max_size=120))
def test_no_text_is_a_status_token(text: str) -> None:
    assert read_status_token(KEY, text) is None


def test_an_invitation_comes_back_as_it_was_signed() -> None:
    token = sign(KEY, INVITATION, "invitation")
    assert unsign(KEY, token, "invitation", NOW, Invitation) == INVITATION
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_a_return_comes_back_as_it_was_signed() -> None:
    payload = SignedReturn(
        invitation_id="i1", workspace_id="w1", study_id="s1", event_id="e1", person_id="p1", expires_at=NOW
    )
    token = sign(KEY, payload, "return")
    assert unsign(KEY, token, "return", NOW - timedelta(seconds=1), SignedReturn) == payload


TOKEN = sign(KEY, INVITATION, "invitation")
BODY, SIGNATURE = TOKEN.split(".")


def _forged_body() -> str:
    content = base64.urlsafe_b64decode(BODY + "==").replace(b'"p1"', b'"p2"')
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "malformed"),
        (BODY, "malformed"),  # no signature
        ("." * TOKEN_MAX + "x", "malformed"),  # too long to look at
        (f"{BODY}.", "forged"),
        (f".{SIGNATURE}", "forged"),
        (f"{_forged_body()}.{SIGNATURE}", "forged"),  # another person
        (f"{BODY}.{SIGNATURE}.", "forged"),
        (f"{BODY}.{SIGNATURE}=", "forged"),
        (f"{BODY}=.{SIGNATURE}", "forged"),
        (f"{SIGNATURE}.{BODY}", "forged"),
        ("é.\ud800", "forged"),
        (sign(OTHER_KEY, INVITATION, "invitation"), "forged"),
        (sign(KEY, INVITATION, "return"), "forged"),  # signed for something else
    ],
)
def test_what_we_did_not_sign_is_refused(token: str, error: LinkError) -> None:
    assert unsign(KEY, token, "invitation", NOW, Invitation) == error


def test_a_payload_of_another_kind_is_malformed() -> None:
    payload = SignedReturn(
        invitation_id="i1", workspace_id="w1", study_id="s1", event_id="e1", person_id="p1", expires_at=NOW
    )
    assert unsign(KEY, sign(KEY, payload, "invitation"), "invitation", NOW, Invitation) == "malformed"


@pytest.mark.parametrize(
    ("late_s", "error"),
    [
        (-1, None),
        (0, "expired"),  # at that instant it is over
        (1, "expired"),
    ],
)
def test_expiry(late_s: int, error: LinkError | None) -> None:
    now = INVITATION.expires_at + timedelta(seconds=late_s)
    assert unsign(KEY, TOKEN, "invitation", now, Invitation) == (error or INVITATION)


@given(st.binary(max_size=80), st.integers(0, 400))
def test_any_change_is_found(noise: bytes, at: int) -> None:
    bent = TOKEN[:at] + noise.decode("latin-1") + TOKEN[at + 1 :]
    if bent != TOKEN:
        assert unsign(KEY, bent, "invitation", NOW, Invitation) in ("malformed", "forged")
