"""The parts of a sender, put together."""

import secrets

from carrier.plivo import PlivoCarrier
from runtime.config import Config
from sender import metrics
from sender.backlog import Backlog
from sender.backpressure import Backpressure
from sender.claims import Claims
from sender.clocks import utc_now
from sender.gate import Gate
from sender.gate_redis import connect, refuse_forgetful
from sender.hearing import Hearing
from sender.journal import Journal
from sender.listing import Listing
from sender.losses import Losses
from sender.pacing import Pacer
from sender.partition import Partition
from sender.partitions import Partitions
from sender.pump import Pump
from sender.reconcile import Reconciler
from sender.send import Sends
from sender.starts import Starts
from sender.sweeping import Loops, Settling
from sender.telling import Projection
from sender.warm import Warmth


class Sender:
    """Connections, and what stands on them. ``loops`` is all that goes on between start and stop."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._carrier = _carrier(config)
        self._redis, self._journal, self._backlog = connect(config), Journal(config), Backlog()
        self._claims = Claims(self._redis)
        self._pump = self._make_pump()
        self._partitions = Partitions(config, leaving=self._pump.leave)
        key = config.reference_secret.encode()
        self._projection = Projection(self._journal, self._partitions, key=key)
        self._warmth = Warmth(config, self._redis, self._claims, self._partitions)
        self._pump.may_send = self._may_send
        self.loops = self._make_loops()

    async def start(self) -> None:
        """Connect. Raises ``BadConfig`` if Redis may forget; what Kafka and Redis raise if they are away."""
        await refuse_forgetful(self._redis, self._config)
        await self._journal.start()
        await self._partitions.start()
        metrics.LAG.set_function(self._partitions.behind)
        metrics.WAITING.set_function(lambda: len(self._backlog))

    async def stop(self) -> None:
        """Finish what runs, leave the group, disconnect."""
        await self._pump.leave()
        await self._partitions.stop()
        await self._journal.stop()
        await self._warmth.close()
        await self._redis.aclose()

    def ready(self) -> dict[str, bool]:
        """Whether every partition it has may send: read, told to Redis and rebuilt there."""
        held = list(self._partitions.held.values())
        return {"joined": self._partitions.generation > 0, "partitions": all(map(self._may_send, held))}

    def _may_send(self, partition: Partition) -> bool:
        """Whether a partition is read, told to Redis and rebuilt there."""
        warm = partition.epoch == self._warmth.epoch != ""
        return warm and partition.phones.told and partition.is_read()

    def _make_pump(self) -> Pump:
        config = self._config
        gate = Gate(config, self._redis, sender=secrets.token_hex(8), earliest=self._backlog.earliest)
        pacer = Pacer(config.account_rate_per_s, config.number_rate_per_s, config.token_ahead_s)
        sends = Sends(
            config,
            carrier=self._carrier,
            gate=gate,
            claims=self._claims,
            journal=self._journal,
            pacer=pacer,
            now=utc_now,
            new_id=_claim_id,
        )
        return Pump(config, backlog=self._backlog, sends=sends, pacer=pacer, gate=gate, claims=self._claims)

    def _make_loops(self) -> Loops:
        return Loops(
            self._config,
            partitions=self._partitions,
            hearing=self._make_hearing(),
            pump=self._pump,
            projection=self._projection,
            settling=self._make_settling(),
            warmth=self._warmth,
            claims=self._claims,
            backpressure=Backpressure(self._config, self._backlog, self._partitions),
        )

    def _make_hearing(self) -> Hearing:
        return Hearing(
            self._config,
            partitions=self._partitions,
            backlog=self._backlog,
            journal=self._journal,
            claims=self._claims,
            projection=self._projection,
            now=utc_now,
        )

    def _make_settling(self) -> Settling:
        config, journal = self._config, self._journal
        listing = Listing(config, self._carrier, self._claims)
        return Settling(
            reconciler=Reconciler(config, listing, self._claims, journal, now=utc_now),
            losses=Losses(config, self._claims, journal, now=utc_now),
            starts=Starts(config, listing, journal, now=utc_now),
            partitions=self._partitions,
            pump=self._pump,
            journal=journal,
            now=utc_now,
        )


def _carrier(config: Config) -> PlivoCarrier:
    return PlivoCarrier(
        config.plivo_auth_id,
        config.plivo_auth_token,
        base=config.plivo_api_base,
        number=config.sender_number,
        connect_timeout_s=config.connect_timeout_s,
        read_timeout_s=config.read_timeout_s,
    )


def _claim_id() -> str:
    return secrets.token_hex(16)
