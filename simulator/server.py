"""Uvicorn, with what a simulated carrier needs besides: one write for each answer, hands on the connection,
and a port that can be taken away for a while.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.app import create_app
from simulator.desk import Outage
from simulator.settings import Settings

ENDING_S = 0.5


class _JoinedWrites(asyncio.Transport):
    """A transport that sends all that is written within one turn of the loop at once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._waiting: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append(bytes(data))

    def _flush(self) -> None:
        if self._waiting and not self._transport.is_closing():
            self._transport.write(b"".join(self._waiting))
        self._waiting = []

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)


class _Connection(H11Protocol):
    """Uvicorn's protocol over joined writes; requests find the transport in their scope's state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        joined = _JoinedWrites(transport)
        self.app_state = {**self.app_state, "transport": joined}
        super().connection_made(joined)


class Server(uvicorn.Server):
    """The simulator listening; `await serve()` runs it, `should_exit = True` ends it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        app = create_app(settings, self.outage)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http=_Connection,
            lifespan="on",
            log_config=None,
            access_log=False,
        )
        super().__init__(config)
        self._outages: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port it listens on; only once `started`."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    def outage(self, how: Outage, for_s: float) -> None:
        """Take the port away for a while: refuse connections, or let them hang in a full queue."""
        task = asyncio.create_task(self._take_away(how, for_s))
        self._outages.add(task)
        task.add_done_callback(self._outages.discard)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End without uvicorn's waits: answers under way get a moment, those that hang are cut off."""
        self._hang_up()
        tasks = self.server_state.tasks | self._outages
        if tasks:
            await asyncio.wait(tasks, timeout=ENDING_S)
        for task in tasks:
            task.cancel()
        await self.lifespan.shutdown()

    async def _take_away(self, how: Outage, for_s: float) -> None:
        port = self.port
        await asyncio.sleep(0.05)
        self._hang_up()
        fillers = _fill(self._settings.host, port) if how == "full" else []
        await asyncio.sleep(for_s)
        for filler in fillers:
            filler.close()
        await self._listen(port)

    def _hang_up(self) -> None:
        """Stop listening and close connections that wait for a next request."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()

    async def _listen(self, port: int) -> None:
        def connection() -> asyncio.Protocol:
            return _Connection(self.config, self.server_state, self.lifespan.state)

        loop = asyncio.get_running_loop()
        self.servers = [await loop.create_server(connection, self._settings.host, port)]


def _fill(host: str, port: int) -> list[socket.socket]:
    """A listener with a queue of one that nobody serves, and the connections that fill it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(0)
    opened = [listener]
    for _ in range(2):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex((host, port))
        opened.append(filler)
    return opened
