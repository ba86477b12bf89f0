"""What a sender would send of what lies before it and of what the worker tells it next. Pure, for replays."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from schemas.base import Message
from schemas.deliveries import Delivery, ScopeWithdrawal, Withdrawal
from schemas.journal import Accepted
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.settings import SettingCopy
from sender.kept import Kept
from sender.partition import Partition

FORESEEN = "foreseen"


def informed(texts: Iterable[Message], known: Iterable[Any], now: datetime, *, verified: bool) -> Partition:
    """A partition that has read what lies before it, then the journal, the phones and the settings.

    In a sender's order: what the journal says was lost is known by the delivery read before. ``verified``:
    the policy under which that has a second try.
    """
    partition = Partition(0, kept=Kept(verified))
    for offset, message in enumerate(texts):
        match message:
            case Delivery():
                partition.take(offset, message, now)
            case Withdrawal():
                partition.take_withdrawal(offset, message)
            case ScopeWithdrawal():
                partition.take_scope(message)
            case _:
                pass
    for message in known:
        match message:
            case SettingCopy():
                partition.phones.hear_setting(message)
            case StopState() | EndedState() | StartAsked():
                partition.phones.hear(message)
            case _:
                partition.hear(message)
    return partition


def foreseen(partition: Partition, told: Iterable[Message], now: datetime) -> list[Delivery]:
    """The deliveries that would go, each once: first those that wait at ``now``, then in the order told.

    ``partition`` has heard what is on the topics, and is used up.
    """
    kept = partition.kept.texts.items()
    lost = [pending.delivery for name, pending in kept if partition.fold.of(name).is_lost]
    waiting = sorted(partition.all_pending(), key=lambda p: p.delivery.text.plan_version)
    going = [p.delivery for p in waiting if not p.over and _goes(partition, p.delivery, now)]
    going += [delivery for delivery in lost if _goes(partition, delivery, now)]
    for offset, message in enumerate(told, start=1 << 62):
        match message:
            case Delivery():
                pending = partition.take(offset, message, now)
                if pending is not None and _goes(partition, message, max(now, message.released_at)):
                    going.append(message)
            case Withdrawal():
                partition.take_withdrawal(offset, message)
            case ScopeWithdrawal():
                partition.take_scope(message)
            case StopState() | EndedState() | StartAsked():
                partition.phones.hear(message)
            case _:
                pass
    return going


def _goes(partition: Partition, delivery: Delivery, now: datetime) -> bool:
    """Whether nothing ends it before its try; then it counts as sent."""
    if _has_ended(partition, delivery) or partition.end_of(delivery, now) is not None:
        return False
    accepted = Accepted(
        text=delivery.text,
        attempt=partition.fold.of(delivery.text.text_id).attempt,
        claim_id=None,
        carrier_uuid=FORESEEN,
        evidence="operator",
        at=now,
    )
    partition.hear(accepted)
    return True


def _has_ended(partition: Partition, delivery: Delivery) -> bool:
    """Whether the consent that it relies on is over: what the gate in Redis asks."""
    text, given_at = delivery.text, delivery.consent_at
    scopes = ("None|None", f"{text.workspace_id}|{text.person_id}")
    ends = (partition.phones.ended.get((text.phone_ref, scope)) for scope in scopes)
    return given_at is not None and any(end is not None and end.ended_at >= given_at for end in ends)
