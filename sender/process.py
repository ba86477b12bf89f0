"""The sender process: reads, sends, settles, tells. ``reminders sender`` runs it."""

import asyncio
import secrets
import signal
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from carrier.plivo import REAL_API, PlivoCarrier
from runtime import logging as logs
from runtime import topics_admin
from runtime.config import BadConfig, Config
from runtime.progress import GroupProgress
from schemas.journal import JournalRecord
from schemas.phone_states import EndedState, StartAsked, StopState
from schemas.settings import SettingCopy
from schemas.sms import DeliveryReport
from sender import warm
from sender.gate import Gate
from sender.journal import Journal
from sender.pacing import Pacer
from sender.partition import Partition, Pending, ended_by
from sender.projector import project
from sender.reconcile import Reconciler
from sender.send import Sends
from sender.topics_in import Inputs

log = structlog.get_logger()
EXPECTED_TOKEN_S = 0.2
"""A claim is made when a token is expected within this."""
IDLE_S = 0.02
SWEEP_S = 0.5


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class Sender:
    """All loops of one sender. A loop that fails ends the process: the next reads again what is undone."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._key = config.reference_secret.encode()
        carrier = PlivoCarrier(
            config.plivo_auth_id,
            config.plivo_auth_token,
            base=config.plivo_api_base,
            number=config.sender_number,
            connect_timeout_s=config.connect_timeout_s,
            read_timeout_s=config.read_timeout_s,
        )
        self._gate, self._journal = Gate(config), Journal(config)
        self._pacer = Pacer(config.account_rate_per_s, config.number_rate_per_s)
        self._sends = Sends(
            config,
            carrier,
            self._gate,
            self._journal,
            self._pacer,
            now=utc_now,
            new_id=lambda: secrets.token_hex(16),
        )
        self._reconciler = Reconciler(config, carrier, self._gate, self._journal, utc_now)
        self._progress = GroupProgress(config)
        self._inputs = Inputs(config, now=utc_now, leaving=self._leave, keep=self._journal.append)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._untold: list[tuple[int, int, JournalRecord]] = []
        self._leaving = False
        self._epoch = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop, then finish what runs and leave."""
        await self._journal.start()
        await self._inputs.start()
        loops = [asyncio.create_task(loop) for loop in self._loops()]
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopping, *loops], return_when=asyncio.FIRST_COMPLETED)
        await self._leave()
        for task in (stopping, *loops):
            task.cancel()
        await asyncio.gather(stopping, *loops, return_exceptions=True)
        await self._inputs.stop()
        await self._journal.stop()
        await self._gate.close()
        await self._progress.close()
        for task in done - {stopping}:
            task.result()

    def _loops(self) -> list[Coroutine[Any, Any, None]]:
        return [
            self._inputs.read_deliveries(),
            self._inputs.read_tails(self._hear),
            self._inputs.read_reports(self._report),
            self._pump(),
            self._sweep(),
            self._warm(),
            self._tell(),
        ]

    async def _leave(self) -> None:
        """Stop claiming and let running sends come to their end, for a while."""
        self._leaving = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=self._config.revoke_wait_s)
        self._leaving = False

    # --- hearing

    async def _hear(self, partition: Partition, message: Any, offset: int) -> None:
        if isinstance(message, JournalRecord):
            counts = partition.fold.apply(message)
            if counts and offset >= self._inputs.projected.get(partition.number, 0):
                self._untold.append((partition.number, offset, message))
            self._drop_if_over(partition, message.text.text_id)
        elif isinstance(message, SettingCopy):
            partition.hear_setting(message)
        else:
            partition.hear_state(message)
            if partition.is_read() and not isinstance(message, StartAsked):
                await self._tell_gate(message)

    async def _tell_gate(self, state: StopState | EndedState) -> None:
        """Facts of phones go to the gate as they come; while Redis is away the rebuild brings them."""
        try:
            await self._gate.tell([state])
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("gate_not_told", error=type(error).__name__)

    @staticmethod
    def _drop_if_over(partition: Partition, text_id: str) -> None:
        pending = partition.pending.get(text_id)
        if pending and partition.fold.of(text_id).is_over(pending.delivery.text.plan_version):
            partition.done(text_id)

    async def _report(self, partition: Partition, report: DeliveryReport, _: int) -> None:
        await partition.all_read()
        await self._reconciler.report(partition, report)

    # --- sending

    async def _pump(self) -> None:
        while True:
            started = False if self._leaving else await self._pump_once()
            if not started:
                await asyncio.sleep(IDLE_S)

    async def _pump_once(self) -> bool:
        """End what needs no try, start what may be tried; whether anything was done."""
        did = False
        for partition in list(self._inputs.partitions.values()):
            if partition.is_read():
                did |= await self._end_without_try(partition)
        if not self._sends.stopped:
            did |= self._start_next()
        return did

    async def _end_without_try(self, partition: Partition) -> bool:
        now, records, over = utc_now(), list[JournalRecord](), list[str]()
        for name, pending in list(partition.pending.items()):
            fold = partition.fold.of(name)
            if fold.is_over(pending.delivery.text.plan_version):
                over.append(name)
            elif not pending.running and not fold.is_open:
                record = partition.end_of(pending.delivery, now)
                if record is not None:
                    records.append(record)
        records += self._withdrawn_unreleased(partition, now)
        for name in over:
            partition.done(name)
        if records:
            await partition.read_past(await self._journal.append(*records))
        return bool(records)

    @staticmethod
    def _withdrawn_unreleased(partition: Partition, now: datetime) -> list[JournalRecord]:
        """Ends of texts that never became a delivery; one that has an open try waits for it."""
        records = []
        for name, withdrawn in list(partition.withdrawals.items()):
            fold = partition.fold.of(name)
            if fold.is_over(withdrawn.text.plan_version):
                partition.withdrawn(name)
            elif not fold.is_open and name not in partition.pending:
                records.append(ended_by(withdrawn, len(fold.counted), now))
        return records

    def _start_next(self) -> bool:
        """Start the text with the earliest deadline of all partitions, if a token is near."""
        if (
            len(self._running) >= self._config.post_threads
            or self._pacer.wait_s(time.monotonic()) > EXPECTED_TOKEN_S
        ):
            return False
        now = utc_now()
        candidates = [
            (pending.delivery.not_after, pending.offset, partition, pending)
            for partition in self._inputs.partitions.values()
            if partition.is_read() and partition.epoch == self._epoch
            for pending in [next(iter(partition.ready(now)), None)]
            if pending is not None and partition.end_of(pending.delivery, now) is None
        ]
        if not candidates:
            return False
        _, _, partition, pending = min(candidates, key=lambda c: c[:2])
        self._start(partition, pending)
        return True

    def _start(self, partition: Partition, pending: Pending) -> None:
        name = pending.delivery.text.text_id
        pending.running = True
        self._pacer.took(pending.delivery.text.segments, time.monotonic())
        task = self._running[name] = asyncio.create_task(self._sends.send(partition, pending))

        def over(_: asyncio.Task[None]) -> None:
            pending.running = False
            self._running.pop(name, None)

        task.add_done_callback(over)

    # --- settling and telling

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            for partition in list(self._inputs.partitions.values()):
                if not partition.is_read():
                    continue
                try:
                    await self._reconciler.sweep(partition, self._running)
                    await self._reconciler.confirm_starts(partition)
                except (KafkaError, RedisError, OSError, TimeoutError) as error:
                    log.warning("sweep_put_off", error=type(error).__name__)
            await self._inputs.commit()

    async def _warm(self) -> None:
        """Rebuild what Redis lost; while it is cold, nothing is sent."""
        while True:
            try:
                epoch = await warm.epoch_of(self._gate.redis)
                for partition in self._inputs.partitions.values():
                    if await warm.is_rebuilt(self._gate.redis, epoch, partition.number):
                        partition.epoch = epoch
                self._epoch = epoch
                cold = [p for p in self._inputs.partitions.values() if p.epoch != epoch]
                if cold:
                    await self._rebuild(cold, epoch)
            except (KafkaError, RedisError, OSError, TimeoutError) as error:
                log.warning("gate_cold", error=type(error).__name__)
            await asyncio.sleep(SWEEP_S)

    async def _rebuild(self, cold: list[Partition], epoch: int) -> None:
        for stage in range(len(warm.STAGES)):
            ends = await self._progress.ends(warm.STAGES[stage])
            while await self._progress.behind(ends):  # noqa: ASYNC110  # brokers are asked, nothing signals
                await asyncio.sleep(SWEEP_S)
        for partition in cold:
            await self._inputs.note_ends(partition)
            await partition.all_read()
            await warm.rebuild(self._gate, partition, epoch)

    async def _tell(self) -> None:
        """Project the ends read from the journal; commit once they are acknowledged."""
        while True:
            untold, self._untold = self._untold, []
            told = [
                message
                for number, offset, record in untold
                for message in project(record, partition=number, offset=offset, key=self._key)
            ]
            if told:
                await self._journal.append(*told)
            for number, offset in {number: offset for number, offset, _ in untold}.items():
                if number in self._inputs.partitions:
                    await self._inputs.commit_projected(number, offset + 1)
            if not untold:
                await asyncio.sleep(IDLE_S)


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    await topics_admin.require(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Sender(config).run(stop)


def refuse_strangers(config: Config) -> None:
    """Raise ``BadConfig`` if the real carrier would be used outside production without ``TEXT_ONLY``."""
    real = config.plivo_api_base.startswith(REAL_API)
    if real and config.environment != "production" and not config.text_only:
        raise BadConfig("TEXT_ONLY is needed with the real carrier outside production")


def main() -> None:
    """Start as the environment says."""
    logs.configure()
    config = Config.from_env()
    refuse_strangers(config)
    asyncio.run(serve(config))


if __name__ == "__main__":
    main()
