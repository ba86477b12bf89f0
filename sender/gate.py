"""The gate in Redis: asked for several texts in one round trip. Down, cold or unclear means no send."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from runtime import gate_keys as keys
from runtime.config import Config
from runtime.failpoints import fault
from schemas.deliveries import Delivery
from schemas.journal import Claimed

CAP = 6
KEEP_CAP_S = 172_800
SCRIPT = (Path(__file__).parent / "gate.lua").read_text(encoding="utf-8")
AWAY = (RedisError, OSError, TimeoutError)
"""What a call to Redis raises when it does not answer, or not well."""


@dataclass(frozen=True)
class Verdict:
    """``ok``, and until the next token; ``wait`` so long, keeping the claim; or ``no`` with the reason."""

    word: Literal["ok", "wait", "no"]
    reason: str = ""
    wait_s: float = 0.0


class GateAway(Exception):
    """Redis did not answer: nothing may be sent."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A claimed text that asks to pass. ``dead``: its claims that the journal has closed."""

    delivery: Delivery
    claim: Claimed
    epoch: str
    dead: tuple[str, ...]


class Gate:
    """The question, gathered from all that ask in one turn of the loop.

    ``earliest``: the deadline of the text that this sender would send next, for the other senders.
    """

    def __init__(
        self, config: Config, redis: Redis, *, sender: str, earliest: Callable[[], datetime | None]
    ) -> None:
        self._config, self._sender, self._earliest = config, sender, earliest
        self._script = redis.register_script(SCRIPT)
        self._waiting: list[tuple[Question, asyncio.Future[Verdict]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def judge(self, question: Question) -> Verdict:
        """The verdict on a claimed text. Raises ``GateAway``: whether it passed is then unknown."""
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await future

    async def announce(self) -> None:
        """Tell the other senders of the earliest deadline. Raises one of ``AWAY``."""
        await self._script(args=[self._asked([])])

    async def _ask(self) -> None:
        """One round trip for all that wait, earliest deadline first, until none does."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            waiting.sort(key=lambda pair: pair[0].delivery.not_after)
            try:
                raw = await self._script(args=[self._asked([question for question, _ in waiting])])
                answers = [_verdict(*answer) for answer in msgspec.json.decode(raw)]
            except AWAY as error:
                _tell(waiting, [GateAway(type(error).__name__)] * len(waiting))
            else:
                _tell(waiting, answers)

    def _asked(self, questions: list[Question]) -> str:
        config, earliest = self._config, self._earliest()
        deadlines = [question.delivery.not_after for question in questions]
        if earliest is not None:
            deadlines.append(earliest)
        asked = {
            "partitions": config.partitions,
            "sender": self._sender,
            "earliest": keys.ms(min(deadlines)) if deadlines else None,
            "rates": {"account": config.account_rate_per_s, "number": config.number_rate_per_s},
            "slack_us": int(config.rate_slack_s * 1e6),
            "grace_us": int(config.token_grace_s * 1e6),
            "alive_us": 1_000_000,
            "budget": config.segments_per_day or None,
            "texts": [self._text(question) for question in questions],
            "fault": fault() or None,
        }
        return msgspec.json.encode(
            {name: value for name, value in asked.items() if value is not None}
        ).decode()

    def _text(self, question: Question) -> dict[str, Any]:
        delivery, claim = question.delivery, question.claim
        text = delivery.text
        return {
            "epoch": question.epoch,
            "text_id": text.text_id,
            "claim": claim.claim_id,
            "dead": question.dead,
            "id": f"{text.text_id}#{claim.attempt}",
            "ref": text.phone_ref,
            "workspace": text.workspace_id or "",
            "ended": keys.ended_field(text.workspace_id, text.person_id),
            "event": event_of(claim),
            "consent_at": keys.ms(delivery.consent_at) if delivery.consent_at else 0,
            "counts": delivery.counts_to_cap,
            "counted": delivery.counted_ids,
            "cap": CAP,
            "keep_cap": _keep_cap_ms(delivery),
            "not_after": keys.ms(delivery.not_after),
            "drain": int(self._config.drain_s * 1000),
            "segments": max(text.segments, 1),
            **({"token": delivery.reply_token} if delivery.reply_token else {}),
        }


def event_of(claim: Claimed) -> str:
    """The event whose cap a claim counts to."""
    return f"{claim.text.workspace_id}/{claim.text.event_id}"


def _keep_cap_ms(delivery: Delivery) -> int:
    latest = max(delivery.starts_at or delivery.not_after, delivery.not_after)
    return int((latest - delivery.released_at).total_seconds() + KEEP_CAP_S) * 1000


def _tell(
    waiting: list[tuple[Question, asyncio.Future[Verdict]]], answers: Sequence[Verdict | GateAway]
) -> None:
    for (_, future), answer in zip(waiting, answers, strict=True):
        if future.done():
            continue
        if isinstance(answer, GateAway):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def _verdict(word: Literal["ok", "wait", "no"], detail: int | str) -> Verdict:
    if isinstance(detail, str):
        return Verdict(word, reason=detail)
    return Verdict(word, wait_s=detail / 1e6)
