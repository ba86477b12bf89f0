"""The hand behind the curtain: `/admin/…`, for tests and the demo. No access check: bind it to localhost."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, JSONBody

from simulator.behaviours import ANY_NUMBER, parse
from simulator.desk import Desk, Outage
from simulator.phones import Person
from simulator.replies import Reply, phone_number
from simulator.settings import Signing


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the next `count` messages (null: all) to a number (`*`: any) behave: `simulator.behaviours`."""

    number: str
    behaviour: str
    count: Annotated[int, msgspec.Meta(ge=1)] | None = 1


class Mode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How callbacks are signed from now on."""

    mode: Signing


class Funds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages left to send, null: without end; refusals without credit have this status."""

    messages: int | None = None
    refusal_status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 402


class NewPhone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A phone to put on the desk."""

    number: str


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For `for_s` seconds the port is `closed` (connection refused) or `full` (connecting hangs)."""

    for_s: Annotated[float, msgspec.Meta(gt=0, le=600)]
    how: Outage = "closed"


class AdminApi(Controller):
    """Routes that script the carrier and look at the phones."""

    path = "/admin"

    @post("/behaviours", status_code=204)
    async def order(self, data: JSONBody[Order], desk: NamedDependency[Desk]) -> None:
        """Script the next messages to a number."""
        try:
            behaviour = parse(data.behaviour)
        except ValueError as error:
            raise ValidationException(str(error)) from error
        number = data.number if data.number == ANY_NUMBER else phone_number(data.number)
        desk.script.order(number, behaviour, data.count)

    @delete("/behaviours", status_code=204)
    async def clear(self, desk: NamedDependency[Desk]) -> None:
        """Forget all behaviours."""
        desk.script.clear()

    @post("/replies", status_code=202)
    async def reply(self, data: JSONBody[Reply], desk: NamedDependency[Desk]) -> dict[str, str]:
        """Have a phone text us; the callback goes out after the answer, or at once."""
        return {"uuid": (await desk.replies.take(data)).uuid}

    @post("/people", status_code=204)
    async def people(self, data: JSONBody[list[Person]], desk: NamedDependency[Desk]) -> None:
        """Seat people who answer by themselves, each once."""
        for person in data:
            desk.phones.seat(msgspec.structs.replace(person, number=phone_number(person.number)))

    @post("/phones", status_code=204)
    async def add_phone(self, data: JSONBody[NewPhone], desk: NamedDependency[Desk]) -> None:
        """Put a phone on the desk."""
        desk.phones.add(phone_number(data.number))

    @get("/phones")
    async def phones(self, desk: NamedDependency[Desk]) -> list[dict[str, object]]:
        """All phones: number, how many texts, whether the carrier blocks us there."""
        return [
            {"number": number, "texts": len(screen), "blocked": desk.blocked(number)}
            for number, screen in desk.phones.all()
        ]

    @get("/phones/{number:str}")
    async def phone(self, number: FromPath[str], desk: NamedDependency[Desk]) -> dict[str, object]:
        """One phone with its bubbles in order."""
        known = phone_number(number)
        screen = desk.phones.screen(known)
        if screen is None:
            raise NotFoundException("no such phone")
        bubbles = [bubble.view() for bubble in screen]
        return {"number": known, "blocked": desk.blocked(known), "bubbles": bubbles}

    @post("/signing", status_code=204)
    async def sign(self, data: JSONBody[Mode], desk: NamedDependency[Desk]) -> None:
        """Change how callbacks are signed."""
        desk.callbacks.signing = data.mode

    @post("/credit", status_code=204)
    async def credit(self, data: JSONBody[Funds], desk: NamedDependency[Desk]) -> None:
        """Set what is left of the account's credit."""
        desk.credit.top_up(data.messages, data.refusal_status)

    @post("/outages", status_code=202)
    async def outage(self, data: JSONBody[Cut], desk: NamedDependency[Desk]) -> None:
        """Take the port away for a while, from a moment after this answer on."""
        desk.outage(data.how, data.for_s)

    @get("/health")
    async def health(self) -> Response[dict[str, str]]:
        """Whether the simulator answers."""
        return Response({"status": "ok"})
