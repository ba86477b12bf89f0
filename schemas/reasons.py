"""The closed lists of reasons: why a text waits, and why it was not sent."""

from typing import Literal

Waiting = Literal[
    "waiting_for_consent",
    "waiting_for_start",
    "waiting_for_handover",
    "held_unclear",
]

Suppression = Literal[
    "opted_out",
    "carrier_blocked",
    "consent_ended",
    "no_consent",
    "workspace_off",
    "study_off",
    "capped",
    "country_not_served",
    "covered_by_confirmation",
    "covered_by_change",
    "nothing_new",
    "coalesced",
    "moved",
    "cancelled",
    "phone_changed",
    "held_unclear",
    "test_only",
    "token_used",
    "erased",
]

Expiry = Literal["expired"]
EndReason = Suppression | Expiry
