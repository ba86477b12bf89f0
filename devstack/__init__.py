"""Real servers without Docker: Apache Kafka and Valkey from Python packages."""

from devstack.errors import StackError
from devstack.stack import Addresses, ServerStatus, Stack

__all__ = ["Addresses", "ServerStatus", "Stack", "StackError"]
