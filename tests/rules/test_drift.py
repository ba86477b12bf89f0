"""Each difference between our opt-outs and the carrier's, and what is none."""

from typing import Any

import pytest

from rules.drift import Tried, difference
from schemas.rows import PhoneStops
from tests.makers import PHONE, at, ref


def tried(clock: str, *, refused: bool = False, status: str = "delivered") -> Tried:
    return Tried(
        text_id="a" * 32,
        phone_ref=ref(PHONE),
        workspace_id="w1",
        tried_at=at(clock),
        status="undelivered" if refused else status,
        code="200" if refused else None,
    )


NO: dict[str, Any] = {}
STOPPED = {"stop_at": at("12:00")}
STARTED = {"stop_at": at("12:00"), "start_at": at("13:00")}
# each row: what we hold, what the carrier said, the difference
CASES: dict[str, tuple[dict[str, Any], list[Tried], str | None]] = {
    "refused, and we know of no stop": (NO, [tried("12:00", refused=True)], "only_carrier"),
    "refused after the start that we heard": (STARTED, [tried("13:30", refused=True)], "only_carrier"),
    "refused before that start": (STARTED, [tried("12:30", refused=True)], None),
    "refused, as of which we stopped": (STOPPED, [tried("12:00", refused=True)], None),
    "refused after our stop: both silent": (STOPPED, [tried("12:10", refused=True)], None),
    "let through after our stop": (STOPPED, [tried("12:10")], "only_ours"),
    "let through before our stop": (STOPPED, [tried("11:50")], None),
    "let through, and we would text": (NO, [tried("12:00")], None),
    "let through after a refusal": (NO, [tried("12:00", refused=True), tried("12:30")], None),
    "refused after it was let through": (NO, [tried("12:30", refused=True), tried("12:00")], "only_carrier"),
    "lost in the network, which says nothing": (STOPPED, [tried("12:10", status="failed")], None),
    "nothing said": (STOPPED, [], None),
}


@pytest.mark.parametrize("case", CASES)
def test_differences(case: str) -> None:
    stops, texts, kind = CASES[case]
    found = difference(PhoneStops(**stops), texts)
    assert (found and found.kind) == kind


def test_a_difference_names_the_text_that_shows_it() -> None:
    found = difference(PhoneStops(**STOPPED), [tried("12:10"), tried("12:20")])
    assert found is not None
    assert (found.last.tried_at, found.stop_at, found.start_at) == (at("12:20"), at("12:00"), None)
