"""``reminders doctor``: is all that this deployment needs there and right? If not, how to mend it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

import httpx
import typer
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cli import environment
from cli.doctor_carrier import examine_carrier, print_sheet
from cli.findings import Finding, tell
from cli.own_phone import send_test
from cli.why import NoRecords, RecordsAway, open_records
from runtime import topics_admin
from runtime.config import BadConfig, Config
from sender.gate_redis import connect, refuse_forgetful

DRIFT_S = 2.0
"""Clocks further apart would shift what is due, and whether a STOP came before a START."""
ASK_S = 5.0


def doctor(
    carrier: Annotated[
        bool, typer.Option("--carrier", help="what the carrier must be told, and how the account stands")
    ] = False,
    test_text: Annotated[
        str | None, typer.Option(metavar="PHONE", help="text your own phone, which signed up for it")
    ] = None,
) -> None:
    """Look at settings, topics, Redis, records, clocks, pages and carrier; say how to mend what is not well.

    Exits 1 if anything is not well.

    Examples: reminders doctor
              reminders doctor --carrier     # the campaign sheet from the texts as they are, then the account
              reminders doctor --carrier --test-text +13305550147
    """
    config = environment.config()
    if test_text is not None and not carrier:
        raise typer.BadParameter("--test-text goes with --carrier")
    if carrier:
        print_sheet(config)
    findings = examine_carrier(config) if carrier else asyncio.run(examine(config))
    if test_text is not None:
        findings.append(send_test(config, test_text))
    if not tell(findings):
        raise typer.Exit(1)


async def examine(config: Config) -> list[Finding]:
    """All findings, in the order of the command."""
    looks: list[Callable[[Config], Awaitable[list[Finding]]]] = [
        _settings,
        _topics,
        _redis,
        _records,
        _addresses,
    ]
    return [finding for look in looks for finding in await look(config)]


async def _settings(config: Config) -> list[Finding]:
    real = config.environment == "production"
    problems = []
    if real and not config.public_url.startswith("https://"):
        problems.append("PUBLIC_URL is not https: the carrier's signatures and participants need it")
    if real and config.min_insync_replicas < 2:
        problems.append("MIN_INSYNC_REPLICAS is under 2: a broker lost may lose acknowledged records")
    if "example.org" in config.support_contact + config.privacy_url + config.terms_url and real:
        problems.append("SUPPORT_CONTACT, PRIVACY_URL or TERMS_URL is still an example")
    said = "; ".join(problems) or f"environment {config.environment}"
    return [Finding("settings", not problems, said, "set them in .env; .env.example says what each means")]


async def _topics(config: Config) -> list[Finding]:
    try:
        differences = await topics_admin.check(config)
    except (KafkaError, OSError) as error:
        said = f"Kafka at {config.kafka_bootstrap_servers} does not answer ({type(error).__name__})"
        return [Finding("Kafka", False, said, "start it, or correct KAFKA_BOOTSTRAP_SERVERS")]
    mend = "`reminders topics` makes what is missing; what differs is altered with Kafka's own tools"
    return [Finding("topics", not differences, "; ".join(differences) or "all as they should be", mend)]


async def _redis(config: Config) -> list[Finding]:
    redis = connect(config)
    try:
        await refuse_forgetful(redis, config)
        return [Finding("Redis", True, "never evicts"), await _redis_clock(redis)]
    except BadConfig as error:
        return [Finding("Redis", False, str(error), "change it in Redis and its configuration file")]
    except (RedisError, OSError) as error:
        said = f"does not answer ({type(error).__name__})"
        return [Finding("Redis", False, said, "start it, or correct REDIS_URL: nothing is sent without it")]
    finally:
        await redis.aclose()


async def _redis_clock(redis: Redis) -> Finding:
    seconds, micros = await redis.time()
    return _clock("clock beside Redis", datetime.fromtimestamp(seconds + micros / 1e6, UTC), DRIFT_S)


def _clock(name: str, theirs: datetime, allowed_s: float) -> Finding:
    drift_s = abs((datetime.now(UTC) - theirs).total_seconds())
    mend = "synchronise this machine's clock (chrony or systemd-timesyncd)"
    return Finding(name, drift_s <= allowed_s, f"{drift_s:.1f} s apart", mend)


async def _records(config: Config) -> list[Finding]:
    try:
        open_records(config).dispose()
    except RecordsAway as error:
        return [Finding("records", False, str(error), "start the database, or correct RECORDS_URL")]
    except NoRecords as error:
        return [Finding("records", False, str(error), "start `reminders archive`")]
    return [Finding("records", True, "the database answers")]


async def _addresses(config: Config) -> list[Finding]:
    """The carrier, the gateway and the pages that texts and forms point to."""
    asked = {
        "carrier": (config.plivo_api_base, "correct PLIVO_API_BASE, or open the way out to it"),
        "gateway": (f"{config.public_url}/health", "start `reminders gateway`, or correct PUBLIC_URL"),
        "privacy page": (config.privacy_url, "correct PRIVACY_URL: the consent's words link to it"),
        "terms page": (config.terms_url, "correct TERMS_URL: the consent's words link to it"),
    }
    async with httpx.AsyncClient(timeout=ASK_S, trust_env=False) as web:
        answers = [await _ask(web, name, url, mend) for name, (url, mend) in asked.items()]
    return [finding for found in answers for finding in found]


async def _ask(web: httpx.AsyncClient, name: str, url: str, mend: str) -> list[Finding]:
    try:
        answer = await web.get(url)
    except httpx.HTTPError as error:
        return [Finding(name, False, f"{url} does not answer ({type(error).__name__})", mend)]
    well = answer.status_code < 400 or (name == "carrier" and answer.status_code < 500)
    found = [Finding(name, well, f"{url} answers {answer.status_code}", mend)]
    date = answer.headers.get("date")
    if name == "carrier" and date:
        found.append(_clock("clock beside the carrier", parsedate_to_datetime(date), DRIFT_S + 1))
    return found
