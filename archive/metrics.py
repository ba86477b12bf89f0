"""What the archive counts of what it writes. Labels are words of closed lists: no reference, no free text."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from schemas.base import Message
from schemas.dead_letters import DeadLetter
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import LedgerEntry
from schemas.notices import Notice

EVENTS = Counter("archive_text_events", "Steps in the life of texts", ("state", "reason"))
LATENESS = Histogram(
    "archive_lateness_seconds", "Accepted minus due", buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900)
)
STOP_EFFECTIVE = Histogram(
    "archive_stop_effective_seconds", "STOP accepted to effective", buckets=(0.1, 0.5, 1, 2, 2.5, 5, 30)
)
NOTICES = Counter("archive_notices", "Notices for upstream and coordinators", ("kind",))
DEAD_LETTERS = Counter("archive_dead_letters", "Records that could not be read")
LAG = Gauge("archive_lag_records", "Records that are not written yet")
UNRESOLVED = Gauge("archive_unresolved", "Sends of which no evidence came, not settled by a person")
DEAD_LETTERS_OPEN = Gauge("archive_dead_letters_open", "Dead letters that nobody has settled")
OVERDUE = Gauge("archive_overdue_texts", "Texts a minute past due that have not ended")
OLDEST_OVERDUE = Gauge("archive_oldest_overdue_seconds", "Age of the oldest of them")
FORECAST = Gauge(
    "archive_forecast_load_ratio",
    "The fullest coming quarter hour: segments planned to what the number carries",
)


def count(messages: Iterable[Message]) -> None:
    """Count what was written; called once a batch is committed."""
    for message in messages:
        match message:
            case DeliveryEvent():
                _event(message)
            case LedgerEntry():
                _fact(message)
            case Notice():
                NOTICES.labels(message.kind).inc()
            case DeadLetter():
                DEAD_LETTERS.inc()


def _event(event: DeliveryEvent) -> None:
    known = event.state in ("suppressed", "expired")  # the reason of a refusal is the carrier's own words
    EVENTS.labels(event.state, (event.reason or "") if known else "").inc()
    if event.lateness_s is not None:
        LATENESS.observe(event.lateness_s)


def _fact(entry: LedgerEntry) -> None:
    fact = entry.fact
    if fact.kind == "stop_effective" and fact.accepted_at is not None and fact.effective_at is not None:
        STOP_EFFECTIVE.observe((fact.effective_at - fact.accepted_at).total_seconds())
