"""What participants text, staff decide and admins switch in a world; and the carrier's own view of phones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from rules.keywords import classify
from schemas.base import Message
from schemas.sms import Intent
from tests.makers import a_change, a_setting, an_sms, ref
from tests.simulation.broker import Broker
from tests.simulation.stories import Later, Story

Meaning = Literal["opt_out", "opt_in", "help", "held", "wrong_number", "other"]
SAYINGS: dict[str, tuple[str, ...]] = {
    "opt_out": ("STOP", "stop.", " Unsubscribe ", "CANCEL", "Alto", "QUIT"),
    "opt_in": ("START", "unstop"),
    "help": ("HELP", "info"),
    "held": ("can we stop a bit earlier tomorrow", "how do i unsubscribe my dog from this"),
    "wrong_number": ("wrong number",),
    "other": ("thanks, see you", "yes", "running ten minutes behind"),
}
INTENTS: dict[str, tuple[Intent, ...]] = {"opt_out": ("optout", ""), "help": ("help", "")}
for meaning, sayings in SAYINGS.items():
    for saying in sayings:
        assert classify(saying, "").kind == meaning, (saying, classify(saying, ""))


@dataclass
class Said:
    """A reply as it was meant."""

    meaning: str
    phone: str
    at: datetime
    """When the participant sent it: what the carrier's list is ordered by."""
    intent: Intent
    """The carrier's own reading."""


class People:
    """``said``: every reply by its MessageUUID."""

    def __init__(
        self, random: Random, now: Callable[[], datetime], later: Later, broker: Broker, phones: list[str]
    ) -> None:
        self._random, self._now, self._later = random, now, later
        self._broker, self._phones = broker, phones
        self.said: dict[str, Said] = {}
        self._drift: dict[str, bool] = {}
        self._revisions: dict[str, int] = {}
        self._count = 0

    # --- participants

    def text(self, phone: str, meaning: str) -> None:
        """A reply: the webhook takes a while, and may come twice."""
        r = self._random
        self._count += 1
        uuid, sent_at = f"uuid{self._count}", self._now()
        delay = timedelta(seconds=r.choice((0, 0, 1, 5, 40)))
        saying = r.choice(SAYINGS[meaning])
        intent: Intent = r.choice(INTENTS.get(meaning, ("",)))
        self.said[uuid] = Said(meaning, phone, sent_at, intent)
        sms = an_sms(
            saying,
            phone=phone,
            inbound_uuid=uuid,
            intent=intent,
            signature=r.choice(("v2", "v3")),
            received_at=sent_at + delay,
        )
        self._later(delay, sms)
        if r.random() < 0.2:
            self._later(delay + timedelta(seconds=r.choice((0, 9, 700))), sms)

    def text_garbled(self, phone: str) -> None:
        """A reply that a faulty gateway wrote in a form nobody can read, with STOP in it."""
        r, key = self._random, ref(phone)
        value = r.choice(
            (
                b'{"type":"inbound","text":"STOP","inbound_uuid":17}',
                b'{"type":"inbound","text":"please STOP',
                b"\xff\xfe STOP \x00",
            )
        )
        self._broker.publish_raw("inbound-sms", key.encode(), value, self._now())

    # --- the carrier

    def blocked(self, phone: str, now: datetime) -> bool:
        """The carrier blocks after a STOP of its own list until a START; sometimes it knows more than we."""
        said = [s for s in self.said.values() if s.phone == phone and s.meaning in ("opt_out", "opt_in")]
        if self._drift.get(phone) and not any(s.meaning == "opt_in" for s in said):
            return True
        return bool(said) and max(said, key=lambda s: s.at).meaning == "opt_out"

    def drift(self, phone: str) -> None:
        """The carrier blocks a phone whose STOP we never saw."""
        self._drift[phone] = True

    def start_is_last(self, phone: str, uuid: str, stop_at: datetime | None) -> bool:
        """Whether the carrier's list shows this START later than any STOP."""
        start = self.said.get(uuid)
        if start is None:
            return False
        return all(s.at < start.at for s in self.said.values() if s.phone == phone and s.meaning == "opt_out")

    # --- staff, admins, upstream

    def end_consent(self, story: Story, phone: str) -> None:
        """Somebody ends consents of a phone."""
        r = self._random
        wide = r.random() < 0.15
        self._count += 1
        change = a_change(
            message_id=f"end{self._count}",
            action="withdraw",
            source=r.choice(("manage_page", "staff", "upstream")),
            workspace_id=story.workspace,
            person_id=None if wide else story.person,
            phone=phone,
            event_id=None,
            evidence=None,
            phone_wide=wide,
            wrong_number=wide and r.random() < 0.3,
            actor="somebody",
            reason="asked for it",
            at=self._now(),
        )
        self._later(timedelta(seconds=r.choice((0, 0, 3, 100))), change)

    def grant_by_staff(self, story: Story, phone: str) -> None:
        """An admin records what the participant said."""
        self._count += 1
        change = a_change(
            message_id=f"grant{self._count}",
            source="staff",
            workspace_id=story.workspace,
            person_id=story.person,
            phone=phone,
            event_id=story.event_id,
            actor="admin",
            reason="said so at the desk",
            at=self._now(),
        )
        self._later(timedelta(seconds=self._random.choice((0, 5, 500))), change)

    def switch(self, workspace: str, study: str | None, *, on: bool) -> Message:
        """An admin turns texting on or off."""
        scope = f"{workspace}|{study or ''}"
        self._revisions[scope] = self._revisions.get(scope, 0) + 1
        change = a_setting(
            message_id=f"set-{workspace}-{study}-{self._revisions[scope]}",
            workspace_id=workspace,
            study_id=study,
            name="sms_enabled" if study is None else "interview_reminder",
            value=on,
            revision=self._revisions[scope],
            at=self._now(),
        )
        self._later(timedelta(seconds=self._random.choice((0, 0, 0, 30))), change)
        if self._random.random() < 0.4:
            self._later(timedelta(seconds=self._random.choice((50, 400, 2000, 9000))), change)
        return change
