"""The gate's script on a real server agrees with a small model, step by step over random histories."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from runtime import gate_keys as keys
from sender.gate import Question, Verdict
from tests.sender.bench import HOUR, Bench
from tests.sender.texts import delivery, new_phone, ref, reply
from tests.sender.world import World

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("seed", range(4))
async def test_the_script_agrees_with_the_model(bench: Bench, seed: int) -> None:
    chance, world, now = random.Random(seed), World(), datetime.now(UTC)
    phones = [new_phone() for _ in range(3)]
    texts = [
        delivery(
            phone,
            text=ref(phone, basis=f"b|{n}", workspace_id=f"w{n % 2}", plan_version=n % 3),
            valid_s=chance.choice([600, 600, -5]),
            counts_to_cap=chance.random() < 0.9,
            counted_ids=[f"old-{chance.randint(0, 5)}#1" for _ in range(chance.randint(0, 4))],
            consent_at=chance.choice([now - HOUR, now - 3 * HOUR, now - 3 * HOUR, None]),
        )
        for phone in phones
        for n in range(5)
    ] + [reply(phone, f"token-{seed}-{n % 2}") for n, phone in enumerate(phones)]
    passed: list[Question] = []
    seen: set[str] = set()
    for _ in range(400):
        kind = chance.choice(["ask"] * 7 + ["raise", "pause", "free"])
        text = chance.choice(texts)
        if kind == "ask":
            dead = tuple(chance.sample(["c0", "c1", "c2"], k=chance.randint(0, 2)))
            claim_id = chance.choice([c for c in ("c0", "c1", "c2") if c not in dead])
            question = bench.question(text, claim_id, dead=dead, attempt=chance.choice([1, 1, 2]))
            verdict = await bench.gate.judge(question)
            answer = _word(verdict)
            assert answer == world.judge(question)
            seen.add(answer)
            passed += [question] if answer == "ok" else []
        elif kind == "raise":
            name = chance.choice(["stop", "start", "start", "hold", "ended", "ended|w0|nobody"])
            at = now - timedelta(minutes=chance.choice([30, 90, 150, 210]))
            await bench.raise_to(text, name, at)
            key = text.text.phone_ref, name
            world.maxima[key] = max(world.maxima.get(key, -1), keys.ms(at))
        elif kind == "pause":
            scope, on = chance.choice(["all", "w0", "w1"]), chance.random() < 0.3
            at_ms = keys.ms(datetime.now(UTC)) * 1000 + len(seen) + _  # later each time
            await bench.redis.eval(keys.PAUSE, 1, keys.PAUSED, scope, at_ms, int(on))
            (world.paused.add if on else world.paused.discard)(scope)
        elif passed:
            claim = chance.choice(passed).claim
            await bench.claims.free(claim)
            world.let_go(claim)
    assert {"ok", "paused", "opted_out", "claimed", "expired"} <= seen


def _word(verdict: Verdict) -> str:
    return verdict.reason or verdict.word
