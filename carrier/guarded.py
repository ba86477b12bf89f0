"""HTTP connections that ask once more before the first byte, tell whether one was written, and end in time.

Nothing here retries, reconnects after the first byte, follows redirects or reads proxies from the
environment.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

_state = threading.local()


class TooLate(Exception):
    """The time to begin has passed; nothing was written."""


class Attempt:
    """One request of this thread: may it begin, and has it?

    ``answer_timeout_s`` bounds all from the first byte written to the last one read, even if they drip.
    """

    def __init__(self, may_begin: Callable[[], bool], answer_timeout_s: float) -> None:
        self._may_begin = may_begin
        self._answer_timeout_s = answer_timeout_s
        self._watch: threading.Timer | None = None
        self.begun = False

    def __enter__(self) -> "Attempt":
        _state.attempt = self
        return self

    def __exit__(self, *_: object) -> None:
        _state.attempt = None
        if self._watch is not None:
            self._watch.cancel()

    def first_byte(self, connection: socket.socket) -> None:
        """Called on the open connection before each write. Raises ``TooLate`` before the first one."""
        if self.begun:
            return
        self._watch = threading.Timer(self._answer_timeout_s, _cut, [connection])
        self._watch.daemon = True
        self._watch.start()
        if not self._may_begin():
            raise TooLate
        self.begun = True


def _cut(connection: socket.socket) -> None:
    """Wake whoever reads: the answer took too long as a whole."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # past TLS, which another thread is using


def _before_write(connection: Any) -> None:
    attempt: Attempt | None = getattr(_state, "attempt", None)
    if attempt is None:
        return
    if connection.sock is None:
        if attempt.begun:
            raise ConnectionError("the connection went away between two writes")
        connection.connect()
    attempt.first_byte(connection.sock)


class _Http(HTTPConnection):
    def send(self, data: Any) -> None:
        _before_write(self)
        super().send(data)


class _Https(HTTPSConnection):
    def send(self, data: Any) -> None:
        _before_write(self)
        super().send(data)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class GuardedAdapter(HTTPAdapter):
    """An adapter of requests over guarded connections, one per thread and host."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=Retry(0, read=False))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use the guarded pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
