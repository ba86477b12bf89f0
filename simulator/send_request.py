"""What a client asks in `POST Message/`, and Plivo's checks of it.

Sample: {"src": "+13306619491", "dst": "+12025550123", "text": "Hello", "type": "sms", "url": "https://…",
"method": "POST", "log": "number_only", "trackable": false, "message_expiry": 600}
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from simulator.units import too_long

MAX_BODY_BYTES = 256 * 1024
MAX_DESTINATIONS = 1000
EXPIRY_S = (5, 10_800)


class SendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the client wrote it; unknown fields are ignored."""

    dst: str
    src: str | None = None
    powerpack_uuid: str | None = None
    text: str = ""
    type: Literal["sms", "mms"] = "sms"
    url: str | None = None
    method: Literal["POST", "GET"] = "POST"
    log: Literal["true", "false", "number_only", "content_only"] | bool = "true"
    trackable: bool = False
    message_expiry: int = 10_800
    media_urls: list[str] = []
    media_ids: list[str] = []

    def log_kept(self) -> str:
        """What is logged, as one of Plivo's four words."""
        return str(self.log).lower()


class RequestError(Exception):
    """A request that is refused with `status`; its text is the error the client reads."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


_decoder = msgspec.json.Decoder(SendRequest)
_STRIPPED = re.compile(r"[/\-.+() ]")
_ALPHANUMERIC = re.compile(r"\A[A-Za-z0-9 ]{1,11}\Z")


def parse(content_type: str, body: bytes) -> SendRequest:
    """The request in a body; RequestError as Plivo would refuse it."""
    if not content_type.lower().startswith("application/json"):
        raise RequestError(400, "content type must be application/json")
    if len(body) > MAX_BODY_BYTES:
        raise RequestError(413, "request entity too large")
    try:
        request = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(400, str(error)) from error
    _check(request)
    return request


def _check(request: SendRequest) -> None:
    lowest, highest = EXPIRY_S
    if (request.src is None) == (request.powerpack_uuid is None):
        raise RequestError(400, "exactly one of src and powerpack_uuid must be given")
    if not request.text and not request.media_urls and not request.media_ids:
        raise RequestError(400, "text parameter not present")
    if not lowest <= request.message_expiry <= highest:
        raise RequestError(400, f"message_expiry must be between {lowest} and {highest}")
    if request.url is not None and not request.url.startswith(("http://", "https://")):
        raise RequestError(400, "url must be a valid http or https url")


def check_length(request: SendRequest, measure: str) -> None:
    """RequestError if the text is over the limit, counted as `measure` says (`chars` or `bytes`)."""
    complaint = too_long(request.text, measure)
    if complaint:
        raise RequestError(400, complaint)


def source(request: SendRequest) -> str:
    """The sender: E.164, a name as it stands, or the powerpack's id; RequestError if it is none of them."""
    if request.src is None:
        return request.powerpack_uuid or ""
    number = normalised(request.src)
    if number is not None:
        return number
    if not _ALPHANUMERIC.match(request.src):
        raise RequestError(400, "src parameter is invalid")
    return request.src


def destinations(request: SendRequest) -> tuple[list[str], list[str]]:
    """Valid recipients in E.164, each once, and the invalid as written; RequestError if none is valid."""
    given = request.dst.split("<")
    valid: dict[str, None] = {}
    invalid = []
    for written in given:
        number = normalised(written)
        if number is None:
            invalid.append(written)
        else:
            valid[number] = None
    if len(valid) > MAX_DESTINATIONS:
        raise RequestError(400, f"more than {MAX_DESTINATIONS} destination numbers")
    if not valid:
        raise RequestError(400, "dst parameter is invalid")
    return list(valid), invalid


def normalised(written: str) -> str | None:
    """A number in E.164, stripped of / - . + ( ) and blanks; None unless 5 to 14 digits remain."""
    bare = _STRIPPED.sub("", written)
    return "+" + bare if bare.isascii() and bare.isdigit() and 5 <= len(bare) <= 14 else None
