"""The gate's promises in plain Python: what the script must agree with."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from runtime import gate_keys as keys
from schemas.deliveries import Delivery
from schemas.journal import Claimed
from sender.gate import Question


@dataclass
class World:
    """What the script is to know."""

    maxima: dict[tuple[str, str], int] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)
    dead: dict[str, set[str]] = field(default_factory=dict)
    counted: dict[str, set[str]] = field(default_factory=dict)
    free: dict[str, set[str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def judge(self, q: Question) -> str:
        reason = self._refusal(q)
        if reason is None:
            self._pass(q)
        return reason or "ok"

    def _refusal(self, q: Question) -> str | None:
        d, text = q.delivery, q.delivery.text
        if d.reply_token is not None:
            if self.tokens.get(d.reply_token, text.text_id) != text.text_id:
                return "token_used"
        elif self.paused & {"all", text.workspace_id}:
            return "paused"
        elif reason := self._silenced(d):
            return reason
        elif d.counts_to_cap and self._count(q) >= 6:
            return "capped"
        if datetime.now(UTC) >= d.not_after:
            return "expired"
        return "claimed" if self._barred(q) else None

    def _silenced(self, d: Delivery) -> str | None:
        def known(name: str) -> int:
            return self.maxima.get((d.text.phone_ref, name), -1)

        if 0 <= known("stop") >= known("start"):
            return "opted_out"
        if 0 <= known("hold") >= known("start"):
            return "held_unclear"
        if d.consent_at is None:
            return "no_consent"
        ends = known("ended"), known(keys.ended_field(d.text.workspace_id, d.text.person_id))
        return "consent_ended" if max(ends) >= keys.ms(d.consent_at) else None

    def _count(self, q: Question) -> int:
        event = f"{q.delivery.text.workspace_id}/{q.delivery.text.event_id}"
        counted = self.counted.get(event, set()) | set(q.delivery.counted_ids)
        return len(counted - self.free.get(event, set()) - {_id(q)})

    def _barred(self, q: Question) -> bool:
        name, mine = q.delivery.text.text_id, q.claim.claim_id
        holder = self.held.get(name)
        return mine in self.dead.get(name, set()) or (holder not in (None, mine) and holder not in q.dead)

    def _pass(self, q: Question) -> None:
        d, name = q.delivery, q.delivery.text.text_id
        event = f"{d.text.workspace_id}/{d.text.event_id}"
        self.held[name] = q.claim.claim_id
        self.dead.setdefault(name, set()).update(q.dead)
        if d.reply_token is not None:
            self.tokens[d.reply_token] = name
        if d.counts_to_cap:
            self.free.setdefault(event, set()).discard(_id(q))
            self.counted.setdefault(event, set()).add(_id(q))

    def let_go(self, claim: Claimed) -> None:
        name, event = claim.text.text_id, f"{claim.text.workspace_id}/{claim.text.event_id}"
        if self.held.get(name) == claim.claim_id:
            del self.held[name]
        self.dead.setdefault(name, set()).add(claim.claim_id)
        if claim.counts_to_cap:
            self.counted.setdefault(event, set()).discard(f"{name}#{claim.attempt}")
            self.free.setdefault(event, set()).add(f"{name}#{claim.attempt}")


def _id(q: Question) -> str:
    return f"{q.delivery.text.text_id}#{q.claim.attempt}"
