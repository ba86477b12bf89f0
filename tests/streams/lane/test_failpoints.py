import subprocess
import sys

import pytest

from streams.lane.failpoints import Failpoints, is_reversed

ARMED = """
import os
from streams.lane.failpoints import Failpoints
points = Failpoints.from_env(os.environ)
for n in range(5):
    print(n, flush=True)
    points.hit("after-store")
    points.hit("after-outputs")
"""


def test_the_process_is_gone_at_the_passage_asked_for() -> None:
    env = {"REMINDERS_FAILPOINT": "after-outputs:3", "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", ARMED], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (137, "0\n1\n2\n")


def test_without_the_variable_nothing_happens() -> None:
    points = Failpoints.from_env({})
    points.hit("after-store")


def test_an_unknown_point_is_refused() -> None:
    with pytest.raises(ValueError, match="after-lunch"):
        Failpoints.from_env({"REMINDERS_FAILPOINT": "after-lunch:1"})


@pytest.mark.parametrize(
    ("env", "wrong"),
    [
        ({}, False),
        ({"REMINDERS_STEP_ORDER": "reversed"}, False),
        ({"REMINDERS_TESTING": "1"}, False),
        ({"REMINDERS_TESTING": "1", "REMINDERS_STEP_ORDER": "reversed"}, True),
    ],
)
def test_the_wrong_order_is_for_tests(env: dict[str, str], wrong: bool) -> None:
    assert is_reversed(env) is wrong
