"""Bodies of the API: one object or a list of them, strictly as the schemas say, errors by field."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from gateway.problems import FieldError, Refusal, field_error
from rules.refused import Refused
from schemas.base import Message

LIST_MAX = 1000
BODY_MAX_BYTES = 4 * 1024 * 1024
NO_JSON = "the body is not JSON, or not in UTF-8"
Sent = TypeVar("Sent", bound=Message)
Checked = TypeVar("Checked")


UNREADABLE = (UnicodeDecodeError, RecursionError)
"""What msgspec raises beside its own errors, for bytes that are no UTF-8 and for nests too deep."""


def read_messages(body: bytes, kind: type[Sent]) -> list[Sent]:
    """The messages of a body. Raises ``Refusal``: 400 if it is no JSON, 422 with the field of each error."""
    is_list = body.lstrip()[:1] == b"["
    parts = _parts(body) if is_list else [msgspec.Raw(body)]
    if not 0 < len(parts) <= LIST_MAX:
        raise Refusal(422, f"a list holds 1 to {LIST_MAX} objects")
    read: list[Sent] = []
    errors: list[FieldError] = []
    for index, part in enumerate(parts):
        one = _read(part, kind, index if is_list else None)
        if isinstance(one, FieldError):
            errors.append(one)
        else:
            read.append(one)
    if errors:
        raise Refusal(422, "nothing was taken: correct the fields named", errors)
    return read


def read_one(body: bytes, kind: type[Sent]) -> Sent:
    """The one message of a body. Raises ``Refusal`` as ``read_messages`` does."""
    one = _read(msgspec.Raw(body), kind, None)
    if isinstance(one, FieldError):
        raise Refusal(422, "correct the field named", [one])
    return one


def _parts(body: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, *UNREADABLE):
        raise Refusal(400, NO_JSON) from None


def _read(part: msgspec.Raw, kind: type[Sent], index: int | None) -> Sent | FieldError:
    try:
        return msgspec.json.decode(part, type=kind)
    except msgspec.ValidationError as error:
        return field_error(error, index)
    except (msgspec.DecodeError, *UNREADABLE):
        raise Refusal(400, NO_JSON) from None


def check_all(messages: list[Sent], check: Callable[[Sent], Checked]) -> list[Checked]:
    """What ``check`` makes of each. Raises ``Refusal`` (422) with all that it refused."""
    checked, errors = [], []
    for index, one in enumerate(messages):
        try:
            checked.append(check(one))
        except Refused as refused:
            errors.append(FieldError(field=refused.field, reason=refused.reason, index=index))
    if errors:
        raise Refusal(422, "nothing was taken: correct the fields named", errors)
    return checked
