"""A running simulator, and ways to use it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx

from simulator.ledger import Entry, read
from simulator.server import Server
from simulator.settings import Settings
from tests.simulator.client import PlivoClient

T = TypeVar("T")


def until(look: Callable[[], T], timeout_s: float = 30.0) -> T:
    """The first true thing that `look` gives."""
    end = time.monotonic() + timeout_s
    while not (seen := look()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
    return seen


class Carrier:
    """The simulator at a URL, over HTTP alone."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings, self.url = settings, url
        self.http = httpx.Client(base_url=url, trust_env=False)
        self.plivo = PlivoClient(settings.auth_id, settings.auth_token, url)
        self.messages = f"{url}/v1/Account/{settings.auth_id}/Message/"
        self.access = (settings.auth_id, settings.auth_token)

    def send(self, dst: str, text: str = "hello", *, url: str | None = None, **more: object) -> str:
        """Send by the SDK; the uuid."""
        answer = self.plivo.messages.create(src=self.settings.number, dst=dst, text=text, url=url, **more)
        uuid: str = answer.message_uuid[0]
        return uuid

    def post(self, **fields: object) -> httpx.Response:
        """Send without the SDK's own checks."""
        body = {"src": self.settings.number, "dst": "+12025550100", "text": "hello", **fields}
        return self.http.post(self.messages, json=body, auth=self.access)

    def admin(self, path: str, body: object) -> httpx.Response:
        """Post to an admin route; its answer must be good."""
        return self.http.post(f"/admin/{path}", json=body).raise_for_status()

    def behave(self, number: str, behaviour: str, count: int | None = 1) -> None:
        """Script a number."""
        self.admin("behaviours", {"number": number, "behaviour": behaviour, "count": count})

    def reply(self, number: str, text: str, **more: object) -> str:
        """Have a phone text us; the uuid."""
        uuid: str = self.admin("replies", {"from": number, "text": text, **more}).json()["uuid"]
        return uuid

    def ends(self, uuid: str, state: str, code: str | None) -> None:
        """Wait until a message's record shows this state and error code."""

        def there() -> bool:
            message = self.plivo.messages.get(uuid)
            return (message.message_state, message.error_code) == (state, code)

        until(there)

    def ledger(self, kind: type[T]) -> list[T]:
        """The entries of a kind, as they are on disk now."""
        entries: list[Entry] = read(self.settings.ledger)
        return [entry for entry in entries if isinstance(entry, kind)]

    def accepted(self, dst: str) -> int:
        """How many messages to a number the ledger says were accepted."""
        lines = read(self.settings.ledger)
        return sum(type(line).__name__ == "Accepted" and line.dst == dst for line in lines)

    def bubbles(self, number: str) -> list[dict[str, str]]:
        """What a phone shows."""
        found: list[dict[str, str]] = self.http.get(f"/admin/phones/{number}").json()["bubbles"]
        return found

    def close(self) -> None:
        """Drop the connections."""
        self.http.close()
        self.plivo.session.close()


@contextmanager
def running(settings: Settings) -> Iterator[Carrier]:
    """The simulator in a thread of its own."""
    server = Server(settings)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        carrier = Carrier(settings, f"http://127.0.0.1:{server.port}")
        try:
            yield carrier
        finally:
            carrier.close()
    finally:
        server.should_exit = True
        thread.join()
