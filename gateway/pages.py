"""What every page shares: templates, headers, the visitor, answers when something is amiss."""

import re
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException, NotFoundException

from gateway import counters

log = structlog.get_logger()
HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
SHORTLY = CacheControlHeader(max_age=300, public=True)
LINE_MAX = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
Web = Request[Any, Any, Any]

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Language": "en",
}
"""The address of a page is a secret of its visitor: no page is kept, indexed, framed, or told to others."""


def page(template: str, status: int = 200, *, sends_to: str = "", **context: Any) -> Response[str]:
    """A page from its template. ``sends_to``: an origin outside that its form may end at."""
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        f"form-action 'self' {sends_to}; base-uri 'none'; frame-ancestors 'none'"
    )
    content = TEMPLATES.get_template(template).render(**context)
    headers = {**PRIVATE, "Content-Security-Policy": policy}
    return Response(content, status_code=status, media_type="text/html", headers=headers)


def message(status: int, heading: str, *paragraphs: str) -> Response[str]:
    """A page that only says something."""
    return page("message.html", status, heading=heading, paragraphs=paragraphs)


def try_again(what: str, *more: str) -> Response[str]:
    """Something is away; nothing was recorded."""
    return message(503, "Please try again", f"{what} Please try again in a minute.", *more)


def has_controls(text: str) -> bool:
    """Whether it holds a control character. No id does; asked for a NUL, PostgreSQL answers with an error."""
    return CONTROL.search(text) is not None


async def refuse_controls(request: Web) -> None:
    """Nothing is found under such a path."""
    if has_controls(request.scope["path"]):
        raise NotFoundException


def header(request: Web, name: str) -> str:
    """A header as evidence: one line, bounded."""
    return line(request.headers.get(name, ""))


def line(text: str) -> str:
    """Text cut to a line that a record may hold, without control characters."""
    return "".join(char for char in text if char.isprintable())[:LINE_MAX]


def visitor_ip(request: Web) -> str:
    """The visitor's address; the server reads X-Forwarded-For from trusted proxies only."""
    return request.client.host if request.client else ""


def is_cross_site(request: Web) -> bool:
    """Whether a browser says that another site made it send this form."""
    return request.headers.get("sec-fetch-site", "same-origin") == "cross-site"


def http_error(_request: Web, error: HTTPException) -> Response[str]:
    """A page for what the framework refused."""
    if error.status_code == 404:
        return message(404, "Page not found", "Please check the link you were sent.")
    return message(error.status_code, "This did not work", "Please go back and try again.")


def unexpected(_request: Web, error: Exception) -> Response[str]:
    """A page for our own mistake."""
    log.error("unexpected", alert=True, error=type(error).__name__)
    counters.PAGES.labels("any", "failed").inc()
    return message(500, "This did not work", "Something went wrong here, not on your side. Please try again.")
