"""``reminders simulate``: many made-up worlds against all promises; a broken one is told as a story.

The worlds are test equipment (``tests/simulation``), which no installed package brings: it needs a checkout.
"""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

ROOT = Path(__file__).parents[1]
WORLDS = "tests.simulation.run"
Broken = tuple[int, str, tuple[str, ...]]
"""The seed of a world, the promise it broke, its history: plain, as it comes from another process."""
CHUNK = 20
console = Console(highlight=False, soft_wrap=True)


def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="how many worlds")] = 1000,
    first: Annotated[int, typer.Option("--from", min=0, help="the first seed")] = 1,
    processes: Annotated[int, typer.Option(min=1, help="worlds that turn at once")] = os.cpu_count() or 1,
    lines: Annotated[int, typer.Option(min=1, help="lines of a broken world's history")] = 60,
) -> None:
    """Turn worlds of bookings, replies, crashes and outages in virtual time; exit 1 at a broken promise.

    Each seed is one history, the same on every machine: turn it alone to see it again.

    Examples: reminders simulate --seeds 10000 --from 1
              reminders simulate --seeds 1 --from 2187 --lines 1000
    """
    if not ROOT.joinpath(*WORLDS.split(".")).with_suffix(".py").exists():
        console.print("The worlds are part of the tests: run this in a checkout of the project.", style="red")
        raise typer.Exit(2)
    began = time.monotonic()
    broken, done = _turn(range(first, first + seeds), processes)
    rate = done / (time.monotonic() - began)
    if broken is None:
        console.print(
            f"{done} worlds kept every promise: seeds {first} to {first + seeds - 1}, {rate:.0f} a second"
        )
        return
    seed, what, history = broken
    for line in history[-lines:]:
        console.print(line, markup=False)
    console.print(f"\nWorld({seed}) broke a promise: {what}", style="red", markup=False)
    console.print(f"See it whole: reminders simulate --seeds 1 --from {seed} --lines 100000")
    raise typer.Exit(1)


def _turn(seeds: range, processes: int) -> tuple[Broken | None, int]:
    """A world that broke a promise, None if none did; and how many were turned."""
    done, broken = 0, None
    columns = TextColumn("worlds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("worlds", total=len(seeds))
        for broken, turned in _chunks(seeds, processes):
            done += turned
            progress.update(bar, completed=done)
            if broken is not None:
                break
    return broken, done


def _chunks(seeds: range, processes: int) -> Iterator[tuple[Broken | None, int]]:
    """Some seeds at a time in processes of their own; ends them all when nobody asks on."""
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        futures: list[Future[tuple[Broken | None, int]]] = [
            pool.submit(turn_chunk, chunk) for chunk in chunks
        ]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def turn_chunk(seeds: range) -> tuple[Broken | None, int]:
    """The first broken world of these seeds, if any, and how many were turned. Runs in a checkout."""
    sys.path.insert(0, str(ROOT))
    found = import_module(WORLDS).turn_many(seeds)
    if found is None:
        return None, len(seeds)
    return (found.seed, found.what, found.history), found.seed - seeds[0] + 1
