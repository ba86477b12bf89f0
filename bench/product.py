"""The worker as it is: ``python -m bench.product [step|fire|burst|recover|stop ...] [--pending 200000]``.

step: CPU of the worker for a booking event through intake, match and plan. fire: how late texts reach
``sms-deliveries``, by the broker's clock (log append time), many rows pending. burst: so many due at one
instant. recover: from kill -9 to the first text that was due after it. stop: from webhook to silence.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import machine, results
from bench.deployed import FAR, Product
from bench.stopping import stop
from schemas.deliveries import Delivery
from schemas.topics import BOOKING_EVENTS, DELIVERY_EVENTS, SMS_DELIVERIES
from tests.makers import a_booking_event


def percentiles(late_ms: list[float]) -> dict[str, float]:
    """p50, p99, p99.9 and the largest, in ms."""
    late = sorted(late_ms)
    at = {name: late[min(int(len(late) * share), len(late) - 1)] for name, share in (
        ("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0),
    )}  # fmt: skip
    return {name: round(value, 1) for name, value in at.items()}


def _lead_s(pending: int) -> float:
    """Until the first text is due: rows are to be seeded and read by then."""
    return 60 + pending / 4_000


def exact(found: list[tuple[Delivery, datetime]], count: int) -> None:
    """Raise if a text is missing or came twice."""
    ids = [delivery.text.text_id for delivery, _ in found]
    if len(ids) != count or len(set(ids)) != count:
        raise RuntimeError(f"{count} texts were due, {len(ids)} came, {len(set(ids))} different ones")


async def step(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """CPU of the worker for a booking event through all its stages."""
    async with Product(folder, options.store).running() as product:
        await product.ready()
        starts_at = datetime.now(UTC) + FAR
        rounds = []
        for n in range(options.rounds):
            events = [
                a_booking_event(
                    message_id=f"m{n}-{i}", booking_id=f"b{n}-{i}", person_id=f"p{n}-{i}",
                    phone=f"+1201{4_000_000 + n * options.events + i}", starts_at=starts_at,
                )
                for i in range(options.events)
            ]  # fmt: skip
            before = await product.end_of(DELIVERY_EVENTS.name)
            cpu_s, began = machine.cpu_s(product.pid), time.monotonic()
            for at in range(0, len(events), 5_000):
                await product.deployment.tell(*events[at : at + 5_000])
            await product.grown(DELIVERY_EVENTS.name, before + 2 * options.events, 300)
            used_us = (machine.cpu_s(product.pid) - cpu_s) / options.events * 1e6
            rounds.append(used_us)
            print(f"round {n + 1}: {used_us:.0f} us, {options.events / (time.monotonic() - began):,.0f}/s")  # noqa: T201
    return {"booking_events": options.events, "topic": BOOKING_EVENTS.name, "cpu_us": _spread(rounds)}


async def fire(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Lateness at a steady rate, with many rows pending."""
    told: dict[str, Any] = {"pending": options.pending, "store": options.store}
    for rate in options.rates:
        count, lead_s = rate * options.seconds, _lead_s(options.pending)
        first = datetime.now(UTC) + timedelta(seconds=lead_s)

        def due_at(n: int, first: datetime = first, count: int = count, rate: int = rate) -> datetime:
            return first + timedelta(seconds=n / rate) if n < count else first + FAR + timedelta(seconds=n)

        async with Product(folder / f"fire-{rate}", options.store).running() as product:
            await product.seeded(options.pending, due_at)
            ready_s = await product.ready()
            if datetime.now(UTC) > first:
                raise RuntimeError("the machine was too slow to be ready before the first text was due")
            await asyncio.sleep(max((first - datetime.now(UTC)).total_seconds() - 0.5, 0))
            resident = machine.resident_bytes(product.pid)
            cpu_s = machine.cpu_s(product.pid)
            await product.grown(SMS_DELIVERIES.name, count, options.seconds + 120)
            used_us = (machine.cpu_s(product.pid) - cpu_s) / count * 1e6
            found = await product.deliveries()
        exact(found, count)
        late = [(at - delivery.text.due_at) / timedelta(milliseconds=1) for delivery, at in found]
        told[f"{rate}_per_s"] = {
            "late_ms": percentiles(late), "cpu_us_per_text": round(used_us, 1), "ready_s": round(ready_s, 1),
            "worker_resident_bytes_per_pending": round(resident / options.pending),
        }  # fmt: skip
        print(rate, told[f"{rate}_per_s"])  # noqa: T201
    return told


async def burst(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All due at one instant: how long until the last is handed over."""
    count = min(options.burst, options.pending)
    first = datetime.now(UTC) + timedelta(seconds=_lead_s(options.pending))

    def due_at(n: int) -> datetime:
        return first if n < count else first + FAR

    async with Product(folder, options.store).running() as product:
        await product.seeded(options.pending, due_at)
        await product.ready()
        await asyncio.sleep(max((first - datetime.now(UTC)).total_seconds() - 0.5, 0))
        cpu_s = machine.cpu_s(product.pid)
        await product.grown(SMS_DELIVERIES.name, count, 240)
        used_us = (machine.cpu_s(product.pid) - cpu_s) / count * 1e6
        found = await product.deliveries()
    exact(found, count)
    last = max(at for _, at in found)
    within_s = (last - first).total_seconds()
    told = {"texts": count, "handed_over_within_s": within_s, "cpu_us_per_text": round(used_us, 1)}
    print(told)  # noqa: T201
    return {"pending": options.pending, **told}


async def recover(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Kill -9 while texts come due, start again at once: the first text that was due after the kill."""
    first = datetime.now(UTC) + timedelta(seconds=_lead_s(options.pending))
    count = 20 * 120

    def due_at(n: int) -> datetime:
        return first + timedelta(seconds=n / 20) if n < count else first + FAR + timedelta(seconds=n)

    async with Product(folder, options.store).running() as product:
        await product.seeded(options.pending, due_at)
        await product.ready()
        await asyncio.sleep(max((first - datetime.now(UTC)).total_seconds() + 3, 0))
        await asyncio.to_thread(product.deployment.kill, "worker")
        killed = datetime.now(UTC)
        ready_s = await product.ready()
        await asyncio.sleep(5)
        found = await product.deliveries()
    after = [at for delivery, at in found if delivery.text.due_at > killed]
    ids = [delivery.text.text_id for delivery, _ in found]
    session_s = float(product.deployment.env["SESSION_TIMEOUT_S"])
    told = {
        "rows": 2 * options.pending, "store": options.store, "session_timeout_s": session_s,
        "first_send_s": (min(after) - killed).total_seconds(), "barrier_open_s": ready_s,
        "repeated": len(ids) - len(set(ids)),
    }  # fmt: skip
    print(told)  # noqa: T201
    return told


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


SUBJECTS = {"step": step, "fire": fire, "burst": burst, "recover": recover, "stop": stop}


def main() -> int:
    """Measure the subjects named, or all; keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []])
    parser.add_argument("--pending", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rates", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--burst", type=int, default=100_000)
    parser.add_argument("--store", default="rocksdb")
    options = parser.parse_args()
    for name in options.subjects or SUBJECTS:
        with tempfile.TemporaryDirectory() as folder:
            print(f"-- {name}")  # noqa: T201
            results.keep(f"product-{name}", asyncio.run(SUBJECTS[name](Path(folder), options)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
