"""The fixed wordings: their words, their length, and the truth of their dates."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.segments import is_gsm7, segments
from rules.texts import (
    CONSENT_HEADING,
    CONSENT_LINKS,
    CONSENT_TEXT,
    CONTACT_MAX,
    PUBLIC_URL_MAX,
    TEMPLATES,
    WITHOUT_LINK,
    consent_sha256,
    render,
    time_of_day,
    unfit_settings,
    when,
)
from rules.zones import names
from schemas.deliveries import Wording

START = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
LINK = "https://t.rally.co/m/" + "x" * 22
WORDINGS: tuple[Wording, ...] = get_args(Wording)


def text(wording: Wording, **changed: object) -> str:
    values: dict[str, object] = {
        "workspace_name": "Acme Research",
        "starts_at": START,
        "zone": "America/New_York",
        "now": START - timedelta(minutes=15),
        "link": LINK,
        "contact": "help@rally.co",
    }
    return render(wording, **{**values, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        (
            "confirmation",
            f"Rally: interview with Acme Research booked, Tue Nov 24, 3:00 PM EST. {LINK} "
            "Reply STOP to opt out, HELP for help.",
        ),
        (
            "moved",
            f"Rally: your interview with Acme Research moved to Tue Nov 24, 3:00 PM EST. {LINK} "
            "Reply STOP to opt out.",
        ),
        (
            "moved_last",
            "Rally: your interview with Acme Research moved to Tue Nov 24, 3:00 PM EST. "
            f"Later changes only here: {LINK} Reply STOP to opt out.",
        ),
        (
            "cancelled",
            "Rally: your interview with Acme Research on Tue Nov 24, 3:00 PM EST is cancelled. "
            f"{LINK} Reply STOP to opt out.",
        ),
        (
            "reminder",
            "Rally: your interview with Acme Research starts today 3:00 PM EST. "
            f"Join or change: {LINK} Reply STOP to opt out.",
        ),
        (
            "interviewer_late",
            "Rally: your interviewer from Acme Research is running late, please wait. "
            f"{LINK} Reply STOP to opt out.",
        ),
        (
            "join_link_changed",
            f"Rally: new join link for your interview with Acme Research: {LINK} Reply STOP to opt out.",
        ),
        (
            "place_changed",
            f"Rally: new place for your interview with Acme Research: {LINK} Reply STOP to opt out.",
        ),
        (
            "materials_needed",
            f"Rally: materials needed for your interview with Acme Research: {LINK} Reply STOP to opt out.",
        ),
        (
            "reply_stop",
            f"Rally: you are opted out, no more texts. Your interview is NOT cancelled: {LINK} "
            "Reply START to get texts again.",
        ),
        (
            "reply_start",
            "Rally: you will get interview texts again, max 6 per event. Msg&data rates may apply. "
            "Reply STOP to opt out, HELP for help.",
        ),
        (
            "reply_help",
            "Rally interview texts: max 6 per event, msg&data rates may apply. "
            f"Contact help@rally.co or {LINK} Reply STOP to opt out.",
        ),
        (
            "reply_unclear",
            "Rally: should we stop texting you? Texts are paused. "
            f"Reply STOP to opt out, START to go on. Booking unchanged: {LINK}",
        ),
        (
            "reply_other",
            f"Rally: nobody may read replies here in time. To change or cancel: {LINK} "
            "Reply HELP for help, STOP to opt out.",
        ),
    ],
)
def test_words(wording: Wording, words: str) -> None:
    assert text(wording) == words


def test_every_wording_has_its_words() -> None:
    assert set(TEMPLATES) == set(WORDINGS)
    assert set(WITHOUT_LINK) == {name for name in WORDINGS if name.startswith("reply_")}


TWO_AT_USUAL_VALUES = {"moved_last"}
"""Says more than the others can; goes at most once in an event."""


@pytest.mark.parametrize("wording", WORDINGS)
def test_usual_values_take_one_segment(wording: Wording) -> None:
    assert is_gsm7(text(wording))
    assert segments(text(wording)) == (2 if wording in TWO_AT_USUAL_VALUES else 1)


LONGEST_LINK = "https://" + "u" * (PUBLIC_URL_MAX - 8) + "/m/" + "_" * 22
LONGEST_WHEN = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
"""Two digits of day, hour and minutes wherever it is read."""


def test_longest_values_take_two_segments_in_every_zone() -> None:
    wordings = [(wording, LONGEST_LINK) for wording in WORDINGS] + [
        (wording, None) for wording in WITHOUT_LINK
    ]
    for zone in names():
        starts_at = max(
            (LONGEST_WHEN + timedelta(hours=hours) for hours in (0, 4, 8)), key=lambda at: len(when(at, zone))
        )
        for wording, link in wordings:
            longest = text(
                wording,
                workspace_name="W" * 200,
                starts_at=starts_at,
                now=starts_at - timedelta(days=9),
                zone=zone,
                link=link,
                contact="c" * CONTACT_MAX,
            )
            assert is_gsm7(longest)
            assert segments(longest) <= 2, longest


@given(name=st.text(max_size=200), days=st.integers(0, 5000))
def test_any_name_makes_a_gsm7_text_of_two_segments_at_most(name: str, days: int) -> None:
    body = text("moved_last", workspace_name=name, starts_at=START + timedelta(days), link=LONGEST_LINK)
    assert is_gsm7(body)
    assert segments(body) <= 2
    assert LONGEST_LINK in body


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        (
            "reply_stop",
            "Rally: you are opted out, no more texts. Any interview is NOT cancelled: help@rally.co "
            "Reply START to get texts again.",
        ),
        ("reply_start", text("reply_start")),  # has no link anyway
        (
            "reply_help",
            "Rally interview texts: max 6 per event, msg&data rates may apply. Contact help@rally.co "
            "Reply STOP to opt out.",
        ),
        (
            "reply_unclear",
            "Rally: should we stop texting you? Texts are paused. "
            "Reply STOP to opt out, START to go on. Contact help@rally.co",
        ),
        (
            "reply_other",
            "Rally: nobody may read replies here in time. To change or cancel: help@rally.co "
            "Reply HELP for help, STOP to opt out.",
        ),
    ],
)
def test_without_a_booking_the_contact_stands_for_the_link(wording: Wording, words: str) -> None:
    assert text(wording, link=None, workspace_name="") == words


def test_a_planned_text_cannot_lack_its_link() -> None:
    with pytest.raises(KeyError):
        text("confirmation", link=None)


@pytest.mark.parametrize(
    ("starts_at", "now", "words"),
    [
        # a quarter of an hour before, the same afternoon
        ("2026-11-24T20:00Z", "2026-11-24T19:45Z", "starts today 3:00 PM EST"),
        # just after midnight, sent the evening before: the date, for "tomorrow" read after midnight is false
        ("2026-11-25T05:05Z", "2026-11-25T04:50Z", "starts Wed Nov 25, 12:05 AM EST"),
        # the same start, sent after midnight
        ("2026-11-25T05:05Z", "2026-11-25T05:00Z", "starts today 12:05 AM EST"),
        # the same day in UTC, two days there
        ("2026-11-24T05:30Z", "2026-11-24T04:30Z", "starts Tue Nov 24, 12:30 AM EST"),
        # a lead of a day
        ("2026-11-24T20:00Z", "2026-11-23T20:00Z", "starts Tue Nov 24, 3:00 PM EST"),
    ],
)
def test_reminder_says_today_only_if_it_is_today(starts_at: str, now: str, words: str) -> None:
    at = datetime.fromisoformat(starts_at)
    assert words in text("reminder", starts_at=at, now=datetime.fromisoformat(now))


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        ("2026-11-24T20:00Z", "America/New_York", "Tue Nov 24, 3:00 PM EST"),
        ("2026-07-04T16:00Z", "America/New_York", "Sat Jul 4, 12:00 PM EDT"),  # noon
        ("2026-07-04T04:00Z", "America/New_York", "Sat Jul 4, 12:00 AM EDT"),  # midnight
        ("2026-12-31T23:30Z", "Europe/Berlin", "Fri Jan 1, 12:30 AM CET"),  # the next day and year there
        ("2026-01-01T02:00Z", "Pacific/Honolulu", "Wed Dec 31, 4:00 PM HST"),  # the day before there
        ("2026-11-24T20:00Z", "Asia/Kolkata", "Wed Nov 25, 1:30 AM IST"),  # half-hour zone with letters
        ("2026-11-24T20:00Z", "Asia/Colombo", "Wed Nov 25, 1:30 AM UTC+5:30"),  # and without
        ("2026-11-24T20:00Z", "Pacific/Marquesas", "Tue Nov 24, 10:30 AM UTC-9:30"),
        ("2026-11-24T20:00Z", "Pacific/Chatham", "Wed Nov 25, 9:45 AM UTC+13:45"),
        ("2026-11-24T20:00Z", "America/Sao_Paulo", "Tue Nov 24, 5:00 PM UTC-3"),  # whole hours
        ("2026-11-24T20:00Z", "Antarctica/Troll", "Tue Nov 24, 8:00 PM UTC"),  # "+00"
        ("2026-11-24T20:00Z", "Pacific/Guam", "Wed Nov 25, 6:00 AM ChST"),
        # in the gap of spring: 1:59 is followed by 3:00
        ("2026-03-08T06:59Z", "America/New_York", "Sun Mar 8, 1:59 AM EST"),
        ("2026-03-08T07:00Z", "America/New_York", "Sun Mar 8, 3:00 AM EDT"),
        # in the fold of autumn: 1:30 comes twice, and its short name tells which
        ("2026-11-01T05:30Z", "America/New_York", "Sun Nov 1, 1:30 AM EDT"),
        ("2026-11-01T06:30Z", "America/New_York", "Sun Nov 1, 1:30 AM EST"),
    ],
)
def test_when(at: str, zone: str, words: str) -> None:
    assert when(datetime.fromisoformat(at), zone) == words
    assert words.endswith(time_of_day(datetime.fromisoformat(at), zone))


def test_consent_words_are_those_of_the_product() -> None:
    assert CONSENT_HEADING == "Rally SMS Consent"
    assert CONSENT_TEXT == (
        "By entering your phone number, you consent to receive messages for this event via SMS. Message and "
        "data rates may apply. You may receive up to 6 messages per each event. Reply STOP to opt out, HELP "
        "for help. Rally's Privacy Policy and Terms of Service apply."
    )
    assert consent_sha256() == "e32d3e3e0a8bd83f9793c3de89f23817cec017e67375ee84192e9cb92d66b363"
    assert all(CONSENT_TEXT.count(words) == 1 for words in CONSENT_LINKS)


@pytest.mark.parametrize(
    ("public_url", "support_contact", "problem"),
    [
        ("https://t.rally.co", "help@rally.co", None),
        ("h" * 60, "c" * 60, None),  # the longest
        ("h" * 61, "help@rally.co", "public_url is longer"),
        ("https://t.rally.co", "[" * 31, "support_contact is longer"),  # in septets
        ("https://t.rally.co", " ", "support_contact is empty"),
        ("https://tést.rally.cø/“", "help@rally.co", "public_url holds"),
    ],
)
def test_settings_that_make_texts_too_long_are_named(
    public_url: str, support_contact: str, problem: str | None
) -> None:
    found = unfit_settings(public_url=public_url, support_contact=support_contact)
    assert [p[: len(problem or "")] for p in found] == ([problem] if problem else [])
