"""What a process shows of itself over HTTP: /health (it answers), /ready (it can do its work), /metrics."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Ready = Callable[[], Mapping[str, bool]]


@contextmanager
def observed(host: str, port: int, ready: Ready) -> Iterator[int]:
    """Answer in a thread of its own while the block runs; gives the port. Port 0 shows nothing.

    ``ready``: what the process needs, by name; all of it makes ``/ready`` 200, else it is 503 and says what
    lacks.
    """
    if not port:
        yield 0
        return
    with listening(host, port, ready) as taken:
        yield taken


@contextmanager
def listening(host: str, port: int, ready: Ready) -> Iterator[int]:
    """The same on any free port for 0."""
    server = ThreadingHTTPServer((host, port), _handler(ready))
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="observing", daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _handler(ready: Ready) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match self.path:
                case "/health":
                    self._answer(200, "text/plain", b"alive")
                case "/ready":
                    found = dict(ready())
                    self._answer(200 if all(found.values()) else 503, "application/json", _json(found))
                case "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
                case _:
                    self._answer(404, "text/plain", b"/health, /ready or /metrics")

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's word
            """Nothing: a scrape is no news."""

    return Handler


def _json(found: Mapping[str, bool]) -> bytes:
    return json.dumps(found).encode()
