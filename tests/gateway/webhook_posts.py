from base64 import b64encode
from hmac import digest
from typing import Any
from urllib.parse import urlencode

from httpx import AsyncClient as Web

from rules.ids import phone_ref
from tests.gateway.desk import ACCOUNT_TOKEN, OURS, PHONE

INBOUND = "/webhooks/plivo/path-new/inbound"
REF = phone_ref(b"example-reference", PHONE)
TEXT_ID = "a" * 32
REPORT = {"MessageUUID": "uuid-1", "Status": "delivered", "ErrorCode": "000", "Units": "2", "Sequence": "3"}


def form(**changes: str | None) -> dict[str, str]:
    """An inbound form as Plivo posts it; None leaves a field out."""
    fields: dict[str, str | None] = {
        "MessageUUID": "7a242edc-2f57-11e7-98c9-06ab0bf64327",
        "From": PHONE.lstrip("+"),
        "To": OURS.lstrip("+"),
        "Type": "sms",
        "Text": "STOP",
        "Units": "1",
        "TotalRate": "0",
        "TotalAmount": "0",
        "PowerpackUUID": "",
        "MessageIntent": "",
    } | changes
    return {key: value for key, value in fields.items() if value is not None}


def signed(
    path: str, fields: dict[str, str], *, token: str = ACCOUNT_TOKEN, scheme: str = "v3"
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook, as the carrier signs it (V3 of a POST without query, or V2)."""
    url, nonce = f"http://127.0.0.1:8080{path}", "12345678901234567890"
    pairs = "".join(key + value for key, value in sorted(fields.items()))
    text = f"{url}{nonce}" if scheme == "v2" else f"{url}{'?' if pairs else ''}{pairs}.{nonce}"
    signature = b64encode(digest(token.encode(), text.encode(), "sha256")).decode()
    name = f"X-Plivo-Signature-{scheme.upper()}"
    headers = {name: signature, f"{name}-Nonce": nonce, "Content-Type": "application/x-www-form-urlencoded"}
    return urlencode(fields).encode(), headers


async def post(web: Web, fields: dict[str, str], path: str = INBOUND, **how: str) -> Any:
    body, headers = signed(path, fields, **how)
    return await web.post(path, content=body, headers=headers)
