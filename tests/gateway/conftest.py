from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.app import create_app
from tests.gateway.desk import Desk, desk


@pytest.fixture
def at_desk(tmp_path: Path) -> Desk:
    return desk(tmp_path)


@pytest.fixture
async def web(at_desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """A client in the loop of the application, under a host that we were never told."""
    transport = httpx.ASGITransport(create_app(at_desk.edge))
    async with httpx.AsyncClient(transport=transport, base_url="http://never.named") as client:
        yield client
