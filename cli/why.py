"""``reminders why``: what happened to a text, or to the texts of a booking, and why."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from alembic.util import CommandError
from rich.console import Console
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli import environment, telling
from cli.telling import Clock
from records import queries
from records.engine import connect
from records.holding import Known, holds, known
from records.life import read_step
from rules.ids import phone_ref
from rules.policy import Policy
from rules.zones import zone_for
from runtime.config import Config
from schemas.bookings import BookingInput
from schemas.consent import ConsentEnded, ConsentGiven
from schemas.ledger import LedgerEntry

console = Console(soft_wrap=True, highlight=False)


class NoRecords(Exception):
    """There is no database where the settings say; it says what to do about it."""


class RecordsAway(NoRecords):
    """There may be one, but it does not answer, or is none of ours."""


def why(
    name: Annotated[str, typer.Argument(metavar="TEXT_ID|BOOKING_ID|EVENT_ID", help="what to explain")],
    workspace: Annotated[str | None, typer.Option(help="where another workspace has the same id")] = None,
) -> None:
    """Tell the life of a text, or of every text of a booking, with times, decisions and reasons.

    Examples: reminders why booking-7 --workspace acme
              reminders why o6jzq5k2w7h4mbnx3dta2cfy5rgeiuls
    """
    config = environment.config()
    try:
        lines = _explained(config, name, workspace)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    for line in lines:
        console.print(line, markup=False)
    if not lines:
        console.print(f"Nothing is on record of {name!r}. Does `reminders archive` run?", markup=False)
        raise typer.Exit(1)


def _explained(config: Config, name: str, workspace: str | None) -> list[str]:
    engine = open_records(config)
    try:
        with engine.connect() as connection:
            return list(Explainer(connection, config.policy(), datetime.now(UTC)).explain(name, workspace))
    finally:
        engine.dispose()


def open_records(config: Config) -> Engine:
    """The records, if there are any. Raises ``NoRecords``: a question makes no database."""
    try:
        url = make_url(config.records_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            raise NoRecords(f"There are no records at {config.records_url}: `reminders archive` writes them.")
        return connect(config.records_url)
    except (SQLAlchemyError, CommandError) as error:
        raise RecordsAway(
            f"The records can't be opened ({type(error).__name__}): see that the database runs and is one"
            " of this version, or correct RECORDS_URL."
        ) from None


class Explainer:
    """Asks the records, and tells what they know."""

    def __init__(self, connection: Connection, policy: Policy, now: datetime) -> None:
        self._connection, self._policy, self._now = connection, policy, now

    def explain(self, name: str, workspace: str | None) -> Iterator[str]:
        """The lines of a text, a booking or an event; none if nothing of that name is on record."""
        rows = queries.text(self._connection, name)
        if rows:
            booking = self._booking_of(rows[-1])
            yield from self._texts(rows, self._clock(booking, None), booking)
            return
        found: dict[tuple[str, str], BookingInput] = {}
        for booking in queries.bookings_of(self._connection, name, workspace):
            found[booking.workspace_id, booking.event_id] = booking
        for workspace_id, event_id in found:
            yield from self._event(workspace_id, event_id)

    def _booking_of(self, row: Any) -> BookingInput | None:
        if row["event_id"] is None:
            return None
        return queries.event_of(self._connection, row["workspace_id"], row["event_id"]).booking

    def _clock(self, booking: BookingInput | None, phone: str | None) -> Clock:
        if booking is None:
            return Clock(self._policy.default_zone)
        zones = [
            queries.setting_of(self._connection, booking.workspace_id, study, "zone")
            for study in (booking.study_id, None)
        ]
        study, workspace = (zone if isinstance(zone, str) else None for zone in zones)
        return Clock(zone_for(self._policy, booking.zone, phone or booking.phone, study, workspace))

    def _event(self, workspace_id: str, event_id: str) -> Iterator[str]:
        event = queries.event_of(self._connection, workspace_id, event_id)
        history = queries.bookings_of(self._connection, event_id, workspace_id)
        booking = event.booking or history[-1]
        clock = self._clock(booking, event.phone)
        yield f"Event {event_id} in {workspace_id} ({booking.workspace_name}), study {booking.study_id}"
        yield f"  times in {clock.zone}"
        for past in history:
            yield f"  {clock.say(past.received_at)}: {telling.booking_sentence(past, clock)}"
        for notice in queries.notices_of(self._connection, workspace_id, event_id):
            yield f"  {clock.say(notice['at'])}: {telling.notice_sentence(notice)}"
        yield from self._phone(event.phone, booking, clock)
        rows = queries.texts_of(self._connection, event_id, workspace_id)
        if not rows:
            yield ""
            yield f"No text is planned: {_why_none(event.phone, booking)}."
        yield from self._texts(rows, clock, booking)

    def _phone(self, phone: str | None, booking: BookingInput, clock: Clock) -> Iterator[str]:
        """What is known of the event's phone: consents of this person, and everything it said to all."""
        if phone is None:
            yield "  no phone is known for it"
            return
        ref = phone_ref(self._policy.reference_key, phone)
        yield f"  its phone is {ref}"
        for consent in queries.consents_of(self._connection, ref):
            if _concerns(consent, booking):
                yield f"  {clock.say(consent.at)}: {telling.consent_change_sentence(consent, clock)}"
        for entry in self._facts(ref):
            if entry.fact.kind not in ("consent_given", "consent_ended"):
                yield f"  {clock.say(entry.fact.at)}: {telling.fact_sentence(entry.fact)}"

    def _facts(self, ref: str) -> list[LedgerEntry]:
        rows = queries.ledger_of(self._connection, ref)
        return [msgspec.json.decode(row["record"], type=LedgerEntry) for row in rows]

    def _texts(self, rows: list[Any], clock: Clock, booking: BookingInput | None) -> Iterator[str]:
        for row in rows:
            facts = self._known(row["phone_ref"])
            steps = queries.life_of(self._connection, row["text_id"], row["plan_version"])
            waits = holds(facts, booking, row, self._now) if booking else None
            yield ""
            yield from telling.text_lines(
                row,
                [read_step(step["record"]) for step in steps],
                facts.given(row["consent_id"]),
                clock,
                waits,
            )

    def _known(self, ref: str) -> Known:
        consents = queries.consents_of(self._connection, ref)
        return known(consents, [entry.fact for entry in self._facts(ref)])


def _concerns(consent: ConsentGiven | ConsentEnded, booking: BookingInput) -> bool:
    """Whether a consent, or an end, is one for this event or its person, or of the whole phone."""
    if isinstance(consent, ConsentEnded) and consent.phone_wide:
        return True
    same = consent.workspace_id == booking.workspace_id and consent.person_id == booking.person_id
    return same and (isinstance(consent, ConsentEnded) or consent.event_id in (None, booking.event_id))


def _why_none(phone: str | None, booking: BookingInput) -> str:
    if phone is None:
        return "it waits for a phone, from the booking or the sign-up page"
    if not booking.announce:
        return "the booking was taken over as told, and nothing has changed since"
    if booking.status == "cancelled":
        return "it was cancelled before anything was told"
    return "the worker has planned none yet, or the archive has not read of it yet"
