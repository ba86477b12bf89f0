"""What is so, told apart from what the agents make of it: a second, plain reading of every input.

It is kept as the inputs of each phone are read, because no agent can obey what it has not read. Nothing in
here asks a rule.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from schemas.bookings import BookingState, Handover, Left, TextEnded
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.settings import SettingCopy
from schemas.sms import CarrierBlock, HoldOver, InboundSms, StartConfirmed
from tests.simulation.broker import Entry
from tests.simulation.people import Said
from tests.simulation.phone_facts import EventFacts, PhoneFacts


class Facts:
    """``read`` is called for every record that a step is done with."""

    def __init__(
        self, said: Mapping[str, Said], now: Callable[[], datetime], *, start_needs_list: bool
    ) -> None:
        self._said, self._now, self._start_needs_list = said, now, start_needs_list
        self.phones: defaultdict[str, PhoneFacts] = defaultdict(PhoneFacts)
        self.switches: dict[tuple[int, str, str | None, str], SettingCopy] = {}
        self.switched: list[SettingCopy] = []

    def read(self, entry: Entry) -> None:
        """Take a record in."""
        match entry.message:
            case ConsentGiven() as given:
                self.phones[given.phone_ref].consent(given, self._now())
            case ConsentEnded() as ended:
                self.phones[ended.phone_ref].end(ended)
            case SettingCopy() as copy:
                key = copy.partition, copy.workspace_id, copy.study_id, copy.name
                known = self.switches.get(key)
                if known is None or copy.revision > known.revision:
                    self.switches[key] = copy
                    self.switched.append(copy)
            case BookingState() as state:
                self._state(state)
            case Left() as left:
                event = self.phones[left.phone_ref].events.get(f"{left.workspace_id}/{left.event_id}")
                if event is not None and left.version > event.version:
                    event.version, event.left = left.version, True
            case Handover() as known_before:
                self._handover(known_before)
            case TextEnded() as end:
                self._ended(end)
            case InboundSms() | HoldOver() | CarrierBlock() | StartConfirmed() | None:
                self._reply(entry)

    def _state(self, state: BookingState) -> None:
        phone = self.phones[state.phone_ref]
        key = f"{state.booking.workspace_id}/{state.booking.event_id}"
        event = phone.events.get(key)
        if event is None:
            event = phone.events[key] = EventFacts(-1, state.booking)
        if state.version <= event.version:
            return
        before, after = event.booking, state.booking
        moved = after.status == "booked" and before.starts_at != after.starts_at
        event.changes += moved or before.status != after.status
        event.told_by_upstream = event.told_by_upstream or not after.announce
        event.version, event.booking, event.left = state.version, state.booking, False
        if state.awaits_handover:
            event.awaited.add(state.version)
            early = phone.early.pop((key, state.version), None)
            if early is not None:
                self._handover(early)

    def _handover(self, known: Handover) -> None:
        phone, key = self.phones[known.phone_ref], f"{known.workspace_id}/{known.event_id}"
        event = phone.events.get(key)
        if event is None or event.version < known.version:
            phone.early[key, known.version] = known
        else:
            event.handed.add(known.version)
            event.handed_ids[known.version] = set(known.counted_ids)

    def everywhere(self, key: str) -> list[EventFacts]:
        """An event as all the phones that had it know it."""
        return [phone.events[key] for phone in self.phones.values() if key in phone.events]

    def _ended(self, end: TextEnded) -> None:
        event = self.phones[end.phone_ref].events.get(f"{end.workspace_id}/{end.event_id}")
        if event is None:
            return
        if end.end in ("suppressed", "expired", "rejected"):
            event.unsent.add((end.text_id, end.plan_version))
            kinds = {d.text.text_id: d.text.kind for d in event.released}
            event.unconfirmed = event.unconfirmed or kinds.get(end.text_id) == "confirmation"
        elif end.text_id in {d.text.text_id for d in event.released}:
            event.tries[end.text_id] = end.counted_ids

    def _reply(self, entry: Entry) -> None:
        self._take(entry)
        for phone in self.phones.values():
            if phone.silent:
                phone.loud_since = None
            elif phone.loud_since is None:
                phone.loud_since = self._now()

    def _take(self, entry: Entry) -> None:
        match entry.message:
            case InboundSms() as sms:
                self._said_by(sms)
            case HoldOver() as over:
                phone = self.phones[over.phone_ref]
                if phone.held and not phone.stopped and phone.hold_at == over.hold_at:
                    phone.stop_at = _later(phone.stop_at, over.hold_at)
            case CarrierBlock() as block:
                phone = self.phones[block.phone_ref]
                phone.stop_at = _later(phone.stop_at, block.posted_at)
            case StartConfirmed(newer=True) as start:
                phone = self.phones[start.phone_ref]
                phone.start_at = _later(phone.start_at, start.received_at)
            case None if entry.topic == "inbound-sms" and entry.key:
                phone = self.phones[entry.key.decode()]
                phone.stop_at = _later(phone.stop_at, datetime.fromtimestamp(entry.timestamp / 1000, UTC))

    def _said_by(self, sms: InboundSms) -> None:
        phone, meaning = self.phones[sms.phone_ref], self._said[sms.inbound_uuid].meaning
        if sms.inbound_uuid in phone.said:
            return
        phone.said.add(sms.inbound_uuid)
        if meaning in ("opt_out", "wrong_number"):
            phone.stop_at = _later(phone.stop_at, sms.received_at)
        elif meaning == "held":
            phone.hold_at = _later(phone.hold_at, sms.received_at)
        elif meaning == "opt_in" and phone.silent and not self._start_needs_list and sms.signature == "v3":
            phone.start_at = _later(phone.start_at, sms.received_at)


def _later(known: datetime | None, new: datetime) -> datetime:
    return new if known is None else max(known, new)
