"""What a send writes down: in the journal, and read back from there before it goes on."""

import asyncio

import structlog

from schemas.journal import JournalRecord
from sender.journal import UNCLEAR, Journal
from sender.partition import Partition
from sender.pending import PartitionGone

log = structlog.get_logger()


class Notes:
    """Records of one process's partitions."""

    def __init__(self, journal: Journal, retry_s: float) -> None:
        self._journal, self._retry_s = journal, retry_s

    async def write(self, partition: Partition, record: JournalRecord) -> None:
        """Return when it was read back. Raises one of ``UNCLEAR``, or ``PartitionGone``."""
        await partition.read_past(await self._journal.append(record))

    async def keep_writing(self, partition: Partition, record: JournalRecord) -> None:
        """An outcome is written down however long Kafka is away; twice does no harm."""
        while True:
            try:
                return await self.write(partition, record)
            except UNCLEAR as error:
                log.warning("outcome_not_noted", text_id=record.text.text_id, error=type(error).__name__)
                if partition.closed:
                    raise PartitionGone from error
                await asyncio.sleep(self._retry_s)
