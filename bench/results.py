"""``bench/results/latest.json``: the newest figures of each subject, with what they depend on."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine

LATEST = Path(__file__).with_name("results") / "latest.json"


def keep(subject: str, figures: dict[str, Any]) -> None:
    """Replace the figures of one subject; those of the others stay."""
    known = json.loads(LATEST.read_text()) if LATEST.exists() else {}
    known[subject] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **machine.described(), **figures}
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
