"""The words that people consent to, by version: a version names the same words for ever.

Ours are here. An upstream with words of its own sends them with each consent, under a version of its own; if
they cover all events of a workspace, it says so by the consent's scope. Ours cover one event, whoever sends
them.
"""

import hashlib
from dataclasses import dataclass

from rules.texts import CONSENT_TEXT, CONSENT_VERSION
from schemas.consent import Evidence, Scope


@dataclass(frozen=True)
class Disclosure:
    """What was shown, and how far a consent to it reaches."""

    text: str
    scope: Scope


OURS = {CONSENT_VERSION: Disclosure(CONSENT_TEXT, "event")}
"""Every version that our pages ever showed. Add the next; never change or remove one."""


def flaw(evidence: Evidence, scope: Scope) -> tuple[str, str] | None:
    """The field and the reason why this evidence proves no consent of that scope; None if it does."""
    if evidence.disclosure_sha256.lower() != sha256(evidence.disclosure_text):
        return "evidence.disclosure_sha256", "not the SHA-256 of disclosure_text in UTF-8, in hex"
    known = OURS.get(evidence.disclosure_version)
    if known is not None and known.text != evidence.disclosure_text:
        return "evidence.disclosure_text", "not the words of this version"
    words = known or next((ours for ours in OURS.values() if ours.text == evidence.disclosure_text), None)
    if words is not None and words.scope != scope:
        return "scope", f"these words consent to texts of one {words.scope} only"
    return None


def sha256(text: str) -> str:
    """SHA-256 of words in UTF-8, 64 hex digits; a lone surrogate counts as its own bytes."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
