"""The page of phones: what each phone got, and a box to answer from it. Works without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec
from jinja2 import Environment, FileSystemLoader
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from litestar.router import Router
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig
from markupsafe import Markup, escape

from simulator.desk import Desk
from simulator.replies import Reply, phone_number

MAX_SHOWN = 200

_HERE = Path(__file__).parent
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class NumberForm(msgspec.Struct, frozen=True):
    """The form that puts a phone on the desk."""

    number: Annotated[str, msgspec.Meta(min_length=3, max_length=40)]


class ReplyForm(msgspec.Struct, frozen=True):
    """The form of one phone: what was typed, or the word of a quick button."""

    text: Annotated[str, msgspec.Meta(max_length=1600)] = ""
    quick: Annotated[str, msgspec.Meta(max_length=20)] = ""


def linked(text: str) -> Markup:
    """The text as HTML with its http links tappable."""
    parts, end = [], 0
    for match in _LINK.finditer(text):
        parts.append(escape(text[end : match.start()]))
        parts.append(Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(match.group()))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


class PhonesPage(Controller):
    """Screens of all phones."""

    path = "/"

    @get("/")
    async def page(self, desk: NamedDependency[Desk]) -> Template:
        """All phones on one page."""
        return Template("phones.html", context=_context(desk), headers=_HEADERS)

    @get("/screens")
    async def screens(
        self, desk: NamedDependency[Desk], after: FromQuery[int] = -1
    ) -> Response[str] | Template:
        """The screens alone, for the page to renew itself; 204 if nothing changed since version `after`."""
        if after == desk.phones.version:
            return Response("", status_code=204)
        return Template("screens.html", context=_context(desk), headers=_HEADERS)

    @post("/phones")
    async def add(self, data: URLEncodedBody[NumberForm], desk: NamedDependency[Desk]) -> Redirect:
        """Put a phone on the desk."""
        number = phone_number(data.number)
        desk.phones.add(number)
        return _back_to(number)

    @post("/phones/{number:str}/replies")
    async def reply(
        self,
        number: FromPath[str],
        data: URLEncodedBody[ReplyForm],
        desk: NamedDependency[Desk],
    ) -> Redirect:
        """Text us from a phone; an empty box sends nothing."""
        text = data.quick or data.text
        if text:
            await desk.replies.take(Reply(from_=number, text=text))
        return _back_to(phone_number(number))


def _back_to(number: str) -> Redirect:
    return Redirect(f"/#phone-{number.lstrip('+')}", status_code=303)


def _context(desk: Desk) -> dict[str, object]:
    known = list(desk.phones.all())
    phones = [
        {"number": number, "blocked": desk.blocked(number), "bubbles": [bubble.view() for bubble in screen]}
        for number, screen in known[-MAX_SHOWN:]
    ]
    hidden = len(known) - len(phones)
    return {"phones": phones, "hidden": hidden, "version": desk.phones.version, "ours": desk.settings.number}


def templates() -> TemplateConfig[JinjaTemplateEngine]:
    """Where the page's templates are and what they may call."""
    environment = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
    environment.filters["linked"] = linked
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


def assets() -> Router | HTTPRouteHandler:
    """The page's style and script."""
    return create_static_files_router(path="/static", directories=[_HERE / "static"])
