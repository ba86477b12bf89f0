"""The send protocol keeps its promises in every state; each shortcut breaks one, with a trace."""

import pytest

from tests.model.explore import explore
from tests.model.variants import MUST_FAIL, SAFE, Variant

pytestmark = pytest.mark.long


@pytest.mark.parametrize("variant", SAFE.values(), ids=SAFE)
def test_the_protocol_is_safe(variant: Variant) -> None:
    found = explore(variant.rules, variant.bounds)
    assert (found.violation, found.trace) == ("", [])
    assert found.complete
    assert {("accepted", 1), ("unresolved", 0)} <= found.ends.keys()
    assert (("accepted", 2) in found.ends) is variant.rules.retries_lost


@pytest.mark.parametrize("variant", MUST_FAIL.values(), ids=MUST_FAIL)
def test_a_shortcut_is_found(variant: Variant) -> None:
    found = explore(variant.rules, variant.bounds, wanted=variant.breaks)
    assert variant.breaks in found.violation
    assert found.violation
    assert found.trace
