"""``reminders doctor --carrier``: the campaign sheet, and how number, webhooks and opt-outs stand."""

from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import Engine

from carrier.account import AccountRefused, Number, PlivoAccount
from carrier.plivo import BadCarrier
from cli.findings import Finding, console
from cli.why import NoRecords, open_records
from records.carrier_seen import knows_opt_outs, latest_signatures
from rules.segments import segments
from rules.texts import render
from runtime.config import Config
from schemas.deliveries import Wording

SAMPLE: dict[str, Any] = {
    "workspace_name": "Acme Research",
    "starts_at": datetime(2026, 5, 4, 18, tzinfo=UTC),
    "zone": "America/New_York",
    "now": datetime(2026, 5, 4, 14, tzinfo=UTC),
}
REGISTER = "register the campaign with the sheet above, and link the number to it in the carrier's console"
LINK = "link the number to an application in the carrier's console (docs/going-live.md, step 4)"
OWN_PHONE = "text the number from your own phone, with the gateway and the archive running"


def print_sheet(config: Config) -> None:
    """What a campaign registration asks for, from the texts and settings as they are."""
    link = f"{config.public_url.rstrip('/')}/m/EXAMPLE"
    console.print(f"Number: {config.sender_number}   Opt-in: {config.public_url}/join/…, on Submit only")
    console.print(f"Privacy: {config.privacy_url}   Terms: {config.terms_url}")
    console.print(f"Message URL: {_shown(message_urls(config)[0], config)} (POST)")
    console.print(
        "Opt-out words: STOP and its kin. Help: HELP. Opt-in again: START. At most 6 texts an event."
    )
    for wording in get_args(Wording):
        text = render(wording, link=link, contact=config.support_contact, **SAMPLE)
        console.print(f"\n{wording} ({segments(text)} segment):\n  {text}", markup=False)
    console.print("\nThen follow docs/going-live.md. How it stands now:\n")


def message_urls(config: Config) -> list[str]:
    """Where the carrier may post replies to; the newest secret first."""
    secrets = [part.strip() for part in config.webhook_secrets.split(",")]
    return [f"{config.public_url.rstrip('/')}/webhooks/plivo/{secret}/inbound" for secret in secrets]


def _shown(url: str, config: Config) -> str:
    """A URL without our secrets in it."""
    for secret in config.webhook_secrets.split(","):
        url = url.replace(secret.strip(), "***") if secret.strip() else url
    return url


def examine_carrier(config: Config) -> list[Finding]:
    """The account's number and application, then what came in from the carrier so far."""
    return [*_account(config), *_seen(config)]


def _account(config: Config) -> list[Finding]:
    try:
        account = PlivoAccount(
            config.plivo_auth_id,
            config.plivo_auth_token,
            base=config.plivo_api_base,
            timeout=(config.connect_timeout_s, config.read_timeout_s),
        )
    except BadCarrier as error:
        return [Finding("carrier's account", False, str(error), "correct PLIVO_AUTH_ID or PLIVO_API_BASE")]
    try:
        return _number(config, account)
    except AccountRefused as error:
        mend = "correct PLIVO_AUTH_ID, PLIVO_AUTH_TOKEN and PLIVO_API_BASE; open the way out to it"
        return [Finding("carrier's account", False, f"can't be asked: {error}", mend)]
    finally:
        account.close()


def _number(config: Config, account: PlivoAccount) -> list[Finding]:
    found, name = account.number(config.sender_number), config.sender_number
    if found is None:
        return [Finding("number", False, f"the account has no {name}", "rent it, or correct SENDER_NUMBER")]
    texts = "takes texts" if found.sms_enabled else "takes no texts"
    return [
        Finding("number", found.sms_enabled, f"{name} {texts}", "take a number that is enabled for SMS"),
        Finding("campaign", found.is_registered, _registration(found), REGISTER),
        _webhook(config, account, found),
    ]


def _registration(found: Number) -> str:
    return f"{found.registration or 'none'}{f', {found.campaign_id}' if found.campaign_id else ''}"


def _webhook(config: Config, account: PlivoAccount, found: Number) -> Finding:
    if found.application_id is None:
        return Finding("webhook", False, "the number is linked to no application: replies are lost", LINK)
    application = account.application(found.application_id)
    if application is None:
        return Finding("webhook", False, f"there is no application {found.application_id}", LINK)
    url, method = application.message_url, application.message_method
    well = url in message_urls(config) and method == "POST"
    mend = "set the application's message URL as above, method POST: a STOP would not reach us"
    return Finding("webhook", well, f"{method} {_shown(url, config) or 'nowhere'}", mend)


def _seen(config: Config) -> list[Finding]:
    try:
        engine = open_records(config)
    except NoRecords as error:
        return [Finding("replies", False, str(error), "start `reminders archive`")]
    try:
        return [_signature(config, engine), _opt_outs(config, engine)]
    finally:
        engine.dispose()


def _signature(config: Config, engine: Engine) -> Finding:
    with engine.connect() as connection:
        found = latest_signatures(connection)
    wanted = config.signatures.split("-or-")
    told = ", ".join(f"{scheme} at {at:%Y-%m-%d %H:%MZ}" for scheme, at in found.items()) or "none yet"
    return Finding("signature", any(scheme in wanted for scheme in found), told, OWN_PHONE)


def _opt_outs(config: Config, engine: Engine) -> Finding:
    """The carrier's own list is the last line: where it is switched on, it refuses what we would not see."""
    with engine.connect() as connection:
        well = knows_opt_outs(connection)
    said = f"{'seen' if well else 'not seen yet'}; CARRIER_AUTO_REPLIES={config.carrier_auto_replies}"
    mend = "see that opt-out (DND) is on for the number, then text STOP and START from your own phone"
    return Finding("carrier's own opt-out", well, said, mend)
