import asyncio

from runtime.tasks import end_all


async def test_a_task_that_lost_a_cancellation_is_cancelled_again() -> None:
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        for _ in range(2):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                lost += 1
        await asyncio.sleep(3600)

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await end_all([task])
    assert (lost, task.cancelled()) == (2, True)


async def test_tasks_that_ended_need_no_end() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    await task
    await end_all([task])
