"""Settings > Workspace > SMS, and the switch of each study: what turning one off will touch comes first."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from gateway.admin.recorded import is_recorded
from gateway.admin.staff import Page, Posted, Staff, back_to, posted
from gateway.edge import Edge
from gateway.handing import hand_over
from gateway.pages import Web, message, try_again
from records import queries
from records.admin_counts import revision_of, studies_of, touched
from rules.ids import stable_id
from schemas.settings import Name, SettingsChange

NOT_SAVED = "The switch could not be changed just now."


@get("/settings", include_in_schema=False)
async def show_settings(staff: NamedDependency[Staff], done: FromQuery[str] = "") -> Response[str]:
    """The workspace's SMS switch, and what it would touch."""
    on = await _is_on(staff, None)
    touches = await staff.ask(lambda c: touched(c, staff.workspace_id, None, staff.edge.clock()))
    return staff.page("settings.html", here="settings", on=on, touches=touches, done=done)


@post("/settings", status_code=200, include_in_schema=False)
async def post_settings(request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff]) -> Page:
    """Turn texts on or off for the workspace."""
    return await _switch(await posted(request, edge, staff.session), staff, None, "/settings")


@get("/studies", include_in_schema=False)
async def show_studies(staff: NamedDependency[Staff], done: FromQuery[str] = "") -> Response[str]:
    """Each study with its switch and what turning it off would touch."""
    names = await staff.ask(lambda c: studies_of(c, staff.workspace_id))
    studies = [
        {
            "study_id": name,
            "on": await _is_on(staff, name),
            "touches": await staff.ask(
                lambda c, name=name: touched(c, staff.workspace_id, name, staff.edge.clock())  # type: ignore[misc]
            ),
        }
        for name in names
    ]
    on = await _is_on(staff, None)
    return staff.page("studies.html", here="studies", studies=studies, workspace_on=on, done=done)


@post("/studies/{study_id:str}", status_code=200, include_in_schema=False)
async def post_study(
    request: Web, edge: NamedDependency[Edge], staff: NamedDependency[Staff], study_id: FromPath[str]
) -> Page:
    """Turn the Interview Reminder of a study on or off."""
    return await _switch(await posted(request, edge, staff.session), staff, study_id, "/studies")


async def _is_on(staff: Staff, study_id: str | None) -> bool:
    value = await staff.edge.records.setting(staff.workspace_id, study_id, _name(study_id))
    return value is True if study_id is None else value is not False


def _name(study_id: str | None) -> Name:
    return "sms_enabled" if study_id is None else "interview_reminder"


async def _switch(form: Posted, staff: Staff, study_id: str | None, path: str) -> Page:
    staff.check("settings")
    if form.get("value") not in ("on", "off"):
        return message(422, "On or off?", "Please go back and press one of the buttons.")
    name = _name(study_id)
    revision = await staff.ask(lambda c: revision_of(c, staff.workspace_id, study_id, name))
    change = _change(form, staff, study_id, revision + 1)
    if not await hand_over(staff.edge, [change]):
        return try_again(NOT_SAVED)
    seen = await is_recorded(
        staff,
        lambda c: queries.setting_of(c, staff.workspace_id, study_id, change.name) == change.value,
    )
    word = "on" if change.value else "off"
    return back_to(staff, path, word if seen else "pending")


def _change(form: Posted, staff: Staff, study_id: str | None, revision: int) -> SettingsChange:
    return SettingsChange(
        message_id=stable_id(
            staff.edge.policy.reference_key, "switch", form.name, study_id or "", form.get("value")
        ),
        workspace_id=staff.workspace_id,
        study_id=study_id,
        name=_name(study_id),
        value=form.get("value") == "on",
        revision=revision,
        actor=staff.name,
        reason=form.get("reason") or None,
        at=staff.edge.clock(),
    )
