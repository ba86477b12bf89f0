"""Waiting for sends under way: one question for all; an answer older than a flag does not count for it."""

import asyncio
from collections.abc import Collection

from gateway.under_way import UnderWay
from tests.gateway.desk import Board


async def asked(board: Board, questions: int) -> None:
    while len(board.asked) < questions:  # noqa: ASYNC110  # the board tells nobody
        await asyncio.sleep(0)


async def test_fifty_who_wait_ask_one_question_at_a_time() -> None:
    board = Board()
    under_way = UnderWay(board, poll_s=0.001)
    board.under_way = {str(n) for n in range(50)}
    waiting = [asyncio.create_task(under_way.over(str(n))) for n in range(50)]
    await asked(board, 5)
    assert board.asked == [50] * 5
    board.under_way = {"7"}
    await asyncio.gather(*waiting[:7], *waiting[8:])
    assert not waiting[7].done()
    board.under_way = set()
    await waiting[7]
    questions = len(board.asked)
    await asyncio.sleep(0.01)
    assert len(board.asked) == questions  # nobody waits: nobody asks


class Slow(Board):
    """Answers when let go, with what was true when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Semaphore(0)

    async def sending(self, phone_refs: Collection[str]) -> set[str]:
        answer = await super().sending(phone_refs)
        await self.let_go.acquire()
        return answer


async def test_an_answer_asked_for_before_a_flag_stood_does_not_count_for_it() -> None:
    board = Slow()
    under_way = UnderWay(board, poll_s=0.001)
    first = asyncio.create_task(under_way.over("phone"))
    await asked(board, 1)
    board.under_way = {"phone"}  # START, a send, and STOP again
    second = asyncio.create_task(under_way.over("phone"))
    board.let_go.release()
    await first
    board.let_go.release()
    await asked(board, 3)
    assert not second.done()
    board.under_way = set()
    board.let_go.release()
    board.let_go.release()
    await second


async def test_while_redis_is_away_nobody_is_told_that_all_is_over() -> None:
    board = Board()
    under_way, board.away = UnderWay(board, poll_s=0.001), True
    waits = asyncio.create_task(under_way.over("phone"))
    await asyncio.sleep(0.02)
    assert not waits.done()
    board.away = False
    await waits
