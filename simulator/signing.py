"""How Plivo signs its callbacks, and the ways it may go wrong.

V2: base64 of HMAC-SHA256(token, scheme://host/path + nonce); neither query nor body is covered.
V3: base64 of HMAC-SHA256(token, S + "." + nonce). POST: S is the URL without its query, then, if there is a
query or a form, "?", the query's pairs sorted as k=v and joined by "&", "." if both are there, and the form's
pairs sorted as kv without separators. GET: one sorted query. Values are decoded, empty ones count.
Plain headers carry the token of the (sub)account, Ma- headers the main account's. Checked against the
validators of the plivo SDK in tests.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from simulator.settings import Signing

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Signed:
    """What is signed: the method, the whole URL, and the form's decoded pairs (empty for GET)."""

    method: str
    url: str
    form: Pairs


@dataclass(frozen=True)
class Tokens:
    """The keys that sign: the main account's and the subaccount's."""

    main: str
    sub: str


def _hmac(token: str, text: str) -> str:
    return b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha256).digest()).decode()


def v2(token: str, url: str, nonce: str) -> str:
    """The V2 signature of a URL; its query is left out."""
    parts = urlsplit(url)
    return _hmac(token, f"{parts.scheme}://{parts.netloc}{parts.path}{nonce}")


def v3(token: str, signed: Signed, nonce: str) -> str:
    """The V3 signature of a request."""
    parts = urlsplit(signed.url)
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    query = "&".join(f"{key}={value}" for key, value in sorted(_pairs(parts.query)))
    form = "".join(key + value for key, value in sorted(signed.form)) if signed.method == "POST" else ""
    text = base + ("?" if query or form else "") + query + ("." if query and form else "") + form
    return _hmac(token, f"{text}.{nonce}")


def _pairs(query: str) -> Pairs:
    return parse_qsl(query, keep_blank_values=True)


def _v2_headers(plain: str, main: str, url: str, nonce: str) -> dict[str, str]:
    return {
        "X-Plivo-Signature-V2": v2(plain, url, nonce),
        "X-Plivo-Signature-Ma-V2": v2(main, url, nonce),
        "X-Plivo-Signature-V2-Nonce": nonce,
    }


def _v3_headers(plain: str, main: str, signed: Signed, nonce: str) -> dict[str, str]:
    return {
        "X-Plivo-Signature-V3": v3(plain, signed, nonce),
        "X-Plivo-Signature-Ma-V3": v3(main, signed, nonce),
        "X-Plivo-Signature-V3-Nonce": nonce,
    }


def headers(mode: Signing, tokens: Tokens, signed: Signed, nonce: str) -> dict[str, str]:
    """The signature headers of one request.

    `tampered` gives the same genuine headers as `v3`: the sender changes the body afterwards, so that V2
    still fits and V3 does not. `forged` signs everything with a token that nobody gave out.
    """
    wrong = tokens.main + "-wrong"
    plain = {"subaccount": tokens.sub, "ma-v3": wrong, "forged": wrong}.get(mode, tokens.main)
    main = wrong if mode == "forged" else tokens.main
    if mode == "none":
        return {}
    old = _v2_headers(plain, main, signed.url, nonce)
    if mode == "v2":
        return old
    new = _v3_headers(plain, main, signed, nonce)
    if mode == "comma":
        new["X-Plivo-Signature-V3"] = f"{v3(wrong, signed, nonce)},{new['X-Plivo-Signature-V3']}"
    return old | new
