"""The hidden field of a form: only a page that we showed for this link can be sent, once as it was shown."""

import hashlib
import hmac
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

FormError = Literal["forged", "expired"]
NAME_MAX = 32
NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-_")


@dataclass(frozen=True)
class Form:
    """One showing of a form: ``name`` makes two submissions of it the same."""

    name: str
    shown_at: datetime


def form_token(key: bytes, link: str, version: str, form: Form) -> str:
    """``name.seconds.mac``, bound to the link it was shown under and the version of the words it showed."""
    seconds = int(form.shown_at.timestamp())
    return f"{form.name}.{seconds}.{_mac(key, link, version, form.name, seconds)}"


def read_form_token(
    key: bytes, link: str, version: str, token: str, *, now: datetime, valid: timedelta
) -> Form | FormError:
    """The form of a token that we made for this link and these words, or why it does not count."""
    name, _, rest = token.partition(".")
    seconds, _, mac = rest.partition(".")
    if not _is_name(name) or not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return "forged"
    if not hmac.compare_digest(mac.encode(), _mac(key, link, version, name, int(seconds)).encode()):
        return "forged"
    form = Form(name, datetime.fromtimestamp(int(seconds), UTC))
    return form if now < form.shown_at + valid else "expired"


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_MAX and set(name) <= NAME_CHARACTERS


def _mac(key: bytes, link: str, version: str, name: str, seconds: int) -> str:
    text = "\n".join((link, version, name, str(seconds)))
    return hashlib.blake2b(text.encode(errors="replace"), key=key, digest_size=16, person=b"form").hexdigest()
