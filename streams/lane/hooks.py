"""What the owner of the app wants to be told: partitions come and go, tables are ready, a batch is done."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING

from faust.types import TP

if TYPE_CHECKING:
    from streams.lane.batch import Batch

PartitionsHook = Callable[[frozenset[TP]], Awaitable[None] | None]
BatchHook = Callable[["Batch"], None]


class Hooks:
    """Callbacks in the order they were registered. An exception in one of them stops the worker."""

    def __init__(self) -> None:
        self.assigned: list[PartitionsHook] = []
        self.revoked: list[PartitionsHook] = []
        self.recovered: list[PartitionsHook] = []
        self.done: list[BatchHook] = []

    @staticmethod
    async def call(hooks: list[PartitionsHook], tps: frozenset[TP]) -> None:
        """Call each with the source partitions, one after the other."""
        for hook in hooks:
            result = hook(tps)
            if isawaitable(result):
                await result

    def batch_done(self, batch: "Batch") -> None:
        """Tell that the effects of ``batch`` are in outputs, changelog and store."""
        for hook in self.done:
            hook(batch)
