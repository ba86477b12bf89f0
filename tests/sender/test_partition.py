"""What a partition may send, what ends without a try, and how far it may be committed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.deliveries import Delivery, ScopeWithdrawal
from schemas.journal import Expired, Suppressed
from schemas.phone_states import StartAsked, StopState
from sender.offsets import Offsets
from sender.partition import Partition
from sender.pending import PartitionGone
from sender.phones import Phones
from sender.withdrawals import Withdrawals
from tests.sender.records import claimed, not_sent
from tests.sender.texts import delivery, new_phone, ref, reply, withdrawal

NOW = datetime.now(UTC)
TOPIC = "sms-deliveries"


def partition(*texts: Delivery) -> Partition:
    held = Partition(0)
    for offset, text in enumerate(texts):
        assert held.take(offset, text, NOW) is not None
    held.has_read(TOPIC, len(texts))
    return held


def claim(held: Partition, text: Delivery, claim_id: str = "c1") -> Any:
    record = claimed(claim_id, text=text.text, at=NOW)
    assert held.hear(record)
    return record


def outlook(held: Partition, text: Delivery, now: datetime = NOW) -> str:
    return held.outlook(held.pending[text.text.text_id][text.text.plan_version], now)


def test_offsets_wait_for_the_first_that_is_open() -> None:
    offsets = Offsets()
    for offset in (3, 5, 9):
        offsets.begin(offset)
    assert offsets.first_open(12) == 3
    offsets.end(5)
    assert offsets.first_open(12) == 3
    offsets.end(3)
    assert offsets.first_open(12) == 9
    offsets.end(9)
    assert offsets.first_open(12) == 12


def test_a_repeat_is_the_same_delivery() -> None:
    text = delivery(new_phone())
    held = partition(text)
    assert held.take(1, text, NOW) is None
    assert held.commit_to() == 0


def test_it_is_committed_when_the_journal_says_it_ended() -> None:
    text, other = delivery(new_phone()), delivery(new_phone())
    held = partition(text, other)
    held.hear(Suppressed(text=text.text, reason="moved", at=NOW))
    assert held.commit_to() == 1
    assert held.take(7, text, NOW) is None


def test_one_text_in_flight_a_phone() -> None:
    phone = new_phone()
    first, second = delivery(phone), delivery(phone, text=ref(phone, basis="other"))
    held = partition(first, second)
    assert (outlook(held, first), outlook(held, second)) == ("go", "go")
    record = claim(held, first)
    assert (outlook(held, first), outlook(held, second)) == ("wait", "wait")
    held.hear(replace(not_sent(), text=record.text))
    assert (outlook(held, first), outlook(held, second)) == ("go", "go")


def test_a_text_put_off_waits_longer_each_time() -> None:
    text = delivery(new_phone())
    held = partition(text)
    pending = held.pending[text.text.text_id][1]
    waits = []
    for _ in range(7):
        pending.put_off(NOW, timedelta(seconds=30))
        waits.append((pending.not_before - NOW).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert outlook(held, text) == "wait"
    assert outlook(held, text, NOW + timedelta(seconds=31)) == "go"


def test_withdrawals_end_the_lowest_version_first() -> None:
    phone = new_phone()
    first, third = delivery(phone), delivery(phone, text=ref(phone, plan_version=3))
    held = partition(first, third)
    held.take_withdrawal(2, withdrawal(ref(phone, plan_version=2)))
    held.take_withdrawal(3, withdrawal(first.text, "coalesced"))
    name = first.text.text_id
    one = held.next_end(name, NOW)
    assert isinstance(one, Suppressed)
    assert (one.text.plan_version, one.reason) == (1, "coalesced")
    assert outlook(held, third) == "end"
    held.hear(one)
    assert outlook(held, third) == "end"  # once it is accepted, no other version of the text could end
    two = held.next_end(name, NOW)
    assert isinstance(two, Suppressed)
    assert two.text.plan_version == 2
    held.hear(two)
    assert held.next_end(name, NOW) is None
    assert outlook(held, third) == "go"
    held.has_read(TOPIC, 4)
    assert held.commit_to() == 1


def test_a_withdrawal_waits_for_an_open_try() -> None:
    text = delivery(new_phone())
    held = partition(text)
    claim(held, text)
    held.take_withdrawal(1, withdrawal(text.text))
    assert held.next_end(text.text.text_id, NOW) is None
    held.has_read(TOPIC, 2)
    assert held.commit_to() == 0


def test_a_text_never_released_ends_by_its_withdrawal() -> None:
    held = Partition(0)
    text = ref(new_phone())
    held.take_withdrawal(0, withdrawal(text, "expired"))
    assert isinstance(held.next_end(text.text_id, NOW), Expired)


def test_repeated_withdrawals_are_applied_together() -> None:
    text = ref(new_phone())
    waiting = Withdrawals()
    waiting.take(3, withdrawal(text))
    waiting.take(8, withdrawal(text))
    held = Partition(0)
    held.hear(Suppressed(text=text, reason="moved", at=NOW))
    assert waiting.applied(text.text_id, held.fold.of(text.text_id).is_over) == [3, 8]
    assert waiting.texts() == []


def scope(revision: int, study: str | None = None) -> ScopeWithdrawal:
    return ScopeWithdrawal(
        partition=0,
        workspace_id="ws",
        study_id=study,
        reason="study_off" if study else "workspace_off",
        settings_revision=revision,
        at=NOW,
    )


@pytest.mark.parametrize(
    ("study", "judged", "ends"),
    [(None, 4, True), (None, 5, False), ("study", 4, True), ("study", 5, False), ("another", 4, False)],
)
def test_a_switch_ends_what_was_judged_before_it(study: str | None, judged: int, ends: bool) -> None:
    phone = new_phone()
    text = delivery(
        phone, text=ref(phone, workspace_id="ws"), workspace_revision=judged, study_revision=judged
    )
    held = partition(text)
    held.take_scope(scope(5, study))
    held.take_scope(scope(3, study))
    assert (held.end_of(text, NOW) is not None) is ends


def test_replies_heed_only_their_time_and_withdrawal() -> None:
    phone = new_phone()
    answer = reply(phone, "inbound")
    held = partition(answer)
    held.phones.hear(StopState(phone_ref=answer.text.phone_ref, stop_at=NOW, start_at=None, hold_at=NOW))
    held.take_scope(scope(9))
    assert outlook(held, answer) == "go"
    assert isinstance(held.end_of(answer, answer.not_after), Expired)


def test_opt_outs_and_holds_that_the_worker_told() -> None:
    phone = new_phone()
    text = delivery(phone)
    held = partition(text)
    state = {"phone_ref": text.text.phone_ref, "start_at": None}
    held.phones.hear(StopState(**state, stop_at=None, hold_at=NOW))
    assert outlook(held, text) == "wait"
    held.phones.hear(StopState(**state, stop_at=NOW, hold_at=NOW))
    assert outlook(held, text) == "end"


def test_a_start_that_was_confirmed_is_not_asked_again() -> None:
    phones, phone = Phones(), new_phone()
    name = ref(phone).phone_ref
    phones.hear(StartAsked(phone=phone, phone_ref=name, inbound_uuid="u", received_at=NOW, stop_at=None))
    assert list(phones.starts) == [name]
    phones.hear(StopState(phone_ref=name, stop_at=None, start_at=NOW, hold_at=None))
    assert phones.starts == {}


async def test_who_waits_is_told_when_the_partition_leaves() -> None:
    held = Partition(0)
    held.close()
    with pytest.raises(PartitionGone):
        await held.read_past(3)
