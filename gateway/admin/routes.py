"""Every page of staff, under ``/admin``."""

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from gateway import pages
from gateway.admin import (
    attention,
    bookings,
    consent,
    day_of,
    errors,
    overview,
    people,
    person,
    replies,
    settings,
    sign_in,
)
from gateway.admin.staff import OddForm, SignedOut, staff
from gateway.forms import BODY_MAX_BYTES
from gateway.lookup import RecordsAway
from gateway.problems import Refusal

_workspace = Router(
    "/{workspace_id:str}",
    route_handlers=[
        overview.overview,
        settings.show_settings,
        settings.post_settings,
        settings.show_studies,
        settings.post_study,
        bookings.show_bookings,
        bookings.show_booking,
        day_of.preview,
        day_of.send,
        people.show_people,
        person.show_person,
        consent.post_withdrawal,
        consent.post_grant,
        replies.show_replies,
        replies.post_handled,
        attention.show_attention,
    ],
    dependencies={"staff": Provide(staff)},
)

routes = Router(
    "/admin",
    route_handlers=[sign_in.show, sign_in.sign_in, sign_in.sign_out, sign_in.choose, _workspace],
    before_request=pages.refuse_controls,
    request_max_body_size=BODY_MAX_BYTES,
    exception_handlers={
        SignedOut: errors.signed_out,
        OddForm: errors.odd_form,
        Refusal: errors.refused,
        RecordsAway: errors.away,
        HTTPException: pages.http_error,
        Exception: pages.unexpected,
    },
)
