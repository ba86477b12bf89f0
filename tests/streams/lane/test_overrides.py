"""The lane leans on private code of Faust, mode and aiokafka: noticed here when an upgrade changes it."""

import hashlib
import inspect
from pkgutil import resolve_name

import pytest
from mode.services import ServiceTask

from streams.lane.app import LaneApp
from streams.lane.collection import LaneCollection
from streams.lane.consumer import LaneConsumer, LaneTransport, WholePolls
from streams.lane.delivery import DeliverySchema
from streams.lane.process import QuietWorker, WithoutWeb
from streams.lane.recovery import LaneRecovery, LaneTableManager
from streams.lane.rocks import RocksStore
from streams.lane.stores import LaneStore, MemoryStore
from streams.lane.table import LaneTable
from streams.lane.transport import LaneProducer, LaneThread

OURS = (
    DeliverySchema, LaneApp, LaneCollection, LaneConsumer, LaneProducer, LaneRecovery, LaneStore, LaneTable,
    LaneTableManager, LaneThread, LaneTransport, MemoryStore, QuietWorker, RocksStore, WholePolls,
    WithoutWeb,
)  # fmt: skip

# what to look at again, then the stock code it hangs on and the first digits of its SHA-256
STOCK = {
    "what is committed, and when (consumer.py: progress instead of Faust's acknowledgements)": {
        "faust.transport.consumer:Consumer._filter_tps_with_pending_acks": "f6f923977423",
        "faust.transport.consumer:Consumer._filter_committable_offsets": "dc5e9baf5d99",
        "faust.transport.consumer:Consumer._should_commit": "5ce941793947",
        "faust.transport.consumer:Consumer._new_offset": "1d2c7ea89a7a",
        "faust.transport.consumer:Consumer.force_commit": "cc094614d22c",
        "faust.transport.consumer:Consumer.commit": "a354437baaa0",
        "faust.transport.consumer:Consumer._commit_tps": "a20e230b05ae",
        "faust.transport.consumer:Consumer._commit_offsets": "1a6979904118",
        "faust.transport.consumer:Consumer.maybe_wait_for_commit_to_finish": "d687f63a0b5e",
        "faust.transport.consumer:Consumer.wait_empty": "e4662fe24f09",
        "faust.transport.consumer:Consumer.on_stop": "45b1d2210ce2",
    },
    "how polls become messages (consumer.py: one message of all records of a partition)": {
        "faust.transport.consumer:Consumer.getmany": "4b168d84882a",
        "faust.transport.consumer:Consumer._wait_next_records": "6218e1969a63",
        "faust.transport.consumer:Consumer._drain_messages": "44a2500309e8",
        "faust.transport.consumer:Consumer.on_buffer_full": "c8961679e0bc",
        "faust.transport.consumer:ThreadDelegateConsumer._getmany": "f9d47aa9010b",
        "faust.transport.drivers.aiokafka:Consumer._to_message": "7c24f6511b2f",
        "faust.transport.drivers.aiokafka:Consumer._new_consumer_thread": "0870ec53dea7",
        "faust.transport.drivers.aiokafka:Consumer.verify_event_path": "a17e8f0610e1",
        "faust.transport.conductor:Conductor._update_indices": "619b3247b96a",
        "faust.transport.conductor:ConductorCompiler.build": "837cf521368c",
        "faust.serializers.schemas:Schema.compile": "d46eec5ce319",
        "faust.serializers.schemas:Schema.loads_key": "9adc30303f20",
        "faust.serializers.schemas:Schema.loads_value": "61a4628b4e09",
    },
    "partitions come and go (consumer.py, app.py: finish, commit, forget, tell)": {
        "faust.transport.consumer:Consumer.perform_seek": "0e8c130ff4b0",
        "faust.transport.consumer:Consumer.on_partitions_revoked": "d04b7ae72c6f",
        "faust.transport.consumer:Consumer.on_partitions_assigned": "29ce96596f05",
        "faust.app.base:App._on_partitions_revoked": "d5c895bbe57d",
        "faust.app.base:App._on_partitions_assigned": "de932b7927db",
        "faust.app.base:App._update_assignment": "39d9f315c122",
        "faust.app.base:App._stop_consumer": "55854a5de12c",
    },
    "the fetching thread (transport.py: own settings, seeks, positions behind holes)": {
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.__post_init__": "913dc7c0d957",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer": "c2701bfc3e6f",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.seek_to_committed": "775ab0adc4b0",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._fetch_records": "39a2c6c79fc1",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.getmany": "26fc5fc9f3b6",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._commit": "932852ce7a23",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.highwaters": "b49ed48ec173",
        "faust.transport.consumer:ConsumerThread.on_partitions_revoked": "c44013f1259c",
        "faust.transport.consumer:ConsumerThread.on_partitions_assigned": "e59e8dda4372",
        "mode.services:Service.wait": "6a532eb86923",
        "mode.services:Service.wait_first": "feade6a31f8a",
        "aiokafka.consumer.fetcher:Fetcher.fetched_records": "be4348896b9b",
        "aiokafka.consumer.fetcher:FetchResult.getall": "3e717e30de50",
        "aiokafka.consumer.fetcher:FetchResult._update_position": "83fb1473bf10",
        "aiokafka.consumer.fetcher:PartitionRecords._unpack_records": "b803e6d46480",
        "aiokafka.consumer.group_coordinator:GroupCoordinator.fetch_committed_offsets": "6c049c737916",
        "aiokafka.consumer.subscription_state:TopicPartitionState.has_valid_position": "ebe7c39d949a",
        "aiokafka.consumer.subscription_state:TopicPartitionState.position": "816b6b289bd1",
    },
    "how record batches reach the broker (transport.py, pipeline.py: ready-made, idempotent, in order)": {
        "faust.transport.drivers.aiokafka:Producer._settings_default": "9c39987fb719",
        "faust.transport.drivers.aiokafka:Producer._settings_extra": "a4c7bc41b638",
        "faust.transport.drivers.aiokafka:Producer._new_producer": "e72355c3430e",
        "faust.transport.drivers.aiokafka:Producer._ensure_producer": "5592a4bbdf25",
        "faust.transport.drivers.aiokafka:Producer.flush": "36d0cb3615f6",
        "aiokafka.producer.producer:AIOKafkaProducer.create_batch": "c4efda4bb7a0",
        "aiokafka.producer.producer:AIOKafkaProducer.send_batch": "bf42b0f0c5c0",
        "aiokafka.producer.message_accumulator:MessageAccumulator.add_batch": "5ed1c5b1367a",
        "aiokafka.producer.message_accumulator:MessageBatch.done": "2d765e5c2dc8",
        "aiokafka.producer.message_accumulator:BatchBuilder.append": "657d76f55157",
        "aiokafka.producer.sender:SendProduceReqHandler.handle_response": "850323cc8f77",
    },
    "recovery (recovery.py: the store says where to read on; hold the flow until every seek is done)": {
        "faust.tables.recovery:Recovery._add": "1584a197b11b",
        "faust.tables.recovery:Recovery.revoke": "779302ebfab0",
        "faust.tables.recovery:Recovery.on_rebalance": "aa4d997a1795",
        "faust.tables.recovery:Recovery.on_partitions_revoked": "161b5e997f7c",
        "faust.tables.recovery:Recovery._restart_recovery": "6bd8a8558a2d",
        "faust.tables.recovery:Recovery._resume_streams": "d986a6710c1a",
        "faust.tables.recovery:Recovery._wait": "ec7429b70176",
        "faust.tables.recovery:Recovery.on_recovery_completed": "6ef567acf072",
        "faust.tables.recovery:Recovery._build_highwaters": "91b4cc0d3724",
        "faust.tables.recovery:Recovery._build_offsets": "27eec86be06c",
        "faust.tables.recovery:Recovery._seek_offsets": "19598ca63d94",
        "faust.tables.recovery:Recovery._slurp_changelogs": "7825c7e50f76",
        "faust.tables.recovery:Recovery.flush_buffers": "6fa9c17f1071",
        "faust.tables.recovery:Recovery.need_recovery": "fd1dc345b5d5",
        "faust.tables.manager:TableManager.recovery": "f0bf5de78b4c",
        "faust.tables.manager:TableManager.changelog_queue": "9c7f4cac57ef",
        "faust.tables.manager:TableManager.on_rebalance": "2d2c23a07bf5",
        "faust.tables.manager:TableManager._update_channels": "88e3941facc9",
    },
    "tables and stores as Faust sees them (collection.py, stores.py)": {
        "faust.tables.base:Collection.__init__": "95568fc09c76",
        "faust.tables.base:Collection.data": "ade4a02ddd55",
        "faust.tables.base:Collection._new_store_by_url": "343a8125107d",
        "faust.tables.base:Collection._new_changelog_topic": "77bea64b59f7",
        "faust.tables.base:Collection.on_start": "daddcc354ad0",
        "faust.tables.base:Collection.persisted_offset": "d473d3ab3fd6",
        "faust.tables.base:Collection.apply_changelog_batch": "b980a78d3ae9",
        "faust.tables.base:Collection._changelog_topic_name": "f341fe97037b",
        "faust.tables.base:Collection._has_key": "73acc2f00b7c",
        "faust.tables.base:Collection._get_key": "267993d501fe",
        "faust.tables.base:Collection._set_key": "bc5d42179f59",
        "faust.tables.base:Collection._del_key": "c440532ee71a",
        "faust.tables.base:Collection._verify_source_topic_partitions": "6814da56b0d8",
        "faust.tables.base:Collection.on_rebalance": "0812ad692171",
        "faust.tables.base:Collection.on_recovery_completed": "b1526fb39ea0",
        "faust.stores.base:Store.__init__": "d1705e3cfe39",
    },
    "how a failure ends the worker (pipeline.py, app.py)": {
        "faust.agents.agent:Agent._execute_actor": "c750b828d2bd",
        "mode.supervisors:CrashingSupervisor._contribute_to_service": "02faf60d8b7f",
        "mode.supervisors:CrashingSupervisor.wakeup": "4200e8caee84",
        "mode.services:Service.crash": "14980000465d",
    },
    "the level of logs (process.py: no spinner that sets all to DEBUG)": {
        "faust.worker:Worker._setup_spinner_handler": "18cb28ef5b3d",
        "faust.worker:Worker.on_setup_root_logger": "0d468284fb5c",
    },
    "the web server stays off (process.py)": {
        "faust.app.base:BootStrategy.web_server": "3caebb79a3b3",
        "faust.app.base:BootStrategy._should_enable_web": "2b6c66a4448a",
        "faust.app.base:App.worker_init_post_autodiscover": "f69e34079ab8",
    },
}
WATCHED = {name for names in STOCK.values() for name in names}


def source_of(name: str) -> str:
    target = resolve_name(name)
    if isinstance(target, property):
        target = target.fget
    if isinstance(target, ServiceTask):
        target = target.fun
    return inspect.getsource(target)


@pytest.mark.parametrize(
    ("why", "name", "known"),
    [(why, name, known) for why, names in STOCK.items() for name, known in names.items()],
    ids=lambda value: value if ":" in value and " " not in value else "",
)
def test_stock_code_is_what_the_lane_was_written_against(why: str, name: str, known: str) -> None:
    now = hashlib.sha256(source_of(name).encode()).hexdigest()[:12]
    assert now == known, (
        f"{name} changed. Read it, re-check {why}, run tests/streams/lane, then write {now!r} here."
    )


@pytest.mark.parametrize("cls", OURS)
def test_every_private_method_that_is_replaced_is_watched(cls: type) -> None:
    names = [name for name in vars(cls) if name.startswith("_") and not name.startswith("__")]
    stock = [base for base in cls.__mro__[1:] if base.__module__.startswith(("faust.", "mode.", "aiokafka."))]
    for name in names:
        replaced = next((base for base in stock if callable(vars(base).get(name))), None)
        if replaced is not None and not replaced.__module__.startswith("faust.types"):
            assert f"{replaced.__module__}:{replaced.__qualname__}.{name}" in WATCHED
