from urllib.parse import quote_plus

import pytest
from httpx import AsyncClient as Web

from schemas.dead_letters import DeadLetter
from schemas.ledger import ConsentFact
from schemas.sms import InboundSms
from tests.gateway.desk import PHONE, Desk
from tests.gateway.webhook_posts import INBOUND, REF, form, post, signed


async def test_a_send_that_does_not_end_is_waited_for_no_longer_than_the_bound(
    web: Web, at_desk: Desk
) -> None:
    at_desk.board.under_way.add(REF)
    await post(web, form())
    await at_desk.settled()
    [fact] = at_desk.paper.of(ConsentFact)
    assert fact.drained == "timeout"


@pytest.mark.parametrize("spelled", [PHONE, PHONE[1:], " " + PHONE[1:]])
async def test_every_spelling_of_a_number_is_the_same_phone(web: Web, at_desk: Desk, spelled: str) -> None:
    assert (await post(web, form(From=spelled))).status_code == 200
    assert [sms.phone for sms in at_desk.paper.of(InboundSms)] == [PHONE]


@pytest.mark.parametrize("sender", ["12345", "Rally", "", None, "+0123456789"])
async def test_a_reply_from_no_number_is_answered_and_kept_aside(
    web: Web, at_desk: Desk, sender: str | None
) -> None:
    assert (await post(web, form(From=sender))).status_code == 200
    assert at_desk.paper.of(InboundSms) == []
    [letter] = at_desk.paper.of(DeadLetter)
    assert letter.topic == "webhook inbound"


async def test_a_reply_to_a_number_not_ours_is_answered_and_dropped(web: Web, at_desk: Desk) -> None:
    assert (await post(web, form(To="13125550000"))).status_code == 200
    assert at_desk.paper.messages == []


@pytest.mark.parametrize("uuid", [None, "", "with blank", "a/b", "é", "x" * 200])
async def test_a_stop_without_a_usable_id_still_counts(web: Web, at_desk: Desk, uuid: str | None) -> None:
    for _ in range(2):
        assert (await post(web, form(MessageUUID=uuid))).status_code == 200
    assert len({sms.inbound_uuid for sms in at_desk.paper.of(InboundSms)}) == 1
    await at_desk.settled()
    assert at_desk.board.raised


@pytest.mark.parametrize(
    "fields",
    [
        form(Text=None, Body="STOP", Type="mms", MediaCount="1", Media0="http://x/"),
        form(Surprise="yes", MessageIntent="unheard-of"),
        form(Text="STOP \n"),
    ],
)
async def test_other_shapes_of_a_stop_count(web: Web, at_desk: Desk, fields: dict[str, str]) -> None:
    assert (await post(web, fields)).status_code == 200
    await at_desk.settled()
    assert [flag.name for flag in at_desk.board.raised] == ["stop"]


async def test_a_text_longer_than_a_record_is_cut(web: Web, at_desk: Desk) -> None:
    await post(web, form(Text="x" * 5000))
    [sms] = at_desk.paper.of(InboundSms)
    assert len(sms.text) == 4096


async def test_bytes_that_are_no_utf8_do_no_harm(web: Web, at_desk: Desk) -> None:
    body, headers = signed(INBOUND, form(Text="caf\ufffd"))
    body = body.replace(quote_plus("\ufffd").encode(), b"%E9")
    assert (await web.post(INBOUND, content=body, headers=headers)).status_code == 200
    assert [sms.text for sms in at_desk.paper.of(InboundSms)] == ["caf\ufffd"]
