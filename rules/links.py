"""Links and tokens that only we can make: nothing is stored, nobody can guess or bend them."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from rules.policy import Policy
from schemas.base import At, Id, Line, Message, TextId, Url, Zone

Purpose = Literal["invitation", "return"]
LinkError = Literal["malformed", "forged", "expired"]
"""Why a signed token does not count. ``forged``: another key, purpose or content."""

TOKEN_MAX = 8192
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_STATUS = re.compile(r"([a-z2-7]{32})\.([1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,4})\.([A-Za-z0-9_-]{22})", re.ASCII)


class Invitation(Message, frozen=True, kw_only=True):
    """Who may sign up for what. Personal (person, and mostly event, known) or public (``person_id`` None)."""

    invitation_id: Id
    workspace_id: Id
    workspace_name: Line
    study_id: Id
    study_name: Line = ""
    """Shown on the page, never in a text."""
    event_id: Id | None = None
    person_id: Id | None = None
    booking_id: Id | None = None
    starts_at: At | None = None
    zone: Zone | None = None
    return_url: Url | None = None
    public: bool = False
    expires_at: At


class SignedReturn(Message, frozen=True, kw_only=True):
    """What Submit fixed, for upstream: it goes back in the ``return_url``; its booking carries both ids."""

    invitation_id: Id
    workspace_id: Id
    study_id: Id
    event_id: Id
    person_id: Id
    expires_at: At


Signed = TypeVar("Signed", Invitation, SignedReturn)


def manage_link(policy: Policy, workspace_id: str, event_id: str, phone_ref: str) -> str:
    """The manage-booking link of a phone for an event; the same for ever."""
    return f"{policy.public_url}/m/{manage_token(policy.link_key, workspace_id, event_id, phone_ref)}"


def manage_token(key: bytes, workspace_id: str, event_id: str, phone_ref: str) -> str:
    """22 characters that stand for the three ids: keyed blake2b-128 in base64url."""
    return _mac(key, b"manage", workspace_id, event_id, phone_ref)


def token_matches(key: bytes, token: str, workspace_id: str, event_id: str, phone_ref: str) -> bool:
    """Whether the token is that of these ids; takes the same time for any wrong one."""
    return _same(token, manage_token(key, workspace_id, event_id, phone_ref))


def status_token(key: bytes, text_id: TextId, attempt: int, partition: int) -> str:
    """``text_id.attempt.partition.mac``: the path of a try's status callback.

    The carrier's signature may cover neither query nor body, so the path alone says which try is meant.
    """
    return f"{text_id}.{attempt}.{partition}.{_mac(key, b'status', text_id, attempt, partition)}"


def read_status_token(key: bytes, token: str) -> tuple[TextId, int, int] | None:
    """Text id, attempt and partition of a token that we made; None for any other."""
    parts = _STATUS.fullmatch(token)
    if parts is None:
        return None
    text_id, attempt, partition = parts[1], int(parts[2]), int(parts[3])
    ours = status_token(key, text_id, attempt, partition)
    return (text_id, attempt, partition) if _same(token, ours) else None


def sign(key: bytes, payload: Invitation | SignedReturn, purpose: Purpose) -> str:
    """``payload.signature``, both base64url: JSON, and HMAC-SHA256 over purpose and payload."""
    body = _b64(msgspec.json.encode(payload))
    return f"{body}.{_signature(key, body, purpose)}"


def unsign(key: bytes, token: str, purpose: Purpose, now: datetime, kind: type[Signed]) -> Signed | LinkError:
    """The payload of a token made by ``sign`` for this purpose, until its ``expires_at``; or why not."""
    body, dot, signature = token.partition(".")
    if not dot or len(token) > TOKEN_MAX:
        return "malformed"
    if not _same(signature, _signature(key, body, purpose)):
        return "forged"
    try:
        payload = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=kind)
    except msgspec.DecodeError:
        return "malformed"
    return payload if now < payload.expires_at else "expired"


def _signature(key: bytes, body: str, purpose: Purpose) -> str:
    signed = f"{purpose}.{body}".encode(errors="replace")
    return _b64(hmac.digest(key, signed, "sha256"))


def _mac(key: bytes, purpose: bytes, *parts: str | int) -> str:
    named = _canonical.encode(parts).encode(errors="replace")
    return _b64(hashlib.blake2b(named, key=key, digest_size=16, person=purpose).digest())


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _same(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), ours.encode())
