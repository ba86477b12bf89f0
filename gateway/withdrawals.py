"""An end of consent takes effect as a STOP does: the flag at once, the record to Kafka or to disk."""

from gateway.drain import Halt
from gateway.edge import Edge
from gateway.flags import Flag
from gateway.handing import hand_over_or_keep
from schemas.consent import ConsentChange, ConsentEnded


async def withdraw(edge: Edge, change: ConsentChange, ended: ConsentEnded) -> bool:
    """Whether Kafka has the withdrawal (else it is on disk); ``ended`` is its canonical form."""
    edge.drains.halt(halt_of_withdrawal(change, ended))
    return await hand_over_or_keep(edge, change.message_id, change)


def halt_of_withdrawal(change: ConsentChange, ended: ConsentEnded) -> Halt:
    """What the withdrawal sets going."""
    flag = Flag(
        name="ended",
        phone_ref=ended.phone_ref,
        at=ended.at,
        workspace_id=None if ended.phone_wide else ended.workspace_id,
        person_id=None if ended.phone_wide else ended.person_id,
    )
    return Halt(flag=flag, cause_id=ended.change_id, source=change.source, accepted_at=ended.received_at)
