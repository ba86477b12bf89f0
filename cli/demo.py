"""``reminders demo``: the whole road on this machine, from bookings to texts on simulated phones."""

import asyncio
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from aiokafka import AIOKafkaProducer
from rich.console import Console

from cli import demo_view as view
from cli.actors import Actors
from cli.fleet import Fleet, NotReady, warmed_up
from cli.lives import Lives
from cli.story import Story, read
from cli.watch import watching
from devstack import StackError
from runtime.config import Config
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import ConsentFact
from schemas.notices import Notice

SETTINGS = {
    "SETTLING_S": "3",
    "REMINDER_LEADS_S": "10",
    "AT_ONCE_BEFORE_START_S": "1",
    "ACCOUNT_RATE_PER_S": "20",
    "NUMBER_RATE_PER_S": "20",
    "LIST_INTERVAL_S": "3",
    "TICK_RETRY_S": "1",
}
"""What the demo shortens, and its rate."""
DIRECTORY = Path(".run/demo")
TIMEOUT_S = 110.0
IDLE_STOPS = 9

console = Console(width=None if sys.stdout.isatty() else 130)


def demo(
    story: Annotated[Path, typer.Argument(help="what upstream publishes, and what must come of it")] = Path(
        "examples/bookings.jsonl"
    ),
    keep: Annotated[bool, typer.Option("--keep", help="leave everything running afterwards")] = False,
) -> None:
    """Publish bookings, let people answer, show every text; exit 0 if all ended as the file says.

    Example: reminders demo examples/bookings.jsonl
    """
    told = _told(story)
    fleet = Fleet(DIRECTORY, SETTINGS)
    try:
        env = _start(fleet)
        differences = asyncio.run(_play(told, Config.from_env(env)))
    except (StackError, NotReady) as error:
        console.print(f"[red]{error}")
        raise typer.Exit(2) from error
    finally:
        if not keep:
            fleet.stop()
    view.verdict(console, told, differences)
    raise typer.Exit(1 if differences else 0)


def _told(story: Path) -> Story:
    try:
        return read(story)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(f"no story can be read there: {error}") from None


def _start(fleet: Fleet) -> dict[str, str]:
    fleet.stop(wipe=True)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    with console.status("starting Kafka and Valkey (the first time downloads Kafka)"):
        addresses = fleet.start_servers()
    env = fleet.settings(addresses)
    with console.status("starting simulator, worker, sender, gateway, archive"):
        fleet.start_processes(env, os.environ.get("PATH", ""))
        fleet.wait_ready(env)
    console.print(f"phones: [link]{env['PLIVO_API_BASE']}[/]   gateway: [link]{env['PUBLIC_URL']}[/]")
    return env


async def _play(story: Story, config: Config) -> list[str]:
    """Tell the story; returns what did not end as it should."""
    lives = Lives()
    stops: list[ConsentFact] = []
    timeline = view.Timeline(console)

    def heard(message: DeliveryEvent | Notice | ConsentFact) -> None:
        match message:
            case DeliveryEvent():
                if lives.hear(message):
                    timeline.text(message)
            case Notice():
                lives.notices[message.notice_id] = message
                timeline.notice(message)
            case ConsentFact():
                stops.append(message)
                timeline.fact(message)

    upstream = AIOKafkaProducer(bootstrap_servers=config.kafka_bootstrap_servers)
    await upstream.start()
    try:
        async with (
            httpx.AsyncClient(timeout=10) as web,
            watching(config, heard, "delivery-events", "notices", "consent-facts"),
        ):
            actors = Actors(config, web, upstream)
            differences = await _until_all_ended(story, actors, lives, config)
            delays = await _stop_delays(actors, stops)
    finally:
        await upstream.stop()
    view.table(console, lives)
    view.stop_delays(console, delays)
    return differences


async def _until_all_ended(story: Story, actors: Actors, lives: Lives, config: Config) -> list[str]:
    """Publish at the given times, then wait until every text ended as it should, or for too long."""
    await actors.seat(story.people)
    start = datetime.now(UTC)
    for step in story.prologue():
        await actors.act(step, start)
    with console.status("waiting for the worker and the sender"):
        await warmed_up(config)
    start = datetime.now(UTC)
    for step in story.steps:
        await asyncio.sleep(max(step.at_s - _since(start), 0))
        await actors.act(step, start)
    differences = list(lives.differences(story.expected))
    while (differences or lives.open()) and _since(start) < TIMEOUT_S:
        await asyncio.sleep(0.5)
        differences = list(lives.differences(story.expected))
    return differences


def _since(start: datetime) -> float:
    return (datetime.now(UTC) - start).total_seconds()


async def _stop_delays(actors: Actors, facts: list[ConsentFact]) -> list[tuple[float, float]]:
    """STOP from phones on the idle system: seconds from its webhook to accepted, and to effective."""
    delays = []
    for n in range(IDLE_STOPS):
        sent_at, before = datetime.now(UTC), len(facts)
        await actors.text(f"+1330823{9000 + n}", "STOP")
        fact = await _effective(facts, before)
        if fact is not None and fact.accepted_at is not None and fact.effective_at is not None:
            delays.append(
                ((fact.accepted_at - sent_at).total_seconds(), (fact.effective_at - sent_at).total_seconds())
            )
    return delays


async def _effective(facts: list[ConsentFact], since: int) -> ConsentFact | None:
    """The next STOP that is effective; None if there is none in five seconds."""
    for _ in range(100):
        for fact in facts[since:]:
            if fact.kind == "stop_effective":
                return fact
        await asyncio.sleep(0.05)
    return None
