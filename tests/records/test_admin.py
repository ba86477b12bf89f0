"""What staff asks, on both databases: each workspace sees its own, each day and hour its count."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from records import admin_attention, admin_bookings, admin_counts, admin_people
from records.writes import write
from rules.redaction import NO_PHONE
from tests.gateway.staff import REF, booking, consent, fact, reply, setting, text
from tests.makers import at
from tests.records.desk import KEYS

NOW = at("13:30")


@pytest.fixture
def filled(engine: Engine) -> Engine:
    with engine.begin() as connection:
        write(
            connection,
            [
                booking(),
                booking(revision=2, received_at=at("12:10")),
                booking(workspace_id="birch", booking_id="b9"),
                consent(),
                consent(consent_id="erased", phone=NO_PHONE, at=at("12:05")),
                *text(lateness_s=0.3),
                *text("reminder", "planned", text_id="b" * 32, due_at=at("14:45")),
                *text("reminder", "unresolved", text_id="d" * 32, due_at=at("13:00")),
                *setting(study_id="s2", name="interview_reminder", revision=4),
                fact("opted_out", 1, source="reply", at=at("12:30")),
                reply("which room?", "12:20"),
            ],
            KEYS,
        )
    return engine


def test_the_latest_of_each_booking_and_of_a_person(filled: Engine) -> None:
    with filled.connect() as connection:
        [latest] = admin_bookings.latest_bookings(connection, "acme")
        assert (latest.booking_id, latest.revision) == ("b1", 2)
        assert admin_people.bookings_of_person(connection, "acme", "p1") == [latest]
        assert admin_people.bookings_of_person(connection, "acme", "p2") == []
        assert admin_people.phones_of_person(connection, "acme", "p1") == [booking().phone]
        assert admin_people.known_of(connection, REF).stops.stop_at == at("12:30")


def test_counts_are_of_the_workspace_its_hours_and_days(filled: Engine) -> None:
    with filled.connect() as connection:
        since, until = NOW - timedelta(days=7), NOW + timedelta(days=1)
        assert admin_counts.touched(connection, "acme", "s1", NOW) == admin_counts.Touched(1, 1)
        assert admin_counts.touched(connection, "birch", None, NOW) == admin_counts.Touched(0, 0)
        assert admin_counts.studies_of(connection, "acme") == ["s1", "s2"]
        assert admin_counts.revision_of(connection, "acme", "s2", "interview_reminder") == 4
        assert admin_counts.workspaces(connection) == ["acme", "birch"]
        assert admin_counts.states(connection, "acme", since) == {
            "accepted": 1,
            "planned": 1,
            "unresolved": 1,
        }
        assert dict(admin_counts.due_by_hour(connection, "acme", NOW, until)) == {"2026-11-24T19": 1}
        assert dict(admin_counts.opt_outs_by_day(connection, "acme", since)) == {"2026-11-24": 1}
        assert admin_counts.opt_outs_by_day(connection, "birch", since) == {}
        assert admin_counts.latenesses(connection, "acme", since) == [0.3]


def test_replies_are_seen_by_who_texted_last(filled: Engine) -> None:
    with filled.connect() as connection:
        since = NOW - timedelta(days=1)
        [sms] = admin_attention.replies_to(connection, "acme", since)
        assert sms.text == "which room?"
        assert admin_attention.replies_from(connection, REF, since) == [sms]
        assert admin_attention.replies_to(connection, "birch", since) == []
        [unclear] = admin_attention.unresolved(connection, "acme", since)
        assert unclear["text_id"] == "d" * 32
        assert admin_attention.notices_since(connection, "acme", since) == []


def test_a_later_text_of_another_workspace_takes_the_replies_along(filled: Engine) -> None:
    with filled.begin() as connection:
        of_birch = [
            replace(m, text=replace(m.text, workspace_id="birch", text_id="e" * 32))
            for m in text(text_id="e" * 32, due_at=at("12:15"))
            if hasattr(m, "text")
        ]
        write(connection, of_birch, KEYS)
        since = NOW - timedelta(days=1)
        assert admin_attention.replies_to(connection, "acme", since) == []
        assert len(admin_attention.replies_to(connection, "birch", since)) == 1
