"""Nothing goes that may not: opted out, ended, capped, switched off, held, too late, not on the list."""

from datetime import timedelta

import pytest
from redis import Redis

from rules.ids import phone_ref
from runtime import gate_keys as keys
from schemas.deliveries import ScopeWithdrawal
from schemas.phone_states import EndedState, StopState
from tests.sender.street import Street, now
from tests.sender.texts import KEY, delivery, new_phone, ref, reply

pytestmark = pytest.mark.servers


def stopped(phone: str, **at: object) -> StopState:
    fields: dict[str, object] = {"stop_at": None, "start_at": None, "hold_at": None} | at
    return StopState(phone_ref=phone_ref(KEY, phone), **fields)  # type: ignore[arg-type]


def redis(street: Street) -> Redis:
    return Redis.from_url(street.env["REDIS_URL"], decode_responses=True)


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
