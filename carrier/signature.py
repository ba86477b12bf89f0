"""Plivo's webhook signatures, own code with constant-time compare.

V2 signs the URL's scheme, host and path with the nonce, neither query nor body. V3 signs the parameters too.
The ``Ma`` headers are made with the main account's token. A header may hold several signatures with commas.
Where a V3 header came, a V2 one is not looked at: no downgrade.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

Params = Sequence[tuple[str, str]]
Mode = Literal["v3-or-v2", "v3", "v2"]


def verify(  # noqa: PLR0917  # the parts of a request in their usual order
    method: str, url: str, headers: Mapping[str, str], params: Params, tokens: Iterable[str], mode: str
) -> Literal["v3", "v2"] | None:
    """Which signature is right, or None. ``headers`` with lower-case names; ``url`` as configured, never
    as the request says; ``params`` the decoded form, blanks kept.
    """
    v3 = _given(headers, "x-plivo-signature-v3", "x-plivo-signature-ma-v3")
    nonce = headers.get("x-plivo-signature-v3-nonce", "")
    if mode != "v2" and (v3 or mode == "v3"):
        right = [_sign(token, f"{_v3_base(method, url, params)}.{nonce}") for token in tokens]
        return "v3" if nonce and _any_equal(v3, right) else None
    v2 = _given(headers, "x-plivo-signature-v2", "x-plivo-signature-ma-v2")
    nonce = headers.get("x-plivo-signature-v2-nonce", "")
    right = [_sign(token, _without_query(url) + nonce) for token in tokens]
    return "v2" if nonce and _any_equal(v2, right) else None


def _given(headers: Mapping[str, str], *names: str) -> list[str]:
    return [part.strip() for name in names for part in headers.get(name, "").split(",") if part.strip()]


def _any_equal(given: list[str], right: list[str]) -> bool:
    """Compares all with all, so that time tells nothing."""
    found = False
    for one in given:
        for other in right:
            found |= hmac.compare_digest(one.encode(errors="replace"), other.encode())
    return found


def _sign(token: str, text: str) -> str:
    return base64.b64encode(
        hmac.new(token.encode(), text.encode(errors="replace"), hashlib.sha256).digest()
    ).decode()


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _v3_base(method: str, url: str, params: Params) -> str:
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    base = _without_query(url)
    if method.upper() == "GET":
        merged = _as_query([*query, *params])
        return f"{base}?{merged}" if merged else base
    head = f"{base}?{_as_query(query)}" if query or params else base
    if query and params:
        head += "."
    return head + "".join(f"{key}{value}" for key, value in _sorted(params))


def _as_query(pairs: Params) -> str:
    return "&".join(f"{key}={value}" for key, value in _sorted(pairs))


def _sorted(pairs: Params) -> list[tuple[str, str]]:
    """By key, then by value, as the carrier does with lists of values."""
    return sorted(pairs)
