"""The order of the carrier's delivery reports, which come in any. Pure."""

from schemas.journal import Reported

RANK = {"queued": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}


def is_final(report: Reported) -> bool:
    """Whether only another end may follow."""
    return RANK[report.status] == max(RANK.values())


def moves_forward(known: Reported | None, status: str, sequence: int | None) -> bool:
    """Whether a report tells more than the last: a later stage, or another end with a higher sequence.

    Of two that are alike in that, the one that says delivered.
    """
    rank = RANK.get(status, 0)
    if known is None or rank != RANK[known.status]:
        return rank > (RANK[known.status] if known else 0)
    later = (sequence or 0) - (known.sequence or 0)
    return status != known.status and later >= (0 if status == "delivered" else 1)
