"""Copies of settings in; each partition keeps its own. A switch turned off calls back what it covers."""

from agents.moment import Moment
from agents.switches import switch_key
from agents.tables import Tables
from schemas.base import Message
from schemas.deliveries import ScopeWithdrawal
from schemas.rows import Switch
from schemas.settings import SettingCopy


def keep_switch(copy: SettingCopy, tables: Tables, moment: Moment) -> list[Message]:
    """Keep a setting of a higher revision; a switch turned off withdraws what it covers."""
    key = switch_key(copy.partition, copy.workspace_id, copy.study_id, copy.name)
    known = tables.switches.get(key)
    if known is not None and copy.revision <= known.revision:
        return []
    tables.switches[key] = Switch(name=copy.name, value=copy.value, revision=copy.revision, at=copy.at)
    if copy.name not in ("sms_enabled", "interview_reminder") or copy.value is not False:
        return []
    return [
        ScopeWithdrawal(
            partition=copy.partition,
            workspace_id=copy.workspace_id,
            study_id=copy.study_id,
            reason="workspace_off" if copy.name == "sms_enabled" else "study_off",
            settings_revision=copy.revision,
            at=moment.now,
        )
    ]
