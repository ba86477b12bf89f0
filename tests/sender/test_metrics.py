"""What a sender counts: each end once, codes of the carrier by name, what it has not published as unknown."""

import pytest
from prometheus_client import REGISTRY

from schemas.journal import JournalRecord
from sender.reports import count
from sender.telling import count_end
from tests.sender.records import accepted, claimed, expired, rejected, reported, suppressed, unresolved
from tests.sender.test_reports import report


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{name}_total", labels) or 0.0


def every(name: str) -> dict[tuple[str, ...], float]:
    (family,) = (metric for metric in REGISTRY.collect() if metric.name == name)
    totals = [sample for sample in family.samples if sample.name.endswith("_total")]
    return {tuple(sample.labels.values()): sample.value for sample in totals}


@pytest.mark.parametrize(
    ("record", "state", "reason"),
    [
        (accepted(), "accepted", ""),
        (suppressed(reason="capped"), "suppressed", "capped"),
        (expired(), "expired", ""),
        (rejected(), "rejected", ""),
        (unresolved(), "unresolved", ""),
    ],
)
def test_ends(record: JournalRecord, state: str, reason: str) -> None:
    before = counted("sender_ends", state=state, reason=reason)
    count_end(record)
    assert counted("sender_ends", state=state, reason=reason) == before + 1


def test_what_ends_nothing() -> None:
    before = every("sender_ends")
    for record in (claimed(), reported()):
        count_end(record)
    assert every("sender_ends") == before


@pytest.mark.parametrize(
    ("code", "label"), [("200", "200"), ("000", None), ("", None), ("7777", "unknown"), ("x y", "unknown")]
)
def test_codes(code: str, label: str | None) -> None:
    before = every("sender_carrier_codes")
    count(report("failed", 1, error_code=code))
    more = {name for name, value in every("sender_carrier_codes").items() if value != before.get(name)}
    assert more == ({(label,)} if label else set())
