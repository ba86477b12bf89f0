"""A thousand random webhooks: what the carrier's own SDK holds for genuine is taken, and nothing else."""

import random
from typing import Any

import pytest
from httpx import AsyncClient as Web
from plivo.utils import validate_signature, validate_v3_signature

from schemas.sms import InboundSms
from tests.gateway.desk import ACCOUNT_TOKEN, Desk
from tests.gateway.webhook_posts import form, signed

INBOUND = "/webhooks/plivo/path-new/inbound"
URL = f"http://127.0.0.1:8080{INBOUND}"
LETTERS = "aA0 +&=%?/.;\n\t\"'<>é\u00df\u4f60\U0001f600"


def fields(chance: random.Random) -> dict[str, str]:
    """A form with odd names and values in any order."""

    def odd(longest: int) -> str:
        return "".join(chance.choices(LETTERS, k=chance.randrange(longest)))

    extra = {f"X{number}{odd(4)}": odd(30) for number in range(chance.randrange(6))}
    pairs = list({**form(Text=odd(60), MessageUUID=f"u-{chance.random()}"), **extra}.items())
    chance.shuffle(pairs)
    return dict(pairs)


def genuine(headers: dict[str, str], sent: dict[str, str], scheme: str) -> bool:
    name = f"X-Plivo-Signature-{scheme.upper()}"
    nonce, signature = headers[f"{name}-Nonce"], headers[name]
    if scheme == "v2":
        return bool(validate_signature(URL, nonce, signature, ACCOUNT_TOKEN))
    params: dict[str, Any] = dict(sent)
    return bool(validate_v3_signature("POST", URL, nonce, ACCOUNT_TOKEN, signature, params))


@pytest.mark.long
async def test_the_sdk_and_the_edge_agree_on_a_thousand_requests(web: Web, at_desk: Desk) -> None:
    chance = random.Random(20300506)
    taken, refused = 0, 0
    for _ in range(1000):
        scheme, wrong = chance.choice(("v3", "v2")), chance.random() < 0.3
        sent = fields(chance)
        body, headers = signed(INBOUND, sent, scheme=scheme, token="other" if wrong else ACCOUNT_TOKEN)
        expected = genuine(headers, sent, scheme)
        answer = await web.post(INBOUND, content=body, headers=headers)
        assert (answer.status_code == 200) == expected == (not wrong), (scheme, sent)
        taken, refused = taken + expected, refused + (not expected)
    assert len(at_desk.paper.of(InboundSms)) == taken
    assert min(taken, refused) > 200
    await at_desk.settled()
