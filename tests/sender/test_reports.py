"""Callbacks become evidence and progress, once each, in whatever order they come."""

import itertools
from typing import Any

import pytest
from prometheus_client import REGISTRY

from schemas.journal import Accepted, Reported
from schemas.sms import DeliveryReport
from sender.fold import NOTHING, step
from sender.reports import block_of, on_reports
from tests.sender.records import AT, TEXT, accepted, claimed, suppressed, unknown, unresolved

OPEN = step(NOTHING, claimed())


def report(status: str, sequence: int | None = None, **more: Any) -> DeliveryReport:
    fields: dict[str, Any] = {"error_code": "", "units": 1, "attempt": 1, "carrier_uuid": "u1"} | more
    return DeliveryReport(
        text_id=TEXT.text_id, partition=0, status=status, sequence=sequence, received_at=AT, **fields
    )


STAGES = [report("queued", 1), report("sent", 2), report("delivered", 3)]


@pytest.mark.parametrize("order", [*itertools.permutations([*STAGES, STAGES[0]])])
def test_any_order_ends_the_same(order: tuple[DeliveryReport, ...]) -> None:
    added = on_reports(OPEN, list(order), AT)
    assert sum(isinstance(record, Accepted) for record in added) == 1
    assert isinstance(added[0], Accepted)
    assert added[0].evidence == "callback"
    progress = [record.status for record in added if isinstance(record, Reported)]
    assert progress[-1] == "delivered"
    assert progress == sorted(progress, key=["queued", "sent", "delivered"].index)


def test_a_failed_text_was_accepted_first() -> None:
    added = on_reports(OPEN, [report("failed", 1, error_code="420")], AT)
    assert [type(record) for record in added] == [Accepted, Reported]


@pytest.mark.parametrize("before", [[unknown()], [unknown(), unresolved()], [suppressed(claim_id="c1")]])
def test_evidence_comes_late_too(before: list[Any]) -> None:
    text = OPEN
    for record in before:
        text = step(text, record)
    assert isinstance(on_reports(text, [report("sent", 1)], AT)[0], Accepted)


def test_repeats_and_unknown_statuses_add_nothing() -> None:
    text = OPEN
    for record in on_reports(OPEN, STAGES, AT):
        text = step(text, record)
    assert on_reports(text, [*STAGES, report("carrier_pending", 9)], AT) == []


def test_a_text_that_was_never_claimed_has_no_reports() -> None:
    assert on_reports(NOTHING, STAGES, AT) == []
    assert block_of(NOTHING, report("failed", error_code="200")) is None


def test_the_carriers_opt_out_dates_from_the_refused_send() -> None:
    text = step(OPEN, accepted())
    block = block_of(text, report("failed", 1, error_code="200"))
    assert block is not None
    assert (block.phone_ref, block.posted_at) == (TEXT.phone_ref, AT)
    assert block_of(text, report("failed", 1, error_code="420")) is None


def test_a_report_of_another_message_is_an_alarm_and_tells_nothing() -> None:
    """Sent twice, or a captured path with a forged body."""
    text = step(OPEN, accepted("u1"))
    forged = report("failed", 9, carrier_uuid="u2", error_code="200")
    before = REGISTRY.get_sample_value("sender_breaches_total", {"promise": "accepted_once"}) or 0
    assert on_reports(text, [forged], AT) == []
    assert block_of(text, forged) is None
    assert REGISTRY.get_sample_value("sender_breaches_total", {"promise": "accepted_once"}) == before + 1
