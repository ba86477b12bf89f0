"""The published contract, generated from the message classes: JSON Schema, AsyncAPI, samples.

Only data: whoever publishes writes the documents to files.
"""

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import Any

import msgspec

from schemas.base import Message
from schemas.samples import samples
from schemas.topics import TOPICS, Topic

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VERSION = "1.0.0"
ABOUT = (
    "Interview texts: bookings, consent and settings go in; what became of each text comes out. Times are "
    "RFC 3339 with an offset. Unknown fields are ignored on read, so fields may be added within a version."
)


def documents() -> dict[str, Any]:
    """Every document of the contract as JSON values, by its path."""
    found: dict[str, Any] = {"asyncapi.yaml": asyncapi()}
    for topic in TOPICS:
        found[f"json-schema/{topic.name}.json"] = json_schema(topic)
        for name, message in samples(topic.name).items():
            found[f"samples/{topic.name}/{name}.json"] = msgspec.to_builtins(message)
    return found


def json_schema(topic: Topic) -> dict[str, Any]:
    """The JSON Schema of a topic: any of its messages."""
    schemas, components = _schemas(topic.messages, "#/$defs/{name}")
    head = {"$schema": DIALECT, "$id": f"urn:sms-reminders:{topic.name}", "title": topic.name}
    return {**head, "anyOf": schemas, "$defs": components}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document: public topics in full with examples, our own only listed."""
    public = [topic for topic in TOPICS if topic.public]
    messages = [message for topic in public for message in topic.messages]
    _, components = _schemas(tuple(messages), "#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "SMS Reminders", "version": VERSION, "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: _operation(topic, name) for topic in public for name in _operations(topic)},
        "components": {
            "messages": {m.__name__: _message(topic, m) for topic in public for m in topic.messages},
            "schemas": components,
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    listed = {name: {"$ref": f"#/components/messages/{name}"} for name in _names(topic)}
    about = {"x-writers": list(topic.writers), "x-readers": list(topic.readers), "x-personal": topic.personal}
    kept_ms = -1 if topic.retention_s is None else topic.retention_s * 1000
    configuration = {"cleanup.policy": [topic.cleanup], "retention.ms": kept_ms}
    kafka = {"topic": topic.name, "topicConfiguration": configuration, "bindingVersion": "0.5.0"}
    if not topic.public:
        own = {"description": f"Our own, may change at any time: {', '.join(_names(topic))}."}
        return {"address": topic.name, **own, **about, "bindings": {"kafka": kafka}}
    return {"address": topic.name, "messages": listed, **about, "bindings": {"kafka": kafka}}


def _operations(topic: Topic) -> list[str]:
    """Seen from us: what upstream writes we receive, what others read we send."""
    return [f"receive-{topic.name}" if "upstream" in topic.writers else f"send-{topic.name}"]


def _operation(topic: Topic, name: str) -> dict[str, Any]:
    return {"action": name.partition("-")[0], "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(topic: Topic, message: type[Message]) -> dict[str, Any]:
    tag = str(message.__struct_config__.tag)
    examples = [
        {"name": name, "payload": msgspec.to_builtins(example)}
        for name, example in samples(topic.name).items()
        if name.partition(".")[0] == tag
    ]
    return {
        "name": message.__name__,
        "summary": _doc(message),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": _doc(topic.key)}}},
        "examples": examples,
    }


def _names(topic: Topic) -> list[str]:
    return [message.__name__ for message in topic.messages]


def _schemas(messages: tuple[type[Message], ...], ref: str) -> tuple[list[Any], dict[str, Any]]:
    """The schema of each message, and the components they refer to, with what the fields mean."""
    schemas, components = msgspec.json.schema_components(messages, ref_template=ref)
    classes = {message.__name__: message for message in Message.__subclasses__()}
    for name, component in components.items():
        for field, meaning in field_docs(classes[name]).items():
            component["properties"][field]["description"] = meaning
    return list(schemas), components


def field_docs(message: type[Message]) -> dict[str, str]:
    """What is written under each field of a message class, by the field's name."""
    body = ast.parse(textwrap.dedent(inspect.getsource(message))).body[0]
    lines = body.body if isinstance(body, ast.ClassDef) else []
    found = {}
    for field, below in pairwise(lines):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[field.target.id] = inspect.cleandoc(text)
    return found


def _doc(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())
