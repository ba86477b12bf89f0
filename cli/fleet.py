"""All processes of a deployment on this machine: servers, worker, sender, gateway, archive, simulator."""

import asyncio
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
from redis.asyncio import Redis

from cli import environment
from cli.token import new_token
from devstack import Addresses, Stack, ports, process
from devstack.process import Process
from runtime import gate_keys, topics_admin
from runtime.config import Config
from runtime.progress import GroupProgress

NAMES = ("simulator", "worker", "sender", "gateway", "archive")
READY_TIMEOUT_S = 60.0


class NotReady(Exception):
    """A process ended or did not answer in time; says which, and where its log is."""


@dataclass(frozen=True)
class Fleet:
    """The processes of one directory. ``extra`` are settings that differ from the defaults."""

    directory: Path
    extra: Mapping[str, str]

    @property
    def stack(self) -> Stack:
        """The Kafka and Valkey that this deployment uses."""
        return Stack(self.directory / "servers")

    @property
    def _state(self) -> Path:
        return self.directory / "fleet.json"

    def start_servers(self) -> Addresses:
        """Start Kafka and Valkey; returns where they are."""
        return self.stack.start()

    def settings(self, addresses: Addresses) -> dict[str, str]:
        """The variables of this deployment, the same at each start; written where commands look."""
        env = environment.read(self.directory / "env") or self._new_settings()
        env |= {"KAFKA_BOOTSTRAP_SERVERS": addresses.kafka, "REDIS_URL": addresses.redis, **self.extra}
        environment.write(self.directory / "env", env)
        environment.write(environment.LAST, env)
        return env

    def _new_settings(self) -> dict[str, str]:
        gateway, simulator = ports.choose(2)
        data = self.directory.absolute()
        admin, entry = new_token("*", "admin", "demo admin", datetime.now(UTC).date() + timedelta(days=90))
        path, token, account = secrets.token_hex(16), secrets.token_hex(16), "MASIMULATOR000000000"
        return {
            "ENVIRONMENT": "demo",
            "PARTITIONS": "4",
            "DATA_DIR": str(data / "data"),
            "RECORDS_URL": f"sqlite:///{data / 'records.sqlite'}",
            "REFERENCE_SECRET": secrets.token_hex(16),
            "LINK_SECRET": secrets.token_hex(16),
            "EVIDENCE_SECRET": secrets.token_hex(16),
            "CALLBACK_SECRET": secrets.token_hex(16),
            "WEBHOOK_SECRETS": path,
            "API_TOKENS": entry,
            "ADMIN_TOKEN": admin,
            "PUBLIC_URL": f"http://127.0.0.1:{gateway}",
            "GATEWAY_PORT": str(gateway),
            "PLIVO_API_BASE": f"http://127.0.0.1:{simulator}",
            "PLIVO_AUTH_ID": account,
            "PLIVO_AUTH_TOKEN": token,
            "SIMULATOR_PORT": str(simulator),
            "SIMULATOR_AUTH_ID": account,
            "SIMULATOR_AUTH_TOKEN": token,
            "SIMULATOR_LEDGER": str(data / "carrier.jsonl"),
            "SIMULATOR_MESSAGE_URL": f"http://127.0.0.1:{gateway}/webhooks/plivo/{path}/inbound",
        }

    def start_processes(self, env: Mapping[str, str], path: str) -> None:
        """Make the topics, start what does not run yet. ``path`` is the PATH that processes get."""
        asyncio.run(topics_admin.ensure(Config.from_env(env)))
        running = self.processes()
        for name in NAMES:
            if name not in running or not running[name].alive():
                running[name] = process.spawn(
                    [sys.executable, "-m", "cli.main", name],
                    self.directory / "logs" / f"{name}.log",
                    {**env, "PATH": path, "PYTHONUNBUFFERED": "1"},
                )
        self._state.write_bytes(msgspec.json.encode(running))

    def processes(self) -> dict[str, Process]:
        """The processes started here, by name; some may have ended."""
        if not self._state.exists():
            return {}
        return msgspec.json.decode(self._state.read_bytes(), type=dict[str, Process])

    def wait_ready(self, env: Mapping[str, str]) -> None:
        """Return when the gateway and simulator answer and all processes run. Raises ``NotReady``."""
        checks = {
            "simulator": f"http://127.0.0.1:{env['SIMULATOR_PORT']}/admin/health",
            "gateway": f"{env['PUBLIC_URL']}/ready",
        }
        until = time.monotonic() + READY_TIMEOUT_S
        while checks:
            self._refuse_ended()
            if time.monotonic() > until:
                raise NotReady(f"{', '.join(checks)}: no answer; see {self.directory / 'logs'}")
            checks = {name: url for name, url in checks.items() if not _answers(url)}
            time.sleep(0.1)

    def _refuse_ended(self) -> None:
        for name, running in self.processes().items():
            if not running.alive():
                raise NotReady(f"{name} ended; see {self.directory / 'logs' / name}.log")

    def stop(self, *, wipe: bool = False) -> None:
        """End processes, then servers; with ``wipe`` the servers' data too."""
        process.end(self.processes().values(), grace_s=15)
        self._state.unlink(missing_ok=True)
        self.stack.stop(wipe=wipe)


async def warmed_up(config: Config) -> None:
    """Return when the worker has read all settings and the sender's gate is warm. Raises ``NotReady``."""
    progress = GroupProgress(config)
    redis = Redis.from_url(config.redis_url, decode_responses=True)
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            ends = await progress.ends(["settings-changes"])
            while await progress.behind(ends) or not await _is_warm(redis, config.partitions):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise NotReady("worker or sender did not get ready; see their logs") from None
    finally:
        await progress.close()
        await redis.aclose()


async def _is_warm(redis: Redis, partitions: int) -> bool:
    epoch = await redis.get(gate_keys.EPOCH)
    return epoch is not None and await redis.scard(gate_keys.rebuilt_key(str(epoch))) >= partitions


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False
