"""Whether texts are on where someone signs up: the workspace's switch, and the study's."""

from gateway.lookup import Knows


async def texts_are_on(records: Knows, workspace_id: str, study_id: str) -> bool:
    """Off until the workspace turns it on; on in a study until it is turned off. Raises ``RecordsAway``."""
    if await records.setting(workspace_id, None, "sms_enabled") is not True:
        return False
    return await records.setting(workspace_id, study_id, "interview_reminder") is not False
