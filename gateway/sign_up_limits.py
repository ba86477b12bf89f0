"""Sign-ups that come too thick to be people: told so and counted, recorded not at all (toll fraud)."""

from datetime import timedelta

import structlog

from gateway import counters
from gateway.edge import Edge
from gateway.limits import block_of
from rules.ids import phone_ref
from rules.links import Invitation
from schemas.sign_ups import SignUp

log = structlog.get_logger()
PREFIX_DIGITS = 8
"""``+`` and seven digits: ranges of rising numbers are how fraud is done."""


def too_many(edge: Edge, invitation: Invitation, record: SignUp) -> timedelta | None:
    """How long to wait before this sign-up would be taken; None: it counts as taken now, repeats once."""
    limits, repeats, now = edge.limits.sign_ups, edge.limits.repeats, edge.clock()
    names = {
        "phone": phone_ref(edge.policy.reference_key, record.phone),
        "ip": block_of(record.ip),
        "page": invitation.invitation_id,
        "prefix": record.phone[:PREFIX_DIGITS],
        "workspace": invitation.workspace_id,
        "all": "",
    }
    if 0 < repeats.so_far(record.sign_up_id, now) < repeats.most:
        repeats.count(record.sign_up_id, now)
        return None
    full = {name: wait for name, of in names.items() if (wait := limits[name].wait(of, now)) is not None}
    for name in full:
        counters.LIMITED.labels(f"sign_up_{name}").inc()
        log.warning("sign_ups_limited", alert=True, limit=name, workspace=invitation.workspace_id)
    if full:
        return max(full.values())
    for name, of in names.items():
        limits[name].count(of, now)
    repeats.count(record.sign_up_id, now)
    return None
