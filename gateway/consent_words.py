"""The consent text for a page: the exact words, cut where its links begin and end."""

import re

from rules.texts import CONSENT_LINKS, CONSENT_TEXT
from runtime.config import Config

COUNTRY_NAMES = {"US": "the United States", "CA": "Canada"}


def consent_parts(config: Config) -> list[tuple[str, str]]:
    """(words, address) in order; the address is empty where the words are no link. Joined: the exact text."""
    cut = re.split("(" + "|".join(map(re.escape, CONSENT_LINKS)) + ")", CONSENT_TEXT)
    return [(words, getattr(config, CONSENT_LINKS[words]) if words in CONSENT_LINKS else "") for words in cut]


def country_name(region: str) -> str:
    """The name of a country as it stands in a sentence; the code of one that we have no name for."""
    return COUNTRY_NAMES.get(region, region)


def spelled(number: str) -> str:
    """A North American number as people write it; any other as it is."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return f"+1-{match[1]}-{match[2]}-{match[3]}" if match else number


def served_names(countries: frozenset[str]) -> str:
    """``Canada and the United States``."""
    names = sorted(map(country_name, countries))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
