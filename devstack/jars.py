"""Kafka's jars: pinned with their hashes in `jars.lock`, fetched once from Maven Central by jgo (no mvn)."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from devstack.errors import StackError

KAFKA_VERSION = "4.4.0"
ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
LOCK = Path(__file__).with_name("jars.lock")
_DOWNLOADS = 8


def classpath(lock: Path = LOCK) -> str:
    """Every locked jar, checked against its hash, joined for `java -cp`; what is missing is fetched first."""
    pins = read_lock(lock)
    store = repository()
    with _alone(store), ThreadPoolExecutor(_DOWNLOADS) as pool:
        jars = pool.map(lambda pin: _jar(store, *pin), pins.items())
        return os.pathsep.join(str(jar) for jar in jars)


def read_lock(lock: Path = LOCK) -> dict[str, str]:
    """Maven coordinate (`group:artifact:version`) to SHA-256, in class path order."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {coordinate: sha256 for coordinate, _, sha256 in (line.partition(" ") for line in lines)}


def write_lock(lock: Path = LOCK) -> int:
    """Resolve ENDPOINT anew and pin what it needs (for an upgrade of Kafka); how many jars that is."""
    import jgo  # noqa: PLC0415 - half a second that only a download needs

    artifacts = jgo.resolve(ENDPOINT)
    lines = [f"{a.groupId}:{a.artifactId}:{a.version} {_sha256(Path(a.resolve()))}\n" for a in artifacts]
    lock.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def repository() -> Path:
    """Where Maven, and so jgo, keeps jars: M2_REPO or ~/.m2/repository."""
    given = os.environ.get("M2_REPO")
    return Path(given).expanduser() if given else Path.home() / ".m2" / "repository"


def _jar(store: Path, coordinate: str, sha256: str) -> Path:
    group, artifact, version = coordinate.split(":")
    path = store.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")
    if path.exists() and _sha256(path) != sha256:
        path.unlink()  # a download was cut short
    if not path.exists():
        _fetch(store, coordinate)
    if not path.exists() or _sha256(path) != sha256:
        path.unlink(missing_ok=True)
        raise StackError(
            f"What Maven Central gave for {coordinate} is not the jar pinned in devstack/jars.lock: it was "
            "cut short, or altered on the way. Start again."
        )
    return path


def _fetch(store: Path, coordinate: str) -> None:
    try:
        from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415 - only a download needs it
        from jgo.maven import MavenContext  # noqa: PLC0415 - only a download needs it
    except ImportError as error:
        raise StackError(
            f"Kafka's jars are not in {store} yet, and the Python package jgo, which fetches them, is not "
            "installed. Install the locked requirements (`make env`), or set KAFKA_BOOTSTRAP_SERVERS to a "
            "Kafka that runs already."
        ) from error

    context = MavenContext(repo_cache=store, remote_repos={"central": MAVEN_CENTRAL_URL})
    try:
        context.create_dependency(coordinate).artifact.resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
        raise StackError(
            f"Could not fetch {coordinate} from Maven Central ({error}). Kafka's jars are fetched once (45 "
            f"files, 43 MB, kept in {store}). Check the network (HTTPS_PROXY and REQUESTS_CA_BUNDLE are "
            "honoured) and start again, or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already."
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """One process at a time fetches into the store."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".devstack.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
