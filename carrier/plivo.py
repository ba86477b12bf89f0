"""Plivo behind the port, by its own SDK through a subclass that removes the SDK's traps.

Request    POST /v1/Account/{auth_id}/Message/  {"dst":"15550002222","text":"…","src":"13306619491",
           "type":"sms","url":"https://…","method":"POST","log":"number_only","message_expiry":900}
Answer 202 {"message":"message(s) queued","message_uuid":["…"],"api_id":"…"}
Error      {"api_id":"…","error":"not found"}; 401 is plain text
List       {"meta":{…},"objects":[{"message_uuid":"…","message_direction":"outbound","to_number":"…",
           "from_number":"…","message_state":"sent","error_code":"000",
           "message_time":"2026-01-02 03:04:05+00:00"}]}

The SDK resets its base address on every call, carries no status on its errors, returns None for an empty
202 and follows redirects; a timeout of its does not say whether a byte was written. So outcomes are read off
the response.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import plivo
import requests

from carrier.answers import classify, failed
from carrier.guarded import Attempt, GuardedAdapter
from carrier.port import LIST_PAGE, Listed, ListRefused, Outcome, Outgoing

REAL_API = "https://api.plivo.com"
EXAMPLE_ACCOUNTS = ("MAXXXX", "MASIM", "MATEST")
"""Accounts that begin like this exist in no carrier's books."""
SECONDS_MIN, SECONDS_MAX = 5, 10_799
"""The range of message_expiry."""


class BadCarrier(Exception):
    """Account and address don't belong together."""


class Client(plivo.RestClient):  # type: ignore[misc]  # the SDK ships no types
    """Fixed address, no redirects, raw responses. One per thread: the SDK writes to itself on every call."""

    def __init__(self, auth_id: str, auth_token: str, *, base: str, timeout: tuple[float, float]) -> None:
        self._base = base.rstrip("/") + "/v1/Account"
        super().__init__(auth_id, auth_token, timeout=timeout)
        self.session.trust_env = False
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, GuardedAdapter())

    @property
    def base_uri(self) -> str:
        """The address of accounts."""
        return self._base

    @base_uri.setter
    def base_uri(self, _: str) -> None:
        """The SDK sets it on every request; ours stays."""

    def send_request(self, request: Any, **kwargs: Any) -> Any:
        """The SDK's own, without redirects."""
        kwargs["allow_redirects"] = False
        return super().send_request(request, **kwargs)

    def process_response(self, method: str, response: Any, *_: Any) -> Any:
        """The response as it came."""
        return response


class PlivoCarrier:
    """The carrier port over Plivo's message API."""

    def __init__(
        self,
        auth_id: str,
        auth_token: str,
        *,
        base: str,
        number: str,
        connect_timeout_s: float,
        read_timeout_s: float,
    ) -> None:
        refuse_mix(auth_id, base)
        self._account = auth_id, auth_token
        self._base, self._number = base, number
        self._timeout = connect_timeout_s, read_timeout_s
        self._local = threading.local()

    @property
    def _client(self) -> Client:
        if not hasattr(self._local, "client"):
            self._local.client = Client(*self._account, base=self._base, timeout=self._timeout)
        return self._local.client  # type: ignore[no-any-return]  # a thread-local attribute

    def send(self, text: Outgoing, may_begin: Callable[[], bool]) -> Outcome:
        """Try once; see the port."""
        with Attempt(may_begin, self._timeout[1]) as attempt:
            try:
                response = self._client.messages.create(
                    src=self._number.removeprefix("+"),
                    dst=text.to.removeprefix("+"),
                    text=text.body,
                    url=text.callback_url,
                    method="POST",
                    log="number_only",
                    message_expiry=min(max(text.expiry_s, SECONDS_MIN), SECONDS_MAX),
                )
            except Exception as error:  # noqa: BLE001  # whatever it is: was a byte written, or not
                return failed(error, begun=attempt.begun)
        return classify(response)

    def listed(
        self, *, inbound: bool, phone: str | None, since: datetime, until: datetime, offset: int = 0
    ) -> list[Listed]:
        """A page of the carrier's list in a window; see the port."""
        theirs, ours = phone and phone.removeprefix("+"), self._number.removeprefix("+")
        try:
            response = self._client.messages.list(
                message_direction="inbound" if inbound else "outbound",
                from_number=theirs if inbound else ours,
                to_number=ours if inbound else theirs,
                message_time__gte=_time(since),
                message_time__lte=_time(until),
                limit=LIST_PAGE,
                offset=offset,
            )
            if response.status_code != 200:
                raise ListRefused(f"status {response.status_code}")
            return [_listed(row) for row in response.json()["objects"]]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise ListRefused(type(error).__name__) from error


def refuse_mix(auth_id: str, base: str) -> None:
    """Raise ``BadCarrier`` if a real account meets a test address, or the other way round."""
    example = auth_id.startswith(EXAMPLE_ACCOUNTS)
    if example == is_real(base) or (is_real(base) and not base.startswith("https://")):
        raise BadCarrier(f"PLIVO_AUTH_ID {auth_id[:5]}… and PLIVO_API_BASE {base} do not belong together")


def is_real(base: str) -> bool:
    """Whether an address is Plivo's own, and so may cost money and reach people."""
    host = urlsplit(base).hostname or ""
    return host == "plivo.com" or host.endswith(".plivo.com")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(
        carrier_uuid=row["message_uuid"],
        inbound=row.get("message_direction") == "inbound",
        to="+" + str(row["to_number"]).lstrip("+"),
        sender="+" + str(row["from_number"]).lstrip("+"),
        state=str(row.get("message_state", "")),
        error_code=str(row.get("error_code") or ""),
        at=datetime.fromisoformat(row["message_time"]).astimezone(UTC),
    )
