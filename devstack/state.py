"""What a stack remembers between commands: its ports, its cluster, its processes. One JSON file."""

import json
from dataclasses import asdict, dataclass, field, replace
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

    def alive(self) -> dict[str, Process]:
        """All live processes by name."""
        return {name: process for name, process in self.processes.items() if process.alive()}

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
        return _read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise StackError(
            f"{path} is not what devstack writes ({error!r}). End the servers of this directory by hand if "
            "any run, remove the directory, and start again."
        ) from error


def _read(text: str) -> State:
    kept = json.loads(text)
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
        seats = _seats(size, wish.kafka_port)
        return State(new_cluster_id(), seats, _valkey_port(wish.valkey_port, seats))
    if size != len(kept.seats):
        raise StackError(
            f"The data here belong to a cluster of {len(kept.seats)} broker(s), not {size}: take another "
            "directory, or remove them with `python -m devstack stop --wipe`."
        )
    seats = _kept_seats(kept, wish.kafka_port)
    return replace(kept, seats=seats, valkey_port=_kept_valkey_port(kept, wish.valkey_port, seats))


def _kept_seats(kept: State, wished: int | None) -> tuple[Seat, ...]:
    first = kept.seats[0].client_port
    if kept.alive().keys() - {"valkey"}:
        _refuse_move("Kafka", first, wished)
        return kept.seats
    good = wished in (None, first) and all(map(ports.is_free, _listening(kept.seats)))
    return kept.seats if good else _seats(len(kept.seats), wished)


def _kept_valkey_port(kept: State, wished: int | None, seats: tuple[Seat, ...]) -> int:
    if "valkey" in kept.alive():
        _refuse_move("Valkey", kept.valkey_port, wished)
        return kept.valkey_port
    old = kept.valkey_port
    good = wished in (None, old) and ports.is_free(old) and old not in _listening(seats)
    return old if good else _valkey_port(wished, seats)


def _refuse_move(name: str, port: int, wished: int | None) -> None:
    if wished not in (None, port):
        raise StackError(f"{name} already runs on port {port}: stop it before it can start on {wished}.")


def _seats(size: int, first: int | None) -> tuple[Seat, ...]:
    """Ports for each broker; those for clients follow each other from `first`, if given."""
    clients = ports.choose(size) if first is None else [_wanted(first + step) for step in range(size)]
    controllers = ports.choose(size, taken=frozenset(clients))
    return tuple(Seat(client, controller) for client, controller in zip(clients, controllers, strict=True))


def _valkey_port(wished: int | None, seats: tuple[Seat, ...]) -> int:
    taken = _listening(seats)
    return ports.choose(1, taken)[0] if wished is None else _wanted(wished, taken)


def _wanted(port: int, taken: frozenset[int] = frozenset()) -> int:
    if port in taken or not ports.is_free(port):
        raise StackError(f"Port {port} is taken already: free it, or let devstack choose.")
    return port


def _listening(seats: tuple[Seat, ...]) -> frozenset[int]:
    return frozenset(port for seat in seats for port in (seat.client_port, seat.controller_port))
