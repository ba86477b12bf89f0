"""A deployment for each test module that wants one."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.logs import messages
from tests.model.conformance import refusals
from tests.system.deployment import Deployment


@pytest.fixture
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Servers with all topics; the test starts the processes it needs."""
    deployment = Deployment(tmp_path_factory.mktemp("deployment"))
    try:
        deployment.start_servers()
        yield deployment
        assert (
            refusals(asyncio.run(messages(deployment.config, "sms-journal"))) == []
        )  # every journal is one of the model's
    finally:
        deployment.end()
