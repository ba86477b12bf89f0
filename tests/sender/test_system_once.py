"""A delivery reaches the carrier once, whatever is repeated, withdrawn or forbidden."""

from datetime import timedelta

import pytest
from redis import Redis

from rules.ids import phone_ref
from runtime import gate_keys as keys
from schemas.deliveries import ScopeWithdrawal
from schemas.phone_states import EndedState, StopState
from schemas.settings import SettingCopy
from tests.sender.street import Street, eventually, now
from tests.sender.texts import KEY, delivery, new_phone, ref, reply, withdrawal

pytestmark = pytest.mark.servers


def stopped(phone: str, **at: object) -> StopState:
    fields: dict[str, object] = {"stop_at": None, "start_at": None, "hold_at": None} | at
    return StopState(phone_ref=phone_ref(KEY, phone), **fields)  # type: ignore[arg-type]


def redis(street: Street) -> Redis:
    return Redis.from_url(street.env["REDIS_URL"], decode_responses=True)


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
    states = [event.state for event in street.events(sent.text.text_id)]
    assert states[0] == "accepted"
    eventually(lambda: "delivered" in [e.state for e in street.events(sent.text.text_id)])
    ended = [m for m in street.read("bookings") if m.text_id == sent.text.text_id]
    assert [(m.end, m.counted_ids) for m in ended] == [("accepted", [f"{sent.text.text_id}#1"])]


def test_a_withdrawal_before_the_sender_is_there_wins(street: Street) -> None:
    sent, waits = delivery(new_phone()), ref(new_phone())
    street.publish(sent, withdrawal(sent.text), withdrawal(waits, "expired"))
    street.start()
    ends = street.ends(sent.text.text_id, waits.text_id)
    assert ends == {sent.text.text_id: "suppressed cancelled", waits.text_id: "expired"}
    assert street.sent(sent.text.text_id) == 0


def test_each_version_has_its_own_end(street: Street) -> None:
    """Moved there and back: the text of the first version is withdrawn, that of the third goes."""
    street.start()
    first = delivery(new_phone())
    street.publish(first)
    assert street.end(first.text.text_id) == "accepted"
    phones = [new_phone() for _ in range(30)]
    for phone in phones:  # before a sender that is ready, so that each version may be met at any moment
        street.publish(
            delivery(phone),
            withdrawal(ref(phone), "moved"),
            withdrawal(ref(phone, plan_version=2), "moved"),
            delivery(phone, text=ref(phone, plan_version=3)),
        )
    names = [ref(phone).text_id for phone in phones]
    eventually(lambda: all(street.all_sent()[name] for name in names), otherwise=street.logs)
    street.ends(*names)
    told = [event for event in street.read("delivery-events") if event.final]
    for name in names:
        ends = {e.plan_version: (e.state, e.reason) for e in told if e.text_id == name}
        if ends[1] == ("accepted", None):  # it went before its withdrawal was there: the text is over
            continue
        assert ends == {1: ("suppressed", "moved"), 2: ("suppressed", "moved"), 3: ("accepted", None)}


def test_nothing_goes_that_may_not(street: Street) -> None:
    phones = {
        name: new_phone()
        for name in ("stopped", "started", "ended", "person", "late", "capped", "off", "no", "unconsented")
    }
    texts = {name: delivery(phone) for name, phone in phones.items()}
    at, hour = now(), timedelta(hours=1)
    texts["late"] = delivery(phones["late"], valid_s=-1)
    texts["capped"] = delivery(phones["capped"], counted_ids=[f"{n}#1" for n in range(6)])
    texts["unconsented"] = delivery(phones["unconsented"], consent_at=None)
    street.publish(
        stopped(phones["stopped"], stop_at=at - hour),
        stopped(phones["started"], stop_at=at - 2 * hour, start_at=at - hour),
        EndedState(phone_ref=phone_ref(KEY, phones["ended"]), workspace_id=None, person_id=None, ended_at=at),
        EndedState(
            phone_ref=phone_ref(KEY, phones["person"]),
            workspace_id=texts["person"].text.workspace_id,
            person_id=texts["person"].text.person_id,
            ended_at=at,
        ),
    )
    street.publish(*texts.values())
    off = texts["off"].text
    street.publish(
        *(
            ScopeWithdrawal(
                partition=n,
                workspace_id=off.workspace_id or "",
                study_id="other-study" if n else "study",
                reason="study_off",
                settings_revision=1,
                at=at,
            )
            for n in range(4)
        )
    )
    street.start()
    ends = street.ends(*(text.text.text_id for text in texts.values()))
    named = {name: ends[text.text.text_id] for name, text in texts.items()}
    assert named == {
        "stopped": "suppressed opted_out",
        "started": "accepted",
        "ended": "suppressed consent_ended",
        "person": "suppressed consent_ended",
        "late": "expired",
        "capped": "suppressed capped",
        "off": "accepted",
        "no": "accepted",
        "unconsented": "suppressed no_consent",
    }
    sent = street.all_sent()
    assert {name for name, text in texts.items() if sent[text.text.text_id]} == {"started", "off", "no"}


def test_a_switch_turned_off_kills_what_was_judged_before(street: Street) -> None:
    phones = [new_phone() for _ in range(6)]
    before, after = (
        [delivery(p, text=ref(p, workspace_id="switched"), workspace_revision=r) for p in some]
        for some, r in ((phones[:3], 4), (phones[3:], 6))
    )
    answer = reply(new_phone(), f"inbound-{phones[0][1:]}")
    street.publish(*before, *after, answer)
    street.publish(
        *(
            ScopeWithdrawal(
                partition=n,
                workspace_id="switched",
                study_id=None,
                reason="workspace_off",
                settings_revision=5,
                at=now(),
            )
            for n in range(4)
        )
    )
    street.start()
    ends = street.ends(*(d.text.text_id for d in (*before, *after, answer)))
    assert [ends[d.text.text_id] for d in before] == ["suppressed workspace_off"] * 3
    assert [ends[d.text.text_id] for d in (*after, answer)] == ["accepted"] * 4


def test_a_stop_that_only_redis_knows_is_obeyed(street: Street) -> None:
    """The gateway raises the flag long before the worker has read the reply."""
    street.start()
    phone, other = new_phone(), new_phone()
    first = delivery(other)
    street.publish(first)
    assert street.end(first.text.text_id) == "accepted"
    flags = redis(street)
    flags.eval(keys.RAISE, 1, keys.phone_key(phone_ref(KEY, phone)), "stop", keys.ms(now()))
    sent, answer = delivery(phone), reply(phone, f"inbound-{phone[1:]}")
    street.publish(sent, answer)
    ends = street.ends(sent.text.text_id, answer.text.text_id)
    assert ends == {sent.text.text_id: "suppressed opted_out", answer.text.text_id: "accepted"}


def test_a_token_entitles_to_one_answer(street: Street) -> None:
    street.start()
    phone = new_phone()
    one = reply(phone, f"inbound-{phone[1:]}")
    other = reply(new_phone(), one.reply_token or "")
    street.publish(one)
    assert street.end(one.text.text_id) == "accepted"
    street.publish(other)
    assert street.end(other.text.text_id) == "suppressed token_used"


def test_a_hold_waits_and_a_start_ends_it(street: Street) -> None:
    street.start()
    phone, free = new_phone(), new_phone()
    held_at = now()
    street.publish(stopped(phone, hold_at=held_at))
    sent, other = delivery(phone), delivery(free)
    street.publish(sent)
    street.publish(other)
    assert street.end(other.text.text_id) == "accepted"
    assert street.journal(sent.text.text_id) == []
    street.publish(stopped(phone, hold_at=held_at, start_at=now()))
    assert street.end(sent.text.text_id) == "accepted"


def pause(on: bool, revision: int) -> list[SettingCopy]:
    return [
        SettingCopy(
            partition=n,
            workspace_id="all",
            study_id=None,
            name="paused",
            value=on,
            revision=revision,
            actor="operator",
            reason="test",
            at=now(),
        )
        for n in range(4)
    ]


def test_while_paused_only_replies_go(street: Street) -> None:
    street.start()
    first = delivery(new_phone())
    street.publish(first)
    assert street.end(first.text.text_id) == "accepted"
    street.publish(*pause(True, 1))
    paused = redis(street)
    eventually(lambda: (paused.hget(keys.PAUSED, "all") or "").endswith(":1"))
    waits, brief = delivery(new_phone()), delivery(new_phone(), valid_s=2)
    answer = reply(new_phone(), f"inbound-{new_phone()[1:]}")
    street.publish(waits, brief, answer)
    ends = street.ends(answer.text.text_id, brief.text.text_id)
    assert ends == {answer.text.text_id: "accepted", brief.text.text_id: "expired"}
    assert street.sent(waits.text.text_id) == 0
    street.publish(*pause(False, 2))
    assert street.end(waits.text.text_id) == "accepted"


def test_only_listed_numbers_get_test_texts(street: Street) -> None:
    mine, stranger = new_phone(), new_phone()
    street.start(TEXT_ONLY=f"{mine}, +12025550199")
    texts = delivery(mine), delivery(stranger)
    street.publish(*texts)
    ends = street.ends(*(d.text.text_id for d in texts))
    assert [ends[d.text.text_id] for d in texts] == ["accepted", "suppressed test_only"]
    assert street.sent(texts[1].text.text_id) == 0


def test_the_cap_holds_across_texts_of_an_event(street: Street) -> None:
    """The worker's count is behind; Redis counts what went meanwhile."""
    street.start()
    phone = new_phone()
    texts = [
        delivery(phone, text=ref(phone, kind="schedule_change", wording="moved", basis=f"b|{n}"))
        for n in range(8)
    ]
    street.publish(*texts)
    ends = street.ends(*(d.text.text_id for d in texts))
    assert sorted(ends.values()) == ["accepted"] * 6 + ["suppressed capped"] * 2
    notices = [m for m in street.read("notices") if m.event_id == texts[0].text.event_id]
    assert [m.kind for m in notices] == ["tell_the_participant"] * 2


@pytest.mark.parametrize("topic", ["sms-deliveries", "phone-states", "settings-copies", "delivery-reports"])
def test_what_cannot_be_read_is_kept_and_the_rest_goes_on(street: Street, topic: str) -> None:
    street.start()
    street.publish_raw(topic, b"\xff\x00", b"{}", b"", b'{"type":"delivery","text":1}', b"[" * 100_000)
    sent = delivery(new_phone())
    street.publish(sent)
    assert street.end(sent.text.text_id) == "accepted"
    eventually(lambda: len([d for d in street.read("dead-letters") if d.topic == topic]) == 20)


def test_a_text_in_the_wrong_place_or_with_another_number_is_kept_out(street: Street) -> None:
    street.start()
    one, other = delivery(new_phone()), delivery(new_phone())
    wrong = delivery(new_phone(), text=one.text)
    street.publish(wrong)
    street.publish_in_place(other, elsewhere=1)
    street.publish(one)
    assert street.end(one.text.text_id) == "accepted"
    reasons = [d.reason for d in street.read("dead-letters")]
    assert "phone_ref is not that of phone" in reasons
    assert any(reason.startswith("belongs to partition") for reason in reasons)
    assert street.sent(other.text.text_id) == 0
