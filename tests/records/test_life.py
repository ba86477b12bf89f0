"""Where a text stands does not depend on the order in which its steps came, nor on how they were batched."""

import random
from typing import Any

import pytest
from sqlalchemy import Engine

from records.life import Step, standing
from records.queries import life_of, text
from records.writes import write
from tests.records.conftest import NewEngine
from tests.records.desk import KEYS, delivery, dump, event, withdrawal

PLANNED = event("planned")
RELEASED = delivery(wording="moved_last")
ACCEPTED = event("accepted", 3, attempt=1, carrier_uuid="uuid-1", lateness_s=3.0, wording="moved_last")
SENT = event("sent", 4, carrier_uuid="uuid-1")
DELIVERED = event("delivered", 9, carrier_uuid="uuid-1", segments_billed=2)
UNRESOLVED = event("unresolved", 2, attempt=1)


@pytest.mark.parametrize(
    ("steps", "state", "reason"),
    [
        ([PLANNED], "planned", None),
        ([PLANNED, RELEASED], "released", None),
        ([PLANNED, withdrawal(reason="moved")], "withdrawn", "moved"),
        (
            [PLANNED, withdrawal(reason="moved"), event("suppressed", 2, reason="moved")],
            "suppressed",
            "moved",
        ),
        ([PLANNED, RELEASED, event("expired", 2, reason="held_unclear")], "expired", "held_unclear"),
        ([PLANNED, RELEASED, event("rejected", 2, reason="no such number")], "rejected", "no such number"),
        ([PLANNED, RELEASED, UNRESOLVED], "unresolved", None),
        ([PLANNED, RELEASED, UNRESOLVED, ACCEPTED], "accepted", None),
        ([ACCEPTED], "accepted", None),
    ],
)
def test_state(steps: list[Step], state: str, reason: str | None) -> None:
    row = standing(steps)
    assert (row["state"], row["reason"]) == (state, reason)


def test_what_is_known_of_a_sent_text() -> None:
    row = standing([PLANNED, RELEASED, ACCEPTED, SENT, DELIVERED])
    assert row["wording"] == "moved_last"
    assert row["carrier_status"] == "delivered"
    assert row["carrier_uuid"] == "uuid-1"
    assert row["segments_billed"] == 2
    assert row["lateness_s"] == 3.0
    assert row["consent_id"] == RELEASED.consent_id
    assert row["ended_at"] == "2026-05-04T14:00:04.000000+00:00"


def test_a_second_try_after_a_loss_changes_what_is_known_of_the_last_try_alone() -> None:
    lost = event("failed", 5, carrier_uuid="uuid-1", carrier_code="20")
    again = event("accepted", 8, attempt=2, carrier_uuid="uuid-2", final=False)
    row = standing([PLANNED, RELEASED, ACCEPTED, lost, again])
    assert (row["state"], row["attempt"], row["carrier_uuid"]) == ("accepted", 2, "uuid-2")
    assert (row["lateness_s"], row["carrier_status"], row["carrier_code"]) == (3.0, "failed", "20")


@pytest.mark.long
def test_any_order_and_any_batches_give_the_same_rows(new_engine: NewEngine) -> None:
    story: list[Any] = [PLANNED, RELEASED, UNRESOLVED, ACCEPTED, SENT, DELIVERED]
    story += [event("planned", 1, plan_version=2), event("suppressed", 5, plan_version=2, reason="moved")]
    found = []
    for seed in range(20):
        rng = random.Random(seed)
        order = rng.sample(story, len(story)) + rng.sample(story, 3)
        cut = rng.randrange(len(order))
        engine = new_engine()
        for part in (order[:cut], order[cut:]):
            with engine.begin() as connection:
                write(connection, part, KEYS)
        with engine.connect() as connection:
            found.append(dump(connection))
    assert all(rows == found[0] for rows in found)
    assert [row[:2] for row in found[0]["texts"]] == [(PLANNED.text_id, 1), (PLANNED.text_id, 2)]


def test_versions_live_apart(engine: Engine) -> None:
    again = event("planned", 60, plan_version=2)
    with engine.begin() as connection:
        write(connection, [PLANNED, event("suppressed", 5, reason="moved"), again], KEYS)
        rows = text(connection, PLANNED.text_id)
        assert [(row["plan_version"], row["state"]) for row in rows] == [(1, "suppressed"), (2, "planned")]
        assert [step["what"] for step in life_of(connection, PLANNED.text_id, 1)] == ["planned", "suppressed"]
