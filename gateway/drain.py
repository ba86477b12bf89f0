"""After a STOP: the flag stands, sends under way run out, the ledger learns from when on all is silent."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog

from gateway.flags import AWAY, Flag, Flags
from gateway.outlet import NOT_TAKEN, Publishes
from gateway.spool import Spool
from gateway.under_way import UnderWay
from rules.ids import stable_id
from runtime.config import Config
from runtime.tasks import end_all
from schemas.ledger import ConsentFact

log = structlog.get_logger()
RETRY_S = 0.1
RETRY_MAX_S = 2.0
Drained = Literal["empty", "timeout"]


@dataclass(frozen=True, kw_only=True)
class Halt:
    """An opt-out or a withdrawal: the flag to raise, and what its fact will say."""

    flag: Flag
    cause_id: str
    """The MessageUUID of the reply, or the id of the consent change: repeats give the same fact."""
    source: str
    """reply, manage_page, staff or upstream."""
    accepted_at: datetime


class Drains:
    """Raises flags and sees them through, in the background."""

    def __init__(
        self, config: Config, flags: Flags, publisher: Publishes, spool: Spool, clock: Callable[[], datetime]
    ) -> None:
        self._config, self._flags, self._publisher, self._spool = config, flags, publisher, spool
        self._clock = clock
        self._under_way = UnderWay(flags, config.drain_poll_s)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def hold(self, flag: Flag) -> None:
        """Raise a flag, however long Redis is away."""
        self._begin(f"hold {flag.phone_ref} {flag.at.isoformat()}", self._confirm(flag))

    def halt(self, halt: Halt) -> None:
        """Raise the flag, wait until nothing is under way, and say so on ``consent-facts``."""
        self._begin(halt.cause_id, self._silence(halt))

    async def settled(self) -> None:
        """Return when all that was begun is done."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def close(self) -> None:
        """Wait as long as a drain can take while Redis answers, then give up: the worker's facts remain."""
        try:
            async with asyncio.timeout(self._config.drain_s + self._config.kafka_timeout_s):
                await self.settled()
        except TimeoutError:
            log.error("drain_given_up", alert=True, count=len(self._tasks))
            await end_all(list(self._tasks.values()))

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if name in self._tasks:  # the carrier repeats its webhooks
            work.close()
            return
        self._tasks[name] = task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._ended(name))

    def _ended(self, name: str) -> None:
        task = self._tasks.pop(name)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("drain_failed", alert=True, error=type(error).__name__)

    async def _silence(self, halt: Halt) -> None:
        await self._confirm(halt.flag)
        drained = await self._run_out(halt.flag.phone_ref)
        fact = self._fact(halt, drained, self._clock())
        try:
            await self._publisher.publish([fact])
        except NOT_TAKEN:
            await self._spool.keep(fact.fact_id, fact)
        log.info("silent", phone_ref=halt.flag.phone_ref, source=halt.source, drained=drained)

    async def _confirm(self, flag: Flag) -> None:
        loop = asyncio.get_running_loop()
        begun_at, wait_s, alerted = loop.time(), RETRY_S, False
        while True:
            try:
                return await self._flags.raise_to(flag)
            except AWAY as error:
                if not alerted and loop.time() - begun_at >= self._config.flag_alert_s:
                    alerted = True
                    log.error("flag_not_confirmed", alert=True, flag=flag.name, error=type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, RETRY_MAX_S)

    async def _run_out(self, phone_ref: str) -> Drained:
        try:
            async with asyncio.timeout(self._config.drain_s):
                await self._under_way.over(phone_ref)
        except TimeoutError:
            return "timeout"
        return "empty"

    def _fact(self, halt: Halt, drained: Drained, now: datetime) -> ConsentFact:
        return ConsentFact(
            fact_id=stable_id(self._config.reference_secret.encode(), "stop_effective", halt.cause_id),
            kind="stop_effective",
            phone_ref=halt.flag.phone_ref,
            workspace_id=halt.flag.workspace_id,
            person_id=halt.flag.person_id,
            source=halt.source,
            inbound_uuid=halt.cause_id if halt.flag.name == "stop" else None,
            accepted_at=halt.accepted_at,
            effective_at=now,
            drained=drained,
            at=now,
        )
