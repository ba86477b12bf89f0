"""Delivery reports: evidence of acceptance, the carrier's status moved forward, and its own opt-out."""

from datetime import datetime

import structlog

from schemas.journal import Accepted, JournalRecord, Reported
from schemas.sms import CarrierBlock, DeliveryReport
from sender import metrics
from sender.fold import TextFold, step
from sender.report_rank import RANK, moves_forward

log = structlog.get_logger()

BLOCKED = "200"
"""Plivo's error code of a source that the destination opted out of."""
KNOWN_CODES = frozenset(
    str(code)
    for code in (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 200, 201, 300, 420, 450, 900, 910, 1000)
)
"""Plivo's published error codes of delivery reports; another one changes nothing, and is counted."""
NO_ERROR = ("", "0", "000")


def on_reports(text: TextFold, reports: list[DeliveryReport], now: datetime) -> list[JournalRecord]:
    """What status callbacks of one text add to the journal, in order; repeats and reorders add nothing.

    The path named the text and the attempt, so the first one proves acceptance; one that names another
    message than the accepted one is an alarm, and tells nothing of it. Of a second try alike.
    """
    if text.claim is None:
        return []
    added: list[JournalRecord] = []
    for report in reports:
        if is_of_another(text, report):
            metrics.BREACHES.labels("accepted_once").inc()
            log.error("report_of_another_message", alert=True, text_id=report.text_id)
            continue
        for record in _records(text, report, now):
            text = step(text, record)
            added.append(record)
    return added


def is_of_another(text: TextFold, report: DeliveryReport) -> bool:
    """Whether a report's path names this text and its body another message: sent twice, or forged."""
    if text.status != "accepted" or text.carrier_uuid is None or report.carrier_uuid in text.uuids:
        return False
    return not (text.awaits_second and report.attempt > 1)


def _records(text: TextFold, report: DeliveryReport, now: datetime) -> list[JournalRecord]:
    if text.claim is None:
        return []
    ref, records = text.claim.text, list[JournalRecord]()
    is_new = report.carrier_uuid not in text.uuids
    if is_new:
        records.append(
            Accepted(
                text=ref,
                attempt=report.attempt,
                claim_id=None,
                carrier_uuid=report.carrier_uuid,
                evidence="callback",
                at=now,
            )
        )
    known = None if text.lost and is_new else text.reported
    if moves_forward(known, report.status, report.sequence) and not _is_past(text, report):
        records.append(
            Reported(
                text=ref,
                attempt=report.attempt,
                carrier_uuid=report.carrier_uuid,
                status=report.status,  # type: ignore[arg-type]  # only statuses of the closed list move on
                sequence=report.sequence,
                error_code=report.error_code,
                units=report.units,
                at=now,
            )
        )
    return records


def _is_past(text: TextFold, report: DeliveryReport) -> bool:
    """A report of the first try, when the carrier has the second one too."""
    return text.lost is not None and report.attempt == 1 and not text.awaits_second


def block_of(text: TextFold, report: DeliveryReport) -> CarrierBlock | None:
    """The opt-out that a report tells of: as of the refused send, so that a START after it outweighs it."""
    if report.error_code != BLOCKED or text.claim is None or is_of_another(text, report):
        return None
    return CarrierBlock(phone_ref=text.claim.text.phone_ref, text_id=report.text_id, posted_at=text.claim.at)


def count(report: DeliveryReport) -> None:
    """Count a report by words of closed lists; what the carrier has not published is ``unknown``."""
    metrics.REPORTS.labels(report.status if report.status in RANK else "unknown").inc()
    if report.error_code in NO_ERROR:
        return
    known = report.error_code in KNOWN_CODES
    metrics.CARRIER_CODES.labels(report.error_code if known else "unknown").inc()
    if not known:
        log.warning("carrier_code_unknown", carrier_code=report.error_code)
