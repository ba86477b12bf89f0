"""`python -m devstack start|stop|status|lock`: real Kafka and Valkey, without Docker."""

import argparse
import os
import sys
from pathlib import Path

from devstack import jars
from devstack.errors import StackError
from devstack.stack import ServerStatus, Stack


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 failed, 3 (of `status`) something does not run."""
    options = _parser().parse_args(argv)
    stack = Stack(
        options.dir,
        options.brokers,
        not options.no_valkey,
        kafka_port=options.kafka_port,
        valkey_port=options.valkey_port,
    )
    try:
        return _COMMANDS[options.command](stack, options)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


def _start(stack: Stack, _options: argparse.Namespace) -> int:
    addresses = stack.start()
    for variable, address in (("KAFKA_BOOTSTRAP_SERVERS", addresses.kafka), ("REDIS_URL", addresses.redis)):
        if address and not os.environ.get(variable):
            print(f"{variable}={address}")
    for server in stack.status():
        print(f"# {_line(server)}")
    print(f"# data and logs: {stack.directory}")
    return 0


def _stop(stack: Stack, options: argparse.Namespace) -> int:
    stack.stop(wipe=options.wipe)
    return 0


def _status(stack: Stack, _options: argparse.Namespace) -> int:
    servers = stack.status()
    for server in servers:
        print(_line(server))
    if not servers:
        print(f"nothing was started in {stack.directory}")
    return 0 if servers and all(server.running for server in servers) else 3


def _lock(_stack: Stack, _options: argparse.Namespace) -> int:
    print(f"{jars.write_lock()} jars pinned for Kafka {jars.KAFKA_VERSION}")
    return 0


def _line(server: ServerStatus) -> str:
    return f"{server.name:8} {server.address}  {_told(server)}"


def _told(server: ServerStatus) -> str:
    if not server.own:
        return "named by the environment, " + ("not started here" if server.running else "does not answer")
    return f"running (pid {server.pid})" if server.running else "stopped"


_COMMANDS = {"start": _start, "stop": _stop, "status": _status, "lock": _lock}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS, help="lock: resolve and pin Kafka's jars anew")
    parser.add_argument("--dir", type=Path, default=Path(".devstack"), help="data, logs, state (.devstack)")
    parser.add_argument("--brokers", type=int, choices=(1, 3), help="size of the cluster (1)")
    parser.add_argument("--kafka-port", type=int, help="of the first broker (a free one)")
    parser.add_argument("--valkey-port", type=int, help="(a free one)")
    parser.add_argument("--no-valkey", action="store_true", help="Kafka only")
    parser.add_argument("--wipe", action="store_true", help="stop: remove data, logs and ports too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
