"""What the archive counts: ends with their reasons, lateness, how fast a STOP took effect."""

from datetime import timedelta

from msgspec.structs import replace
from prometheus_client import REGISTRY

from archive.metrics import count
from schemas.ledger import LedgerEntry
from schemas.samples import samples
from tests.records.desk import event


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_ends_are_counted_with_reasons_of_the_closed_list_only() -> None:
    name = "archive_text_events_total"
    before = _value(name, state="suppressed", reason="opted_out"), _value(name, state="rejected", reason="")
    count([event("suppressed", reason="opted_out"), event("rejected", reason="by hand: Ann +13305550147")])
    after = _value(name, state="suppressed", reason="opted_out"), _value(name, state="rejected", reason="")
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]


def test_how_fast_a_stop_took_effect() -> None:
    entry = samples("consent-ledger")["ledger-entry"]
    assert isinstance(entry, LedgerEntry)
    fact = replace(
        entry.fact,
        kind="stop_effective",
        accepted_at=entry.fact.at,
        effective_at=entry.fact.at + timedelta(seconds=1.5),
    )
    before = _value("archive_stop_effective_seconds_sum")
    count([replace(entry, fact=fact)])
    assert _value("archive_stop_effective_seconds_sum") - before == 1.5


def test_lateness_is_counted() -> None:
    before = _value("archive_lateness_seconds_count")
    count([event("accepted", 3, lateness_s=3.0), event("planned")])
    assert _value("archive_lateness_seconds_count") - before == 1
