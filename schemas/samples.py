"""A sample of every message, built from its class: for the published contract, for tests, to copy from.

A field gets the value that its name has in ``schemas.story``, else what its type allows. One that neither
tells is an error, never left out.
"""

from typing import Any

import msgspec
from msgspec import inspect

from schemas.base import Message, encode
from schemas.story import OWN_VALUES, VALUES
from schemas.topics import BY_NAME, decode
from schemas.variants import VARIANTS


def samples(topic: str) -> dict[str, Message]:
    """Samples of all messages of a topic by ``tag``, further ones by ``tag.variant``.

    Raises ``KeyError`` if a field has no value, ``msgspec.ValidationError`` if one breaks its own bounds.
    """
    found: dict[str, Message] = {}
    for message in BY_NAME[topic].messages:
        tag = str(message.__struct_config__.tag)
        first = sample(message)
        found[tag] = first
        for variant, values in VARIANTS.get(message, {}).items():
            found[f"{tag}.{variant}"] = msgspec.structs.replace(first, **values)
    return {name: decode(topic, encode(message)) for name, message in found.items()}


def sample(message: type[msgspec.Struct]) -> Any:
    """The sample of a message, or of a struct inside one."""
    info = inspect.type_info(message)
    assert isinstance(info, inspect.StructType)  # noqa: S101  narrows what msgspec returns for a struct
    return message(**{field.name: _value(message, field) for field in info.fields})


def _value(message: type[msgspec.Struct], field: inspect.Field) -> Any:
    if (message, field.name) in OWN_VALUES:
        return OWN_VALUES[message, field.name]
    kinds = _kinds(field.type)
    nullable = any(isinstance(kind, inspect.NoneType) for kind in kinds)
    if nullable and VALUES.get(field.name, "") is None:
        return None
    match kinds[0]:
        case inspect.StructType(cls=inner):
            return sample(inner)
        case inspect.LiteralType(values=values):
            known = VALUES.get(field.name)
            return known if known in values else None if nullable else values[0]
        case inspect.BoolType():
            return field.default is True
    return VALUES[field.name]


def _kinds(kind: inspect.Type) -> list[inspect.Type]:
    """The types a field may have, None last."""
    kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    if not isinstance(kind, inspect.UnionType):
        return [kind]
    kinds = [each.type if isinstance(each, inspect.Metadata) else each for each in kind.types]
    return sorted(kinds, key=lambda each: isinstance(each, inspect.NoneType))
