"""The ledger: on disk before the answer, whole after any crash, and remembered by the next run."""

import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from simulator import settings as told
from simulator.ledger import Accepted, CallbackTried, Inbound, Ledger, StateChanged, read
from simulator.settings import PREFIX, Settings
from tests.simulator.carrier import Carrier, until
from tests.simulator.client import PlivoClient
from tests.simulator.conftest import FAST, Start
from tests.simulator.receiver import Receiver

pytestmark = pytest.mark.long

AT = datetime(2026, 1, 1, tzinfo=UTC)
MOVE = StateChanged(at=AT, uuid="u", state="sent")


async def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l")
    entries = [MOVE, CallbackTried(at=AT, callback="c", about="report", uuid="u", url="http://x", attempt=1)]
    ledger.note(entries[0])
    await ledger.append(entries[1:])
    assert read(tmp_path / "l") == entries
    ledger.close()


async def test_a_torn_last_line_is_left_out_and_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "l"
    ledger = Ledger(path)
    await ledger.append([MOVE])
    ledger.close()
    path.write_bytes(path.read_bytes() + b'{"kind":"state","uu')
    assert read(path) == [MOVE]
    ledger = Ledger(path)
    await ledger.append([MOVE])
    ledger.close()
    assert read(path) == [MOVE, MOVE]


async def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path / "l")

    def full(_: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            await ledger.append([MOVE])
    await ledger.append([MOVE])
    ledger.close()


def test_no_ledger_yet(tmp_path: Path) -> None:
    assert read(tmp_path / "none") == []


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the process reads them."""
    given = {PREFIX + field.name.upper(): str(getattr(settings, field.name)) for field in fields(settings)}
    return os.environ | given


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def process(tmp_path: Path) -> object:
    """The simulator as a process of its own, with its settings."""
    settings = Settings(port=free_port(), ledger=str(tmp_path / "l"), auth_id=FAST.auth_id, auth_token="t")
    running = subprocess.Popen([sys.executable, "-m", "simulator.process"], env=environment(settings))
    url = f"http://127.0.0.1:{settings.port}"
    until(lambda: _healthy(url), timeout_s=20)
    yield running, settings, url
    running.kill()
    running.wait()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(url + "/admin/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_complete_after_kill_9(process: tuple[subprocess.Popen[bytes], Settings, str]) -> None:
    running, settings, url = process
    told: list[str] = []

    def send() -> None:
        client = PlivoClient(settings.auth_id, settings.auth_token, url)
        try:
            while True:
                answer = client.messages.create(src=settings.number, dst="+12025550601", text="hello")
                told.append(answer.message_uuid[0])
        except OSError:  # requests' errors are OSErrors: the process is gone
            client.session.close()

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    until(lambda: len(told) > 50)
    running.send_signal(signal.SIGKILL)
    for sender in senders:
        sender.join()
    kept = [entry.uuid for entry in read(settings.ledger) if isinstance(entry, Accepted)]
    assert set(told) <= set(kept)
    assert len(kept) == len(set(kept)) <= len(told) + len(senders)


def test_ends_when_told(process: tuple[subprocess.Popen[bytes], Settings, str]) -> None:
    running, settings, url = process
    httpx.post(url + "/admin/replies", json={"from": "+12025550602", "text": "hi"}, trust_env=False)
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) in (0, -signal.SIGTERM)
    assert [type(entry) for entry in read(settings.ledger)] == [Inbound]


def test_a_wrong_setting_is_named() -> None:
    for name, value in (("SIMULATOR_PROT", "1"), ("SIMULATOR_PORT", "many"), ("SIMULATOR_AUTH_ID", "MA1")):
        with pytest.raises(ValueError, match=name if name.endswith("PROT") else name[10:].lower()):
            Settings.from_env({name: value})


def test_settings_from_the_environment() -> None:
    env = {"SIMULATOR_MPS": "2.5", "SIMULATOR_DND": "false", "SIMULATOR_SIGNING": "v2", "PATH": "x"}
    settings = Settings.from_env(env)
    assert (settings.mps, settings.dnd, settings.signing, settings.number) == (
        2.5,
        False,
        "v2",
        "+13306619491",
    )
    assert Settings.from_env(environment(FAST)) == FAST


def test_every_setting_is_explained() -> None:
    explained = (told.__doc__ or "").replace(",", " ").split()
    for field in fields(Settings):
        name = field.name.upper()
        assert PREFIX + name in explained or "_" + name in explained, name


def test_the_next_run_remembers(start: Start, receiver: Receiver, tmp_path: Path) -> None:
    number, path = "+12025550603", "/restarted"
    with start(delivered_after_s=60.0) as carrier:
        on_the_way = carrier.send(number, url=receiver.url + path)
        carrier.behave(number, "failed:30")
        over = carrier.send(number)
        carrier.ends(over, "failed", "30")
        carrier.ends(on_the_way, "sent", None)
        carrier.reply(number, "STOP")
    with start() as carrier:
        assert receiver.wait(path, 3)[2].form["Status"] == "delivered"
        carrier.ends(on_the_way, "delivered", "000")
        carrier.ends(over, "failed", "30")
        sides = [bubble["side"] for bubble in carrier.bubbles(number)]
        assert sides == ["received", "received", "typed", "carrier"]
        assert carrier.http.get(f"/admin/phones/{number}").json()["blocked"]
        assert len(carrier.plivo.messages.list().objects) == 3
    assert len([entry for entry in read(tmp_path / "ledger.jsonl") if isinstance(entry, Accepted)]) == 2


def test_many_senders_share_a_write(carrier: Carrier) -> None:
    """The loop is never blocked by a write: all wait at once, all are on disk when answered."""
    number = "+12025550604"
    body = {"src": carrier.settings.number, "dst": number, "text": "hello"}

    def send(_: int) -> int:
        return carrier.http.post(carrier.messages, json=body, auth=carrier.access).status_code

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(send, range(100))) == [202] * 100
    assert carrier.accepted(number) == 100
