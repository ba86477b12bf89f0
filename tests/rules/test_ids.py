"""Ids never change: the same parts give the same id, in every version."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ids import phone_ref, stable_id, text_id

PARTS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=7)


@given(PARTS)
def test_an_id_is_a_keyed_hash_over_compact_json(parts: list[str | None]) -> None:
    told = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.blake2b(told, key=b"key", digest_size=16, person=b"id").digest()
    assert stable_id(b"key", *parts) == base64.b32encode(digest).decode().rstrip("=").lower()


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (phone_ref(b"key", "+13308235501"), "9297e79b2243d4d4a10e4313bb870b68"),
        (stable_id(b"key", "planned", None, 'a "quoted"\n\\ part é\u2028'), "giib7f6rhmxtf27y6kphzo2kw4"),
        (
            text_id(
                b"key", workspace_id="w1", event_id="e1", person_id=None, phone="+13308235501",
                kind="confirmation", basis="",
            ),
            "atoed26jp5pyzz35tod2kmmm5qq3butr",
        ),
    ],
)  # fmt: skip
def test_ids_as_they_were_given_first(found: str, known: str) -> None:
    assert found == known
