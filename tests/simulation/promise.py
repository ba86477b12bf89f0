"""A promise kept or broken."""


class BrokenPromise(AssertionError):
    """What was promised, and what was seen instead."""


def promise(kept: object, what: str, *seen: object) -> None:
    """Raise ``BrokenPromise`` unless it was kept."""
    if not kept:
        raise BrokenPromise(f"{what}: " + ", ".join(repr(s) for s in seen))
