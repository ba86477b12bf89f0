"""The sender process: reads, sends, settles, tells. ``reminders sender`` runs it."""

import asyncio
import signal

from carrier.plivo import BadCarrier, is_real, refuse_mix
from runtime import logging as logs
from runtime import topics_admin
from runtime.config import BadConfig, Config
from runtime.failpoints import fault
from runtime.observing import observed
from runtime.watch import watching
from sender.assembly import Sender


async def run(config: Config, stop: asyncio.Event) -> None:
    """Send until told to stop, then finish what runs and leave.

    A loop that fails for good ends the process: the next one reads again what is undone.
    """
    sender = Sender(config)
    try:
        await sender.start()
        async with watching(config) as watch:
            ready = watch.beside(sender.ready)
            with observed(config.metrics_host, config.sender_metrics_port, ready):
                await sender.loops.run(stop)
    finally:
        await sender.stop()


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    await topics_admin.require(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(config, stop)


def refuse(config: Config) -> None:
    """Raise ``BadConfig`` for settings under which a promise would not hold."""
    try:
        refuse_mix(config.plivo_auth_id, config.plivo_api_base)
    except BadCarrier as error:
        raise BadConfig(str(error)) from None
    if is_real(config.plivo_api_base) and config.environment != "production" and not config.text_only:
        raise BadConfig("TEXT_ONLY is needed with the real carrier outside production")
    if fault() and config.environment == "production":
        raise BadConfig("REMINDERS_FAULT plants a wrong protocol: unset it")
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
