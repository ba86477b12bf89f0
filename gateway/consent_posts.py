"""Consent changes that were posted: who may say what, and how each takes effect."""

from collections.abc import Awaitable, Callable
from functools import partial

from gateway.auth import Action, Caller
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.problems import Refusal
from gateway.withdrawals import withdraw
from rules.intake import consent_input
from rules.refused import Refused
from schemas.consent import ConsentChange, ConsentEnded


def check_caller(caller: Caller, change: ConsentChange) -> None:
    """Raise ``Refusal`` unless the caller may speak for the change's source in its workspace."""
    if change.source == "manage_page":
        raise Refusal(403, "only the manage page speaks for itself")
    staff: Action = "grant" if change.action == "grant" else "withdraw"
    caller.check("upstream_consent" if change.source == "upstream" else staff, change.workspace_id)


def taking(edge: Edge, change: ConsentChange) -> Callable[[], Awaitable[bool]]:
    """What takes the change: whether Kafka has it. Raises ``Refused`` if it can't be meant."""
    if change.source == "staff" and not (change.actor and change.reason):
        raise Refused("actor", "staff says who and why")
    canonical = consent_input(change, edge.policy, edge.clock())
    if isinstance(canonical, ConsentEnded):
        return partial(withdraw, edge, change, canonical)
    return partial(hand_over, edge, [change])
