"""Consent evidence under seal: readable with its person's key alone, and for ever closed once that is gone.

The key of a person is derived from the deployment's evidence secret and a random salt that the database
keeps (HKDF-SHA256, RFC 5869). Without the salt, the secret opens nothing; without the secret, neither does
the salt. The seal is AES-SIV (RFC 5297): the same evidence gives the same seal, so a record read twice is
one row.
"""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, select

from records import own_tables
from records.dialect import insert

SALT_BYTES = 32


class NotOpened(Exception):
    """Evidence that its key does not open: another secret, or another row's."""


@dataclass(frozen=True)
class Keys:
    """The deployment's secrets that rows are made with."""

    link: bytes = field(repr=False)
    reference: bytes = field(repr=False)
    evidence: bytes = field(repr=False)


def whose(workspace_id: str, person_id: str) -> str:
    """The name of a person's key."""
    return f"{workspace_id}/{person_id}"


def sealed(secret: bytes, salt: str, name: str, about: str, content: bytes) -> str:
    """``content`` under the key of the person ``name``; ``about`` binds it to its row. Base64."""
    return base64.b64encode(_cipher(secret, salt, name).encrypt(content, [about.encode()])).decode()


def opened(secret: bytes, salt: str, name: str, about: str, seal: str) -> bytes:
    """What was sealed. Raises ``NotOpened``."""
    try:
        return _cipher(secret, salt, name).decrypt(base64.b64decode(seal), [about.encode()])
    except (InvalidTag, ValueError):
        raise NotOpened(
            f"the evidence of {about} does not open: is EVIDENCE_SECRET the one of then?"
        ) from None


def salts(connection: Connection, names: Iterable[str]) -> Mapping[str, str | None]:
    """The salts of these persons, None where one was destroyed; made for persons not yet known."""
    k = own_tables.evidence_keys
    wanted = sorted(set(names))
    if wanted:
        new = [{"person": name, "salt": secrets.token_hex(SALT_BYTES)} for name in wanted]
        connection.execute(insert(connection, k).on_conflict_do_nothing(), new)
    return salts_known(connection, wanted)


def salts_known(connection: Connection, names: Iterable[str]) -> Mapping[str, str | None]:
    """The salts of these persons, None where it was destroyed; those without one are left out."""
    k = own_tables.evidence_keys
    rows = connection.execute(select(k.c.person, k.c.salt).where(k.c.person.in_(sorted(set(names)))))
    return {row.person: row.salt for row in rows}


def _cipher(secret: bytes, salt: str, name: str) -> AESSIV:
    derive = HKDF(algorithm=SHA256(), length=64, salt=bytes.fromhex(salt), info=name.encode())
    return AESSIV(derive.derive(secret))
