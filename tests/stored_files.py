"""Whether a worker's files hold given words: as they stand, or compressed in a table of RocksDB."""

import shutil
from pathlib import Path

from rocksdict import Options, Rdict


def files_with(words: bytes, folder: Path, aside: Path) -> set[str]:
    """Databases below ``folder`` with a file that holds the words; ``aside`` is a folder for the search."""
    found = set()
    for file in [file for file in folder.rglob("*") if file.is_file()]:
        if words in file.read_bytes() or (file.suffix == ".sst" and words in _alone(file, aside)):
            found.add(file.parent.name)
    return found


def _alone(file: Path, aside: Path) -> bytes:
    """Keys and rows of one table, without those that took their place: it is all a new database knows."""
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    shutil.copy(file, aside)
    Rdict.repair(str(aside), Options(raw_mode=True))
    db = Rdict(str(aside), Options(raw_mode=True))
    try:
        return b"\n".join(key + b" " + row for key, row in db.items())
    finally:
        db.close()
