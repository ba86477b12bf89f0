"""``reminders erase``: forget a phone, or a person with their phones, and prove what was done."""

import asyncio
import getpass
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from sqlalchemy import Engine

from cli import environment
from cli.away import kafka_away
from cli.numbers import number_of, ref_of
from cli.why import NoRecords, open_records
from records import erasure_search
from records.engine import empty_log
from records.erasure_search import Found
from runtime.config import Config
from runtime.kafka import Publisher
from runtime.progress import GroupProgress
from runtime.topics_admin import COMPACTION_LAG_MS, kept_s
from schemas.base import Message
from schemas.erasure import EraseEvent, ErasePhone, ErasePlans, EraseReplies
from schemas.topics import BOOKING_INPUTS, BOOKINGS, CONSENTS_IN, INBOUND_SMS, TABLES, TOPICS

console = Console(stderr=True, highlight=False)
WAIT_S = 60.0
LOOK_S = 0.5
CLEANER_S = 600.0
"""How late Kafka's cleaner may be with what is due: it naps between its rounds, and a round takes a while."""


def erase(
    phone: Annotated[str | None, typer.Argument(help="a number with + and country code, or its ref")] = None,
    *,
    workspace: Annotated[str | None, typer.Option(help="the workspace of --person")] = None,
    person: Annotated[str | None, typer.Option(help="a person, with all their phones")] = None,
    reason: Annotated[str, typer.Option(help="why; goes on record")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Erase the personal data of a phone or person; print the proof record as JSON.

    Open texts are withdrawn, consents end, numbers and words go from records and tables. The opt-out stays,
    by reference; the evidence of consents stays under seal until its own retention ends. It can't be undone.

    Examples: reminders erase +13305550147 --reason "request of 4 May"
              reminders erase --workspace acme --person p7 --reason "request of 4 May"
    """
    if (phone is None) == (person is None) or (person is not None and workspace is None):
        raise typer.BadParameter("name a phone, or --workspace and --person")
    config = environment.config()
    engine = _records(config)
    try:
        ref = ref_of(config, phone) if phone else None
        found = _found(engine, ref, workspace, person)
        if not yes:
            typer.confirm(_question(found), abort=True, err=True)
        print(json.dumps(_erase(config, engine, found, reason, phone), indent=2))
    except (KafkaError, OSError) as error:
        console.print(f"Not finished. {kafka_away(config, error)}", style="red", markup=False)
        console.print("Then run this again: it does no harm.")
        raise typer.Exit(2) from None
    finally:
        engine.dispose()


def _records(config: Config) -> Engine:
    try:
        return open_records(config)
    except NoRecords as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None


def _found(engine: Engine, ref: str | None, workspace: str | None, person: str | None) -> Found:
    with engine.connect() as connection:
        if ref is not None:
            return erasure_search.of_phones(connection, [ref])
        return erasure_search.of_person(connection, workspace or "", person or "")


def _question(found: Found) -> str:
    return (
        f"Erase {len(found.phone_refs)} phone(s) with all their texts and replies in every workspace, and"
        f" {len(found.events)} event(s)? This can't be undone."
    )


def _erase(config: Config, engine: Engine, found: Found, reason: str, phone: str | None) -> dict[str, Any]:
    erasure_id, at = f"erasure-{secrets.token_hex(8)}", datetime.now(UTC)
    actor = getpass.getuser()
    done = asyncio.run(_publish_and_wait(config, _orders(found, erasure_id, actor, reason, at)))
    written = _await_records(engine, erasure_id, len(found.phone_refs) + len(found.events))
    letters = 0
    if phone is not None and (number := number_of(phone)) is not None:
        with engine.begin() as connection:
            letters = erasure_search.forget_in_dead_letters(connection, number)
    emptied = empty_log(engine)
    return {
        "erasure_id": erasure_id,
        "at": at.isoformat(),
        "actor": actor,
        "reason": reason,
        "phone_refs": found.phone_refs,
        "events": [f"{workspace}/{event}" for workspace, event in found.events],
        "records": {
            "done": written is not None and emptied,
            "rows_changed": written,
            "dead_letters_emptied": letters,
        },
        "tables": {"done": done, "changelogs": [f"{config.app_id}-{name}-changelog" for name in TABLES]},
        "compacted_within_s": COMPACTION_LAG_MS // 1000,
        "worker_stores": _stores(at),
        "topics_cleared_by_retention": _cleared(config, at),
        "kept": {
            "opt_out": "by reference, so that it goes on being honoured",
            "consent_ledger": "references only; its chain still verifies",
            "consent_evidence": f"sealed; its key is destroyed {config.evidence_kept_days:g} days after"
            " the last text",
        },
    }


def _stores(at: datetime) -> dict[str, str]:
    """How RocksDB's files let go: they keep old values until compacted, of partitions moved away for ever."""
    settled = timedelta(milliseconds=COMPACTION_LAG_MS, seconds=WAIT_S + CLEANER_S)
    return {
        "not_before": (at + settled).isoformat(),
        "how": "stop each worker, delete the folder worker/v1/tables in its DATA_DIR, start it: it reads the"
        " compacted changelogs anew. Earlier it would read back what they still hold. A partition that stays"
        " silent is not compacted until something is written behind it: where one may, run the same erase"
        " again after that time, which writes there, and wait ten minutes more",
    }


def _orders(found: Found, erasure_id: str, actor: str, reason: str, at: datetime) -> list[Message]:
    """Events first: match passes the order on behind all that it told the phone's plan before."""
    named: dict[str, Any] = {"erasure_id": erasure_id, "at": at}
    refs: list[str | None] = [*found.phone_refs] or [None]
    orders: list[Message] = [
        EraseEvent(workspace_id=workspace, event_id=event, phone_ref=ref, **named)
        for workspace, event in found.events
        for ref in refs
    ]
    for ref in found.phone_refs:
        orders.append(ErasePhone(phone_ref=ref, actor=actor, reason=reason[:200], **named))
        orders += [EraseReplies(phone_ref=ref, **named), ErasePlans(phone_ref=ref, **named)]
    return orders


async def _publish_and_wait(config: Config, orders: list[Message]) -> bool:
    """Whether the worker has read all of it in time."""
    publisher, progress = Publisher(config), GroupProgress(config)
    try:
        await publisher.start()
        await publisher.publish(orders)
        until = time.monotonic() + WAIT_S
        for stage in ([BOOKING_INPUTS.name, CONSENTS_IN.name, INBOUND_SMS.name], [BOOKINGS.name]):
            ends = await progress.ends(stage)
            while await progress.behind(ends):
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(LOOK_S)
        return True
    finally:
        await progress.close()
        await publisher.stop()


def _await_records(engine: Engine, erasure_id: str, scopes: int) -> int | None:
    """The rows the archive changed; None if it has not read the order in time."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        with engine.connect() as connection:
            rows = erasure_search.noted(connection, erasure_id)
        if len(rows) >= scopes:
            return sum(rows)
        time.sleep(LOOK_S)
    return None


def _cleared(config: Config, at: datetime) -> dict[str, str]:
    """When Kafka's retention has let go of the last record of each topic that may hold personal data."""
    kept = {
        topic.name: kept_s(config, topic) for topic in TOPICS if topic.personal and topic.cleanup == "delete"
    }
    return {
        name: (at + timedelta(seconds=age_s)).isoformat() for name, age_s in kept.items() if age_s is not None
    }
