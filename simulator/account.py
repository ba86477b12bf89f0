"""What Plivo's API says of the account's number and of the application that it is linked to."""

from __future__ import annotations

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from simulator import answers
from simulator.api import ApiRequest, check_access, new_api_id
from simulator.desk import Desk
from simulator.send_request import RequestError

APP_ID = "10000000000000001"


class AccountApi(Controller):
    """One number, one application; without a message URL the number is linked to none."""

    path = "/v1/Account/{auth_id:str}"

    @get("/Number/{number:str}", summary="A number of the account")
    async def number(
        self, request: ApiRequest, auth_id: FromPath[str], number: FromPath[str], desk: NamedDependency[Desk]
    ) -> ASGIApp:
        """The number as the account has it."""
        settings = desk.settings
        known = number == settings.number.removeprefix("+")
        application = (
            f"/v1/Account/{settings.auth_id}/Application/{APP_ID}/" if settings.message_url else None
        )
        registered = bool(settings.campaign)
        return _answer(
            request,
            auth_id,
            desk,
            known
            and {
                "number": number,
                "application": application,
                "number_type": "local",
                "sms_enabled": True,
                "tendlc_campaign_id": settings.campaign or None,
                "tendlc_registration_status": "COMPLETED" if registered else "UNREGISTERED",
                "toll_free_sms_verification": None,
            },
        )

    @get("/Application/{app_id:str}", summary="An application")
    async def application(
        self, request: ApiRequest, auth_id: FromPath[str], app_id: FromPath[str], desk: NamedDependency[Desk]
    ) -> ASGIApp:
        """Where replies are posted."""
        url = desk.settings.message_url
        told = {"app_id": APP_ID, "message_url": url, "message_method": "POST", "enabled": True}
        return _answer(request, auth_id, desk, app_id == APP_ID and bool(url) and told)


def _answer(request: ApiRequest, auth_id: str, desk: Desk, told: dict[str, object] | bool) -> ASGIApp:
    try:
        check_access(request, auth_id, desk)
    except RequestError as refusal:
        return answers.error(refusal.status, new_api_id(), str(refusal))
    if isinstance(told, bool):
        return answers.error(404, new_api_id())
    return answers.json_answer(200, {"api_id": new_api_id(), **told})
