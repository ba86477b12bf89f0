"""What records would cause: the real agents over tables of their own, in virtual time. Nothing is written.

Behind ``reminders plan``, the preview of the API and that of a day-of update. Foreseen is what happens if
nobody answers, the carrier accepts every text at once, and only what was taken happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agents.ahead import Ahead
from agents.alarms import Rows
from agents.assumed import accepted, agreed, confirmed, switched_on
from agents.moment import Moment
from agents.switches import person_zone, switch_key
from agents.tables import Tables
from rules.events import counted, event_key
from rules.policy import Policy
from rules.release import body_of
from rules.segments import segments
from schemas.base import At, Message
from schemas.bookings import BookingInput, BookingState
from schemas.deliveries import Delivery, TextRef, Withdrawal, Wording
from schemas.delivery_events import DeliveryEvent
from schemas.notices import Notice
from schemas.phone_states import StartAsked
from schemas.reasons import EndReason, Waiting


@dataclass(frozen=True)
class Foreseen:
    """One planned text, and what becomes of it."""

    planned: DeliveryEvent
    """Its identity, kind and due time."""
    phone: str
    zone: str
    """IANA name of the zone that it shows times in."""
    body: str
    """What it says; of one that does not go, what it would have said."""
    wording: Wording
    segments: int
    goes_at: At | None = None
    """When it is handed over to be sent; None: it does not go."""
    not_after: At | None = None
    reason: EndReason | None = None
    """Why it does not go; None: it goes, or is still open (``Foresight.run_to`` stopped before its time)."""
    waited_for: Waiting | None = None
    """What an expired one waited for in vain."""


def foresee(
    records: Iterable[tuple[datetime, Message]],
    policy: Policy,
    *,
    texting: bool = True,
    consenting: bool = True,
) -> "Foresight":
    """What records would cause, each received at its time (in order), until nothing is left to happen.

    Raises ``Refused`` for one that can be read but not meant. See ``Foresight`` for the rest.
    """
    foresight = Foresight(policy, texting=texting, consenting=consenting)
    for at, record in records:
        foresight.take(record, at)
    foresight.run_to(None)
    return foresight


class Foresight:
    """``take`` records as of their time, ``run_to`` a time, then look at ``texts`` and ``notices``.

    Takes what is public (``BookingEvent``, ``ConsentChange``, ``SettingsChange``), sign-ups, and what is
    canonical (``BookingInput``, ``PhoneGiven``, ``ConsentGiven``, ``ConsentEnded``, ``SettingCopy`` of
    partition 0, ``InboundSms``), so the recorded history of an event can be taken up before what is new.

    ``texting``: a workspace of which no setting was taken counts as switched on. ``consenting``: whoever's
    phone a booking has, consents to its texts when it is received.
    """

    def __init__(self, policy: Policy, *, texting: bool = True, consenting: bool = True) -> None:
        self._policy = replace(policy, partitions=1)
        self._texting, self._consenting = texting, consenting
        self._tables = Tables(bookings=Rows(), opt_outs=Rows())
        self._ahead = Ahead(self._policy, self._tables, outside=self._outside, assumed=self._assumed)
        self._texts: dict[tuple[str, int], Foreseen] = {}
        self.notices: list[Notice] = []

    @property
    def texts(self) -> list[Foreseen]:
        """Every text planned so far, by when it is due (at the earliest, when it was planned)."""
        return sorted(self._texts.values(), key=lambda text: max(text.planned.due_at, text.planned.at))

    def places_left(self, workspace_id: str, event_id: str) -> int:
        """How many of the event's six texts are left, whatever they are kept for."""
        key, used = event_key(workspace_id, event_id), set[str]()
        for row in self._tables.bookings.values():
            if key in row.events:
                used.update(counted(row.events[key]))
        return max(self._policy.cap - len(used), 0)

    def take(self, record: Message, at: datetime) -> None:
        """Something is received at ``at``, after all that was due before. Raises ``Refused``.

        What is received at the same instant is read as one: nothing is sent in between.
        """
        self._ahead.take(record, at)

    def run_to(self, until: datetime | None) -> None:
        """The clock runs until then; with None until nothing is left to happen."""
        self._ahead.run_to(until)

    # --- what is taken for granted

    def _assumed(self, message: Message) -> list[Message]:
        if isinstance(message, BookingInput) and self._texting:
            key = switch_key(0, message.workspace_id, None, "sms_enabled")
            return [] if key in self._tables.switches else [switched_on(message)]
        if isinstance(message, BookingState) and self._consenting:
            return [agreed(message, self._policy)]
        return []

    # --- what the agents tell the world outside, and what that answers

    def _outside(self, message: Message, moment: Moment) -> list[Message]:
        match message:
            case DeliveryEvent():
                self._plan(message, moment)
            case Delivery():
                return self._sent(message)
            case Withdrawal():
                self._learn(message.text, reason=message.reason, waited_for=message.waited_for)
            case Notice():
                self.notices.append(message)
            case StartAsked():
                return [confirmed(message)]
            case _:
                pass
        return []

    def _plan(self, planned: DeliveryEvent, moment: Moment) -> None:
        """A text is planned: its words are those it would have if it went when due."""
        row = self._tables.bookings.get(planned.phone_ref)
        key = event_key(planned.workspace_id or "", planned.event_id or "")
        event = row.events.get(key) if row else None
        text = event.texts.get(planned.text_id) if event else None
        phone, zone, body = row.phone if row else "", self._policy.default_zone, ""
        if event is not None:
            zone = person_zone(self._tables, moment, phone, event.booking)
        if event is not None and text is not None:
            ref = planned.phone_ref
            body = body_of(event, text, zone=zone, now=text.due_at, phone_ref=ref, policy=self._policy)
        name = planned.text_id, planned.plan_version
        self._texts[name] = Foreseen(planned, phone, zone, body, planned.wording, segments(body))

    def _sent(self, delivery: Delivery) -> list[Message]:
        text = delivery.text
        self._learn(
            text,
            phone=delivery.phone,
            body=delivery.body,
            wording=text.wording,
            segments=text.segments,
            goes_at=delivery.released_at,
            not_after=delivery.not_after,
        )
        return [accepted(delivery)] if text.workspace_id and text.event_id else []

    def _learn(self, text: TextRef, **known: Any) -> None:
        name = text.text_id, text.plan_version
        self._texts[name] = replace(self._texts[name], **known)
