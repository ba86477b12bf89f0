"""The sender process: reads, sends, settles, tells. ``reminders sender`` runs it."""

import asyncio
import secrets
import signal

from carrier.plivo import PlivoCarrier, is_real
from runtime import logging as logs
from runtime import topics_admin
from runtime.config import BadConfig, Config
from sender.backlog import Backlog
from sender.claims import Claims
from sender.clocks import utc_now
from sender.gate import Gate
from sender.gate_redis import connect, refuse_forgetful
from sender.hearing import Hearing
from sender.journal import Journal
from sender.listing import Listing
from sender.pacing import Pacer
from sender.partitions import Partitions
from sender.pump import Pump
from sender.reconcile import Reconciler
from sender.send import Sends
from sender.starts import Starts
from sender.sweeping import Loops, Settling
from sender.telling import Projection
from sender.warm import Warmth


async def run(config: Config, stop: asyncio.Event) -> None:
    """Send until told to stop, then finish what runs and leave.

    A loop that fails for good ends the process: the next one reads again what is undone.
    """
    carrier = PlivoCarrier(
        config.plivo_auth_id,
        config.plivo_auth_token,
        base=config.plivo_api_base,
        number=config.sender_number,
        connect_timeout_s=config.connect_timeout_s,
        read_timeout_s=config.read_timeout_s,
    )
    redis, journal, backlog = connect(config), Journal(config), Backlog()
    await refuse_forgetful(redis, config)
    claims, listing = Claims(redis), Listing(config, carrier, Claims(redis))
    gate = Gate(config, redis, sender=secrets.token_hex(8), earliest=backlog.earliest)
    pacer = Pacer(config.account_rate_per_s, config.number_rate_per_s, config.token_ahead_s)
    sends = Sends(
        config,
        carrier=carrier,
        gate=gate,
        claims=claims,
        journal=journal,
        pacer=pacer,
        now=utc_now,
        new_id=_claim_id,
    )
    pump = Pump(config, backlog=backlog, sends=sends, pacer=pacer, gate=gate, claims=claims)
    partitions = Partitions(config, leaving=pump.leave)
    projection = Projection(journal, partitions, key=config.reference_secret.encode())
    hearing = Hearing(
        config,
        partitions=partitions,
        backlog=backlog,
        journal=journal,
        claims=claims,
        projection=projection,
        now=utc_now,
    )
    warmth = Warmth(config, redis, claims, partitions)
    settling = Settling(
        reconciler=Reconciler(config, listing, claims, journal, now=utc_now),
        starts=Starts(config, listing, journal, now=utc_now),
        partitions=partitions,
        pump=pump,
        journal=journal,
        now=utc_now,
    )
    pump.may_send = lambda partition: (
        partition.epoch == warmth.epoch != "" and partition.phones.told and partition.is_read()
    )
    await journal.start()
    await partitions.start()
    loops = Loops(
        config,
        partitions=partitions,
        hearing=hearing,
        pump=pump,
        projection=projection,
        settling=settling,
        warmth=warmth,
        claims=claims,
    )
    try:
        await loops.run(stop)
    finally:
        await pump.leave()
        await partitions.stop()
        await journal.stop()
        await warmth.close()
        await redis.aclose()


def _claim_id() -> str:
    return secrets.token_hex(16)


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    await topics_admin.require(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(config, stop)


def refuse(config: Config) -> None:
    """Raise ``BadConfig`` for settings under which a promise would not hold."""
    if is_real(config.plivo_api_base) and config.environment != "production" and not config.text_only:
        raise BadConfig("TEXT_ONLY is needed with the real carrier outside production")
    if config.claim_deadline_s > config.drain_s:
        raise BadConfig(
            "CLAIM_DEADLINE_S must not be over DRAIN_S: a STOP would be called effective too early"
        )
    post_s = config.claim_deadline_s + config.connect_timeout_s + config.read_timeout_s
    if config.quiet_s < post_s:
        raise BadConfig(f"QUIET_S must be at least {post_s}: a send may take that long")


def main() -> None:
    """Start as the environment says."""
    logs.configure()
    config = Config.from_env()
    refuse(config)
    asyncio.run(serve(config))


if __name__ == "__main__":
    main()
