"""What Plivo's account says of our number, for who goes live. Read only, by the SDK.

Number       GET /v1/Account/{auth_id}/Number/{number}/
             {"number":"15550002222","application":"/v1/Account/MA…/Application/123/","sms_enabled":true,
              "number_type":"local","tendlc_campaign_id":"C1","tendlc_registration_status":"COMPLETED",
              "toll_free_sms_verification":null}
Application  GET /v1/Account/{auth_id}/Application/{app_id}/
             {"app_id":"123","message_url":"https://…","message_method":"POST","enabled":true}
"""

from dataclasses import dataclass
from typing import Any

import requests

from carrier.plivo import Client, refuse_mix


class AccountRefused(Exception):
    """The account could not be asked; says why."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of the account. ``registration``: of a 10DLC campaign, or of a toll-free number."""

    sms_enabled: bool
    application_id: str | None
    campaign_id: str | None
    registration: str | None

    @property
    def is_registered(self) -> bool:
        """Whether carriers let its texts through."""
        return self.registration in ("COMPLETED", "VERIFIED")


@dataclass(frozen=True, kw_only=True)
class Application:
    """Where texts to the number are posted."""

    message_url: str
    message_method: str


class PlivoAccount:
    """Questions to the account."""

    def __init__(self, auth_id: str, auth_token: str, *, base: str, timeout: tuple[float, float]) -> None:
        """``timeout``: to connect and to answer, in seconds. Raises ``BadCarrier``."""
        refuse_mix(auth_id, base)
        self._client = Client(auth_id, auth_token, base=base, timeout=timeout)

    def number(self, number: str) -> Number | None:
        """An E.164 number; None: the account has no such number. Raises ``AccountRefused``."""
        found = self._get("Number", number.removeprefix("+"))
        if found is None:
            return None
        path = [part for part in str(found.get("application") or "").split("/") if part]
        return Number(
            sms_enabled=bool(found.get("sms_enabled")),
            application_id=path[-1] if path else None,
            campaign_id=found.get("tendlc_campaign_id") or None,
            registration=found.get("tendlc_registration_status") or found.get("toll_free_sms_verification"),
        )

    def application(self, app_id: str) -> Application | None:
        """An application; None: there is none of that id. Raises ``AccountRefused``."""
        found = self._get("Application", app_id)
        if found is None:
            return None
        method = str(found.get("message_method") or "POST").upper()
        return Application(message_url=str(found.get("message_url") or ""), message_method=method)

    def close(self) -> None:
        """Drop the connections."""
        self._client.session.close()

    def _get(self, *path: str) -> dict[str, Any] | None:
        try:
            response = self._client.request("GET", path)
            if response.status_code == 404:
                return None
            if response.status_code != 200:
                raise AccountRefused(f"status {response.status_code}")
            found: dict[str, Any] = response.json()
        except (requests.RequestException, ValueError) as error:
            raise AccountRefused(type(error).__name__) from error
        return found
