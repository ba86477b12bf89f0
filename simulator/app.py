"""The simulator as a web application: Plivo's API, the admin routes, the page of phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from simulator.account import AccountApi
from simulator.admin import AdminApi
from simulator.api import MessageApi
from simulator.desk import Desk, Outage
from simulator.page import PhonesPage, assets, templates
from simulator.settings import Settings


def create_app(settings: Settings, outage: Callable[[Outage, float], None]) -> Litestar:
    """The application; its desk lives from startup to shutdown. `outage` takes the port away for seconds."""

    @asynccontextmanager
    async def desk_open(app: Litestar) -> AsyncIterator[None]:
        desk = Desk(settings, outage)
        app.state.desk = desk
        try:
            yield
        finally:
            await desk.close()

    return Litestar(
        route_handlers=[MessageApi, AccountApi, AdminApi, PhonesPage, assets()],
        dependencies={"desk": Provide(_desk, sync_to_thread=False)},
        lifespan=[desk_open],
        template_config=templates(),
        openapi_config=None,
        logging_config=None,
    )


def _desk(state: State) -> Desk:
    desk: Desk = state.desk
    return desk
