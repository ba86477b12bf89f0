"""Behaviours as written, as ordered, and as magic numbers ask for them."""

import pytest

from simulator.behaviours import PLAIN, Script, magic, parse


@pytest.mark.parametrize(
    ("written", "answer", "accepted", "end", "code"),
    [
        ("202", "202", True, "delivered", ""),
        ("503", "503", False, "delivered", ""),
        ("503+accepted", "503", True, "delivered", ""),
        ("hang", "hang", True, "delivered", ""),
        ("hang+unaccepted", "hang", False, "delivered", ""),
        ("202-invalid", "202-invalid", False, "delivered", ""),
        ("undelivered:80", "202", True, "undelivered", "80"),
        ("failed", "202", True, "failed", "300"),
        ("302+sent", "302", True, "sent", ""),
    ],
)
def test_words(written: str, answer: str, accepted: bool, end: str, code: str) -> None:
    behaviour = parse(written)
    assert (behaviour.answer, behaviour.accepted) == (answer, accepted)
    assert (behaviour.end, behaviour.error_code) == (end, code)


def test_faults_and_their_delay() -> None:
    behaviour = parse("duplicated+delayed:2.5")
    assert behaviour.faults == {"duplicated", "delayed"}
    assert behaviour.delay_s == 2.5


@pytest.mark.parametrize("written", ["", "599", "hang,close", "delayed:soon"])
def test_words_that_mean_nothing(written: str) -> None:
    with pytest.raises(ValueError, match=r"unknown behaviour|could not convert"):
        parse(written)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+15005550429", "429"),
        ("+15005551050", "undelivered:50"),
        ("+15005552200", "failed:200"),
        ("+15005552000", "failed:1000"),
        ("+15005553000", "hang"),
        ("+15005553002", "close"),
        ("+15005550123", None),
        ("+15005553999", None),
        ("+12025550429", None),
        ("+150055504291", None),
    ],
)
def test_magic_numbers(number: str, written: str | None) -> None:
    assert magic(number) == (None if written is None else parse(written))


def test_orders_come_before_magic_and_end() -> None:
    script = Script()
    script.order("+15005550429", parse("close"), 2)
    script.order("+15005550429", parse("hang"), 1)
    script.order("*", parse("500"), 1)
    taken = [script.take("+15005550429").written for _ in range(5)]
    assert taken == ["close", "close", "hang", "500", "429"]
    assert script.take("+12025550123") == PLAIN


def test_an_order_without_end_holds_until_cleared() -> None:
    script = Script()
    script.order("*", parse("503"), None)
    assert {script.take("+12025550123").written for _ in range(5)} == {"503"}
    script.clear()
    assert script.take("+12025550123") == PLAIN
