"""A changed phone: the old phone's row tells the new one's what it knows of the event.

A row that awaits something itself hands over only afterwards, so that A→B→A and A→B→C lose nothing,
whatever order the messages come in.
"""

from datetime import datetime

from msgspec.structs import replace

from rules.events import counted, told, with_text
from schemas.bookings import Handover, Left
from schemas.rows import EventRow, Parting


def leave(event: EventRow, left: Left) -> EventRow | None:
    """The event as the row of a phone that it has left; None if the row knows of a later state."""
    if left.version <= event.version:
        return None
    parting = parting_of(left)
    owed = event.owed if left.to is None else (*event.owed, parting)
    return replace(event, version=left.version, left=parting, owed=owed)


def parting_of(left: Left) -> Parting:
    """Where the event goes."""
    return Parting(version=left.version, to=left.to, to_ref=left.to_ref)


def handed_over(event: EventRow, handover: Handover) -> EventRow | None:
    """The event with what the old phone's row knew; None if this row neither awaits nor had that handover."""
    awaited = handover.version in event.awaits
    if not awaited and handover.version != event.inherited_version:
        return None
    after = replace(
        event,
        awaits=tuple(v for v in event.awaits if v != handover.version),
        inherited_version=handover.version,
        inherited_ids=tuple(handover.counted_ids),
        told_before=handover.told,
    )
    after = after if after.awaits else _freed(after)
    return None if after == event else after


def _freed(event: EventRow) -> EventRow:
    """Texts that waited for the handover are judged at once."""
    for text in event.texts.values():
        if text.waits_for == "waiting_for_handover":
            event = with_text(event, replace(text, state="planned", waits_for=None))
    return event


def payable(event: EventRow) -> tuple[Parting, ...]:
    """The handovers owed for which this row has all that it awaited before."""
    return tuple(p for p in event.owed if all(version >= p.version for version in event.awaits))


def paid(event: EventRow) -> EventRow:
    """The event once the payable handovers are given."""
    done = payable(event)
    return replace(event, owed=tuple(p for p in event.owed if p not in done))


def correctable(before: EventRow, after: EventRow) -> tuple[Parting, ...]:
    """The handover given that must be given again, since what it told has changed."""
    last = after.left
    if last is None or last in before.owed:
        return ()
    return (last,) if (counted(before), told(before)) != (counted(after), told(after)) else ()


def handover(
    event: EventRow | None, parting: Parting, *, from_ref: str, name: tuple[str, str], at: datetime
) -> Handover | None:
    """What this row knows of the event ``name`` (workspace, event) that left it; None if it went nowhere."""
    if parting.to is None or parting.to_ref is None:
        return None
    return Handover(
        phone=parting.to,
        phone_ref=parting.to_ref,
        from_ref=from_ref,
        workspace_id=name[0],
        event_id=name[1],
        version=parting.version,
        counted_ids=list(counted(event)) if event else [],
        told=told(event) if event else None,
        at=at,
    )
