"""Who works on a page, in which workspace; and the forms that only a page of theirs could have sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import Connection

from gateway import pages
from gateway.admin.sessions import Session, read_session
from gateway.auth import Action
from gateway.edge import Edge
from gateway.form_tokens import Form, form_token, read_form_token
from gateway.forms import read_pairs
from gateway.pages import Web

COOKIE = "reminders"
FORM_VERSION = "admin-1"
Page = Response[str] | Response[bytes]
Answer = TypeVar("Answer")


class SignedOut(Exception):
    """Nobody is signed in."""


class OddForm(Exception):
    """The form was not shown to this session, or too long ago, or another site sent it."""


@dataclass(frozen=True, kw_only=True)
class Staff:
    """A signed-in person in a workspace that their token is for."""

    edge: Edge
    session: Session
    workspace_id: str
    zone: str
    """In which the pages tell times."""

    @property
    def name(self) -> str:
        """As it stands beside what they change."""
        return self.session.caller.name or self.session.caller.role

    @property
    def home(self) -> str:
        """Where the workspace's pages begin: ids may hold ``#``, ``?`` and letters of any language."""
        return f"/admin/{quote(self.workspace_id, safe='')}"

    def may(self, action: Action) -> bool:
        """Whether their role allows it."""
        return self.session.caller.may(action)

    def check(self, action: Action) -> None:
        """Raise ``Refusal`` (403) unless they may."""
        self.session.caller.check(action, self.workspace_id)

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """The answer of the records. Raises ``RecordsAway``."""
        return await self.edge.records.ask(question)

    def page(self, template: str, status: int = 200, *, here: str, **context: Any) -> Response[str]:
        """A page with the workspace's navigation; ``here`` is the entry that it belongs to."""
        return pages.page(f"admin/{template}", status, staff=self, here=here, form=self.form(), **context)

    def form(self) -> str:
        """The hidden field of a form of this session."""
        form = Form(self.edge.random_name(), self.edge.clock())
        return form_token(self.edge.policy.link_key, self.session.value, FORM_VERSION, form)


def session_of(request: Web, edge: Edge) -> Session:
    """Who is signed in. Raises ``SignedOut``."""
    value = request.cookies.get(COOKIE, "")
    session = read_session(edge.policy.link_key, value, edge.callers, edge.clock())
    if session is None:
        raise SignedOut
    return session


async def staff(request: Web, edge: NamedDependency[Edge], workspace_id: FromPath[str]) -> Staff:
    """Who works here. Raises ``SignedOut``, or ``Refusal`` (403) for another workspace or role."""
    session = session_of(request, edge)
    session.caller.check("pages", workspace_id)
    zone = await edge.records.setting(workspace_id, None, "zone")
    return Staff(
        edge=edge,
        session=session,
        workspace_id=workspace_id,
        zone=zone if isinstance(zone, str) else edge.policy.default_zone,
    )


@dataclass(frozen=True)
class Posted:
    """A form that staff sent: its fields, and a name that a double click shares."""

    fields: Mapping[str, str]
    name: str

    def get(self, field: str) -> str:
        """A field without blanks around it, bounded; empty if it is not there."""
        return pages.line(self.fields.get(field, "").strip())


async def posted(request: Web, edge: Edge, session: Session) -> Posted:
    """The form. Raises ``OddForm``."""
    fields = dict(read_pairs(await request.body()) or ())
    valid = timedelta(seconds=edge.config.form_valid_s)
    form = read_form_token(
        edge.policy.link_key,
        session.value,
        FORM_VERSION,
        fields.get("form", ""),
        now=edge.clock(),
        valid=valid,
    )
    if not isinstance(form, Form) or pages.is_cross_site(request):
        raise OddForm
    return Posted(fields, form.name)


def back_to(staff: Staff, path: str, done: str) -> Response[bytes]:
    """Show a page of the workspace, with what was done; ``path`` as it stands in an address."""
    return redirect(f"{staff.home}{path}?done={quote(done)}")


def redirect(path: str) -> Response[bytes]:
    """Show another page of ours."""
    return Response(b"", status_code=303, headers={**pages.PRIVATE, "Location": path})
