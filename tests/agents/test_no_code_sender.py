"""S-16: no text goes to a number before an authenticated upstream booked somebody on it."""

from schemas.deliveries import Delivery
from tests.desk import Desk
from tests.makers import PHONE, a_booking_event, a_change, a_consent, a_sign_up, at


def test_sign_ups_and_consents_alone_text_nobody() -> None:
    """Whoever fills in forms can have no number texted: there is no code to send."""
    desk = Desk()
    out = desk.put(*(a_sign_up(sign_up_id=f"s{n}", phone=f"+1330823{n:04}") for n in range(50)))
    out += desk.put(a_change(), a_consent(phone=PHONE))
    assert [m for m in out + desk.run_to(at("12:00", day=2)) if isinstance(m, Delivery)] == []


def test_the_booking_is_what_lets_the_first_text_go() -> None:
    desk = Desk()
    desk.put(a_sign_up())
    [first] = [m for m in desk.put(a_booking_event()) + desk.run_to(at("12:00")) if isinstance(m, Delivery)]
    assert (first.phone, first.text.kind) == (PHONE, "confirmation")
