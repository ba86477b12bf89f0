"""A sender that comes back finds withdrawals behind their deliveries, and reads them before it sends."""

import pytest

from tests.sender.street import Street
from tests.sender.texts import delivery, new_phone, withdrawal

pytestmark = pytest.mark.servers

COUNT = 3000
"""More than one fetch holds, and than may wait: the withdrawals come in a later one."""


@pytest.mark.parametrize(("fault", "sends"), [("", False), ("no-barrier", True)])
def test_what_was_withdrawn_in_an_outage_is_not_sent(street: Street, fault: str, sends: bool) -> None:
    """Redis is warm and stays so: nothing but the barrier holds the sender back."""
    street.start()
    before = delivery(new_phone())
    street.publish(before)
    assert street.end(before.text.text_id) == "accepted"
    street.stop()
    sent = [delivery(new_phone()) for _ in range(COUNT)]
    for first in range(0, COUNT, 500):
        street.publish(*sent[first : first + 500])
    for first in range(0, COUNT, 500):
        street.publish(*(withdrawal(one.text) for one in sent[first : first + 500]))
    street.start(REMINDERS_FAULT=fault, BACKLOG_MAX="200")
    street.ends(*(one.text.text_id for one in sent), timeout_s=90)
    went = {one.text.text_id for one in sent} & set(street.all_sent())
    assert bool(went) is sends
