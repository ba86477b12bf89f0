"""Names that never change: keyed hashes of phones and texts. The same events give the same ids for ever."""

import base64
import hashlib
from json.encoder import encode_basestring as _quoted


def phone_ref(key: bytes, phone: str) -> str:
    """The reference of an E.164 number: keyed blake2b-128, 32 hex digits. The key is permanent."""
    return hashlib.blake2b(phone.encode(), key=key, digest_size=16, person=b"phone").hexdigest()


def text_id(
    key: bytes,
    *,
    workspace_id: str | None,
    event_id: str | None,
    person_id: str | None,
    phone: str,
    kind: str,
    basis: str,
) -> str:
    """The id of a text: keyed blake2b-160 in base32, 32 characters, over what makes it this text.

    ``basis`` is empty for a confirmation, start and lead for a reminder, booking and revision for a
    change or day-of update, the inbound MessageUUID for a reply.
    """
    return _b32(key, b"text", workspace_id, event_id, person_id, phone, kind, basis)


def stable_id(key: bytes, *parts: str | None) -> str:
    """A short id (26 characters) that the same parts always give: for facts, notices, consents."""
    digest = hashlib.blake2b(_canonical(parts), key=key, digest_size=16, person=b"id").digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


def _b32(key: bytes, person: bytes, *parts: str | None) -> str:
    digest = hashlib.blake2b(_canonical(parts), key=key, digest_size=20, person=person).digest()
    return base64.b32encode(digest).decode().lower()


def _canonical(parts: tuple[str | None, ...]) -> bytes:
    """The parts as compact JSON, as ``json.dumps`` gives it, without making an encoder for each id."""
    return f"[{','.join('null' if part is None else _quoted(part) for part in parts)}]".encode()
