"""Delivery reports: evidence of acceptance, the carrier's status moved forward, and its own opt-out. Pure."""

from datetime import datetime

from schemas.journal import Accepted, JournalRecord, Reported
from schemas.sms import CarrierBlock, DeliveryReport
from sender.fold import TextFold, moves_forward, step

BLOCKED = "200"
"""Plivo's error code of a source that the destination opted out of."""


def on_reports(text: TextFold, reports: list[DeliveryReport], now: datetime) -> list[JournalRecord]:
    """What status callbacks of one text add to the journal, in order; repeats and reorders add nothing.

    The path named the text and the attempt, so the first one proves acceptance.
    """
    if text.claim is None:
        return []
    added: list[JournalRecord] = []
    for report in reports:
        for record in _records(text, report, now):
            text = step(text, record)
            added.append(record)
    return added


def _records(text: TextFold, report: DeliveryReport, now: datetime) -> list[JournalRecord]:
    if text.claim is None:
        return []
    ref, records = text.claim.text, list[JournalRecord]()
    if text.status != "accepted":
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
    if moves_forward(text.reported, report.status, report.sequence):
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


def block_of(text: TextFold, report: DeliveryReport) -> CarrierBlock | None:
    """The opt-out that a report tells of: as of the refused send, so that a START after it outweighs it."""
    if report.error_code != BLOCKED or text.claim is None:
        return None
    return CarrierBlock(phone_ref=text.claim.text.phone_ref, text_id=report.text_id, posted_at=text.claim.at)
