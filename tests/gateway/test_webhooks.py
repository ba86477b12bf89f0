import pytest
from aiokafka.errors import KafkaTimeoutError
from httpx import AsyncClient as Web

from schemas.ledger import ConsentFact
from schemas.sms import InboundSms
from tests.gateway.desk import NOW, PHONE, Desk
from tests.gateway.webhook_posts import INBOUND, REF, form, post, signed


async def test_a_stop_is_published_flagged_and_answered_with_empty_xml(web: Web, at_desk: Desk) -> None:
    answer = await post(web, form())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    [sms] = at_desk.paper.of(InboundSms)
    assert (sms.phone, sms.phone_ref, sms.text, sms.received_at) == (PHONE, REF, "STOP", NOW)
    assert sms.signature == "v3"
    await at_desk.settled()
    [flag] = at_desk.board.raised
    assert (flag.name, flag.phone_ref, flag.at) == ("stop", REF, NOW)


async def test_the_ledger_learns_when_all_is_silent(web: Web, at_desk: Desk) -> None:
    await post(web, form())
    await at_desk.settled()
    [fact] = at_desk.paper.of(ConsentFact)
    assert (fact.kind, fact.drained, fact.phone_ref, fact.source) == ("stop_effective", "empty", REF, "reply")
    assert (fact.inbound_uuid, fact.accepted_at) == (form()["MessageUUID"], NOW)


@pytest.mark.parametrize(
    ("text", "intent", "flag"),
    [("STOP", "", "stop"), ("whatever", "optout", "stop"), ("HELP", "", None), ("see you", "", None)],
)
async def test_only_what_asks_for_silence_raises_a_flag(
    web: Web, at_desk: Desk, text: str, intent: str, flag: str | None
) -> None:
    assert (await post(web, form(Text=text, MessageIntent=intent))).status_code == 200
    await at_desk.settled()
    assert [one.name for one in at_desk.board.raised] == ([flag] if flag else [])
    assert len(at_desk.paper.of(InboundSms)) == 1


@pytest.mark.parametrize(
    ("token", "scheme", "path"),
    [
        ("main-token", "v3", INBOUND),
        ("example-token", "v2", INBOUND),
        ("example-token", "v3", "/webhooks/plivo/path-old/inbound"),
    ],
)
async def test_both_tokens_both_schemes_and_both_secrets_count(
    web: Web, at_desk: Desk, token: str, scheme: str, path: str
) -> None:
    assert (await post(web, form(), path, token=token, scheme=scheme)).status_code == 200
    assert [sms.signature for sms in at_desk.paper.of(InboundSms)] == [scheme]


async def test_what_is_not_signed_rightly_gets_403_and_changes_nothing(web: Web, at_desk: Desk) -> None:
    body, headers = signed(INBOUND, form())
    tampered = body.replace(b"STOP", b"START")
    secret = "/webhooks/plivo/path-wrong/inbound"
    tries = [
        await web.post(INBOUND, content=body),
        await web.post(INBOUND, content=tampered, headers=headers),
        await web.post(INBOUND + "?x=1", content=body, headers=headers),
        await post(web, form(), token="some-other-token"),
        await post(web, form(), secret),
        await web.post(INBOUND, content=b"&" * 300, headers=headers),
        await web.post(INBOUND, content=body, headers=headers | {"X-Plivo-Signature-V3": b"\xe9"}),
    ]
    assert {(answer.status_code, answer.content) for answer in tries} == {(403, b"")}
    await at_desk.settled()
    assert (at_desk.paper.messages, at_desk.board.raised, at_desk.board.received) == ([], [], {})


async def test_a_right_v2_signature_does_not_save_a_wrong_v3_one(web: Web, at_desk: Desk) -> None:
    _, wrong = signed(INBOUND, form(), token="some-other-token")
    body, right = signed(INBOUND, form(), scheme="v2")
    assert (await web.post(INBOUND, content=body, headers=wrong | right)).status_code == 403
    assert at_desk.paper.messages == []


async def test_a_body_beyond_the_bound_is_refused_unread(web: Web, at_desk: Desk) -> None:
    answer = await post(web, form(Text="x" * 66_000))
    assert (answer.status_code, answer.content) == (413, b"")
    assert at_desk.paper.messages == []


async def test_without_an_acknowledgement_the_stop_is_on_disk_and_the_flag_stands(
    web: Web, at_desk: Desk
) -> None:
    at_desk.paper.error = KafkaTimeoutError()
    assert (await post(web, form())).status_code == 503
    kept = await at_desk.edge.spool.find(form()["MessageUUID"])
    assert isinstance(kept, InboundSms)
    assert kept.text == "STOP"
    await at_desk.settled()
    assert [flag.name for flag in at_desk.board.raised] == ["stop"]
    waiting = (await at_desk.edge.spool.waiting()).values()
    assert sorted(type(message).__name__ for message in waiting) == ["ConsentFact", "InboundSms"]


async def test_a_repeat_keeps_the_time_of_the_first_receipt(web: Web, at_desk: Desk) -> None:
    at_desk.paper.error = TimeoutError()
    await post(web, form())
    at_desk.paper.error, at_desk.now[0] = None, NOW.replace(minute=2)
    assert (await post(web, form())).status_code == 200
    await at_desk.settled()
    assert [sms.received_at for sms in at_desk.paper.of(InboundSms)] == [NOW]
    assert {flag.at for flag in at_desk.board.raised} == {NOW}


async def test_without_redis_the_spool_remembers_the_first_receipt(web: Web, at_desk: Desk) -> None:
    at_desk.board.away = True
    at_desk.paper.error = TimeoutError()
    await post(web, form())
    at_desk.paper.error, at_desk.now[0] = None, NOW.replace(minute=2)
    await post(web, form())
    assert [sms.received_at for sms in at_desk.paper.of(InboundSms)] == [NOW]


async def test_without_redis_the_answer_is_200_and_the_flag_follows(web: Web, at_desk: Desk) -> None:
    at_desk.board.away = True
    assert (await post(web, form())).status_code == 200
    assert at_desk.board.raised == []
    assert at_desk.paper.of(ConsentFact) == []
    at_desk.board.away = False
    await at_desk.settled()
    assert [flag.name for flag in at_desk.board.raised] == ["stop"]
    assert [fact.drained for fact in at_desk.paper.of(ConsentFact)] == ["empty"]
