"""Signing in with a token, and out again. The token itself is never kept: the cookie stands for it."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from gateway import pages
from gateway.admin.sessions import open_session
from gateway.admin.staff import COOKIE, Page, posted, redirect, session_of
from gateway.admission import known_token
from gateway.auth import ANY_WORKSPACE
from gateway.edge import Edge
from gateway.forms import read_pairs
from gateway.pages import Web
from records.admin_counts import workspaces

WRONG = "This token is not known, or it has ended. Please check that you pasted all of it."
NOT_STAFF = "This token is for a service. Please ask an admin for one of your own."


@get("/sign-in", include_in_schema=False)
async def show(next_page: Annotated[str, QueryParameter(name="next")] = "/admin") -> Response[str]:
    """The form."""
    return _form(next_page)


def _form(next_page: str, status: int = 200, notice: str = "") -> Response[str]:
    return pages.page("admin/sign_in.html", status, next_page=_ours(next_page), notice=notice)


def _ours(path: str) -> str:
    """The path, if it is one of our pages; nobody is sent anywhere else after signing in."""
    plain = path.isascii() and path.isprintable() and "//" not in path and "\\" not in path
    return path if plain and (path == "/admin" or path.startswith("/admin/")) else "/admin"


@post("/sign-in", status_code=200, include_in_schema=False)
async def sign_in(request: Web, edge: NamedDependency[Edge]) -> Page:
    """Take the token; a wrong one is told so, and guessed no more than some times an hour."""
    fields = dict(read_pairs(await request.body()) or ())
    next_page = _ours(fields.get("next", ""))
    if pages.is_cross_site(request):
        return _form(next_page, 409)
    found = known_token(edge, pages.visitor_ip(request), fields.get("token", "")[:500])
    if found is None:
        return _form(next_page, 401, WRONG)
    digest, caller = found
    if not caller.may("pages"):
        return _form(next_page, 403, NOT_STAFF)
    valid = timedelta(seconds=edge.config.session_valid_s)
    value = open_session(edge.policy.link_key, digest, edge.clock(), valid)
    answer = redirect(next_page)
    answer.set_cookie(_cookie(edge, value, int(valid.total_seconds())))
    return answer


def _cookie(edge: Edge, value: str, age_s: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=age_s,
        path="/admin",
        httponly=True,
        samesite="lax",
        secure=edge.policy.public_url.startswith("https:"),
    )


@post("/sign-out", status_code=200, include_in_schema=False)
async def sign_out(request: Web, edge: NamedDependency[Edge]) -> Page:
    """Forget the cookie."""
    await posted(request, edge, session_of(request, edge))
    answer = redirect("/admin/sign-in")
    answer.set_cookie(_cookie(edge, "", 0))
    return answer


@get("/", include_in_schema=False)
async def choose(request: Web, edge: NamedDependency[Edge]) -> Page:
    """The workspace of one's token, or a choice for a token that is for all."""
    caller = session_of(request, edge).caller
    if caller.workspace != ANY_WORKSPACE:
        return redirect(f"/admin/{quote(caller.workspace, safe='')}")
    names = await edge.records.ask(workspaces)
    return pages.page("admin/workspaces.html", names=names)
