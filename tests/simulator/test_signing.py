"""Our signatures are Plivo's: the SDK's own validators accept them, and nothing that was changed."""

import random
from typing import get_args
from urllib.parse import urlencode

import pytest
from plivo.utils import validate_signature, validate_v3_signature

from simulator.settings import Signing
from simulator.signing import Signed, Tokens, headers, v2, v3

NONCE = "12345678901234567890"
URLS = (
    "https://example.org/in",
    "http://127.0.0.1:8025/webhooks/plivo/a.1.0.ff",
    "https://example.org/in?b=2&a=&a=1",
)
TOKENS = Tokens("main-token", "sub-token")


def word(chance: random.Random) -> str:
    return "".join(chance.choices("aZ09 .+=&?é€漢😀\n", k=chance.randint(0, 8)))


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_v3_agrees_with_the_sdk_on_random_requests(method: str) -> None:
    chance = random.Random(3)
    for _ in range(500):
        url = chance.choice(URLS)
        form = {f"K{number}": word(chance) for number in range(chance.randint(0, 6))}
        if method == "GET":
            form = {key: value.encode("ascii", "ignore").decode() for key, value in form.items()}
            url, form = url + ("&" if "?" in url else "?") + urlencode(form), {}
        signature = v3("token", Signed(method, url, list(form.items())), NONCE)
        assert validate_v3_signature(method, url, NONCE, "token", signature, dict(form))
        assert not validate_v3_signature(method, url, NONCE, "other", signature, dict(form))
        if method == "POST":
            assert not validate_v3_signature(
                method, url, NONCE, "token", signature, {**form, "K0": "changed"}
            )


def test_v2_agrees_with_the_sdk_and_leaves_the_query_out() -> None:
    for url in URLS:
        assert validate_signature(url, NONCE, v2("token", url, NONCE), "token")
        assert v2("token", url, NONCE) == v2("token", url.partition("?")[0], NONCE)
        assert not validate_signature(url, NONCE, v2("other", url, NONCE), "token")


def fitting(mode: Signing, token: str) -> set[str]:
    """Which headers the SDK finds right under a token."""
    form = {"Text": "STOP", "From": "12025550123", "PowerpackUUID": ""}
    given = headers(mode, TOKENS, Signed("POST", URLS[0], list(form.items())), NONCE)
    right = set()
    for name in ("V3", "Ma-V3"):
        signature = given.get(f"X-Plivo-Signature-{name}")
        if signature and validate_v3_signature("POST", URLS[0], NONCE, token, signature, dict(form)):
            right.add(name)
    for name in ("V2", "Ma-V2"):
        signature = given.get(f"X-Plivo-Signature-{name}")
        if signature and validate_signature(URLS[0], NONCE, signature, token):
            right.add(name)
    return right


@pytest.mark.parametrize(
    ("mode", "by_main", "by_sub"),
    [
        ("v2", {"V2", "Ma-V2"}, set()),
        ("v3", {"V3", "Ma-V3", "V2", "Ma-V2"}, set()),
        ("comma", {"V3", "Ma-V3", "V2", "Ma-V2"}, set()),
        ("tampered", {"V3", "Ma-V3", "V2", "Ma-V2"}, set()),  # it is the body that changes afterwards
        ("ma-v3", {"Ma-V3", "Ma-V2"}, set()),
        ("subaccount", {"Ma-V3", "Ma-V2"}, {"V3", "V2"}),
        ("forged", set(), set()),
        ("none", set(), set()),
    ],
)
def test_each_mode_signs_what_it_says(mode: Signing, by_main: set[str], by_sub: set[str]) -> None:
    assert fitting(mode, TOKENS.main) == by_main
    assert fitting(mode, TOKENS.sub) == by_sub


def test_every_mode_has_a_row_above() -> None:
    marks = test_each_mode_signs_what_it_says.pytestmark[0]  # type: ignore[attr-defined]
    assert {row[0] for row in marks.args[1]} == set(get_args(Signing))


def test_a_comma_list_holds_a_wrong_and_the_right_one() -> None:
    given = headers("comma", TOKENS, Signed("POST", URLS[0], []), NONCE)["X-Plivo-Signature-V3"].split(",")
    assert len(given) == 2
    assert given[1] == v3(TOKENS.main, Signed("POST", URLS[0], []), NONCE) != given[0]


def test_no_signatures_at_all_in_mode_none() -> None:
    assert headers("none", TOKENS, Signed("POST", URLS[0], []), NONCE) == {}
