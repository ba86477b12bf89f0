"""Plivo's message API: `/v1/Account/{auth_id}/Message/`."""

from __future__ import annotations

import asyncio
import hmac
import uuid
from base64 import b64encode
from datetime import UTC, datetime

from litestar import Controller, Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import FromPath
from litestar.types import ASGIApp

from simulator import answers
from simulator.behaviours import Behaviour
from simulator.desk import Desk
from simulator.ledger import Refused, Unanswered
from simulator.limits import Window
from simulator.list_request import ListRequest, parse_list
from simulator.send_request import RequestError, SendRequest, check_length, destinations, parse, source

ApiRequest = Request[None, None, State]


def new_api_id() -> str:
    """The id that an answer carries."""
    return str(uuid.uuid4())


class MessageApi(Controller):
    """The routes an account uses; every answer is an ASGI application, so that faults can be one too."""

    path = "/v1/Account/{auth_id:str}/Message"

    @post("/", summary="Send a message")
    async def send(self, request: ApiRequest, auth_id: FromPath[str], desk: NamedDependency[Desk]) -> ASGIApp:
        """Send a message: checks as Plivo's, then what the message's behaviour says."""
        api_id = new_api_id()
        try:
            body = await _body(request, desk)
            check_access(request, auth_id, desk)
            return await _send(request.headers.get("content-type", ""), body, api_id, desk)
        except RequestError as refusal:
            entry = Refused(at=_now(), status=refusal.status, reason=str(refusal), phase="request")
            await desk.ledger.append([entry])
            return answers.error(refusal.status, api_id, str(refusal))

    @get("/", summary="List messages")
    async def show_list(
        self, request: ApiRequest, auth_id: FromPath[str], desk: NamedDependency[Desk]
    ) -> ASGIApp:
        """A page of messages, the newest first."""
        try:
            check_access(request, auth_id, desk)
            _check_rate(desk.lists)
            return answers.json_answer(200, _page(parse_list(request.scope["query_string"]), desk))
        except RequestError as refusal:
            return answers.error(refusal.status, new_api_id(), str(refusal))

    @get("/{message_uuid:str}", summary="One message")
    async def show(
        self,
        request: ApiRequest,
        auth_id: FromPath[str],
        message_uuid: FromPath[str],
        desk: NamedDependency[Desk],
    ) -> ASGIApp:
        """The record of one message."""
        try:
            check_access(request, auth_id, desk)
        except RequestError as refusal:
            return answers.error(refusal.status, new_api_id(), str(refusal))
        message = desk.messages.get(message_uuid)
        if message is None:
            return answers.error(404, new_api_id())
        return answers.json_answer(200, {"api_id": new_api_id(), **desk.messages.record(message)})


def _now() -> datetime:
    return datetime.now(UTC)


async def _body(request: ApiRequest, desk: Desk) -> bytes:
    """The whole body; a client that goes away before its end is noted."""
    try:
        return await request.body()
    except RequestEntityTooLarge as error:
        raise RequestError(413, "request entity too large") from error
    except InternalServerException:  # so Litestar calls a client that has gone
        await desk.ledger.append([Unanswered(at=_now(), how="client gone", phase="body")])
        raise


def check_access(request: ApiRequest, auth_id: str, desk: Desk) -> None:
    """RequestError unless the path ends in a slash and account and token are right."""
    pair = f"{desk.settings.auth_id}:{desk.settings.auth_token}".encode()
    given = request.headers.get("authorization", "")
    right = hmac.compare_digest(given.encode(), b"Basic " + b64encode(pair))
    if not right or auth_id != desk.settings.auth_id:
        raise RequestError(401, "not authenticated")
    if not request.scope["raw_path"].endswith(b"/"):
        raise RequestError(404, "not found")


def _check_rate(window: Window) -> None:
    if not window.take(asyncio.get_running_loop().time()):
        raise RequestError(429, "too many requests")


async def _send(content_type: str, body: bytes, api_id: str, desk: Desk) -> ASGIApp:
    _check_rate(desk.requests)
    request = parse(content_type, body)
    src, (numbers, invalid) = source(request), destinations(request)
    check_length(request, desk.settings.text_measure)
    how = desk.script.take(numbers[0])
    if desk.credit.refuses(asyncio.get_running_loop().time()):
        raise RequestError(desk.credit.refusal_status, "Insufficient credit")
    if how.accepted:
        uuids = await desk.journeys.accept(request, src, numbers, how, api_id)
    else:
        uuids = [str(uuid.uuid4()) for _ in numbers]
        await desk.ledger.append([_not_accepted(request, src, numbers, how)])
    told = answers.Sent(api_id, uuids, invalid)
    return answers.answer(how.answer, told, numbers[0], desk.settings.hang_s)


def _not_accepted(request: SendRequest, src: str, numbers: list[str], how: Behaviour) -> Refused | Unanswered:
    dst, text, url = "<".join(numbers), request.text, request.url
    if how.answer in answers.FAULTS:
        return Unanswered(at=_now(), how=how.written, phase="request", dst=dst, src=src, text=text, url=url)
    status, why = int(how.answer[:3]), how.written
    return Refused(
        at=_now(), status=status, reason=why, phase="request", dst=dst, src=src, text=text, url=url
    )


def _page(wanted: ListRequest, desk: Desk) -> dict[str, object]:
    found = desk.messages.page(wanted.filter, limit=wanted.limit, offset=wanted.offset, now=_now())
    meta = {
        "limit": wanted.limit,
        "offset": wanted.offset,
        "next": wanted.link(desk.settings.auth_id, +1) if len(found) > wanted.limit else None,
        "previous": wanted.link(desk.settings.auth_id, -1) if wanted.offset else None,
    }
    objects = [desk.messages.record(message) for message in found[: wanted.limit]]
    return {"api_id": new_api_id(), "meta": meta, "objects": objects}
