"""Journal records of what came of a try, and the request that is tried. Pure."""

from datetime import datetime

from carrier.port import NotBegun, Outcome, Outgoing, Taken, Unclear
from rules.links import status_token
from runtime.config import Config
from schemas.deliveries import Delivery
from schemas.journal import Accepted, Claimed, Expired, JournalRecord, NotSent, Rejected, Suppressed, Unknown
from schemas.reasons import Suppression

WAITS = frozenset(("paused", "over_budget", "held_unclear", "gave_up", "claimed", "forgot", "gate_away"))
"""Answers of the gate after which the text waits; all others but ``expired`` suppress it."""


def outgoing(config: Config, delivery: Delivery, claim: Claimed, partition: int, now: datetime) -> Outgoing:
    """What the carrier is asked; the callback's path names the try."""
    token = status_token(config.callback_secret.encode(), claim.text.text_id, claim.attempt, partition)
    return Outgoing(
        to=delivery.phone,
        body=delivery.body,
        callback_url=f"{config.public_url.rstrip('/')}/webhooks/plivo/status/{token}",
        expiry_s=int((delivery.not_after - now).total_seconds()),
    )


def of_outcome(claim: Claimed, outcome: Outcome, posted_at: datetime, now: datetime) -> JournalRecord:
    """The record of a try's outcome."""
    match outcome:
        case Taken(uuid):
            return Accepted(
                text=claim.text,
                attempt=claim.attempt,
                claim_id=claim.claim_id,
                carrier_uuid=uuid,
                evidence="reply",
                at=now,
            )
        case Unclear(reason):
            return unknown(claim, reason, posted_at, now)
        case NotBegun(reason, "never"):
            return Rejected(
                text=claim.text, attempt=claim.attempt, claim_id=claim.claim_id, reason=reason, at=now
            )
        case NotBegun(reason):
            return not_sent(claim, reason, now)


def word_of(outcome: Outcome) -> str:
    """The outcome in a word, for counting."""
    match outcome:
        case Taken():
            return "accepted"
        case Unclear():
            return "unknown"
        case NotBegun(_, "never"):
            return "rejected"
        case NotBegun():
            return "not_sent"


def of_refusal(claim: Claimed, reason: str, now: datetime) -> JournalRecord:
    """The record of the gate's no."""
    if reason in WAITS:
        return not_sent(claim, reason, now)
    tries = claim.attempt - 1
    if reason == "expired":
        return Expired(text=claim.text, claim_id=claim.claim_id, tries=tries, at=now)
    why: Suppression = reason  # type: ignore[assignment]  # the script's closed list
    return Suppressed(text=claim.text, claim_id=claim.claim_id, tries=tries, reason=why, at=now)


def not_sent(claim: Claimed, reason: str, now: datetime) -> NotSent:
    """The claim surely did not reach the carrier."""
    return NotSent(text=claim.text, attempt=claim.attempt, claim_id=claim.claim_id, reason=reason, at=now)


def unknown(claim: Claimed, reason: str, posted_at: datetime, now: datetime) -> Unknown:
    """The claim may have reached the carrier."""
    return Unknown(
        text=claim.text,
        attempt=claim.attempt,
        claim_id=claim.claim_id,
        reason=reason,
        posted_at=posted_at,
        at=now,
    )
