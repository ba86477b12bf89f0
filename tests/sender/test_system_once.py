"""A delivery reaches the carrier once, whatever is repeated, withdrawn, refused or lost."""

import pytest

from tests.sender.street import Street
from tests.sender.texts import delivery, new_phone, withdrawal

pytestmark = pytest.mark.servers


def test_a_text_is_sent_once_and_told(street: Street) -> None:
    street.start()
    sent = delivery(new_phone())
    street.publish(sent, sent)
    assert street.end(sent.text.text_id) == "accepted"
    street.publish(sent)
    later = delivery(new_phone())
    street.publish(later)
    assert street.end(later.text.text_id) == "accepted"
    assert street.sent(sent.text.text_id) == 1


def test_a_withdrawal_before_the_sender_is_there_wins(street: Street) -> None:
    sent = delivery(new_phone())
    street.publish(sent, withdrawal(sent.text))
    street.start()
    assert street.end(sent.text.text_id) == "suppressed cancelled"
    assert street.sent(sent.text.text_id) == 0
