"""Every metric that an alert asks for is one that a process shows."""

import re
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

import archive.metrics
import sender.metrics
import streams.metrics

RULES = Path(__file__).parents[2] / "ops" / "alerts.yml"
NAME = re.compile(r"\b(?:archive|sender|worker)_[a-z_]+")


def test_alerts_ask_for_metrics_that_exist() -> None:
    assert {archive.metrics, sender.metrics, streams.metrics}, "read, so that they are registered"
    shown = {sample for family in REGISTRY.collect() for sample in _names(family)}
    rules = [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in NAME.findall(rule["expr"])}
    assert asked
    assert asked <= shown
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)


def _names(family: object) -> set[str]:
    name, kind = family.name, family.type  # type: ignore[attr-defined]
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(kind, ("",))
    return {f"{name}{end}" for end in ends}
