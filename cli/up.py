"""``reminders up`` and ``reminders down``: everything running on this machine until it is told to end."""

import os
from pathlib import Path

import typer
from rich.console import Console

from cli.demo import SETTINGS
from cli.fleet import Fleet, NotReady
from devstack import StackError

DIRECTORY = Path(".run/up")
console = Console()


def up() -> None:
    """Start servers and processes that do not run yet, and print where they are."""
    fleet = Fleet(DIRECTORY, SETTINGS)
    try:
        with console.status("starting Kafka and Valkey"):
            env = fleet.settings(fleet.start_servers())
        with console.status("starting simulator, worker, sender, gateway, archive"):
            fleet.start_processes(env, os.environ.get("PATH", ""))
            fleet.wait_ready(env)
    except (StackError, NotReady) as error:
        console.print(f"[red]{error}")
        raise typer.Exit(2) from error
    console.print(f"phones    {env['PLIVO_API_BASE']}")
    console.print(f"gateway   {env['PUBLIC_URL']}")
    console.print(f"staff     {env['PUBLIC_URL']}/admin  token {env.get('ADMIN_TOKEN', '')}")
    console.print(f"Kafka     {env['KAFKA_BOOTSTRAP_SERVERS']}")
    console.print(f"Valkey    {env['REDIS_URL']}")
    console.print(f"logs      {DIRECTORY / 'logs'}")
    console.print("end it with: make down")


def down() -> None:
    """End what ``up`` started; its data stays."""
    Fleet(DIRECTORY, SETTINGS).stop()
