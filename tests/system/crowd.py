"""A crowd of made-up people of every kind, each with a number, a name and words that are nobody else's."""

import asyncio
import time
from dataclasses import dataclass, field

import httpx

from tests.system.deployment import Deployment, booking, consent, phone, setting

FIRST_S = 20.0
LEAD_S = 12.0
SETTINGS = {
    "REMINDER_LEADS_S": f"{LEAD_S:g}",
    "LATEST_AFTER_START_S": "2",
    "LATEST_AFTER_CAUSE_S": "18",
    "REPLY_LATEST_S": "20",
    "QUIET_FROM": "00:00",
    "QUIET_UNTIL": "00:00",
    "SIMULATOR_SPEEDUP": "60",
    "SIMULATOR_HANG_S": "3",
    "DRAIN_S": "2",
    "ARCHIVE_TIDY_S": "2",
    "ARCHIVE_LOOK_S": "1",
}
"""Hours become seconds: an interview twenty seconds after its booking, its reminder eight seconds after."""
CARRIER = {
    4: "400",
    5: "403",
    6: "undelivered:50",
    7: "failed:30",
    8: "500+accepted",
    9: "close+unaccepted",
    10: "hang",
    11: "lost",
    12: "429",
    13: "duplicated+unknown-status+extra-keys",
}
"""What the carrier does with the first text of people of a kind."""
MOVED, CANCELLED, SILENT, UNREADABLE, STOPPED, CHATTY, OFF, TEST = 1, 2, 3, 14, 15, 16, 17, 18
KINDS = 20


@dataclass(frozen=True)
class Person:
    """Someone with an interview. What may be seen of them nowhere is ``secrets``."""

    n: int
    secrets: list[str] = field(init=False)

    def __post_init__(self) -> None:
        secrets = [self.phone[2:], self.name, self.words]  # the number without +1: in any spelling
        object.__setattr__(self, "secrets", secrets)

    @property
    def kind(self) -> int:
        return self.n % KINDS

    @property
    def phone(self) -> str:
        return phone(self.n)

    @property
    def name(self) -> str:
        """Stands where upstream puts what it must not: in the place of the interview."""
        return f"Zebulon-{self.n:05d}"

    @property
    def words(self) -> str:
        return f"quagga{self.n:05d}"

    def records(self) -> list[tuple[str, bytes]]:
        """What upstream publishes of them at once."""
        name, typed = f"b{self.n}", self.phone
        more = {"place": self.name, "is_test": self.kind == TEST}
        if self.kind == OFF:
            more["workspace_id"] = "off"
        if self.kind == UNREADABLE:
            typed = f"call {self.name} {self.phone[2:]} {self.words}"
        found = [("booking-events", booking(name, typed, starts_in_s=FIRST_S, **more))]
        if self.kind not in (SILENT, UNREADABLE):
            workspace = {"workspace_id": "off"} if self.kind == OFF else {}
            found.insert(0, ("consent-changes", consent(name, self.phone, **workspace)))
        return found

    def later(self) -> list[tuple[str, bytes]]:
        """What upstream publishes when some seconds have passed."""
        if self.kind not in (MOVED, CANCELLED):
            return []
        status = "cancelled" if self.kind == CANCELLED else "booked"
        starts_in_s = FIRST_S - 5 if self.kind == CANCELLED else FIRST_S + 5
        more = {"place": self.name, "revision": 2, "status": status}
        return [("booking-events", booking(f"b{self.n}", self.phone, starts_in_s=starts_in_s, **more))]

    def reply(self) -> str | None:
        """What they text back."""
        return {
            STOPPED: f"STOP {self.words}",
            CHATTY: f"{self.words} who are you, {self.name}?",
        }.get(self.kind)


async def arrive(deployment: Deployment, people: list[Person], per_s: float) -> None:
    """Have them book, so many a second; some move, cancel or text back five seconds later."""
    base = deployment.env["PLIVO_API_BASE"]
    await deployment.publish(("settings-changes", setting("sms_enabled", True)))
    fresh = httpx.Limits(max_keepalive_connections=0)  # one kept open may be closed as it is used
    async with httpx.AsyncClient(base_url=base, timeout=30, limits=fresh) as carrier:
        for person in people:
            if behaviour := CARRIER.get(person.kind):
                order = {"number": person.phone, "behaviour": behaviour}
                (await carrier.post("/admin/behaviours", json=order)).raise_for_status()
        began, come, seen = time.monotonic(), 0, 0
        while seen < len(people):
            passed_s = time.monotonic() - began
            now_come, now_seen = int(passed_s * per_s), max(0, int((passed_s - 5) * per_s))
            await deployment.publish(*(r for p in people[come:now_come] for r in p.records()))
            for person in people[seen:now_seen]:
                await deployment.publish(*person.later())
                if (text := person.reply()) is not None:
                    answer = {"from": person.phone, "text": text}
                    (await carrier.post("/admin/replies", json=answer)).raise_for_status()
            come, seen = now_come, now_seen
            await asyncio.sleep(0.2)
