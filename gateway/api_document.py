"""The OpenAPI document: request bodies from the message classes, as the topics take them."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)

from gateway.bodies import LIST_MAX
from gateway.posted import NewInvitation, Returned
from gateway.problems import PROBLEM_JSON, Problem
from schemas.base import Message
from schemas.bookings import BookingEvent
from schemas.consent import ConsentChange
from schemas.settings import SettingsChange

SENT: tuple[type[Message], ...] = (BookingEvent, ConsentChange, SettingsChange, NewInvitation, Returned)
REF = "#/components/schemas/{name}"
ERRORS = {
    status: ResponseSpec(Problem, generate_examples=False, description=meaning, media_type=PROBLEM_JSON)
    for status, meaning in {
        400: "Not JSON",
        401: "No valid token",
        403: "Not with this token",
        404: "Not found",
        413: "Too large",
        422: "Fields named in errors can't be accepted; nothing was taken",
        429: "Too often; Retry-After says when again",
        503: "Not acknowledged in time: send again",
    }.items()
}


def _takes_some(kind: type[Message]) -> type[Operation]:
    """An operation that takes one message of a kind or a list."""
    one = Reference(REF.format(name=kind.__name__))
    many = Schema(type=cast("Any", "array"), items=one, min_items=1, max_items=LIST_MAX)
    return _takes(Schema(one_of=[one, many]))


def _takes_one(kind: type[Message]) -> type[Operation]:
    return _takes(Reference(REF.format(name=kind.__name__)))


def _takes(schema: Schema | Reference) -> type[Operation]:
    content = {"application/json": OpenAPIMediaType(schema=schema)}

    @dataclass
    class Takes(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)

    return Takes


TAKES_BOOKINGS = _takes_some(BookingEvent)
TAKES_CONSENT = _takes_some(ConsentChange)
TAKES_SETTINGS = _takes_some(SettingsChange)
TAKES_INVITATION, TAKES_RETURN = _takes_one(NewInvitation), _takes_one(Returned)


def full_document(openapi_schema: dict[str, Any]) -> dict[str, Any]:
    """The framework's document with the message classes in it."""
    _, messages = msgspec.json.schema_components(SENT, ref_template=REF)
    components = openapi_schema["components"]
    schemas = {**components["schemas"], **messages}
    paths = {path: _linked(path, item) for path, item in openapi_schema["paths"].items()}
    return {**openapi_schema, "paths": paths, "components": {**components, "schemas": schemas}}


LINKS: dict[str, tuple[str, str, str]] = {
    "/v1/booking-events": ("202", "$request.body#/workspace_id", "$request.body#/booking_id"),
    "/v1/preview": ("200", "$response.body#/texts/0/workspace_id", "$response.body#/texts/0/booking_id"),
}
"""Which answer of a path leads to a booking, and where its ids stand."""


def _linked(path: str, item: dict[str, Any]) -> dict[str, Any]:
    """The path with the way on from its answer."""
    if path not in LINKS:
        return item
    status, workspace_id, booking_id = LINKS[path]
    link = {
        "operationId": "V1BookingsWorkspaceIdBookingIdGetBooking",
        "parameters": {"workspace_id": workspace_id, "booking_id": booking_id},
    }
    post = item["post"]
    answer = {**post["responses"][status], "links": {"booking": link}}
    return {**item, "post": {**post, "responses": {**post["responses"], status: answer}}}


class WithMessages(JsonRenderPlugin):
    """The document with the message classes in it; the framework knows those of its own answers only."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(full_document(openapi_schema))


def document() -> OpenAPIConfig:
    """Where the document is served, and what it says in common."""
    bearer = SecurityScheme(type="http", scheme="bearer", description="A token of a workspace and a role")
    return OpenAPIConfig(
        title="SMS Reminders",
        version="1.0.0",
        description="Bookings, consent and settings in; what became of each text out.",
        path="/openapi",
        render_plugins=[WithMessages(path="/v1.json")],
        components=Components(security_schemes={"bearer": bearer}),
        security=[{"bearer": []}],
    )
