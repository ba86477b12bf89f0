"""Claims are made when a token is near; a virtual carrier's rate is used to the full and never exceeded."""

import heapq
import itertools

import pytest

from sender.pacing import Pacer

RATE = 5.0


def test_a_token_is_near_only_so_far_ahead() -> None:
    pacer = Pacer(RATE, 100, ahead_s=0.2)
    asks = [pacer.claim(1, 10.0) for _ in range(2) if pacer.is_near(10.0)]
    assert asks == [10.0, pytest.approx(10.2)]
    assert not pacer.is_near(10.0)
    assert pacer.is_near(10.21)


def test_the_slower_rate_counts_and_segments_do() -> None:
    pacer = Pacer(RATE, 1, ahead_s=0.2)
    assert pacer.claim(3, 10.0) == 10.0
    assert pacer.expected_at() == pytest.approx(13.0)


def test_the_gates_answers_correct_the_expectation() -> None:
    pacer = Pacer(RATE, RATE, ahead_s=0.2)
    pacer.claim(1, 10.0)
    pacer.told_to_wait(0.7, 10.0)  # another sender took the token
    assert pacer.expected_at() == pytest.approx(10.9)
    pacer.passed(1, 0.2, 10.7)
    assert pacer.expected_at() == pytest.approx(10.9)
    pacer.claim(1, 10.8)
    pacer.let_go(1)
    assert pacer.expected_at() == pytest.approx(10.9)


def test_a_pause_holds_all_claims() -> None:
    pacer = Pacer(RATE, RATE, ahead_s=0.2)
    pacer.pause(120, 10.0)
    assert pacer.is_paused(100.0)
    assert not pacer.is_near(100.0)
    assert pacer.is_near(129.9)


def test_after_idle_time_there_is_no_burst() -> None:
    pacer = Pacer(RATE, RATE, ahead_s=0.2)
    pacer.claim(1, 10.0)
    pacer.passed(1, 0.2, 10.0)
    first = pacer.claim(1, 500.0)
    assert first == 500.0
    assert pacer.expected_at() == pytest.approx(500.2)


@pytest.mark.parametrize("senders", [1, 3])
def test_in_virtual_time_the_rate_is_used_and_kept(senders: int) -> None:
    """Each sender claims 30 ms before it can ask; one bucket, as in the gate, answers."""
    token_s, free_at, sent = 1 / RATE, 0.0, list[float]()
    pacers = [Pacer(RATE, RATE, ahead_s=0.2) for _ in range(senders)]
    order = itertools.count()
    events: list[tuple[float, int, str, Pacer]] = [(0.0, next(order), "look", p) for p in pacers]
    while events and len(sent) < 200:
        now, _, what, pacer = heapq.heappop(events)
        if what == "look":
            if pacer.is_near(now):
                asks_at = max(pacer.claim(1, now), now + 0.03)
                heapq.heappush(events, (asks_at, next(order), "ask", pacer))
            heapq.heappush(events, (now + 0.02, next(order), "look", pacer))
        elif now < free_at:
            pacer.told_to_wait(free_at - now, now)
            heapq.heappush(events, (free_at, next(order), "ask", pacer))
        else:
            free_at = max(free_at, now - 0.02) + token_s
            pacer.passed(1, max(free_at - now, 0), now)
            sent.append(now)
    assert all(later - earlier >= token_s - 0.021 for earlier, later in itertools.pairwise(sent))
    assert len(sent) / (sent[-1] - sent[0]) >= 0.98 * RATE
