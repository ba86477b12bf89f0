"""Our opt-outs beside the carrier's refusals, on both databases."""

from msgspec.structs import replace
from sqlalchemy import Engine

from records.drift import drift
from records.writes import write
from tests.records.desk import KEYS
from tests.records.differing import MINUTE, REFUSED, START, TOLD, everything, opted_out, text


def test_both_differences_are_found(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, everything(), KEYS)
        found = drift(connection, START + 10 * MINUTE)
    assert {one.last.phone_ref: one.kind for one in found.differences} == {
        TOLD: "only_ours",
        REFUSED: "only_carrier",
    }
    assert found.compared == 3
    assert {one.last.tried_at for one in found.differences} == {START + 2 * MINUTE}


def test_what_was_just_tried_is_left_out(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, everything(), KEYS)
        assert drift(connection, START + MINUTE).differences == []


def test_an_answer_shows_nothing(engine: Engine) -> None:
    """The carrier lets the answer to a STOP through."""
    told = text(TOLD, "delivered")
    answer = [
        replace(m, text=replace(m.text, kind="reply")) if hasattr(m, "text") else replace(m, kind="reply")
        for m in told
    ]
    with engine.begin() as connection:
        write(connection, [*answer, opted_out(TOLD, 1)], KEYS)
        assert drift(connection, START + 10 * MINUTE).differences == []
