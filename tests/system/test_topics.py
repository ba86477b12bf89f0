"""No process that hangs on the topics starts while they are not as they should be."""

import pytest

from tests.system.deployment import Deployment

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


@pytest.mark.parametrize("name", ["worker", "sender", "archive"])
def test_is_refused_with_the_difference(deployment: Deployment, name: str) -> None:
    deployment.start(name, PARTITIONS="3")
    assert deployment.running.pop(name).wait(timeout=60) == 2, deployment.tails()
    assert "booking-events has 4 partitions, not 3" in deployment.log(name)
    assert "Traceback" not in deployment.log(name)
