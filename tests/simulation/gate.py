"""The sender's gate as the world has it: facts that only grow, tries that count, and the journal's fold."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from schemas.deliveries import Delivery, ScopeWithdrawal, TextRef
from schemas.phone_states import EndedState, StopState


@dataclass
class Fate:
    """What the journal knows of a text."""

    open: Delivery | None = None
    killed: int = -1
    kill_reason: str = ""
    ended_version: int = -1
    closed: bool = False
    unknown: bool = False
    tries: set[str] = field(default_factory=set)
    """Tries that count."""
    attempts: int = 0


class Gate:
    """``fates`` by text; ``read`` takes facts in."""

    def __init__(self) -> None:
        self.fates: defaultdict[str, Fate] = defaultdict(Fate)
        self._stops: dict[str, StopState] = {}
        self._ended: dict[tuple[str, str | None, str | None], datetime] = {}
        self._switched_off: dict[tuple[int, str, str | None], ScopeWithdrawal] = {}
        self._counted: defaultdict[str, set[str]] = defaultdict(set)
        self._tokens: dict[str, str] = {}

    def read(self, fact: StopState | EndedState | ScopeWithdrawal) -> None:
        """A fact of a phone, or a switch turned off."""
        match fact:
            case StopState():
                self._stops[fact.phone_ref] = fact
            case EndedState():
                key = (fact.phone_ref, fact.workspace_id, fact.person_id)
                self._ended[key] = max(fact.ended_at, self._ended.get(key, fact.ended_at))
            case ScopeWithdrawal():
                self._switched_off[fact.partition, fact.workspace_id, fact.study_id] = fact

    def switched_off(self, delivery: Delivery, partition: int) -> str | None:
        """Why a delivery is called back: its switch was turned off after it was judged."""
        text = delivery.text
        if delivery.reply_token is not None:
            return None
        judged = ((None, delivery.workspace_revision), (text.study_id, delivery.study_revision))
        for study, revision in judged:
            off = self._switched_off.get((partition, str(text.workspace_id), study))
            if off is not None and revision < off.settings_revision:
                return off.reason
        return None

    def refuses(self, delivery: Delivery) -> str | None:
        """What the script in Redis would say."""
        if delivery.reply_token is not None:
            bound = self._tokens.setdefault(delivery.reply_token, delivery.text.text_id)
            return None if bound == delivery.text.text_id else "token_used"
        return self._silent(delivery.text.phone_ref) or self._not_covered(delivery) or self._capped(delivery)

    def _silent(self, phone_ref: str) -> str | None:
        stops = self._stops.get(phone_ref)
        if stops is None:
            return None
        if stops.stop_at and (stops.start_at is None or stops.stop_at >= stops.start_at):
            return "opted_out"
        if stops.hold_at and (stops.start_at is None or stops.hold_at >= stops.start_at):
            return "held_unclear"
        return None

    def _not_covered(self, delivery: Delivery) -> str | None:
        text, consent_at = delivery.text, delivery.consent_at
        scopes = ((text.phone_ref, None, None), (text.phone_ref, text.workspace_id, text.person_id))
        ends = [self._ended[scope] for scope in scopes if scope in self._ended]
        over = consent_at is None or any(end >= consent_at for end in ends)
        return "consent_ended" if over else None

    def _capped(self, delivery: Delivery) -> str | None:
        tries = self._counted[event_of(delivery.text)] | set(delivery.counted_ids)
        return "capped" if len([i for i in tries if not self._is_proven_unsent(i)]) >= 6 else None

    def _is_proven_unsent(self, this_try: str) -> bool:
        fate = self.fates.get(this_try.partition("#")[0])
        return fate is not None and fate.open is None and not fate.unknown and this_try not in fate.tries

    def count(self, delivery: Delivery) -> None:
        """A try begins."""
        fate = self.fates[delivery.text.text_id]
        fate.attempts += 1
        if delivery.counts_to_cap:
            fate.tries.add(f"{delivery.text.text_id}#{fate.attempts}")
            self._counted[event_of(delivery.text)] |= fate.tries

    def discount(self, delivery: Delivery) -> None:
        """The last try is proven not sent."""
        fate = self.fates[delivery.text.text_id]
        last = f"{delivery.text.text_id}#{fate.attempts}"
        fate.tries.discard(last)
        self._counted[event_of(delivery.text)].discard(last)


def event_of(text: TextRef) -> str:
    """``workspace/event``."""
    return f"{text.workspace_id}/{text.event_id}"
