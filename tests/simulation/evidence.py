"""What must be so at rest of replies, switches and consents: answered, proved, passed on."""

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from rules.ledger import verify
from schemas.bookings import ReplyDue
from schemas.deliveries import ScopeWithdrawal
from schemas.ledger import LedgerEntry
from schemas.phone_states import EndedState, StopState
from schemas.sms import InboundSms
from schemas.topics import CONSENT_LEDGER, INBOUND_SMS, PHONE_STATES, SMS_DELIVERIES
from tests.simulation.promise import promise

if TYPE_CHECKING:
    from tests.simulation.world import World


class Evidence:
    """The checks of what people said and decided."""

    def __init__(self, world: "World") -> None:
        self._world, self._promises = world, world.promises

    def check(self) -> None:
        """Raise ``BrokenPromise`` if something is amiss."""
        self._replies()
        self._switches()
        self._phone_states()
        self._ledger()

    def _replies(self) -> None:
        taken = [d for _, d, _ in self._promises.taken if d.reply_token is not None]
        tokens = [d.reply_token for d in taken]
        promise(len(tokens) == len(set(tokens)), "one answer to a reply", tokens)
        for delivery in taken:
            said = self._world.people.said[str(delivery.reply_token)]
            fits = {
                "reply_stop": ("opt_out",),
                "reply_start": ("opt_in",),
                "reply_help": ("help",),
                "reply_unclear": ("held",),
                "reply_other": ("other",),
            }
            promise(said.meaning in fits[delivery.text.wording], "answers fit the reply", said, delivery)
            twice = said.intent and self._world.policy.carrier_auto_replies == "auto"
            promise(not twice, "what the carrier answered gets no second answer", said, delivery)
        self._few_answers()
        asked = {
            e.message.inbound_uuid
            for e in self._world.broker.entries("texts-due")
            if isinstance(e.message, ReplyDue) and e.message.answer == "start"
        }
        refused = [uuid for uuid in sorted(asked) if ("opted_in", uuid) not in self._in_ledger()]
        promise(not refused, "START is answered only if it counted", refused)

    def _in_ledger(self) -> set[tuple[str, str | None]]:
        entries = self._world.broker.entries(CONSENT_LEDGER.name)
        facts = [e.message.fact for e in entries if isinstance(e.message, LedgerEntry)]
        return {(fact.kind, fact.inbound_uuid) for fact in facts}

    def _switches(self) -> None:
        withdrawn = {
            (m.partition, m.workspace_id, m.study_id, m.settings_revision)
            for e in self._world.broker.entries(SMS_DELIVERIES.name)
            if isinstance(m := e.message, ScopeWithdrawal)
        }
        for copy in self._world.facts.switched:
            name = copy.partition, copy.workspace_id, copy.study_id, copy.revision
            promise(copy.value or name in withdrawn, "a switch turned off calls back what it covers", copy)

    def _few_answers(self) -> None:
        by_phone: dict[str, list[tuple[float, str, str | None]]] = {}
        for _, d, _ in self._promises.taken:
            if d.reply_token is not None:
                entry = (d.text.due_at.timestamp(), d.text.wording, d.text.event_id)
                by_phone.setdefault(d.phone, []).append(entry)
        for phone, answers in by_phone.items():
            helps = sorted(at for at, wording, _ in answers if wording == "reply_help")
            crowded = any(b - a < 3600 for a, b in zip(helps, helps[3:], strict=False))
            promise(not crowded, "HELP is answered three times an hour", phone, helps)
            stops = sorted(at for at, wording, _ in answers if wording == "reply_stop")
            close = any(b - a < 300 for a, b in pairwise(stops))
            promise(not close, "one confirmation of a STOP", phone, stops)

    def _phone_states(self) -> None:
        """The sender was told of every STOP, START, hold and end."""
        stops: dict[str, StopState] = {}
        ends: dict[tuple[str, str | None, str | None], datetime] = {}
        for e in self._world.broker.entries(PHONE_STATES.name):
            if isinstance(e.message, StopState):
                stops[e.message.phone_ref] = e.message
            elif isinstance(e.message, EndedState):
                m = e.message
                ends[m.phone_ref, m.workspace_id, m.person_id] = m.ended_at
        for name, phone in self._world.facts.phones.items():
            told = stops.get(name)
            seen = (told.stop_at, told.start_at, told.hold_at) if told else (None, None, None)
            so = (phone.stop_at, phone.start_at, phone.hold_at)
            promise(seen == so, "the sender knows what the phone said", seen, so)
            promise(ends.get((name, None, None)) == phone.ended_at, "the sender knows of each end", phone)
            for (workspace, person), end in phone.ends.items():
                promise(ends.get((name, workspace, person)) == end, "the sender knows of each end", phone)

    def _ledger(self) -> None:
        world = self._world
        for place in world.broker.places(CONSENT_LEDGER.name):
            entries: dict[int, LedgerEntry] = {}
            for e in world.broker.logs[place]:
                if isinstance(e.message, LedgerEntry):
                    first = entries.setdefault(e.message.seq, e.message)
                    promise(first == e.message, "a replay writes the same entry again", first, e.message)
            head = world.worker.tables[place[1]].ledger.get(f"head|{place[1]}")
            flaw = verify([entries[seq] for seq in sorted(entries)], place[1], head)
            promise(flaw is None, "the ledger is sound", flaw)
            named = [entry.fact.fact_id for entry in entries.values()]
            promise(len(named) == len(set(named)), "each fact is in the ledger once", named)
        facts = self._in_ledger()
        heard = {
            e.message.inbound_uuid
            for e in world.broker.entries(INBOUND_SMS.name)
            if isinstance(e.message, InboundSms)
        }
        for uuid, said in world.people.said.items():
            kind = {"opt_out": "opted_out", "wrong_number": "opted_out", "held": "held"}.get(said.meaning)
            if kind and uuid in heard:
                promise((kind, uuid) in facts, "each opt-out is in the ledger", said)
