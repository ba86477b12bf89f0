"""``python -m bench.counting [--rounds 3] [--events 300000] [--only lane]``: contenders side by side.

Rounds are interleaved, so that a busy moment of the machine hits all alike. What counts is the CPU time a
record takes; records a second depend on what else runs here.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import results
from bench.counting.contenders import CONTENDERS, Contender, NotHere
from bench.counting.measure import Bench, Figure, WrongOutput
from devstack import Stack

SEED = 8
SLOW_SHARE = 20
"""A contender at some thousand records a second gets one in so many."""
console = Console()


async def measured(servers: str, folder: Path, options: argparse.Namespace) -> dict[str, list[Figure]]:
    """The figures of each contender, by round; a contender that cannot run or is wrong has none."""
    bench = Bench(servers, folder, SEED)
    sizes = {False: options.events, True: options.events // SLOW_SHARE}
    topics = {slow: await bench.load(size) for slow, size in sizes.items()}
    chosen = [one for one in CONTENDERS if options.only in one.name]
    found: dict[str, list[Figure]] = defaultdict(list)
    for n in range(options.rounds):
        for one in chosen:
            try:
                figure = await bench.run(one, topics[one.slow], sizes[one.slow])
            except (NotHere, WrongOutput, TimeoutError) as error:
                console.print(f"round {n + 1}: {one.name}: not run: {error}", markup=False)
                continue
            found[one.name].append(figure)
            console.print(f"round {n + 1}: {one.name}: {figure.records_per_s:,.0f}/s, {figure.cpu_us:.1f} us")
    return found


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summary(found: dict[str, list[Figure]], contenders: tuple[Contender, ...]) -> dict[str, Any]:
    """Of each contender: guarantee, rate, CPU, and the ratios of both to stock Faust by round."""
    first = found.get("stock Faust", [])
    told: dict[str, Any] = {}
    for one in contenders:
        figures = found.get(one.name)
        if not figures:
            told[one.name] = {"guarantee": one.guarantee, "not_run": True}
            continue
        rounds = list(zip(figures, first, strict=False))
        faster = [mine.records_per_s / its.records_per_s for mine, its in rounds]
        lighter = [its.cpu_us / mine.cpu_us for mine, its in rounds]
        told[one.name] = {
            "guarantee": one.guarantee,
            "rounds": len(figures),
            "records_per_s": spread([figure.records_per_s for figure in figures]),
            "cpu_us_per_record": spread([figure.cpu_us for figure in figures]),
            **({"times_faster": spread(faster), "times_less_cpu": spread(lighter)} if rounds else {}),
        }
    return told


def show(told: dict[str, Any]) -> None:
    """A table for people."""
    table = Table(header_style="bold", title="count by person: JSON in, table, JSON out")
    for heading in ("", "promises", "records/s", "CPU us a record", "times faster", "times less CPU"):
        table.add_column(heading)
    for name, line in told.items():
        if "not_run" in line:
            table.add_row(name, line["guarantee"], "not run", "", "", "")
            continue
        cells = [_cell(line.get(key), form) for key, form in (
            ("records_per_s", "{:,.0f}"), ("cpu_us_per_record", "{:.1f}"), ("times_faster", "{:.1f}"),
                ("times_less_cpu", "{:.1f}"),
        )]  # fmt: skip
        table.add_row(name, line["guarantee"], *cells)
    console.print(table)


def _cell(values: dict[str, float] | None, form: str) -> str:
    if values is None:
        return ""
    median, least, most = (form.format(values[key]) for key in ("median", "min", "max"))
    return f"{median} [{least}-{most}]"


def main() -> int:
    """Measure, show, keep; 1 if nothing could be measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--only", default="", help="contenders whose name has this in it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "servers", valkey=False, environ={})
        try:
            found = asyncio.run(measured(stack.start().kafka, Path(folder), options))
        finally:
            stack.stop(wipe=True)
    told = summary(found, tuple(one for one in CONTENDERS if options.only in one.name))
    show(told)
    if not options.only:
        results.keep("counting", {"seed": SEED, "events": options.events, "contenders": told})
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
