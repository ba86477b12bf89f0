"""`python -m simulator.process`: the simulated carrier as a process, configured by `simulator.settings`."""

from __future__ import annotations

import asyncio
import logging
import sys

from simulator.server import Server
from simulator.settings import Settings


async def serve(settings: Settings) -> None:
    """Run the simulator until it is told to end by SIGINT or SIGTERM."""
    await Server(settings).serve()


def main() -> None:
    """Start as the environment says; exits with 2 and a reason if that is wrong."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_env()
    except ValueError as error:
        sys.exit(f"simulator: {error}")
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
