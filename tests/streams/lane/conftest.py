from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.streams.lane.lab import Lab


@pytest.fixture
async def lab(kafka: str, tmp_path: Path) -> AsyncIterator[Lab]:
    """Fresh topics on real Kafka, and the workers of one test."""
    lab = Lab(kafka, tmp_path)
    await lab.create_topics()
    try:
        yield lab
    finally:
        lab.end()
