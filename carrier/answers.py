"""What came of a send, by Plivo's answer or by the lack of one. What is not surely refused is unclear."""

from typing import Any

import msgspec
import plivo

from carrier.guarded import TooLate
from carrier.port import NotBegun, Outcome, Taken, Unclear


def failed(error: BaseException, *, begun: bool) -> Outcome:
    """The outcome of a send that gave no response."""
    if begun:
        return Unclear(f"no answer: {type(error).__name__}")
    if isinstance(error, TooLate):
        return NotBegun("too late to begin")
    if isinstance(error, plivo.exceptions.ValidationError):
        return NotBegun("refused by the carrier's library", then="never")
    return NotBegun(f"not reached: {type(error).__name__}")


def classify(response: Any) -> Outcome:
    """The outcome that a response tells. What is not surely refused is unclear."""
    status = int(response.status_code)
    body = _json(response)
    if 200 <= status < 300:
        return _good(status, body)
    if 400 <= status < 500 and status != 408:
        return _refused(status, body, response)
    return Unclear(f"status {status}")


def _good(status: int, body: Any) -> Outcome:
    """A 2xx counts by the id it brings; our one number named invalid, and no id, is a refusal."""
    uuid = _first_uuid(body)
    if uuid:
        return Taken(uuid)
    if isinstance(body, dict) and body.get("invalid_number") and body.get("message_uuid") == []:
        return NotBegun("invalid number", then="never")
    return Unclear(f"status {status} without an id")


def _refused(status: int, body: Any, response: Any) -> Outcome:
    """A client error: documented refusals, but for a 429 that some proxy made."""
    error = str(body.get("error", ""))[:120] if isinstance(body, dict) else ""
    if status == 402 or "insufficient credit" in error.lower():
        return NotBegun("insufficient credit", then="pause")
    if status == 401:
        return NotBegun("the account is refused", then="stop")
    if status == 429:
        if not isinstance(body, dict):
            return Unclear("status 429, not by the carrier's API")
        return NotBegun("too many requests", retry_after_s=_retry_after_s(response))
    return NotBegun(f"status {status} {error}".strip(), then="never")


def _json(response: Any) -> Any:
    try:
        return msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return None


def _first_uuid(body: Any) -> str | None:
    ids = body.get("message_uuid") if isinstance(body, dict) else None
    first = ids[0] if isinstance(ids, list) and ids else None
    return first if isinstance(first, str) and first else None


def _retry_after_s(response: Any) -> float | None:
    try:
        return max(float(response.headers["Retry-After"]), 0.0)
    except (KeyError, ValueError):
        return None
