"""Every metric that an alert asks for is one that a process shows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import archive.metrics
import gateway.counters
import sender.metrics
import streams.metrics

RULES = Path(__file__).parents[2] / "ops" / "alerts.yml"
NAME = re.compile(r"\b(?:archive|gateway|sender|worker)_[a-z_]+")


MODULES = (archive.metrics, gateway.counters, sender.metrics, streams.metrics)
# what an operator must see: where it is shown, and whether somebody is told without looking
SEEN = {
    "lag": (("worker_lag_records", "sender_lag_records", "archive_lag_records"), True),
    "what Kafka did not take": (("gateway_spooled_messages",), True),
    "due now": (("worker_due_now",), True),
    "oldest overdue": (("worker_oldest_overdue_seconds", "archive_oldest_overdue_seconds"), True),
    "lateness": (("archive_lateness_seconds_bucket",), True),
    "sends by outcome": (("sender_tries_total", "sender_ends_total"), False),
    "STOP accepted to effective": (("archive_stop_effective_seconds_bucket",), True),
    "gate refusals by reason": (("sender_gate_refusals_total",), False),
    "unresolved": (("archive_unresolved",), True),
    "dead letters": (("archive_dead_letters_open",), True),
    "recovery time": (("worker_recovery_seconds",), True),
    "invariant breaches": (("sender_breaches_total",), True),
    "forecast": (("archive_forecast_load_ratio",), True),
}


def _shown() -> set[str]:
    assert all(MODULES), "read, so that they are registered"
    return {sample for family in REGISTRY.collect() for sample in _names(family)}


def _asked() -> set[str]:
    return {name for rule in _rules() for name in NAME.findall(rule["expr"])}


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_alerts_ask_for_metrics_that_exist() -> None:
    assert _asked()
    assert _asked() <= _shown()
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in _rules())


@pytest.mark.parametrize("what", SEEN)
def test_what_an_operator_must_see_is_shown_and_watched(what: str) -> None:
    names, watched = SEEN[what]
    assert set(names) <= _shown()
    assert not watched or set(names) <= _asked()


def _names(family: object) -> set[str]:
    name, kind = family.name, family.type  # type: ignore[attr-defined]
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(kind, ("",))
    return {f"{name}{end}" for end in ends}
