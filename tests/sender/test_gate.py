"""The gate's script on a real server: who passes, who waits, and what it remembers."""

import asyncio
import random
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from runtime import gate_keys as keys
from runtime.config import Config
from sender.gate import Gate
from sender.gate_redis import connect, epoch_of
from tests.sender.bench import HOUR, Bench
from tests.sender.texts import delivery, new_phone, ref

pytestmark = pytest.mark.servers


async def test_a_text_passes_once_for_its_claim(bench: Bench) -> None:
    text = delivery(new_phone())
    assert await bench.ask(text) == "ok"
    assert await bench.ask(text, "c2") == "claimed"
    assert await bench.ask(text, "c2", dead=("c1",)) == "ok"
    assert await bench.ask(text, "c1") == "claimed"


async def test_a_cold_gate_lets_nobody_pass(bench: Bench) -> None:
    text = delivery(new_phone())
    await bench.redis.srem(keys.rebuilt_key(bench.epoch), "1")
    assert (await bench.gate.judge(bench.question(text))).word == "wait"
    await bench.redis.flushall()
    assert await bench.ask(text) == "forgot"
    assert await epoch_of(bench.redis) != bench.epoch
    assert await bench.ask(text) == "forgot"


async def test_a_run_id_of_another_server_begins_an_epoch(bench: Bench) -> None:
    await bench.redis.set(keys.RUN, "another")
    other = connect(bench.config)
    assert await epoch_of(other) != bench.epoch
    await other.aclose()
    assert await bench.ask(delivery(new_phone())) == "forgot"


async def test_a_poisoned_claim_passes_for_nobody(bench: Bench) -> None:
    text = delivery(new_phone())
    await bench.redis.set(f"claim:{text.text.text_id}", "poison:c1")
    assert await bench.ask(text, "c1") == "claimed"
    assert await bench.ask(text, "c2") == "claimed"
    assert await bench.ask(text, "c2", dead=("c1",)) == "ok"


async def test_a_barred_claim_never_passes(bench: Bench) -> None:
    text = delivery(new_phone())
    claim = bench.question(text).claim
    assert await bench.claims.never_begun(claim, 0) is True
    assert await bench.ask(text) == "claimed"
    assert await bench.ask(text, "c2", dead=("c1",)) == "ok"
    passed = bench.question(text, "c2").claim
    assert await bench.claims.never_begun(passed, 0) is False


async def test_in_a_cold_gate_nothing_is_known_of_claims(bench: Bench) -> None:
    text = delivery(new_phone())
    assert await bench.ask(text) == "ok"
    await bench.redis.flushall()
    assert await bench.claims.never_begun(bench.question(text).claim, 0) is None
    await epoch_of(bench.redis)
    assert await bench.claims.never_begun(bench.question(text).claim, 0) is None


async def test_a_mark_stands_until_the_try_is_over(bench: Bench) -> None:
    text = delivery(new_phone())
    asked = [keys.drain_key(text.text.phone_ref), keys.EPOCH]
    lived_ms = -1

    async def sending() -> int:
        [count] = await bench.redis.eval(keys.SENDING, 2, *asked, lived_ms)
        return int(count)

    assert await sending() == 0
    assert await bench.ask(text) == "ok"
    assert await sending() == 1
    await bench.claims.over(bench.question(text).claim)
    assert await sending() == 0
    lived_ms = 3_600_000  # marks of an hour ago may have been lost with the last epoch
    assert await sending() == 1


async def test_the_spend_breaker_stops_at_the_budget_to_the_segment(bench: Bench) -> None:
    """Replies count but go; another day, or a higher bound, and texts go on."""
    bench.config.__dict__["segments_per_day"] = 5
    two = [delivery(phone, text=ref(phone, segments=2)) for phone in (new_phone() for _ in range(3))]
    assert [await bench.ask(text) for text in two] == ["ok", "ok", "over_budget"]
    assert await bench.ask(delivery(new_phone())) == "ok"
    assert await bench.ask(delivery(new_phone())) == "over_budget"
    assert await bench.ask(delivery(new_phone(), reply_token="in-1")) == "ok"
    today = f"spent:{int(datetime.now(UTC).timestamp() // 86_400)}"
    assert await bench.redis.get(today) == "6"
    await bench.redis.delete(today)
    assert await bench.ask(two[2], "c2") == "ok"


async def test_what_was_not_sent_leaves_the_cap(bench: Bench) -> None:
    phone = new_phone()
    texts = [
        delivery(phone, text=ref(phone, kind="schedule_change", wording="moved", basis=f"b|{n}"))
        for n in range(8)
    ]
    for text in texts[:6]:
        assert await bench.ask(text) == "ok"
    assert await bench.ask(texts[6]) == "capped"
    await bench.claims.free(bench.question(texts[0]).claim)
    assert await bench.ask(texts[6]) == "ok"
    assert await bench.ask(texts[7]) == "capped"
    known = [f"{text.text.text_id}#1" for text in texts[:6]]
    assert await bench.ask(replace(texts[0], counted_ids=known), "c2") == "capped"
    await bench.claims.free(bench.question(texts[1]).claim)
    assert await bench.ask(replace(texts[0], counted_ids=known), "c2") == "ok"


async def test_an_attempt_counts_once_and_again_when_it_is_tried_again(bench: Bench) -> None:
    phone = new_phone()
    texts = [
        delivery(phone, text=ref(phone, kind="schedule_change", wording="moved", basis=f"b|{n}"))
        for n in range(7)
    ]
    for text in texts[:6]:
        assert await bench.ask(text) == "ok"
    assert await bench.ask(texts[0], "c2", dead=("c1",)) == "ok"  # it is one of the six itself
    await bench.claims.free(bench.question(texts[1]).claim)
    assert await bench.ask(texts[1], "c2") == "ok"
    assert await bench.ask(texts[6]) == "capped"


async def test_facts_only_grow_in_any_order(bench: Bench) -> None:
    now = datetime.now(UTC)
    facts = [("stop", now - 3 * HOUR), ("start", now - 2 * HOUR), ("stop", now - HOUR), ("hold", now - HOUR)]
    for _ in range(5):
        text = delivery(new_phone())
        for name, at in random.sample(facts * 2, k=8):
            await bench.raise_to(text, name, at)
        assert await bench.ask(text) == "opted_out"
        await bench.raise_to(text, "start", now - HOUR)
        assert await bench.ask(text) == "opted_out"  # a tie is a stop
        await bench.raise_to(text, "start", now)
        assert await bench.ask(text) == "ok"


async def test_an_end_of_consent_stands_against_earlier_consents(bench: Bench) -> None:
    phone, now = new_phone(), datetime.now(UTC)
    text = delivery(phone, consent_at=now - HOUR)
    field_name = keys.ended_field(text.text.workspace_id, text.text.person_id)
    await bench.raise_to(text, field_name, now - HOUR)
    assert await bench.ask(text) == "consent_ended"
    assert await bench.ask(replace(text, consent_at=now)) == "ok"
    await bench.raise_to(text, "ended", now)
    other = ref(phone, workspace_id="other")
    assert await bench.ask(delivery(phone, text=other, consent_at=now)) == "consent_ended"


async def test_rates_are_shared_and_count_segments(bench: Bench) -> None:
    config = Config(
        redis_url=bench.config.redis_url, partitions=2, account_rate_per_s=50, number_rate_per_s=10
    )
    one, other = (Gate(config, bench.redis, sender=name, earliest=lambda: None) for name in ("one", "other"))
    phone = new_phone()
    long = delivery(phone, text=ref(phone, segments=3))
    verdict = await one.judge(bench.question(long))
    assert verdict.word == "ok"
    assert 0.2 < verdict.wait_s <= 0.3
    refused = await other.judge(bench.question(delivery(new_phone())))
    assert refused.word == "wait"
    assert refused.wait_s <= verdict.wait_s


async def test_a_token_goes_to_the_earliest_deadline_of_all_senders(bench: Bench) -> None:
    soon, late = delivery(new_phone(), valid_s=30), delivery(new_phone(), valid_s=300)
    patient = Config(redis_url=bench.config.redis_url, partitions=2, token_grace_s=30, number_rate_per_s=1e6)
    other = Gate(patient, bench.redis, sender="other", earliest=lambda: soon.not_after)
    await bench.redis.set("rate:number", int(datetime.now(UTC).timestamp() * 1e6))
    await other.announce()
    mine = Gate(patient, bench.redis, sender="mine", earliest=lambda: None)
    assert (await mine.judge(bench.question(late))).word == "wait"
    assert (await other.judge(bench.question(soon))).word == "ok"
    done = Gate(patient, bench.redis, sender="other", earliest=lambda: None)
    await done.announce()
    await bench.redis.delete("rate:number", "rate:account")
    assert (await mine.judge(bench.question(late))).word == "ok"


async def test_several_ask_in_one_round_trip(bench: Bench) -> None:
    texts = [delivery(new_phone()) for _ in range(50)]
    before = (await bench.redis.info("commandstats")).get("cmdstat_evalsha", {}).get("calls", 0)
    verdicts = await asyncio.gather(*(bench.gate.judge(bench.question(text)) for text in texts))
    after = (await bench.redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert {verdict.word for verdict in verdicts} == {"ok"}
    assert after - before <= 3
