"""The carrier's webhook client: posts callbacks, signed, with a deadline and repeats.

Plivo counts anything but a 2xx within 8 s as failed and repeats after 60, 120 and 240 s, reports and inbound
messages alike.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec

from simulator import signing
from simulator.ledger import CallbackTried, Ledger
from simulator.settings import Settings

REPEATS_AFTER_S = (60.0, 120.0, 240.0)
MAX_AT_ONCE = 100


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """One callback to deliver: `about` is `report` or `inbound`, `form` what it says."""

    about: str
    uuid: str
    url: str
    method: str
    form: dict[str, str]
    plus: str = "none"


def _encoded(callback: Callback) -> str:
    """The form as it goes over the wire, numbers spelled as `plus` says."""
    form = callback.form
    if callback.plus != "none":
        form = form | {
            key: "+" + form[key] for key in ("From", "To") if len(form[key]) > 6 and form[key].isdigit()
        }
    return urlencode(form, safe="+" if callback.plus == "raw" else "")


def _tampered(body: str) -> str:
    """The body with its word changed, as someone between Plivo and us might."""
    pairs = [
        (key, value + "!" if key in ("Text", "Body", "Status") else value)
        for key, value in parse_qsl(body, True)
    ]
    return urlencode(pairs)


class _Lines:
    """HTTP clients of one connection each, the last used first.

    One pool of all connections would go through all of them for each request.
    """

    def __init__(self) -> None:
        self._tls = httpx.create_ssl_context()
        self._free: list[httpx.AsyncClient] = []
        self._all: list[httpx.AsyncClient] = []
        self._places = asyncio.Semaphore(MAX_AT_ONCE)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one request; waits while all are in use."""
        async with self._places:
            line = self._free.pop() if self._free else self._new()
            try:
                yield line
            finally:
                self._free.append(line)

    def _new(self) -> httpx.AsyncClient:
        line = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - each try has a deadline of its own
            trust_env=False,
            verify=self._tls,
            limits=httpx.Limits(max_connections=1),
        )
        self._all.append(line)
        return line

    async def close(self) -> None:
        """Drop all connections."""
        for line in self._all:
            await line.aclose()


class CallbackClient:
    """Delivers callbacks in the background; `signing` may be changed at any time."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self.signing = settings.signing
        self._tokens = signing.Tokens(settings.auth_token, settings.subaccount_token)
        self._lines = _Lines()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, callback: Callback, *, delay_s: float = 0.0, ended: Callable[[bool], None] | None = None
    ) -> asyncio.Task[None]:
        """Deliver in the background; `ended` hears in the end whether it was taken."""
        task = asyncio.create_task(self._deliver(callback, delay_s, ended))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Give up what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._lines.close()

    async def _deliver(
        self, callback: Callback, delay_s: float, ended: Callable[[bool], None] | None
    ) -> None:
        name, nonce = str(uuid.uuid4()), _nonce()
        await asyncio.sleep(delay_s)
        taken = await self._try(callback, name, 1, nonce)
        for attempt, wait_s in enumerate(REPEATS_AFTER_S, start=2):
            if taken:
                break
            await asyncio.sleep(wait_s / self._settings.speedup)
            nonce = _nonce() if self._settings.nonce == "fresh" else nonce
            taken = await self._try(callback, name, attempt, nonce)
        if ended:
            ended(taken)

    async def _try(self, callback: Callback, name: str, attempt: int, nonce: str) -> bool:
        """One try; whether it was answered with a 2xx in time."""
        answer, error = None, ""
        async with self._lines.one() as line:
            try:
                async with asyncio.timeout(self._settings.webhook_timeout_s):
                    answer = (await line.send(self._request(callback, nonce))).status_code
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failed:
                error = type(failed).__name__
        self._ledger.note(
            CallbackTried(
                at=datetime.now(UTC),
                callback=name,
                about=callback.about,
                uuid=callback.uuid,
                url=callback.url,
                attempt=attempt,
                status=callback.form.get("Status", ""),
                answer=answer,
                error=error,
            )
        )
        return answer is not None and 200 <= answer < 300

    def _request(self, callback: Callback, nonce: str) -> httpx.Request:
        body, url = _encoded(callback), callback.url
        if callback.method == "GET":
            url, body = f"{url}{'&' if '?' in url else '?'}{body}", ""
        # What is signed is what the receiver decodes: in a raw form a + is a blank.
        signed = signing.Signed(callback.method, url, parse_qsl(body, keep_blank_values=True))
        headers = signing.headers(self.signing, self._tokens, signed, nonce)
        if self.signing == "tampered":
            body = _tampered(body)
        if callback.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return httpx.Request(callback.method, url, content=body.encode(), headers=headers)


def _nonce() -> str:
    return str(uuid.uuid4().int)[:20]
