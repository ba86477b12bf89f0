"""Links that came with an event: shown only as buttons, and only to hosts that the workspace allowed."""

import re

from schemas.settings import Value

PLAIN_URL = re.compile(r"https?://([a-z0-9.-]+)(?::[0-9]{1,5})?(?:[/?#][!-~]*)?", re.IGNORECASE)
"""Nothing but a host may stand before the first slash: what a user or a backslash means there is disputed."""


def allowed_link(url: str | None, hosts: Value | None) -> str | None:
    """The address, if it is plain and its host is one of ``allowed_hosts``; else None."""
    match = PLAIN_URL.fullmatch(url or "")
    if match is None or not isinstance(hosts, list):
        return None
    return match[0] if match[1].lower() in {host.strip().lower() for host in hosts} else None
