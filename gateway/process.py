"""The gateway as a process: connects, serves, and ends in order on SIGTERM."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import structlog
import uvicorn
from litestar import Litestar

from gateway.app import create_app
from gateway.auth import read_tokens
from gateway.drain import Drains
from gateway.edge import Edge, limits_of, utc_now
from gateway.flags import Gate
from gateway.known import Records
from gateway.outlet import Outlet
from gateway.redelivery import redeliver
from gateway.spool import Spool
from gateway.spooled_flags import keep_flags_raised
from runtime import logging
from runtime.config import Config
from runtime.tasks import end_all

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def open_edge(config: Config) -> AsyncIterator[Edge]:
    """The edge on real servers; none of them needs to be there yet. Leaving it waits for what goes on."""
    records = Records(config)
    outlet, gate, spool = Outlet(config), Gate(config), Spool(Path(config.data_dir) / "spool")
    edge = Edge(
        config=config,
        policy=config.policy(),
        publisher=outlet,
        flags=gate,
        drains=Drains(config, gate, outlet, spool, utc_now),
        spool=spool,
        records=records,
        callers=read_tokens(config.api_tokens, must_end=config.environment == "production"),
        limits=limits_of(config),
    )
    outlet.start()
    loops = [asyncio.create_task(redeliver(edge)), asyncio.create_task(keep_flags_raised(edge))]
    for loop in loops:
        loop.add_done_callback(_tell_failure)
    try:
        yield edge
    finally:
        await end_all(loops)
        await edge.drains.close()
        await outlet.stop()
        await gate.close()
        records.close()


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("loop_ended", alert=True, error=type(error).__name__)


class Server(uvicorn.Server):
    """Uvicorn that ends when told, and lets the process clean up: its own handler would raise anew."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C finish the requests under way; a second one does not wait for them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


async def serve(config: Config) -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are answered first."""
    async with open_edge(config) as edge:
        log.info("gateway_serves")
        await Server(_settings(config, create_app(lambda: edge))).serve()


def _settings(config: Config, app: Litestar) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=config.gateway_host,
        port=config.gateway_port,
        lifespan="off",
        log_config=None,
        access_log=False,  # paths hold tokens
        server_header=False,
        forwarded_allow_ips=config.trusted_proxies,
        timeout_graceful_shutdown=int(config.webhook_timeout_s) + 1,
    )


def main() -> None:
    """Run the gateway with the settings of the environment."""
    logging.configure()
    asyncio.run(serve(Config.from_env()))
