"""Every requirement has its row, and every test that a row names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    line.split("|")
    for line in (ROOT / "docs/requirements.md").read_text("utf-8").splitlines()
    if line[:3] == "| R"
]


def test_every_requirement_has_one_row() -> None:
    assert [row[1].strip() for row in ROWS] == [f"R{n}" for n in range(1, 45)]


def test_every_row_names_a_test_or_says_why_not() -> None:
    for row in ROWS:
        assert "tests/" in row[3] or len(row[3]) > 60, row


def test_the_tests_exist() -> None:
    named = {name for row in ROWS for name in re.findall(r"`(tests/[^`]+)`", row[3])}
    assert len(named) > 50
    for name in named:
        path, _, test = name.partition("::")
        assert re.search(rf"^(?:async )?def {test}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), name


def test_files_that_are_named_exist() -> None:
    for row in ROWS:
        for path in re.findall(r"`((?:schemas|rules)/[^`]+)`", row[3]):
            assert (ROOT / path).exists(), path


def test_the_promises_that_are_named_are_looked_for() -> None:
    """What ``docs/promises.md`` quotes is what the simulation says when it breaks."""
    told = (ROOT / "docs/promises.md").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in (ROOT / "tests/simulation").glob("*.py"))
    quoted = ["".join(found) for found in re.findall(r'"([^"]+)"|`(test_[^`]+)`', told)]
    assert len(quoted) > 50
    assert [promise for promise in quoted if promise not in code] == []
