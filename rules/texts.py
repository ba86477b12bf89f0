"""The fixed wordings of every text, and the consent that people are shown. Nobody can customise them."""

import hashlib
from datetime import datetime, timedelta

from rules.folding import fold_name, to_gsm7
from rules.segments import is_gsm7, septets
from rules.zones import zone_info
from schemas.deliveries import Wording

CONSENT_HEADING = "Rally SMS Consent"
CONSENT_VERSION = "rally-sms-1"
"""Names the words below for ever: changed words are a new version."""
CONSENT_TEXT = (
    "By entering your phone number, you consent to receive messages for this event via SMS. "
    "Message and data rates may apply. You may receive up to 6 messages per each event. "
    "Reply STOP to opt out, HELP for help. Rally's Privacy Policy and Terms of Service apply."
)
CONSENT_LINKS = {"Privacy Policy": "privacy_url", "Terms of Service": "terms_url"}
"""Words of the consent text that are links, and the setting that says where to."""

CONTACT_MAX = 60
PUBLIC_URL_MAX = 60
"""With these bounds the longest text has two segments."""
UNNAMED = "your research team"

TEMPLATES: dict[Wording, str] = {
    "confirmation": "Rally: interview with {ws} booked, {when}. {link} Reply STOP to opt out, HELP for help.",
    "moved": "Rally: your interview with {ws} moved to {when}. {link} Reply STOP to opt out.",
    "moved_last": (
        "Rally: your interview with {ws} moved to {when}. Later changes only here: {link} "
        "Reply STOP to opt out."
    ),
    "cancelled": "Rally: your interview with {ws} on {when} is cancelled. {link} Reply STOP to opt out.",
    "reminder": (
        "Rally: your interview with {ws} starts {today}. Join or change: {link} Reply STOP to opt out."
    ),
    "interviewer_late": (
        "Rally: your interviewer from {ws} is running late, please wait. {link} Reply STOP to opt out."
    ),
    "join_link_changed": "Rally: new join link for your interview with {ws}: {link} Reply STOP to opt out.",
    "place_changed": "Rally: new place for your interview with {ws}: {link} Reply STOP to opt out.",
    "materials_needed": (
        "Rally: materials needed for your interview with {ws}: {link} Reply STOP to opt out."
    ),
    "reply_stop": (
        "Rally: you are opted out, no more texts. Your interview is NOT cancelled: {link} "
        "Reply START to get texts again."
    ),
    "reply_start": (
        "Rally: you will get interview texts again, max 6 per event. Msg&data rates may apply. "
        "Reply STOP to opt out, HELP for help."
    ),
    "reply_help": (
        "Rally interview texts: max 6 per event, msg&data rates may apply. Contact {contact} or {link} "
        "Reply STOP to opt out."
    ),
    "reply_unclear": (
        "Rally: should we stop texting you? Texts are paused. Reply STOP to opt out, START to go on. "
        "Booking unchanged: {link}"
    ),
    "reply_other": (
        "Rally: nobody may read replies here in time. To change or cancel: {link} "
        "Reply HELP for help, STOP to opt out."
    ),
}
WITHOUT_LINK: dict[Wording, str] = {
    "reply_start": TEMPLATES["reply_start"],
    "reply_stop": (
        "Rally: you are opted out, no more texts. Any interview is NOT cancelled: {contact} "
        "Reply START to get texts again."
    ),
    "reply_help": (
        "Rally interview texts: max 6 per event, msg&data rates may apply. Contact {contact} "
        "Reply STOP to opt out."
    ),
    "reply_unclear": (
        "Rally: should we stop texting you? Texts are paused. Reply STOP to opt out, START to go on. "
        "Contact {contact}"
    ),
    "reply_other": (
        "Rally: nobody may read replies here in time. To change or cancel: {contact} "
        "Reply HELP for help, STOP to opt out."
    ),
}
"""Answers to someone without a booking: the contact stands where the link would."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def consent_sha256() -> str:
    """SHA-256 of the consent text in UTF-8, 64 hex digits: goes into every consent record."""
    return hashlib.sha256(CONSENT_TEXT.encode()).hexdigest()


def render(
    wording: Wording,
    *,
    workspace_name: str,
    starts_at: datetime,
    zone: str,
    now: datetime,
    link: str | None,
    contact: str,
) -> str:
    """The words of a text, in GSM-7.

    ``starts_at`` is the start it speaks of, shown in ``zone`` (an IANA name); ``now`` is when it goes out.
    Without a link the contact stands in its place. Raises ``KeyError`` for a wording that can't lack one.
    """
    return (TEMPLATES if link is not None else WITHOUT_LINK)[wording].format(
        ws=fold_name(workspace_name, otherwise=UNNAMED),
        when=when(starts_at, zone),
        today=_today(starts_at, zone, now),
        link=link,
        contact=to_gsm7(contact),
    )


def when(at: datetime, zone: str) -> str:
    """Date and time as people there write it: ``Tue Nov 24, 3:00 PM EST``."""
    local = at.astimezone(zone_info(zone))
    return f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}, {time_of_day(at, zone)}"


def time_of_day(at: datetime, zone: str) -> str:
    """Time with the zone's short name: ``3:00 PM EST``."""
    local = at.astimezone(zone_info(zone))
    return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'} {_short(local)}"


def _short(local: datetime) -> str:
    """EST, CET; or UTC+5:30 where the zone has no letters of its own."""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    offset = local.utcoffset() or timedelta()
    minutes = round(abs(offset).total_seconds() / 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(minutes, 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _today(starts_at: datetime, zone: str, now: datetime) -> str:
    """``today 3:00 PM EST``, or the date: "tomorrow" would be false if it came after midnight."""
    info = zone_info(zone)
    if starts_at.astimezone(info).date() == now.astimezone(info).date():
        return f"today {time_of_day(starts_at, zone)}"
    return when(starts_at, zone)


def unfit_settings(*, public_url: str, support_contact: str) -> list[str]:
    """What is wrong with the settings that texts are made of, a sentence each; empty if they fit."""
    problems = []
    for name, value, limit in (
        ("public_url", public_url, PUBLIC_URL_MAX),
        ("support_contact", support_contact, CONTACT_MAX),
    ):
        if not value.strip():
            problems.append(f"{name} is empty")
        elif not is_gsm7(value):
            problems.append(f"{name} holds characters that would make every text with it cost double")
        elif septets(value) > limit:
            problems.append(f"{name} is longer than {limit} characters: texts would need three segments")
    return problems
