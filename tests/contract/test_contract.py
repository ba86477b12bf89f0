"""The published contract says what the classes do: generated, valid, and of one mind with our decoder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from cli.contract import FOLDER, files
from schemas.base import Message, encode
from schemas.contract import asyncapi, field_docs, json_schema
from schemas.notices import NoticeKind
from schemas.samples import samples
from schemas.topics import BY_NAME, TOPICS, decode

ROOT = Path(__file__).parents[2]
EACH_SAMPLE = [
    pytest.param(topic.name, message, id=f"{topic.name}/{name}")
    for topic in TOPICS
    for name, message in samples(topic.name).items()
]
WRONG = [None, True, 0, -1, 2**60, "", "\n", "x" * 5000, [], [1], {}, {"type": "booking"}]


@pytest.fixture(scope="module")
def validators() -> dict[str, Draft202012Validator]:
    found = {}
    for topic in TOPICS:
        schema = json.loads((ROOT / "contract" / "json-schema" / f"{topic.name}.json").read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        found[topic.name] = Draft202012Validator(schema)
    return found


def test_committed_files_are_the_generated_ones() -> None:
    wanted = files(ROOT / FOLDER)
    committed = {path for path in (ROOT / FOLDER).rglob("*") if path.is_file()}
    committed |= {ROOT / ".env.example", ROOT / "docs" / "reasons.md", ROOT / "docs" / "delivery-events.md"}
    assert committed == set(wanted), "run: reminders contract"
    for path, text in wanted.items():
        assert path.read_text("utf-8") == text, f"{path} is stale, run: reminders contract"


def test_every_message_has_a_sample() -> None:
    for topic in TOPICS:
        assert {type(message) for message in samples(topic.name).values()} == set(topic.messages)


@pytest.mark.parametrize(("topic", "message"), EACH_SAMPLE)
def test_sample_decodes_validates_and_comes_out_the_same(
    topic: str, message: Message, validators: dict[str, Draft202012Validator]
) -> None:
    tag = str(type(message).__struct_config__.tag)
    [path] = [
        path
        for path in (ROOT / "contract" / "samples" / topic).glob(f"{tag}*.json")
        if decode(topic, path.read_bytes()) == message
    ]
    value = json.loads(path.read_bytes())
    validators[topic].validate(value)
    assert json.loads(encode(decode(topic, path.read_bytes()))) == value


@pytest.mark.parametrize(("topic", "message"), EACH_SAMPLE)
def test_schema_and_decoder_refuse_the_same(
    topic: str, message: Message, validators: dict[str, Draft202012Validator]
) -> None:
    value = json.loads(encode(message))
    for broken in _broken(value):
        assert validators[topic].is_valid(broken) == _decodes(topic, broken), broken
    assert not _decodes(topic, {**value, "type": "no-such-message"})


def _broken(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The value with each field left out, or replaced by what may be wrong for it."""
    for field in value:
        if field == "type":  # a topic of one message is read without it as well
            continue
        yield {name: inner for name, inner in value.items() if name != field}
        for wrong in WRONG:
            if not (isinstance(wrong, str) and _is_special(field)):
                yield {**value, field: wrong}
    yield {**value, "a_field_of_next_year": 1}


def _is_special(field: str) -> bool:
    """Formats that JSON Schema names but does not check: instants and base64."""
    return field.endswith("_at") or field in ("at", "not_after", "key", "payload")


def _decodes(topic: str, value: Any) -> bool:
    try:
        decode(topic, json.dumps(value).encode())
    except msgspec.DecodeError:
        return False
    return True


def test_asyncapi_is_whole() -> None:
    document = yaml.safe_load((ROOT / "contract" / "asyncapi.yaml").read_text("utf-8"))
    assert document == json.loads(json.dumps(asyncapi()))
    assert set(document["channels"]) == set(BY_NAME)
    for ref in _refs(document):
        target = document
        for part in ref.removeprefix("#/").split("/"):
            target = target[part]
    public = {message.__name__ for topic in TOPICS if topic.public for message in topic.messages}
    assert set(document["components"]["messages"]) == public
    for message in document["components"]["messages"].values():
        schema = {**message["payload"], "components": document["components"]}
        assert message["examples"]
        assert message["summary"]
        assert message["bindings"]["kafka"]["key"]["description"]
        for example in message["examples"]:
            Draft202012Validator(schema).validate(example["payload"])


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (inner for name, inner in value.items() if name == "$ref")
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def test_fields_are_explained() -> None:
    [booking] = BY_NAME["booking-events"].messages
    told = json_schema(BY_NAME["booking-events"])["$defs"]["BookingEvent"]["properties"]["announce"]
    assert (
        told["description"]
        == field_docs(booking)["announce"]
        == ("False takes over an existing booking: it counts as told.")
    )


def test_upstream_finds_an_example_of_every_kind_of_notice() -> None:
    message = asyncapi()["components"]["messages"]["Notice"]
    assert {one["payload"]["kind"] for one in message["examples"]} == set(get_args(NoticeKind))
    assert "send-notices" in asyncapi()["operations"]
    for kind in get_args(NoticeKind):
        assert kind in message["summary"]


def test_topics_without_personal_data_hold_no_number() -> None:
    for topic in TOPICS:
        if not topic.personal:
            schema = json.dumps(json_schema(topic)["$defs"])
            assert '"phone"' not in schema
            assert 'E.164 number."' not in schema.replace("Keyed hash of an E.164 number.", "")
