"""What happens between a recovered table and the first record."""

from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.recovery import RebalanceAgain

from streams.lane.hooks import Hooks
from streams.lane.recovery import LaneRecovery


class Recovering:
    """A recovery of nothing, in the midst of which partitions may be revoked."""

    def __init__(self, *, revoked_meanwhile: bool) -> None:
        self.told: list[frozenset[Any]] = []
        hooks = Hooks()
        hooks.recovered.append(self.told.append)
        self._lane = SimpleNamespace(
            revocations=3, prepare=self.prepare, ownership=self, hooks=hooks, sources=set()
        )
        self._revoked = revoked_meanwhile
        self.active_tps, self.active_highwaters = set[Any](), dict[Any, int]()
        self.app = SimpleNamespace(consumer=SimpleNamespace(assignment=set), consumer_generation_id=1)

    async def prepare(self) -> None:
        self._lane.revocations += self._revoked

    async def claim(self, _ends: dict[Any, int], _generation: int) -> None:
        """As the owner of nothing."""

    async def announce(self) -> None:
        await LaneRecovery._announce(self)  # type: ignore[arg-type]


async def test_partitions_that_are_held_are_announced() -> None:
    recovering = Recovering(revoked_meanwhile=False)
    await recovering.announce()
    assert recovering.told == [frozenset()]


async def test_partitions_that_left_meanwhile_are_not_announced() -> None:
    recovering = Recovering(revoked_meanwhile=True)
    with pytest.raises(RebalanceAgain):
        await recovering.announce()
    assert recovering.told == []
