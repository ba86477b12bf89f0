"""Names that never change: keyed hashes of phones and texts. The same events give the same ids for ever."""

import hashlib

import msgspec

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_TWO = [one + two for one in _LETTERS for two in _LETTERS]
_SHIFTS = tuple(range(150, -1, -10))


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


def asked_basis(asked_id: str) -> str:
    """The basis of a day-of update that staff asked for by a button."""
    return f"asked/{asked_id}"


def stable_id(key: bytes, *parts: str | None) -> str:
    """A short id (26 characters) that the same parts always give: for facts, notices, consents."""
    digest = hashlib.blake2b(_canonical(parts), key=key, digest_size=16, person=b"id").digest()
    return base32(digest + b"\0\0\0\0")[:26]


def _b32(key: bytes, person: bytes, *parts: str | None) -> str:
    digest = hashlib.blake2b(_canonical(parts), key=key, digest_size=20, person=person).digest()
    return base32(digest)


def base32(digest: bytes) -> str:
    """20 bytes as 32 small letters and digits (RFC 4648), two of them at a time: the library's is slower."""
    n, two = int.from_bytes(digest), _TWO
    return "".join([two[n >> shift & 1023] for shift in _SHIFTS])


def _canonical(parts: tuple[str | None, ...]) -> bytes:
    """The parts as compact JSON, as ``json.dumps`` gives it, in a tenth of the time."""
    return msgspec.json.encode(parts)
