"""The web edge as one ASGI application."""

from collections.abc import Callable

from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router

from gateway import api, api_viewer, health, manage, pages, signup, webhooks
from gateway.admin import routes as admin
from gateway.api_document import document
from gateway.edge import Edge


def create_app(edge: Callable[[], Edge]) -> Litestar:
    """The application around its parts, asked for at each request. Starts and stops nothing of them."""
    static = create_static_files_router(
        "/static", [pages.HERE / "static"], include_in_schema=False, cache_control=pages.SHORTLY
    )
    return Litestar(
        route_handlers=[
            webhooks.routes,
            signup.routes,
            manage.routes,
            admin.routes,
            api.routes,
            api_viewer.docs,
            health.health,
            health.ready,
            health.metrics,
            static,
        ],
        openapi_config=document(),
        exception_handlers={HTTPException: pages.http_error, Exception: pages.unexpected},
        logging_config=None,
        dependencies={"edge": Provide(edge, sync_to_thread=False)},
    )
