"""Which booking and which phone an event has, whatever order its records come in."""

from itertools import permutations

import pytest

from rules.match import news, with_booking, with_sign_up
from schemas.bookings import BookingInput, DayOf
from schemas.rows import EventPhones
from tests.makers import OTHER_PHONE, PHONE, THIRD_PHONE, a_booking, a_sign_up, at


def fold(*records: object) -> EventPhones:
    row = EventPhones()
    for record in records:
        if isinstance(record, BookingInput):
            row = with_booking(row, record) or row
        else:
            row = with_sign_up(row, record) or row  # type: ignore[arg-type]
    return row


def standing(*records: object) -> tuple[str, str]:
    booking = fold(*records).booking
    assert booking is not None
    return booking.booking_id, booking.status


A = a_booking(booking_id="a", event_id="a")
A_CANCELLED = a_booking(booking_id="a", event_id="a", revision=2, status="cancelled")
B = a_booking(booking_id="b", event_id="a", replaces_booking_id="a")
B_CANCELLED = a_booking(booking_id="b", event_id="a", replaces_booking_id="a", revision=2, status="cancelled")
C = a_booking(booking_id="c", event_id="a", replaces_booking_id="b")
C_CANCELLED = a_booking(booking_id="c", event_id="a", replaces_booking_id="b", revision=2, status="cancelled")
D = a_booking(booking_id="d", event_id="a")


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        # a higher revision counts
        ((A, A_CANCELLED), ("a", "cancelled")),
        # a lower one changes nothing: the cancel that came first holds
        ((A_CANCELLED, A), ("a", "cancelled")),
        # the same again changes nothing
        ((A, A), ("a", "booked")),
        # a booking that names the event's takes its place
        ((A, B), ("b", "booked")),
        # a replaced booking is closed: its later records change nothing
        ((A, B, A_CANCELLED), ("b", "booked")),
        # also if it is heard of only afterwards
        ((B, A), ("b", "booked")),
        ((B, A_CANCELLED, A), ("b", "booked")),
        # a cancelled booking that was replaced stays replaced
        ((A, B, B_CANCELLED, A), ("b", "cancelled")),
        # cancel and new, without a name: it stands once the old one is cancelled
        ((A, A_CANCELLED, D), ("d", "booked")),
        ((A, D), ("a", "booked")),
        ((A, D, A_CANCELLED), ("d", "booked")),
        # the cancel of a booking that is not the event's leaves the event alone
        ((D, A_CANCELLED), ("d", "booked")),
        # an ancestor whose records come late does not displace the last link
        ((C, A), ("c", "booked")),
        ((C, A, B), ("c", "booked")),
        # and counts for nothing, though it came in when the last link was cancelled
        ((C, C_CANCELLED, A, B), ("c", "cancelled")),
        # two that replace the same: the later read one counts
        ((A, B, a_booking(booking_id="b2", event_id="a", replaces_booking_id="a")), ("b2", "booked")),
        # but not its cancellation
        ((A, B, a_booking(booking_id="b2", replaces_booking_id="a", status="cancelled")), ("b", "booked")),
        # a booking that says it replaces itself
        ((A, a_booking(booking_id="a", revision=3, replaces_booking_id="a")), ("a", "booked")),
        # two that name each other: neither stands
        ((B, a_booking(booking_id="a", event_id="a", replaces_booking_id="b")), ("b", "cancelled")),
        # a rival is known by its own revisions
        (
            (A, D, a_booking(booking_id="d", revision=2, status="cancelled"), D, A_CANCELLED),
            ("a", "cancelled"),
        ),
        # a rival that is replaced itself
        ((A, D, a_booking(booking_id="e", replaces_booking_id="d"), A_CANCELLED), ("e", "booked")),
        # of two rivals the first
        ((A, D, a_booking(booking_id="e"), A_CANCELLED), ("d", "booked")),
        (
            (
                A,
                D,
                a_booking(booking_id="e"),
                a_booking(booking_id="f", replaces_booking_id="d"),
                A_CANCELLED,
            ),
            ("e", "booked"),
        ),
        # what was forgotten of them stays cancelled
        (
            (
                A,
                a_booking(booking_id="d", revision=2, status="cancelled"),
                a_booking(booking_id="e"),
                D,
                A_CANCELLED,
            ),
            ("e", "booked"),
        ),
    ],
)
def test_the_booking_that_counts(records: tuple[BookingInput, ...], wanted: tuple[str, str]) -> None:
    assert standing(*records) == wanted


@pytest.mark.parametrize("order", list(permutations([A, B, C])))
def test_a_chain_in_any_order(order: tuple[BookingInput, ...]) -> None:
    assert standing(*order) == ("c", "booked")


@pytest.mark.parametrize("order", list(permutations([A, A_CANCELLED, B, B_CANCELLED, C])))
def test_a_chain_with_its_cancels_in_any_order(order: tuple[BookingInput, ...]) -> None:
    assert standing(*order) == ("c", "booked")


def test_what_only_says_whom_it_replaces_makes_no_version() -> None:
    row = fold(C)
    after = with_booking(row, B)
    assert after is not None
    assert after.version == row.version
    assert set(after.closed) == {"a", "b"}
    assert with_booking(after, B) is None


def test_rivals_are_bounded_and_what_is_forgotten_is_closed() -> None:
    row = fold(A, *(a_booking(booking_id=f"r{n}") for n in range(5)))
    assert [b.booking_id for b in row.rivals] == ["r2", "r3", "r4"]
    assert row.closed == ("r0", "r1")


def test_a_rival_keeps_its_phone_though_a_later_record_has_none() -> None:
    row = fold(
        A, a_booking(booking_id="d", phone=OTHER_PHONE), a_booking(booking_id="d", phone=None, revision=2)
    )
    assert row.rivals[0].phone == OTHER_PHONE
    row = fold(A, row.rivals[0], a_booking(booking_id="d", phone=None, phone_error="empty", revision=3))
    assert row.rivals[0].phone is None


def test_closed_bookings_are_bounded() -> None:
    links = [
        a_booking(booking_id=f"l{n}", replaces_booking_id=f"l{n - 1}" if n else None) for n in range(150)
    ]
    assert len(fold(*links).closed) == 100


def test_versions_grow_with_every_change_and_not_below_the_revision() -> None:
    row = fold(a_booking(revision=7))
    assert row.version == 7
    assert fold(a_booking(revision=7), a_sign_up(phone=OTHER_PHONE)).version == 7
    assert fold(a_booking(revision=7, phone=None), a_sign_up(phone=OTHER_PHONE)).version == 8


NO_PHONE = a_booking(phone=None)
UNREADABLE = a_booking(phone=None, phone_error="too_short", revision=3)


@pytest.mark.parametrize(
    ("records", "phone"),
    [
        # the booking's own
        ((a_booking(),), PHONE),
        # none, and no sign-up: it waits
        ((NO_PHONE,), None),
        # that of the sign-up, in either order
        ((NO_PHONE, a_sign_up()), PHONE),
        ((a_sign_up(), NO_PHONE), PHONE),
        # the booking's own before the sign-up's, in either order
        ((a_sign_up(phone=OTHER_PHONE), a_booking()), PHONE),
        ((a_booking(), a_sign_up(phone=OTHER_PHONE)), PHONE),
        # the latest sign-up, whichever is read first
        (
            (NO_PHONE, a_sign_up(), a_sign_up(sign_up_id="su2", phone=OTHER_PHONE, at=at("12:05"))),
            OTHER_PHONE,
        ),
        (
            (NO_PHONE, a_sign_up(sign_up_id="su2", phone=OTHER_PHONE, at=at("12:05")), a_sign_up()),
            OTHER_PHONE,
        ),
        # an absent phone never erases one
        ((a_booking(), a_booking(revision=2, phone=None)), PHONE),
        ((a_sign_up(), NO_PHONE, a_booking(revision=2, phone=None)), PHONE),
        # a changed one counts
        ((a_booking(), a_booking(revision=2, phone=OTHER_PHONE)), OTHER_PHONE),
        # one that can't be read takes the old one away, the sign-up's of the same number too
        ((a_booking(), UNREADABLE), None),
        ((NO_PHONE, a_sign_up(), UNREADABLE), None),
        ((a_booking(), UNREADABLE, a_booking(revision=4, phone=None)), None),
        # a sign-up with another number stands in, and a later one always
        ((a_sign_up(phone=OTHER_PHONE), a_booking(), UNREADABLE), OTHER_PHONE),
        ((a_booking(), UNREADABLE, a_sign_up(phone=THIRD_PHONE)), THIRD_PHONE),
        # the same unreadable phone again takes nothing more away
        (
            (
                a_booking(),
                UNREADABLE,
                a_sign_up(),
                a_booking(revision=4, phone=None, phone_error="too_short"),
            ),
            PHONE,
        ),
        # unreadable from the start: the sign-up's, in either order
        ((a_sign_up(), UNREADABLE), PHONE),
        ((UNREADABLE, a_sign_up()), PHONE),
    ],
)
def test_the_phone_of_an_event(records: tuple[object, ...], phone: str | None) -> None:
    assert fold(*records).phone == phone


def test_a_sign_up_that_is_known_or_older_changes_nothing() -> None:
    row = fold(a_sign_up())
    assert with_sign_up(row, a_sign_up()) is None
    assert with_sign_up(row, a_sign_up(sign_up_id="su0", at=at("11:00"))) is None


LATE = DayOf(kind="interviewer_late")
LATE_1 = DayOf(kind="interviewer_late", notice_id="n1")
LATE_2 = DayOf(kind="interviewer_late", notice_id="n2")


@pytest.mark.parametrize(
    ("history", "notice", "told"),
    [
        # new with the booking, or with a later record
        ([], LATE, True),
        ([None], LATE, True),
        # none, or the same in a later record
        ([None], None, False),
        ([LATE], LATE, False),
        # late, and later still
        ([LATE_1], LATE_2, True),
        # the same by its id, though a record between had none
        ([LATE_1, None], LATE_1, False),
        # without an id it is another one
        ([LATE, None], LATE, True),
    ],
)
def test_day_of_notices(history: list[DayOf | None], notice: DayOf | None, told: bool) -> None:
    records = [a_booking(revision=n, day_of=day_of) for n, day_of in enumerate(history)]
    assert (news(fold(*records), a_booking(revision=99, day_of=notice)) is not None) == told
