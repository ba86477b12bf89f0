"""The people and services around the product, as a story moves them: upstream, participants, phones."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from cli.story import Step, at_last
from rules.links import Invitation, sign
from runtime.config import Config

CSRF_FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


class Actors:
    """Carries out the steps of a story over the same interfaces that the real ones use."""

    def __init__(self, config: Config, web: httpx.AsyncClient, upstream: AIOKafkaProducer) -> None:
        self._config, self._web, self._upstream = config, web, upstream

    async def seat(self, people: list[dict[str, Any]]) -> None:
        """Give phones to people who answer texts by themselves."""
        order = [
            {
                "number": one["person"],
                "on": {"contains": one["on"]},
                "reply": one["reply"],
                "delay_s": one["delay_s"],
            }
            for one in people
        ]
        await self._post_simulator("people", order)

    async def act(self, step: Step, start: datetime) -> None:
        """Do one step of the story."""
        line = step.line
        if "topic" in line:
            value = json.dumps(at_last(line["record"], start)).encode()
            await self._upstream.send_and_wait(line["topic"], key=b"upstream", value=value)
        elif "sign_up" in line:
            await self._sign_up(line["sign_up"])
        elif "text_from" in line:
            await self.text(line["text_from"], line["text"])

    async def text(self, phone: str, text: str) -> None:
        """Have a phone text us, through the carrier's webhook."""
        await self._post_simulator("replies", {"from": phone, "text": text})

    async def _post_simulator(self, route: str, body: Any) -> None:
        answer = await self._web.post(f"{self._config.plivo_api_base}/admin/{route}", json=body)
        answer.raise_for_status()

    async def _sign_up(self, who: dict[str, Any]) -> None:
        """Open a personal invitation, fill in the phone and submit, as a browser without JavaScript would."""
        phone = who["phone"]
        fields = {name: value for name, value in who.items() if name != "phone"}
        invitation = Invitation(
            invitation_id=f"invitation-{who['event_id']}",
            expires_at=datetime.now(UTC) + timedelta(days=1),
            **fields,
        )
        key = self._config.link_secret.encode()
        url = f"{self._config.public_url}/join/{sign(key, invitation, 'invitation')}"
        page = await self._web.get(url)
        page.raise_for_status()
        form = {**dict(CSRF_FIELD.findall(page.text)), "phone": phone}
        (await self._web.post(url, data=form)).raise_for_status()
