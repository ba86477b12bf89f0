"""Settings of a process: environment variables, read once into one frozen object.

``python -m runtime.config`` prints ``.env.example``: each variable with its meaning and default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time, timedelta

from rules.policy import Policy
from runtime.common_settings import CommonSettings
from runtime.process_settings import ProcessSettings
from runtime.setting import BadConfig, read

__all__ = ["BadConfig", "Config", "example"]

EXAMPLE_SECRETS = ("example-", "change-me")


@dataclass(frozen=True, kw_only=True)
class Config(ProcessSettings, CommonSettings):
    """Every setting. The variable of a field is its name in capitals; units stand last in the name."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Config":
        """Read the environment. Raises ``BadConfig`` with the variable and the reason."""
        env = os.environ if env is None else env
        config = cls(**{f.name: read(f, env[f.name.upper()]) for f in fields(cls) if f.name.upper() in env})
        config.refuse_examples()
        return config

    def refuse_examples(self) -> None:
        """Raise ``BadConfig`` if an example secret is used outside demo and development."""
        if self.environment in ("demo", "development"):
            return
        for f in fields(self):
            value = str(getattr(self, f.name))
            if f.metadata.get("secret") and value.startswith(EXAMPLE_SECRETS):
                raise BadConfig(f"{f.name.upper()} is the example secret: set one of your own")

    def signing_tokens(self) -> tuple[str, ...]:
        """The tokens that may sign a webhook."""
        further = (part.strip() for part in self.plivo_webhook_tokens.split(","))
        return tuple(token for token in (self.plivo_auth_token, *further) if token)

    def policy(self) -> Policy:
        """The part that the rules ask for."""
        return Policy(
            reference_key=self.reference_secret.encode(),
            link_key=self.link_secret.encode(),
            public_url=self.public_url.rstrip("/"),
            support_contact=self.support_contact,
            partitions=self.partitions,
            countries=frozenset(part.strip().upper() for part in self.countries.split(",")),
            leads=tuple(_s(float(part)) for part in self.reminder_leads_s.split(",")),
            settling=_s(self.settling_s),
            at_once_before_start=_s(self.at_once_before_start_s),
            latest_after_cause=_s(self.latest_after_cause_s),
            day_of_latest_after_cause=_s(self.day_of_latest_s),
            latest_after_start=_s(self.latest_after_start_s),
            reply_latest=_s(self.reply_latest_s),
            quiet_from=time.fromisoformat(self.quiet_from),
            quiet_until=time.fromisoformat(self.quiet_until),
            default_zone=self.default_zone,
            hold=_s(self.hold_s),
            help_answers_per_hour=self.help_answers_per_hour,
            carrier_auto_replies=self.carrier_auto_replies,
            start_needs_list=self.start_needs_list,
            keep_after_start=_s(self.keep_after_start_s),
        )


def example() -> str:
    """The text of ``.env.example``."""
    lines = ["# Every setting with its meaning and default. Copy to .env and change what differs.", ""]
    for f in fields(Config):
        lines += [f"# {f.metadata['meaning']}", f"{f.name.upper()}={f.default}", ""]
    return "\n".join(lines)


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


if __name__ == "__main__":
    print(example())  # noqa: T201  the command's output
