"""What must be so when a text goes: held against every delivery that is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.policy import Policy
from schemas.base import Message
from schemas.bookings import BookingEvent, BookingInput
from schemas.deliveries import Delivery, TextRef
from schemas.delivery_events import DeliveryEvent
from schemas.sms import InboundSms
from schemas.topics import BOOKING_EVENTS, INBOUND_SMS
from tests.simulation.broker import Broker
from tests.simulation.facts import Facts
from tests.simulation.phone_facts import ANNOUNCEMENTS, EventFacts, PhoneFacts, Version, version_of
from tests.simulation.promise import BrokenPromise, promise


@dataclass
class Written:
    """What is in the logs of each version of a text: that it was planned, and what came first of it."""

    planned: dict[Version, DeliveryEvent] = field(default_factory=dict)
    first: dict[Version, Message] = field(default_factory=dict)


@dataclass
class Known:
    """What was published when the worker came up."""

    revisions: dict[str, int] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    stops: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, broker: Broker) -> "Known":
        """From the logs."""
        known = cls()
        for entry in broker.entries(BOOKING_EVENTS.name):
            if isinstance(entry.message, BookingEvent):
                booking = entry.message
                last = known.revisions.get(booking.booking_id, 0)
                known.revisions[booking.booking_id] = max(last, booking.revision)
                known.replaced |= {booking.replaces_booking_id or booking.booking_id} - {booking.booking_id}
        for entry in broker.entries(INBOUND_SMS.name):
            if isinstance(entry.message, InboundSms) and entry.message.text.strip().upper() == "STOP":
                sms = entry.message
                known.stops[sms.phone_ref] = max(
                    sms.received_at, known.stops.get(sms.phone_ref, sms.received_at)
                )
        return known


class Going:
    """``restarted`` is told when the worker comes up."""

    def __init__(
        self, policy: Policy, facts: Facts, written: Written, broker: Broker, now: Callable[[], datetime]
    ) -> None:
        self._policy, self._facts, self._written = policy, facts, written
        self._broker, self._now, self._known = broker, now, Known()

    def restarted(self) -> None:
        """What is published by now, the worker must know before it releases anything."""
        self._known = Known.of(self._broker)

    def check(self, delivery: Delivery, partition: int) -> None:
        """Raise ``BrokenPromise`` unless this delivery may be released now."""
        text, now = delivery.text, self._now()
        promise(now <= delivery.not_after, "nothing is released too late", delivery)
        promise("STOP" in delivery.body or "START" in delivery.body, "every text says how to stop", delivery)
        if delivery.reply_token is not None:
            limit = text.due_at + self._policy.reply_latest
            return promise(delivery.not_after == limit, "replies go within their minutes", delivery)
        phone = self._facts.phones[text.phone_ref]
        event = phone.events.get(f"{text.workspace_id}/{text.event_id}")
        if event is None:
            raise BrokenPromise(f"only events of this phone are texted: {delivery!r}")
        self._phone_allows(phone, event.booking, delivery)
        self._switched_on(partition, text)
        self._is_true(event, delivery)
        self._in_time(event, delivery)
        self._has_slot(event, delivery)
        return self._is_news(event, delivery)

    def _phone_allows(self, phone: PhoneFacts, booking: BookingInput, delivery: Delivery) -> None:
        stop_at = self._known.stops.get(delivery.text.phone_ref)
        late = stop_at is not None and (phone.stop_at is None or phone.stop_at < stop_at)
        promise(not late, "nothing is released before an outage's STOPs are read", delivery, stop_at)
        promise(
            not phone.stopped, "nothing is released after a STOP", delivery, phone.stop_at, phone.start_at
        )
        promise(not phone.held, "nothing is released while held", delivery, phone.hold_at)
        live = phone.allows(booking)
        consent = live.get(delivery.consent_id or "")
        promise(consent, "a live consent covers each text", delivery, sorted(live))
        if consent is not None:
            promise(consent.phone == delivery.phone, "consent for a phone covers no other", delivery, consent)
            promise(consent.at == delivery.consent_at, "the sender is told when the consent was", delivery)
        promise(delivery.phone.startswith("+1"), "only countries served are texted", delivery)

    def _switched_on(self, partition: int, text: TextRef) -> None:
        switches = self._facts.switches
        workspace = switches.get((partition, str(text.workspace_id), None, "sms_enabled"))
        study = switches.get((partition, str(text.workspace_id), text.study_id, "interview_reminder"))
        promise(workspace and workspace.value is True, "a workspace that is off does not text", text)
        promise(study is None or study.value is True, "a study that is off does not text", text)

    def _is_true(self, event: EventFacts, delivery: Delivery) -> None:
        booking, wording = event.booking, delivery.text.wording
        promise(not event.left, "nothing goes to a phone that the event has left", delivery)
        known = self._known
        promise(booking.booking_id not in known.replaced, "nothing stale goes after an outage", delivery)
        revision = known.revisions.get(booking.booking_id, 0)
        promise(booking.revision >= revision, "nothing stale goes after an outage", delivery, revision)
        promise(event.awaited <= event.handed, "nothing goes before the handover", delivery, event.awaited)
        status = "cancelled" if wording == "cancelled" else "booked"
        promise(booking.status == status, f"{wording} is true when released", delivery, booking)
        promise(delivery.starts_at == booking.starts_at, "texts speak of the booking as it is", delivery)
        if wording == "reminder":
            start = delivery.text.basis.partition("/")[0]
            promise(start == booking.starts_at.isoformat(), "reminders are for the start as it is", delivery)

    def is_still_true(self, event: EventFacts, delivery: Delivery) -> None:
        """Raise ``BrokenPromise`` if the event is no longer as this delivery says."""
        booking, cancelled = event.booking, delivery.text.wording == "cancelled"
        true = booking.status == "cancelled" if cancelled else booking.starts_at == delivery.starts_at
        promise(not event.left, "what is under way to a phone that the event left is called back", delivery)
        promise(true, "what is under way and no longer true is called back", delivery, booking)
        booked = cancelled or booking.status == "booked"
        promise(booked, "nothing but that goes of a cancelled booking", delivery, booking)

    def _in_time(self, event: EventFacts, delivery: Delivery) -> None:
        text, policy, now, booking = delivery.text, self._policy, self._now(), event.booking
        if text.wording != "cancelled":
            slack = policy.latest_after_start if text.kind == "day_of_update" else timedelta()
            limit = booking.starts_at + slack
            promise(delivery.not_after <= limit, "nothing is sent after the start", delivery, limit)
        if text.kind == "interview_reminder":
            lead = timedelta(seconds=int(text.basis.partition("/")[2]))
            early = now + timedelta(seconds=1) < booking.starts_at - lead
            promise(not early, "no reminder comes early", delivery)
            covering = [
                d
                for d in event.told()
                if _says(d) == ("booked", booking.starts_at) and d.released_at >= booking.starts_at - lead
            ]
            promise(not covering, "no reminder right behind the text that covers it", delivery, covering)
        elif text.kind == "day_of_update":
            hour = now.astimezone(ZoneInfo(booking.zone or "America/New_York")).hour
            if hour >= policy.quiet_from.hour or hour < policy.quiet_until.hour:
                awaited = booking.starts_at - now > timedelta(hours=12.1)
                promise(not awaited, "quiet hours are quiet", delivery, hour)

    def _has_slot(self, event: EventFacts, delivery: Delivery) -> None:
        """The cap of six, and the slots kept, counted over again from what was released and ended."""
        text, counted = delivery.text, set(delivery.counted_ids)
        used = event.used() | self._used_elsewhere(text)
        missing = {i for i in used if i not in counted}
        promise(not missing, "the sender is told of every text that counts", delivery, sorted(missing))
        kept = 0
        if text.kind in ("confirmation", "day_of_update"):
            kept = 1 + self._reminder_open(text)
        elif text.wording in ("moved", "moved_last"):
            kept = self._reminder_open(text)
        total = len(counted) + 1
        promise(total <= 6 - kept, "six texts an event, and slots are kept", delivery, total, kept)
        if text.wording in ("moved", "moved_last"):
            last = text.wording == "moved_last"
            promise(last == (total == 6 - kept), "the last move says that it is", delivery, total, kept)

    def _used_elsewhere(self, text: TextRef) -> set[str]:
        """What was released to the phones that had the event before."""
        others = [
            event
            for ref, phone in self._facts.phones.items()
            for key, event in phone.events.items()
            if ref != text.phone_ref and key == f"{text.workspace_id}/{text.event_id}"
        ]
        return {
            f"{d.text.text_id}#1"
            for event in others
            for d in event.released
            if not event.ended_unsent(version_of(d.text))
        }

    def _reminder_open(self, text: TextRef) -> int:
        """1 if a reminder of this event and phone is planned, and neither released nor withdrawn."""
        return int(
            any(
                plan.kind == "interview_reminder"
                and (plan.phone_ref, plan.workspace_id, plan.event_id)
                == (text.phone_ref, text.workspace_id, text.event_id)
                and version not in self._written.first
                for version, plan in self._written.planned.items()
            )
        )

    def _is_news(self, event: EventFacts, delivery: Delivery) -> None:
        """No announcement repeats the one before it."""
        if delivery.text.kind not in ANNOUNCEMENTS:
            return
        told = event.told()
        if delivery.text.kind == "confirmation":
            others = [
                d
                for d in told
                if d.text.kind == "confirmation" and d.text.person_id == delivery.text.person_id
            ]
            promise(not others, "one confirmation for an event, person and phone", delivery, others)
            promise(not event.told_by_upstream, "no confirmation of what upstream announced", delivery)
        elif delivery.text.wording == "cancelled":
            key = f"{delivery.text.workspace_id}/{delivery.text.event_id}"
            heard = [d for other in self._facts.everywhere(key) for d in other.released]
            knew = heard or event.told_by_upstream or event.unconfirmed
            promise(knew, "nobody hears of the end of what they never heard of", delivery)
        if told and delivery.text.kind == "schedule_change":
            promise(_says(told[-1]) != _says(delivery), "nobody is told the same again", told[-1], delivery)


def _says(delivery: Delivery) -> tuple[str, datetime | None]:
    cancelled = delivery.text.wording == "cancelled"
    return ("cancelled", None) if cancelled else ("booked", delivery.starts_at)
