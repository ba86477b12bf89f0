"""The day's budget is spent: nothing but replies goes, and what waits goes once there is room again."""

import pytest

from tests.sender.street import Street, eventually
from tests.sender.texts import delivery, new_phone, reply

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


def test_past_the_budget_texts_wait_and_replies_go(street: Street) -> None:
    texts = [delivery(new_phone(), valid_s=150) for _ in range(6)]
    names = {text.text.text_id for text in texts}
    street.start(SEGMENTS_PER_DAY="4", CREDIT_PAUSE_S="1", RETRY_MAX_S="2")
    street.publish(*texts)
    eventually(lambda: "over_budget" in street.logs(), otherwise=street.logs)
    answer = reply(new_phone(), f"inbound-{new_phone()[1:]}")
    street.publish(answer)
    assert street.end(answer.text.text_id) == "accepted"
    assert len(names & street.all_sent().keys()) == 4
    street.stop_all()
    street.start(SEGMENTS_PER_DAY="20", CREDIT_PAUSE_S="1", RETRY_MAX_S="2")
    assert set(street.ends(*names, timeout_s=60).values()) == {"accepted"}
    assert all(street.sent(name) == 1 for name in names)
