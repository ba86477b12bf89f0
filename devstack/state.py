"""What a stack remembers between commands: its ports, its cluster, its processes. One JSON file."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from devstack import ports
from devstack.errors import StackError
from devstack.kafka import Seat, new_cluster_id
from devstack.process import Process


@dataclass
class State:
    """The content of `state.json`."""

    cluster_id: str
    seats: tuple[Seat, ...]
    valkey_port: int
    processes: dict[str, Process] = field(default_factory=dict)

    def running(self, name: str) -> Process | None:
        """The live process of that name."""
        process = self.processes.get(name)
        return process if process and process.alive() else None

    def save(self, path: Path) -> None:
        """Write it in one step, so that no reader meets half of it."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        draft.replace(path)


@dataclass(frozen=True)
class Wish:
    """What the caller asked for; None leaves it as it was, or to us."""

    brokers: int | None = None
    kafka_port: int | None = None
    valkey_port: int | None = None


def load(path: Path) -> State | None:
    """The state kept there; None if there is none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return State(
        cluster_id=kept["cluster_id"],
        seats=tuple(Seat(**seat) for seat in kept["seats"]),
        valkey_port=kept["valkey_port"],
        processes={name: Process(**process) for name, process in kept["processes"].items()},
    )


def plan(kept: State | None, wish: Wish) -> State:
    """The state to start with: what was kept, on its old ports unless others hold them now."""
    size = wish.brokers or (len(kept.seats) if kept else 1)
    if size not in (1, 3):
        raise StackError(f"A cluster here has 1 or 3 brokers, not {size}.")
    if kept is None:
        return State(new_cluster_id(), _seats(size, wish.kafka_port), _valkey_port(wish.valkey_port))
    if size != len(kept.seats):
        raise StackError(
            f"The data here belong to a cluster of {len(kept.seats)} broker(s), not {size}: take another "
            "directory, or remove them with `python -m devstack stop --wipe`."
        )
    if not any(kept.running(name) for name in kept.processes if name != "valkey"):
        kept.seats = _moved_seats(kept.seats, wish.kafka_port)
    if not kept.running("valkey") and not _still_good(kept.valkey_port, wish.valkey_port):
        kept.valkey_port = _valkey_port(wish.valkey_port)
    return kept


def _moved_seats(seats: tuple[Seat, ...], wished: int | None) -> tuple[Seat, ...]:
    listening = [port for seat in seats for port in (seat.client_port, seat.controller_port)]
    if _still_good(seats[0].client_port, wished) and all(ports.is_free(port) for port in listening):
        return seats
    return _seats(len(seats), wished)


def _still_good(port: int, wished: int | None) -> bool:
    return wished in (None, port) and ports.is_free(port)


def _seats(size: int, first: int | None) -> tuple[Seat, ...]:
    """Ports for each broker; those for clients follow each other from `first`, if given."""
    clients = ports.choose(size) if first is None else [_wanted(first + step) for step in range(size)]
    controllers = ports.choose(size, taken=frozenset(clients))
    return tuple(Seat(client, controller) for client, controller in zip(clients, controllers, strict=True))


def _valkey_port(wished: int | None) -> int:
    return ports.choose(1)[0] if wished is None else _wanted(wished)


def _wanted(port: int) -> int:
    if not ports.is_free(port):
        raise StackError(f"Port {port} is taken by another process: free it, or let devstack choose.")
    return port
