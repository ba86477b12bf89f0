"""What a command says where a server is away, and what to do about it."""

from runtime.config import Config


def kafka_away(config: Config, error: BaseException) -> str:
    """One line: Kafka does not answer, and how to go on."""
    return (
        f"Kafka at {config.kafka_bootstrap_servers} does not answer ({type(error).__name__}):"
        " start it (`reminders up` starts one here), or correct KAFKA_BOOTSTRAP_SERVERS."
    )
