"""The faults fit the code as it is, so that ``make mutants`` can plant them."""

from pathlib import Path

import pytest

from tests.mutants.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_can_be_planted(fault: Fault) -> None:
    code = (ROOT / fault.file).read_text("utf-8")
    assert code.count(fault.old) == 1
    compile(code.replace(fault.old, fault.new), fault.file, "exec")
    assert (ROOT / fault.tests).exists()


def test_names_are_apart() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 25
