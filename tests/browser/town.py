"""What goes on around the pages: upstream posts, phones answer, screens show it; pictures are kept."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from rules.disclosures import sha256
from tests.system.deployment import Deployment

WORDS = "You agree to be texted."
PICTURES = Path(os.environ.get("PICTURES", ".run/pictures"))
"""Where screenshots are kept; `make pictures` takes those of the README from there."""


class Town:
    """A deployment, and the tokens of those who work with it."""

    PEOPLE: ClassVar = {"upstream": "rally", "admin": "dana", "coordinator": "cole"}

    def __init__(self, deployment: Deployment, tokens: dict[str, str]) -> None:
        self.deployment, self.tokens = deployment, tokens
        self.web = httpx.Client(timeout=20)

    def close(self) -> None:
        self.web.close()

    @property
    def url(self) -> str:
        return self.deployment.env["PUBLIC_URL"]

    @property
    def phones(self) -> str:
        return self.deployment.env["PLIVO_API_BASE"]

    def post(self, path: str, body: Any) -> Any:
        """Post to the API as upstream."""
        headers = {"Authorization": f"Bearer {self.tokens['upstream']}"}
        answer = self.web.post(f"{self.url}/v1/{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def turn_on(self) -> None:
        """Turn the workspace's SMS on as upstream would, for tests that are about something else."""
        self.post("settings", [_setting("sms_enabled", True), _setting("zone", "America/Chicago")])
        self.until(self.setting_is_seen, "SMS was never on")

    def setting_is_seen(self) -> bool:
        invitation = self.post(
            "invitations", {"workspace_id": "acme", "workspace_name": "Acme", "study_id": "s0"}
        )
        return "Rally SMS Consent" in self.web.get(invitation["url"]).text

    def book(self, name: str, *, study: str = "s1", revision: int = 1, **fields: Any) -> None:
        """Publish a booking that starts in two hours."""
        starts_at = datetime.now(UTC) + timedelta(hours=2)
        record = {
            "type": "booking",
            "message_id": f"{name}-{revision}",
            "workspace_id": "acme",
            "workspace_name": "Acme Research",
            "study_id": study,
            "booking_id": name,
            "person_id": f"person-{name}",
            "revision": revision,
            "status": "booked",
            "starts_at": starts_at.isoformat(),
            "zone": "America/Chicago",
        }
        self.post("booking-events", {**record, **fields})

    def consent(self, name: str, phone: str) -> None:
        """Report a consent that upstream took."""
        self.post(
            "consent-changes",
            {
                "type": "consent-change",
                "message_id": f"consent-{name}",
                "action": "grant",
                "source": "upstream",
                "workspace_id": "acme",
                "person_id": f"person-{name}",
                "phone": phone,
                "event_id": name,
                "evidence": {
                    "disclosure_version": "upstream-1",
                    "disclosure_sha256": sha256(WORDS),
                    "disclosure_text": WORDS,
                    "act": "upstream",
                    "phone_typed": phone,
                },
                "at": datetime.now(UTC).isoformat(),
            },
        )

    def booked(self, name: str, phone: str, **fields: Any) -> None:
        """A booking with consent whose confirmation has arrived."""
        self.consent(name, phone)
        self.book(name, phone=phone, **fields)
        self.until(lambda: "booked" in self.screen(phone), f"no confirmation for {name}")

    def screen(self, phone: str) -> str:
        """What the phones page shows of a phone, as HTML; empty if it is not there."""
        page = self.web.get(self.phones).text
        _, _, rest = page.partition(f'id="phone-{phone[1:]}"')
        return rest.partition("</article>")[0]

    def until(self, is_so: Callable[[], bool], otherwise: str, timeout_s: float = 30) -> None:
        """Return when it is so."""
        end = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < end, f"{otherwise}\n{self.deployment.tails()}"
            time.sleep(0.1)

    def sign_in(self, page: Page, role: str = "admin", path: str = "/admin") -> None:
        """Sign in at a page of staff."""
        page.goto(f"{self.url}{path}")
        page.get_by_label("Your token").fill(self.tokens[role])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()


def _setting(name: str, value: Any) -> dict[str, Any]:
    at = datetime.now(UTC)
    return {
        "type": "setting",
        "message_id": f"{name}-{at.timestamp()}",
        "workspace_id": "acme",
        "name": name,
        "value": value,
        "revision": int(at.timestamp()),
        "actor": "rally",
        "at": at.isoformat(),
    }


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def accessible(page: Page) -> None:
    """Assert that axe-core finds no violation on the page as it is now."""
    found = Axe().run(page)
    told = [(v["id"], [node["html"] for node in v["nodes"]][:3]) for v in found.response["violations"]]
    assert told == []
    fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert fits, "the page scrolls sideways"
