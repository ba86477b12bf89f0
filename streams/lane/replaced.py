"""How to see that a source's log is no longer the one that tables and commits speak of."""

from typing import Literal, NamedTuple

COMMITTED_BY_LANE = "lane"
"""What a worker writes beside each offset it commits: one without it was set by hand."""


class Place(NamedTuple):
    """Offsets of a source partition: ``mark`` of the tables and ``committed`` of the group (-1: none; the
    former the last one handled, the latter the next one), what stands beside it, and the ``end``.

    ``other``: where the mark saw a record, another one stands by now.
    """

    mark: int
    committed: int
    metadata: str
    end: int
    other: bool = False


def problem_of(place: Place) -> Literal["replaced", "reset"] | None:
    """``replaced``: another log, or one that ends before what was read of it; ``reset``: set back by hand,
    but tables leave out what is read again. A worker that crashed may be set back by its own commit.
    """
    if place.other or place.committed > place.end or place.mark >= place.end:
        return "replaced"
    if 0 <= place.committed <= place.mark and place.metadata != COMMITTED_BY_LANE:
        return "reset"
    return None


def explain(topic: str, partition: int, place: Place, problem: Literal["replaced", "reset"]) -> str:
    """What is wrong and the way out, for who starts a worker."""
    where = f"{topic} partition {partition}"
    if problem == "replaced":
        read = max(place.mark + 1, place.committed)
        holds = "holds other records" if place.other else f"ends at {place.end}"
        what = f"{where} {holds} but was read up to {read}: was the topic recreated?"
    else:
        what = f"{where} was set back to {place.committed}, but tables hold it up to {place.mark} already"
    return f"{what} Stop all workers and see: reminders rebuild"
