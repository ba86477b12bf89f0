"""Where the carrier posts its reports: what the gateway does with them, and ways to lose or hold them."""

import asyncio
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from carrier.webhooks import read_status
from rules.links import read_status_token
from runtime.config import Config
from runtime.kafka import Publisher
from schemas.sms import DeliveryReport


class Callbacks:
    """A web server at ``url`` that publishes each report. ``lost`` drops them all, with a good answer."""

    def __init__(self) -> None:
        self.lost = False
        self._config: Config | None = None
        self._publisher: Publisher | None = None
        self._loop = asyncio.new_event_loop()
        self._looping = threading.Thread(target=self._loop.run_forever)
        self._looping.start()
        callbacks = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                status = callbacks.take(self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A carrier that went away in the middle of a request is part of the tests."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._serving = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._serving.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def connect(self, config: Config) -> None:
        """Publish to these servers from now on."""

        async def begin() -> Publisher:
            publisher = Publisher(config)
            await publisher.start()
            return publisher

        self._config = config
        self._publisher = asyncio.run_coroutine_threadsafe(begin(), self._loop).result(20)

    def take(self, path: str, body: str) -> int:
        """The status that answers a callback."""
        if self.lost:
            return 200
        if self._config is None or self._publisher is None:
            return 503
        named = read_status_token(self._config.callback_secret.encode(), path.rsplit("/", 1)[1])
        if named is None:
            return 403
        form = read_status(dict(parse_qsl(body, keep_blank_values=True)))
        text_id, attempt, partition = named
        report = DeliveryReport(
            text_id=text_id,
            attempt=attempt,
            partition=partition,
            carrier_uuid=form.carrier_uuid,
            status=form.status,
            sequence=form.sequence,
            error_code=form.error_code,
            units=form.units,
            received_at=datetime.now(UTC),
        )
        publishing = self._publisher.publish([report])
        try:
            asyncio.run_coroutine_threadsafe(publishing, self._loop).result(10)
        except Exception:  # noqa: BLE001  # whatever it is: the carrier comes again
            return 503
        return 200

    def close(self) -> None:
        """End the server and its publisher."""
        self._server.shutdown()
        self._serving.join()
        self._server.server_close()
        if self._publisher is not None:
            asyncio.run_coroutine_threadsafe(self._publisher.stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._looping.join()
        self._loop.close()
