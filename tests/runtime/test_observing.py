"""What a process shows of itself is true at the moment it is asked."""

import json
from http.client import HTTPConnection

from runtime.observing import listening, observed


def _get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_ready_follows_what_the_process_needs() -> None:
    state = {"tables": False, "inputs_read": True}
    with listening("127.0.0.1", 0, lambda: state) as port:
        assert _get(port, "/health") == (200, "alive")
        status, told = _get(port, "/ready")
        assert (status, json.loads(told)) == (503, state)
        state["tables"] = True
        assert _get(port, "/ready")[0] == 200
        assert _get(port, "/nothing")[0] == 404
        status, told = _get(port, "/metrics")
        assert status == 200
        assert "python_info" in told


def test_no_port_no_listener() -> None:
    with observed("127.0.0.1", 0, dict) as port:
        assert port == 0
