"""A sender that comes back finds withdrawals behind their deliveries, and reads them before it sends."""

import pytest

from tests.sender.street import Street
from tests.sender.texts import delivery, new_phone, withdrawal

pytestmark = pytest.mark.servers

COUNT = 6000
"""More than one fetch holds: the withdrawals come in a later one."""


def test_what_was_withdrawn_in_an_outage_is_not_sent(street: Street) -> None:
    sent = [delivery(new_phone()) for _ in range(COUNT)]
    for first in range(0, COUNT, 500):
        street.publish(*sent[first : first + 500])
    for first in range(0, COUNT, 500):
        street.publish(*(withdrawal(one.text) for one in sent[first : first + 500]))
    street.start()
    assert street.end(sent[-1].text.text_id, timeout_s=60) == "suppressed cancelled"
    assert not {one.text.text_id for one in sent} & set(street.all_sent())
