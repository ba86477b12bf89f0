"""A deployment for each test module that wants one."""

from collections.abc import Iterator

import pytest

from tests.system.deployment import Deployment


@pytest.fixture
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Servers with all topics; the test starts the processes it needs."""
    deployment = Deployment(tmp_path_factory.mktemp("deployment"))
    try:
        deployment.start_servers()
        yield deployment
    finally:
        deployment.end()
