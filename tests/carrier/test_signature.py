"""Webhooks are believed only with the account's signature: ours agrees with the SDK's, and never degrades."""

import random
from urllib.parse import parse_qsl, urlencode

import pytest
from plivo.utils import validate_signature, validate_v3_signature

from carrier.signature import Params, verify
from simulator.settings import Signing
from simulator.signing import Signed, Tokens, headers, v2, v3

URL = "https://example.org/webhooks/plivo/abc/inbound"
TOKENS = Tokens("main-token", "sub-token")
BOTH = ("main-token", "sub-token")
FORM: Params = [("From", "12025550123"), ("Text", "STOP \n"), ("PowerpackUUID", ""), ("To", "13306619491")]
NONCE = "12345678901234567890"


def signed(mode: Signing, form: Params = FORM, url: str = URL, method: str = "POST") -> dict[str, str]:
    given = headers(mode, TOKENS, Signed(method, url, list(form)), NONCE)
    return {name.lower(): value for name, value in given.items()}


@pytest.mark.parametrize(
    ("mode", "tokens", "found"),
    [
        ("v2", BOTH, "v2"),
        ("v3", BOTH, "v3"),
        ("ma-v3", BOTH, "v3"),
        ("subaccount", ("sub-token",), "v3"),
        ("subaccount", ("main-token",), "v3"),
        ("comma", BOTH, "v3"),
        ("none", BOTH, None),
        ("forged", BOTH, None),
        ("v3", ("other-token",), None),
        ("v3", (), None),
    ],
)
def test_signatures_of_every_kind(mode: Signing, tokens: tuple[str, ...], found: str | None) -> None:
    assert verify("POST", URL, signed(mode), FORM, tokens, "v3-or-v2") == found


def test_a_wrong_v3_is_not_saved_by_a_right_v2() -> None:
    changed = [*FORM[:1], ("Text", "START"), *FORM[2:]]
    given = signed("v3")
    assert verify("POST", URL, given, changed, BOTH, "v3-or-v2") is None
    assert verify("POST", URL, given, changed, BOTH, "v2") == "v2"


def test_v3_alone_may_be_asked_for() -> None:
    assert verify("POST", URL, signed("v2"), FORM, BOTH, "v3") is None
    assert verify("POST", URL, signed("v3"), FORM, BOTH, "v3") == "v3"


@pytest.mark.parametrize("name", ["x-plivo-signature-v3-nonce", "x-plivo-signature-v2-nonce"])
def test_without_a_nonce_nothing_counts(name: str) -> None:
    family = "v3" if "v3" in name else "v2"
    given = {key: value for key, value in signed("v3").items() if key != name}
    assert verify("POST", URL, given, FORM, BOTH, family) is None


@pytest.mark.parametrize("strange", ["é", "\udcff", "a,b", ",", "=" * 5000])
def test_strange_headers_are_wrong_and_no_error(strange: str) -> None:
    given = {"x-plivo-signature-v3": strange, "x-plivo-signature-v3-nonce": strange}
    assert verify("POST", URL, given, FORM, BOTH, "v3-or-v2") is None


@pytest.mark.parametrize("url", [URL + "/", URL.replace("https", "http"), URL.replace(".org", ".org:443")])
def test_another_url_is_another_signature(url: str) -> None:
    assert verify("POST", url, signed("v3"), FORM, BOTH, "v3-or-v2") is None
    assert verify("POST", url, signed("v2"), FORM, BOTH, "v3-or-v2") is None


def word(chance: random.Random) -> str:
    return "".join(chance.choices("aZ09 .+=&?é€漢😀\n", k=chance.randint(0, 8)))


def random_form(chance: random.Random) -> dict[str, str]:
    return {f"K{number}": word(chance) for number in range(chance.randint(0, 6))}


def test_posts_agree_with_the_sdk() -> None:
    chance = random.Random(11)
    for _ in range(500):
        url = URL + chance.choice(["", "?b=2&a=&a=1"])
        form = random_form(chance)
        token = chance.choice(["main-token", "other"])
        signature = v3("main-token", Signed("POST", url, list(form.items())), NONCE)
        given = {"x-plivo-signature-v3": signature, "x-plivo-signature-v3-nonce": NONCE}
        right = validate_v3_signature("POST", url, NONCE, token, signature, dict(form))
        mine = verify("POST", url, given, list(form.items()), [token], "v3-or-v2")
        assert (mine == "v3") == right
        changed = [*form.items(), ("Extra", "1")]
        assert verify("POST", url, given, changed, [token], "v3-or-v2") is None


def test_gets_agree_with_the_sdk() -> None:
    chance = random.Random(12)
    for _ in range(300):
        form = {key: value.encode("ascii", "ignore").decode() for key, value in random_form(chance).items()}
        url = f"{URL}?{urlencode(form)}" if form else URL
        signature = v3("main-token", Signed("GET", url, []), NONCE)
        given = {"x-plivo-signature-v3": signature, "x-plivo-signature-v3-nonce": NONCE}
        assert validate_v3_signature("GET", url, NONCE, "main-token", signature, {})
        assert verify("GET", url, given, [], ["main-token"], "v3-or-v2") == "v3"


def test_v2_agrees_with_the_sdk() -> None:
    for url in (URL, URL + "?a=1", "http://127.0.0.1:8080/x"):
        signature = v2("main-token", url, NONCE)
        given = {"x-plivo-signature-v2": f"wrong, {signature}", "x-plivo-signature-v2-nonce": NONCE}
        assert validate_signature(url, NONCE, signature, "main-token")
        assert verify("POST", url, given, FORM, ["main-token"], "v3-or-v2") == "v2"


def test_a_form_as_a_web_server_reads_it() -> None:
    body = urlencode(FORM)
    assert verify("POST", URL, signed("v3"), parse_qsl(body, keep_blank_values=True), BOTH, "v3") == "v3"
    assert verify("POST", URL, signed("v3"), parse_qsl(body), BOTH, "v3") is None
