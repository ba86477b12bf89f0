"""A webhook's form, from raw bytes: nothing stripped, blanks kept, because the signature covers them."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

FIELDS_MAX = 200
BODY_MAX_BYTES = 65_536
Pairs = list[tuple[str, str]]


def read_pairs(raw: bytes) -> Pairs | None:
    """The decoded pairs in order; None if it is no form, or one of more fields than any carrier sends."""
    try:
        return parse_qsl(
            raw.decode(errors="replace"),
            keep_blank_values=True,
            max_num_fields=FIELDS_MAX,
            errors="replace",
        )
    except ValueError:
        return None


def signed_url(request: Request[Any, Any, Any], public_url: str, path: str) -> str:
    """What the carrier signed: our configured address, never the Host that the request claims."""
    query = request.scope.get("query_string", b"").decode("latin-1")
    return f"{public_url}{path}?{query}" if query else f"{public_url}{path}"
