import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from httpx import AsyncClient as Web

from rules.links import Invitation, sign
from tests.gateway.desk import NOW

KEY = b"example-link"
START = "If you ever replied STOP to this number, text START to it"
RETURN = "https://rally.example/back?x=1"


def invited(**changes: Any) -> str:
    fields: dict[str, Any] = {
        "invitation_id": "inv-1",
        "workspace_id": "acme",
        "workspace_name": "Acme <Research>",
        "study_id": "s1",
        "study_name": "Shoes & more",
        "event_id": "b1",
        "person_id": "p1",
        "starts_at": datetime(2030, 5, 7, 18, 30, tzinfo=UTC),
        "zone": "America/Chicago",
        "expires_at": NOW + timedelta(days=1),
    }
    return f"/join/{sign(KEY, Invitation(**{**fields, **changes}), 'invitation')}"


def words(page: str) -> str:
    """What a visitor reads."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", page)))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def send(web: Web, url: str, **fields: str) -> Any:
    """Open the page, fill it in as it asks, submit, as a browser without scripts."""
    page = await web.get(url)
    return await web.post(url, data={**hidden(page.text), **fields})
