"""Ten thousand forged or malformed webhooks change nothing, break nothing, and leave no memory behind."""

import gc
import random
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx import AsyncClient as Web

from tests.gateway.desk import Desk
from tests.gateway.webhook_posts import INBOUND, TEXT_ID, form, signed

POSTS = 10_000
WARM = 3_000
GROWTH_MAX_KIB = 16 * 1024
PATHS = (
    INBOUND,
    "/webhooks/plivo/wrong/inbound",
    f"/webhooks/plivo/status/{TEXT_ID}.1.0.{'A' * 22}",
    "/webhooks/plivo/status/x",
    "/webhooks/plivo/inbound",
)
FORM = "application/x-www-form-urlencoded"


def resident_kib() -> int:
    """Memory of this process, from the kernel."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def forged(chance: random.Random) -> tuple[str, bytes, dict[str, str]]:
    """A path, body and headers that no carrier sent."""
    path = chance.choice(PATHS)
    fields = form(Text=chance.choice(("STOP", "START", "hi")), MessageUUID=f"f-{chance.random()}")
    body, headers = signed(path, fields, scheme=chance.choice(("v2", "v3")), token="not ours")
    match chance.randrange(8):
        case 0:
            headers = {name: value for name, value in headers.items() if "Nonce" not in name}
        case 1:
            headers = {"Content-Type": FORM}
        case 2:
            body = chance.randbytes(chance.randrange(400))
        case 3:
            body = urlencode([("a", "b")] * 300).encode()
        case 4:
            headers |= {"Content-Type": "application/json"}
            body = b'{"From": "+12025550123", "Text": "STOP"}'
        case 5:
            body = b"x" * chance.choice((65_537, 200_000))
        case 6:
            headers["X-Plivo-Signature-V3"] = ",".join(["A" * 44] * chance.randrange(1, 50))
        case _:
            pass
    return path, body, headers


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_forged_webhooks_change_nothing_and_memory_stays(web: Web, at_desk: Desk) -> None:
    chance, statuses, warm_kib = random.Random(7), Counter[int](), 0
    for number in range(POSTS):
        path, body, headers = forged(chance)
        statuses[(await web.post(path, content=body, headers=headers)).status_code] += 1
        if number == WARM:
            warm_kib = resident_kib()
    assert set(statuses) <= {403, 404, 405, 413}, statuses
    assert statuses[403] > POSTS / 2
    await at_desk.settled()
    assert (at_desk.paper.messages, at_desk.board.raised, at_desk.board.received) == ([], [], {})
    assert list((Path(at_desk.edge.config.data_dir) / "spool").glob("*")) == []
    assert resident_kib() - warm_kib < GROWTH_MAX_KIB
