"""Settings of the simulator, each read from `SIMULATOR_<NAME>`; the defaults are a healthy carrier.

SIMULATOR_HOST, SIMULATOR_PORT      where it listens (127.0.0.1, 8025; port 0 takes a free one)
SIMULATOR_LEDGER                    the JSONL file of all that happened (simulator-ledger.jsonl)
SIMULATOR_AUTH_ID, _AUTH_TOKEN      the account: MA and 18 characters, and its token, which also signs
SIMULATOR_SUBACCOUNT_TOKEN          signs the plain headers in signing mode `subaccount`
SIMULATOR_NUMBER                    the account's number (+13306619491); any other source fails with code 40
SIMULATOR_MESSAGE_URL               where replies are posted; empty: they are kept and never forwarded
SIMULATOR_CAMPAIGN                  the number's campaign; empty: it is not registered (CSIMULATOR)
SIMULATOR_SIGNING                   v2, v3, ma-v3, subaccount, comma, none, tampered, forged (v3)
SIMULATOR_NONCE                     same or fresh: the nonce of a repeated callback (same)
SIMULATOR_PLUS                      none, encoded or raw: how callbacks spell the + of a number (none)
SIMULATOR_WEBHOOK_TIMEOUT_S         how long a callback waits for its answer (8)
SIMULATOR_SPEEDUP                   divides the carrier's long waits: callback repeats after 60, 120, 240 s,
                                    the five minutes after STOP, the two minutes without credit (1)
SIMULATOR_EXPIRY_SPEEDUP            divides message_expiry (1)
SIMULATOR_MPS                       messages a second from one number, the rest queue; 0: no limit (0)
SIMULATOR_REQUESTS_PER_5S           sends allowed in five seconds, Plivo's is 300; 0: no limit (0)
SIMULATOR_LISTS_PER_MIN             list requests allowed in a minute (20); 0: no limit
SIMULATOR_LIST_LAG_S                how long a message stays invisible in the list (0)
SIMULATOR_QUEUED_AFTER_S, _SENT_AFTER_S, _DELIVERED_AFTER_S   when reports go out (0.05, 0.2, 0.5)
SIMULATOR_HANG_S                    how long the answer `hang` hangs (60)
SIMULATOR_TEXT_MEASURE              chars or bytes: what the limit of 737 counts in non-GSM texts (chars)
SIMULATOR_DND                       the carrier's own opt-out (true)
SIMULATOR_AUTO_REPLY                it answers STOP, START and HELP itself (true)
SIMULATOR_INTENT                    it fills MessageIntent (true)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Literal

import msgspec

Signing = Literal["v2", "v3", "ma-v3", "subaccount", "comma", "none", "tampered", "forged"]
Nonce = Literal["same", "fresh"]
Plus = Literal["none", "encoded", "raw"]

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Factor = Annotated[float, msgspec.Meta(gt=0)]
Limit = Annotated[int, msgspec.Meta(ge=0)]

PREFIX = "SIMULATOR_"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the simulator is told at start; the module's head explains each."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8025
    ledger: str = "simulator-ledger.jsonl"
    auth_id: Annotated[str, msgspec.Meta(pattern=r"\AMA[A-Z0-9]{18}\Z")] = "MASIMULATOR000000000"
    auth_token: Annotated[str, msgspec.Meta(min_length=1)] = "simulator-token"  # noqa: S105 - opens nothing
    subaccount_token: str = "simulator-subaccount-token"  # noqa: S105 - likewise
    number: Annotated[str, msgspec.Meta(pattern=r"\A\+[0-9]{7,15}\Z")] = "+13306619491"
    message_url: str = ""
    campaign: str = "CSIMULATOR"
    signing: Signing = "v3"
    nonce: Nonce = "same"
    plus: Plus = "none"
    webhook_timeout_s: Factor = 8.0
    speedup: Factor = 1.0
    expiry_speedup: Factor = 1.0
    mps: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    requests_per_5s: Limit = 0
    lists_per_min: Limit = 20
    list_lag_s: Seconds = 0.0
    queued_after_s: Seconds = 0.05
    sent_after_s: Seconds = 0.2
    delivered_after_s: Seconds = 0.5
    hang_s: Seconds = 60.0
    text_measure: Literal["chars", "bytes"] = "chars"
    dnd: bool = True
    auto_reply: bool = True
    intent: bool = True

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Settings from the environment; ValueError names an unknown or wrong `SIMULATOR_` variable."""
        given = {key[len(PREFIX) :].lower(): value for key, value in env.items() if key.startswith(PREFIX)}
        unknown = given.keys() - {field.name for field in fields(cls)}
        if unknown:
            names = ", ".join(sorted(PREFIX + name.upper() for name in unknown))
            raise ValueError(f"unknown settings: {names}")
        return msgspec.convert(given, cls, strict=False)
