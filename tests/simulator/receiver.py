"""A web server that keeps every callback it gets and answers as it was told."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from plivo.utils import validate_signature, validate_v3_signature


@dataclass(frozen=True)
class Got:
    """One callback: how it came and what it said."""

    method: str
    url: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body or urlsplit(self.url).query, keep_blank_values=True))

    def signed_by(self, token: str) -> set[str]:
        """Which of the four signatures the SDK finds right under a token."""
        right = set()
        params = self.form if self.method == "POST" else {}
        for name in ("V3", "Ma-V3"):
            signature, nonce = self._signature(name, "V3")
            if signature and validate_v3_signature(self.method, self.url, nonce, token, signature, params):
                right.add(name)
        for name in ("V2", "Ma-V2"):
            signature, nonce = self._signature(name, "V2")
            if signature and validate_signature(self.url, nonce, signature, token):
                right.add(name)
        return right

    def _signature(self, name: str, family: str) -> tuple[str, str]:
        header = "X-Plivo-Signature-"
        return self.headers.get(header + name, ""), self.headers.get(f"{header}{family}-Nonce", "")


class Receiver:
    """Answers 200, or what `answers[path]` holds next; -1 waits longer than any carrier."""

    def __init__(self) -> None:
        self.answers: dict[str, list[int]] = defaultdict(list)
        self._got: dict[str, list[Got]] = defaultdict(list)
        self._changed = threading.Condition()
        self.ended = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver._answer(self)

            do_GET = do_POST  # noqa: N815 - the library's name

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        path = urlsplit(request.path).path
        got = Got(request.command, self.url + request.path, dict(request.headers), body)
        with self._changed:
            self._got[path].append(got)
            status = self.answers[path].pop(0) if self.answers[path] else 200
            self._changed.notify_all()
        if status < 0:
            self.ended.wait(10)
            return
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def wait(self, path: str, count: int = 1, timeout_s: float = 30.0) -> list[Got]:
        """The callbacks of a path, once there are `count` of them."""
        end = time.monotonic() + timeout_s
        with self._changed:
            while len(self._got[path]) < count:
                left_s = end - time.monotonic()
                assert left_s > 0, f"{len(self._got[path])} of {count} callbacks on {path}"
                self._changed.wait(left_s)
            return list(self._got[path])

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
