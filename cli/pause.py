"""``reminders pause``, ``reminders resume``: the emergency brake. Texts wait; answers to replies still go."""

import asyncio
import getpass
import secrets
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError
from rich.console import Console

from cli import environment
from runtime import gate_keys
from runtime.config import Config
from runtime.kafka import Publisher
from schemas.base import Id
from schemas.settings import EVERY_WORKSPACE, SettingsChange
from sender.gate_redis import connect

console = Console(highlight=False)
Reason = Annotated[str, typer.Option(help="why, for those who look later", prompt=True)]
Workspace = Annotated[str, typer.Option(help="one workspace instead of all of them")]
AWAY = (KafkaError, RedisError, OSError)  # a timeout is an OSError too


def pause(reason: Reason, workspace: Workspace = EVERY_WORKSPACE) -> None:
    """Stop all sends within two seconds. Texts wait, and end as expired when it gets too late for them.

    Answers to STOP, HELP and START go on. Exits 1 if only Redis or only Kafka heard it: run it again.

    Examples: reminders pause --reason "wrong times in the feed of Monday"
              reminders pause --workspace acme --reason "asked by their admin"
    """
    _say(workspace, reason, paused=True)


def resume(reason: Reason, workspace: Workspace = EVERY_WORKSPACE) -> None:
    """Go on sending what is still in time. A workspace paused by itself stays so until it is named.

    Example: reminders resume --reason "the feed is right again"
    """
    _say(workspace, reason, paused=False)


def _say(workspace: str, reason: str, *, paused: bool) -> None:
    config, now = environment.config(), datetime.now(UTC)
    change = SettingsChange(
        message_id=secrets.token_hex(16),
        workspace_id=_checked(workspace),
        name="paused",
        value=paused,
        revision=gate_keys.ms(now),  # records may be behind or away: time outweighs any count
        actor=getpass.getuser(),
        reason=reason[:200],
        at=now,
    )
    heard = asyncio.run(_tell(config, change))
    who = "all workspaces" if workspace == EVERY_WORKSPACE else workspace
    if all(heard.values()):
        console.print(f"{'Paused' if paused else 'Resumed'}: {who}.", markup=False)
        return
    for name, done in heard.items():
        outcome = "heard it" if done else "is away: start it (see `reminders doctor`), then run this again"
        console.print(f"{name} {outcome}", style=None if done else "red")
    raise typer.Exit(1 if any(heard.values()) else 2)


def _checked(workspace: str) -> str:
    try:
        return msgspec.convert(workspace, Id)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(f"--workspace: {error}") from None


async def _tell(config: Config, change: SettingsChange) -> dict[str, bool]:
    """Who heard it: the gate at once, Kafka for whoever reads later."""
    gate, kafka = await asyncio.gather(_heard(_tell_gate(config, change)), _heard(_publish(config, change)))
    return {"Redis": gate, "Kafka": kafka}


async def _heard(telling: Coroutine[Any, Any, None]) -> bool:
    try:
        await telling
    except AWAY:
        return False
    return True


async def _tell_gate(config: Config, change: SettingsChange) -> None:
    redis = connect(config)
    try:
        word = (change.workspace_id, gate_keys.ms(change.at), int(change.value is True))
        await redis.eval(gate_keys.PAUSE, 1, gate_keys.PAUSED, *word)
    finally:
        await redis.aclose()


async def _publish(config: Config, change: SettingsChange) -> None:
    publisher = Publisher(config)
    try:
        await publisher.start()
        await publisher.publish([change])
    finally:
        await publisher.stop()
