"""Time zones: the closed list of IANA names, and whose zone a person lives by."""

from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from rules.phones import zones_of
from rules.policy import Policy

DATA = files("tzdata")
"""The pinned package, never the machine's own files: two workers must decide alike."""


@cache
def names() -> frozenset[str]:
    """Every IANA zone name, links included; without ``Factory``, which means "not set"."""
    return frozenset(DATA.joinpath("zones").read_text("ascii").split()) - {"Factory"}


def is_zone(name: str) -> bool:
    """Whether this is an IANA zone name, spelled as IANA spells it."""
    return name in names()


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """The zone of that name. Raises ``KeyError`` if ``is_zone`` denies it."""
    if not is_zone(name):
        raise KeyError(name)
    with DATA.joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def zone_for(
    policy: Policy,
    participant_zone: str | None,
    phone: str | None,
    study_zone: str | None,
    workspace_zone: str | None,
) -> str:
    """The zone a person lives by: their own, the number's if it has one only, the study's, the workspace's.

    The deployment's default where none is known. What is no IANA name is passed over.
    """
    if participant_zone is not None and is_zone(participant_zone):
        return participant_zone
    of_number = zones_of(phone) if phone else ()
    single = of_number[0] if len(of_number) == 1 else None
    candidates = (single, study_zone, workspace_zone, policy.default_zone)
    return next((name for name in candidates if name is not None and is_zone(name)), "UTC")
