"""How a lane app is set up: times in seconds, sizes in bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LaneSettings:
    """Settings of one worker; each that bounds a wait or a size is here, so that tests can shorten it."""

    broker: str  # kafka://host:port;kafka://host:port
    store: str = "memory://"  # or rocksdb://
    datadir: str | Path = "data"  # of this worker alone
    partitions: int = 12  # of sources that share tables, and of changelogs

    session_timeout_s: float = 15  # a silent worker loses its partitions after
    heartbeat_s: float = 3
    rebalance_timeout_s: float = 45  # for all members to join again
    drain_timeout_s: float = 20  # for batches to be done when partitions leave, else the worker gives up
    metadata_max_age_s: float = 10  # a leader that saw no topics after an outage assigns none for so long
    request_timeout_s: float = 30  # of the broker; not under the session timeout
    commit_interval_s: float = 0.5
    look_s: float = 10  # between looks whether somebody else wrote to a changelog of ours
    end_within_s: float = 20  # after a failure; a worker that has not stopped in order by then is ended
    batch_timeout_s: float = 90  # a batch under way for longer ends the worker; over the request timeout

    max_poll_records: int = 1000
    fetch_max_bytes: int = 1_048_576  # of a partition; one larger record still comes
    fetch_max_wait_s: float = 0.05  # an idle fetch holds back the other partitions of its broker this long
    deliveries: int = 8  # waiting for an agent
    max_inflight: int = 16  # batches on their way at once
    max_batch_bytes: int = 900_000  # of a record batch; under the broker's max.message.bytes
    linger_s: float = 0.005

    def for_faust(self) -> dict[str, Any]:
        """The same in Faust's words."""
        return {
            "broker": self.broker,
            "store": self.store,
            "datadir": str(self.datadir),
            "autodiscover": False,
            "topic_partitions": self.partitions,
            "topic_allow_declare": False,
            "topic_disable_leader": True,
            "table_standby_replicas": 0,
            "broker_session_timeout": self.session_timeout_s,
            "broker_heartbeat_interval": self.heartbeat_s,
            "broker_rebalance_timeout": self.rebalance_timeout_s,
            "consumer_metadata_max_age_ms": int(self.metadata_max_age_s * 1000),
            "broker_request_timeout": self.request_timeout_s,
            "broker_commit_interval": self.commit_interval_s,
            "broker_max_poll_records": self.max_poll_records,
            "consumer_max_fetch_size": self.fetch_max_bytes,
            "producer_request_timeout": self.request_timeout_s,
            "producer_linger": self.linger_s,
            "producer_max_batch_size": self.max_batch_bytes,
            "producer_max_request_size": self.max_batch_bytes,
        }
