"""Opt-outs that wait on disk, told to every new epoch of Redis before the sender's gate opens again.

Redis may forget while Kafka is away: then nobody but this process knows of them.
"""

import asyncio

import structlog

from gateway.drain import Halt
from gateway.edge import Edge
from gateway.flags import AWAY, Flag
from gateway.replies import flag_of, halt_of_reply
from gateway.withdrawals import halt_of_withdrawal
from rules.intake import consent_input
from rules.refused import Refused
from schemas.base import Message
from schemas.consent import ConsentChange, ConsentEnded
from schemas.sms import InboundSms

log = structlog.get_logger()


async def keep_flags_raised(edge: Edge) -> None:
    """Run until cancelled. What a process before this one left is also drained, and told to the ledger."""
    await halt_again(edge)
    known: str | None = None
    while True:
        try:
            known = await raise_in_new_epoch(edge, known)
        except AWAY as error:
            log.warning("epoch_unknown", error=type(error).__name__)
        except OSError as error:
            log.error("spool_unreadable", alert=True, error=type(error).__name__)
        await asyncio.sleep(edge.config.spool_interval_s)


async def halt_again(edge: Edge) -> None:
    """Begin anew what the end of a process cut off."""
    for message in (await edge.spool.waiting()).values():
        halt = halt_of(edge, message)
        flag = flag_of(message) if isinstance(message, InboundSms) else None
        if halt is not None:
            edge.drains.halt(halt)
        elif flag is not None:
            edge.drains.hold(flag)


async def raise_in_new_epoch(edge: Edge, known: str | None) -> str | None:
    """Raise the spooled flags if Redis is in another epoch than ``known``; the epoch they stand in.

    The sender waits with its rebuild while we say that we are behind. Raises one of ``AWAY``.
    """
    epoch = await edge.flags.epoch()
    if epoch is None or epoch == known:
        return known
    flags = [flag for message in (await edge.spool.waiting()).values() if (flag := _flag(edge, message))]
    if flags:
        await edge.flags.say_behind(epoch)
    for flag in flags:
        await edge.flags.raise_to(flag)
    await edge.flags.say_through(epoch)
    return epoch


def halt_of(edge: Edge, message: Message) -> Halt | None:
    """The halt that a message on disk began, if it did."""
    if isinstance(message, InboundSms):
        return halt_of_reply(message)
    if isinstance(message, ConsentChange):
        try:
            ended = consent_input(message, edge.policy, edge.clock())
        except Refused:
            return None
        return halt_of_withdrawal(message, ended) if isinstance(ended, ConsentEnded) else None
    return None


def _flag(edge: Edge, message: Message) -> Flag | None:
    halt = halt_of(edge, message)
    if halt is not None:
        return halt.flag
    return flag_of(message) if isinstance(message, InboundSms) else None
