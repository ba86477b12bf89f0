"""Words of consent: a version names the same ones for ever, and covers no more than they say."""

from typing import Any

import pytest

from rules.disclosures import OURS, flaw, sha256
from rules.texts import CONSENT_TEXT, CONSENT_VERSION, consent_sha256
from schemas.consent import Scope
from tests.makers import WIDER, evidence, wider_evidence


def test_our_words_prove_a_consent_for_one_event() -> None:
    assert flaw(evidence(), "event") is None
    assert OURS[CONSENT_VERSION].text == CONSENT_TEXT
    assert sha256(CONSENT_TEXT) == consent_sha256()


@pytest.mark.parametrize("scope", ["event", "workspace"])
def test_an_upstreams_own_words_cover_what_it_says(scope: Scope) -> None:
    assert flaw(wider_evidence(), scope) is None


# each row: what is wrong with the evidence, its scope, the field that is named
@pytest.mark.parametrize(
    ("changes", "scope", "field"),
    [
        # a hash that is not that of the words
        ({"disclosure_sha256": "0" * 64}, "event", "evidence.disclosure_sha256"),
        ({"disclosure_sha256": ""}, "event", "evidence.disclosure_sha256"),
        # one letter of the words was changed after the hash was made
        ({"disclosure_text": CONSENT_TEXT.replace("STOP", "stop")}, "event", "evidence.disclosure_sha256"),
        # our version with other words: a changed text is a new version
        ({"disclosure_text": WIDER, "disclosure_sha256": sha256(WIDER)}, "event", "evidence.disclosure_text"),
        # "for this event" covers no workspace, under our version or any other
        ({}, "workspace", "scope"),
        ({"disclosure_version": "theirs-1"}, "workspace", "scope"),
    ],
)
def test_what_proves_nothing(changes: dict[str, Any], scope: Scope, field: str) -> None:
    found = flaw(evidence(**changes), scope)
    assert found is not None
    assert found[0] == field


def test_a_hash_may_be_written_in_capitals() -> None:
    assert flaw(evidence(disclosure_sha256=consent_sha256().upper()), "event") is None
