"""Webhooks that were genuine and could not be read: answered, counted, and kept for the operator."""

import hashlib
from datetime import datetime

from schemas.dead_letters import PAYLOAD_BYTES_MAX, DeadLetter


def dead_letter(webhook: str, raw: bytes, reason: str, now: datetime) -> DeadLetter:
    """The letter. ``reason`` says what is wrong, never the value."""
    return DeadLetter(
        topic=f"webhook {webhook}",
        partition=0,
        offset=0,
        key=None,
        payload=raw[:PAYLOAD_BYTES_MAX],
        sha256=hashlib.sha256(raw).hexdigest(),
        size_bytes=len(raw),
        reason=reason,
        at=now,
    )
