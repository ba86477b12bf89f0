"""The doctor finds what is not well, and says how to mend it."""

import asyncio
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from cli.doctor import examine
from cli.main import app
from records.engine import connect
from runtime import topics_admin
from runtime.config import Config


def test_nothing_is_there(terminal: CliRunner, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PLIVO_API_BASE": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "PRIVACY_URL": "http://127.0.0.1:1/privacy",
        "TERMS_URL": "http://127.0.0.1:1/terms",
    }.items():
        monkeypatch.setenv(name, value)
    done = terminal.invoke(app, ["doctor"])
    assert done.exit_code == 1
    for told in ("Kafka at 127.0.0.1:1 does not answer", "Redis: does not answer", "`reminders archive`"):
        assert told in done.output
    assert done.output.count("mend:") == 7


def test_settings_that_are_not_for_production(config: Config) -> None:
    away = {"kafka_bootstrap_servers": "127.0.0.1:1", "redis_url": "redis://127.0.0.1:1/0"}
    real = replace(config, environment="production", **away)
    [settings, *_] = asyncio.run(examine(real))
    assert not settings.well
    for told in ("not https", "MIN_INSYNC_REPLICAS", "still an example"):
        assert told in settings.said


@pytest.mark.servers
async def test_servers_that_are_well(kafka: str, valkey: str, config: Config) -> None:
    there = replace(config, kafka_bootstrap_servers=kafka, redis_url=valkey, partitions=4, app_id="doctor")
    await topics_admin.ensure(there)
    connect(there.records_url).dispose()
    found = {finding.name: finding for finding in await examine(there)}
    for name in ("topics", "Redis", "clock beside Redis", "records"):
        assert found[name].well, found[name]


class AnHourAgo(BaseHTTPRequestHandler):
    """A carrier whose clock, or ours, is an hour off."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(time.time() - 3600)

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Be silent."""


async def test_a_clock_that_differs_is_told(config: Config) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), AnHourAgo) as carrier:
        threading.Thread(target=carrier.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{carrier.server_port}"
        away = {"kafka_bootstrap_servers": "127.0.0.1:1", "redis_url": "redis://127.0.0.1:1/0"}
        pages = {"public_url": url, "privacy_url": url, "terms_url": url}
        found = {one.name: one for one in await examine(replace(config, plivo_api_base=url, **away, **pages))}
        carrier.shutdown()
    assert found["carrier"].well
    clock = found["clock beside the carrier"]
    assert not clock.well
    assert clock.said.startswith(("3599", "360")), "an hour"
    assert "chrony" in clock.mend
