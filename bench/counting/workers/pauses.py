"""Tells the longest pause of the event loop, if BENCH_PAUSES is set."""

import asyncio
import os
import sys
import time
from typing import Any

import faust

_NAP_S = 0.002


def tell(app: faust.App) -> None:
    """Watch from the moment partitions come until the worker is ready, then print."""
    if "BENCH_PAUSES" not in os.environ:
        return

    async def watch() -> None:
        longest_s = 0.0
        while not app.tables.actives_ready:
            before = time.perf_counter()
            await asyncio.sleep(_NAP_S)
            longest_s = max(longest_s, time.perf_counter() - before - _NAP_S)
        sys.stdout.write(f"longest pause {longest_s * 1000:.0f} ms\n")
        sys.stdout.flush()

    def begin(*_args: Any, **_options: Any) -> None:
        if not app.tables.actives_ready:
            begin.task = asyncio.ensure_future(watch())  # type: ignore[attr-defined]  # kept from collection

    app.on_partitions_assigned.connect(begin, weak=False)
