"""Texts of every kind, published while faults go on: withdrawn, planned anew, stopped, answered badly."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from aiokafka.errors import KafkaError
from redis import Redis
from redis.exceptions import RedisError

from rules.ids import phone_ref
from runtime import gate_keys as keys
from schemas.base import Message
from schemas.deliveries import Delivery
from schemas.phone_states import StopState
from tests.sender.street import Street, now
from tests.sender.texts import KEY, delivery, new_phone, ref, reminder, reply, withdrawal

TURN_S = 0.5
TEXTS_A_TURN = 3
VALID_S = 150.0
BAD_ANSWERS = (
    "hang",
    "close",
    "reset",
    "truncated",
    "202-empty",
    "302",
    "429",
    "400",
    "500+accepted",
    "close+unaccepted",
    "hang+unaccepted",
    "503",
    "duplicated",
    "reordered",
    "early",
    "lost",
    "unknown-status",
    "undelivered:50",
)
LOST = (
    "failed:20",
    "undelivered:80",
    "failed:300",
    "failed:1000",
    "hang+failed:300",
    "close+undelivered:80",
    "duplicated+failed:20",
    "early+failed:1000",
)
"""Accepted, and lost in the network with a code that a second try may pass: of a reminder, no other."""


@dataclass(frozen=True)
class Stop:
    """A STOP of a phone: when it was known, when it was called effective, and whether nothing was left."""

    accepted_at: datetime
    effective_at: datetime
    empty: bool


class Traffic:
    """Publishes in a thread of its own until told to stop; keeps what the judge asks."""

    def __init__(self, street: Street, seed: str) -> None:
        self._street, self._chance = street, random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._later = ThreadPoolExecutor(8, thread_name_prefix="later")
        self.failed: BaseException | None = None
        self.texts: dict[str, Delivery] = {}
        self.stops: dict[str, Stop] = {}
        """By phone reference."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once every STOP under way is effective. Raises what ended the traffic early."""
        self._over.set()
        self._thread.join()
        self._later.shutdown(wait=True)
        if self.failed is not None:
            raise self.failed

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                for _ in range(TEXTS_A_TURN):
                    self._one()
                time.sleep(TURN_S)
        except BaseException as error:  # noqa: BLE001  # whoever stops the traffic is told
            self.failed = error

    def _one(self) -> None:
        chance, phone = self._chance.random, new_phone()
        text = self._some_text(phone)
        if chance() < (0.4 if text.text.kind == "interview_reminder" else 0.1):
            self._street.carrier.behave(phone, self._chance.choice(LOST), self._chance.choice((1, 1, 2)))
        if chance() < 0.25:
            self._street.carrier.behave(phone, self._chance.choice(BAD_ANSWERS))
        self.texts[text.text.text_id] = text
        if chance() < 0.15 and text.reply_token is None:
            self._later.submit(self._silence, phone, self._chance.uniform(0, 0.3))
        self.publish(text)
        if chance() < 0.1:
            self.publish(text)
        if chance() < 0.1:
            self._later.submit(self._withdraw, text, self._chance.uniform(0, 3))

    def _some_text(self, phone: str) -> Delivery:
        kind = self._chance.random()
        if kind < 0.5:
            return delivery(phone, valid_s=VALID_S)
        if kind < 0.8:
            return reminder(phone, valid_s=VALID_S)
        if kind < 0.9:
            return reply(phone, f"inbound-{phone[1:]}", valid_s=VALID_S)
        self.publish(withdrawal(ref(phone), "moved"))  # planned, struck, planned again
        return delivery(phone, valid_s=VALID_S, text=ref(phone, plan_version=2))

    def _withdraw(self, text: Delivery, after_s: float) -> None:
        time.sleep(after_s)
        self.publish(withdrawal(text.text))

    def _silence(self, phone: str, after_s: float) -> None:
        """As worker and gateway would: known to Kafka and to Redis, then drained."""
        time.sleep(after_s)
        name, redis = phone_ref(KEY, phone), self._redis()
        stop_at = now()
        self.publish(StopState(phone_ref=name, stop_at=stop_at, start_at=None, hold_at=None))
        stubborn(lambda: redis.eval(keys.RAISE, 1, keys.phone_key(name), "stop", keys.ms(stop_at)))
        accepted_at, began = now(), time.monotonic()
        drain_s = self._street.config.drain_s
        asked = keys.drain_key(name), keys.EPOCH, int(drain_s * 1000)
        empty = False
        while not empty and time.monotonic() - began < drain_s:
            empty = stubborn(lambda: redis.eval(keys.SENDING, 2, *asked)) == [0]
            time.sleep(0.005)
        self.stops[name] = Stop(accepted_at, now(), empty)
        redis.close()

    def _redis(self) -> Redis:
        return Redis.from_url(self._street.env["REDIS_URL"], decode_responses=True, socket_timeout=2)

    def publish(self, *messages: Message) -> None:
        """Publish, again and again until Kafka has it; repeats are part of the test."""
        stubborn(lambda: self._street.publish(*messages))


def stubborn(call: Callable[[], object], timeout_s: float = 90.0) -> object:
    """What a call gives, however often a server is away. Raises what it raised when the time is over."""
    end = time.monotonic() + timeout_s
    while True:
        try:
            return call()
        except (KafkaError, RedisError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
