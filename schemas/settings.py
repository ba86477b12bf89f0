"""Settings that people change: switches, pauses and defaults of workspaces and studies."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import At, Id, Line, Message, Revision, SchemaVersion

Name = Literal["sms_enabled", "interview_reminder", "paused", "zone", "allowed_hosts"]
Value = bool | Line | Annotated[list[Line], Meta(max_length=50)]
EVERY_WORKSPACE = "all"


class SettingsChange(Message, frozen=True, kw_only=True, tag_field="type", tag="setting"):
    """One setting's new value; a revision lower than or equal to the last changes nothing.

    ``sms_enabled`` (workspace, off until set), ``interview_reminder`` (study, on until set), ``paused``
    (workspace, or workspace ``all``), ``zone`` (study or workspace), ``allowed_hosts`` (workspace).
    """

    schema_version: SchemaVersion = 1
    message_id: Id
    workspace_id: Id
    study_id: Id | None = None
    name: Name
    value: Value
    revision: Revision
    actor: Line
    reason: Line | None = None
    at: At


class SettingCopy(Message, frozen=True, kw_only=True, tag_field="type", tag="setting-copy"):
    """A setting as one partition knows it; each partition of the phone-keyed topics gets a copy."""

    partition: int
    workspace_id: Id
    study_id: Id | None
    name: Name
    value: Value
    revision: Revision
    actor: Line
    reason: Line | None
    at: At
