"""Settings of a process: environment variables, read once into one frozen object.

``python -m runtime.config`` prints ``.env.example``: each variable with its meaning and default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time, timedelta
from typing import Any

from rules.policy import Policy

EXAMPLE_SECRETS = ("example-", "change-me")


class BadConfig(Exception):
    """A setting is missing or cannot be read; says which and what to do."""


def _setting(default: str, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"meaning": meaning, "secret": secret})


def _number(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting. The variable of a field is its name in capitals; units stand last in the name."""

    environment: str = _setting(
        "development", "demo, development or production; example secrets pass only in demo"
    )
    # servers
    kafka_bootstrap_servers: str = _setting("127.0.0.1:9092", "Kafka, host:port, several with commas")
    redis_url: str = _setting("redis://127.0.0.1:6379/0", "Valkey or Redis, the sender's gate")
    records_url: str = _setting("sqlite:///.run/records.sqlite", "SQLAlchemy URL of the records")
    data_dir: str = _setting(".run", "where this process keeps table stores, spools and ledgers")
    store: str = _setting("rocksdb", "rocksdb or memory: where the worker's tables live")
    app_id: str = _setting("sms-reminders", "name of the worker's consumer group and changelogs")
    partitions: int = _number(12, "partitions of every phone-keyed topic; never changed later")
    replication: int = _number(1, "copies of each topic; 3 in production")
    min_insync_replicas: int = _number(1, "copies that must have a record; 2 in production")
    topics_timeout_s: float = _number(30, "to make or check all topics")
    # secrets
    reference_secret: str = _setting(
        "example-reference", "permanent: phone references and text ids hang on it", secret=True
    )
    link_secret: str = _setting("example-link", "behind manage links and invitations", secret=True)
    evidence_secret: str = _setting(
        "example-evidence", "permanent: opens the sealed evidence of consents", secret=True
    )
    callback_secret: str = _setting("example-callback", "behind the paths of status callbacks", secret=True)
    webhook_secrets: str = _setting(
        "example-path",
        "secret path parts of the webhooks, at most two with a comma, newest first",
        secret=True,
    )
    api_tokens: str = _setting(
        "",
        "sha256 of tokens for API and pages: HEX:workspace:role:LAST-DAY:name with commas; "
        "workspace * is any; `reminders token` makes one",
        secret=True,
    )
    # carrier
    plivo_auth_id: str = _setting("MAXXXXXXXXXXXXXXXXXX", "Plivo account; example ids only reach a simulator")
    plivo_auth_token: str = _setting("example-token", "Plivo token: sends and verifies webhooks", secret=True)
    plivo_webhook_tokens: str = _setting(
        "", "further tokens that may sign webhooks (main account, the one before), with commas", secret=True
    )
    plivo_api_base: str = _setting("http://127.0.0.1:8070", "https://api.plivo.com, or the simulator")
    sender_number: str = _setting("+13306619491", "the number all texts come from")
    text_only: str = _setting(
        "", "comma list of numbers: any other ends test_only; needed with Plivo outside production"
    )
    account_rate_per_s: float = _number(5, "segments a second of the carrier account")
    number_rate_per_s: float = _number(1, "segments a second of the sender number")
    connect_timeout_s: float = _number(3.05, "to reach the carrier")
    read_timeout_s: float = _number(8, "for the carrier's answer")
    post_threads: int = _number(8, "sends under way at once in one sender")
    # participants
    public_url: str = _setting(
        "http://127.0.0.1:8080", "the gateway as participants and the carrier reach it"
    )
    support_contact: str = _setting("help@example.org", "shown by HELP and on the pages")
    privacy_url: str = _setting("https://example.org/privacy", "Privacy Policy")
    terms_url: str = _setting("https://example.org/terms", "Terms of Service")
    countries: str = _setting("US,CA", "ISO regions whose numbers are served")
    default_zone: str = _setting("America/New_York", "zone where nothing else names one")
    # rules
    reminder_leads_s: str = _setting("900", "seconds before the start, several with commas")
    settling_s: float = _number(60, "a schedule change waits this long for the next")
    at_once_before_start_s: float = _number(1800, "nearer to the start, a change is told at once")
    latest_after_cause_s: float = _number(21600, "confirmation and change, quiet hours not counted")
    day_of_latest_s: float = _number(86400, "a day-of update after its cause")
    latest_after_start_s: float = _number(900, "cancellation and day-of update")
    reply_latest_s: float = _number(300, "an answer after our receipt of the text")
    quiet_from: str = _setting("21:00", "quiet hours begin, in the participant's zone")
    quiet_until: str = _setting("08:00", "quiet hours end; equal to quiet_from: none")
    hold_s: float = _number(86400, "an unclear reply holds the phone; no answer means opt-out")
    help_answers_per_hour: int = _number(3, "answers to HELP, a phone")
    carrier_auto_replies: str = _setting(
        "auto", "auto, always or never: does the carrier answer STOP and HELP"
    )
    start_needs_list: bool = _number(True, "START waits for the carrier's list even where V3 was seen")
    keep_after_start_s: float = _number(2592000, "events leave the tables this long after their last start")
    # worker
    session_timeout_s: float = _number(15, "a silent worker or sender loses its partitions after")
    commit_interval_s: float = _number(0.5, "offsets are committed this often")
    tick_retry_s: float = _number(5, "the clock ticks a text again after, doubling")
    tick_retry_max_s: float = _number(60, "but not slower than")
    barrier_alert_s: float = _number(30, "an input barrier closed longer raises an alert")
    # sender
    kafka_timeout_s: float = _number(5, "for an acknowledgement; unclear counts as written")
    claim_valid_s: float = _number(30, "a claim that comes later to the gate is given up")
    token_ahead_s: float = _number(0.2, "a claim is made when a token of the rate is expected within")
    token_grace_s: float = _number(0.05, "a free token waits for another sender's earlier deadline")
    rate_slack_s: float = _number(
        0.06, "jitter after which a late token is not lost; not under TOKEN_GRACE_S"
    )
    gate_timeout_s: float = _number(1, "for Redis to answer the sender; no answer, no send")
    retry_first_s: float = _number(1, "a refused text is tried again after, doubling")
    retry_max_s: float = _number(30, "but not slower than")
    credit_pause_s: float = _number(120, "without credit the carrier refuses all sends for so long")
    sweep_s: float = _number(0.5, "what waits or is unclear is looked at again")
    backlog_max: int = _number(50_000, "texts that wait in one sender; above it no more are read for a while")
    start_look_s: float = _number(3600, "a START that the carrier's list does not show is given up")
    gateway_grace_s: float = _number(
        2, "after a loss of Redis, for gateways to say that they hold spooled flags"
    )
    journal_back_s: float = _number(93600, "the journal is read at least so far back for late reports")
    claim_deadline_s: float = _number(2, "between the gate's yes and the first byte")
    drain_s: float = _number(2, "a send that passed the gate may start within; bound of STOP")
    quiet_s: float = _number(90, "an unknown send without evidence is settled after")
    list_interval_s: float = _number(15, "between looks into the carrier's list")
    list_per_minute: int = _number(20, "looks allowed a minute by the carrier")
    reminder_policy: str = _setting("verified", "strict or verified: may a reminder get a second try")
    revoke_wait_s: float = _number(10, "for running sends when partitions leave")
    rebalance_timeout_s: float = _number(20, "for all members of a group to join again")
    # what processes show of themselves: /health, /ready, /metrics
    metrics_host: str = _setting("127.0.0.1", "address they are shown on")
    worker_metrics_port: int = _number(0, "port of the worker's; 0 shows nothing")
    sender_metrics_port: int = _number(0, "port of the sender's")
    archive_metrics_port: int = _number(0, "port of the archive's")
    # archive
    archive_look_s: float = _number(15, "the archive counts what is overdue, unclear and coming once in")
    records_kept_days: str = _setting(
        "bookings=730,sign_ups=730,inbound=730,texts=1826,steps=1826,notices=730,dead_letters=90,openings=3652",
        "how long each table of the records keeps its rows; one that is not named keeps them for ever",
    )
    evidence_kept_days: float = _number(
        1826, "sealed evidence of a person is closed for ever so long after the last consent or text"
    )
    topics_kept_days: str = _setting(
        "", "retention of topics where it differs from the default: booking-events=14,... for new topics"
    )
    archive_tidy_s: float = _number(3600, "the archive lets go of what is too old once in")
    archive_retry_s: float = _number(1, "after a failure of Kafka or the database, the archive goes on after")
    # gateway
    gateway_host: str = _setting("127.0.0.1", "address the gateway listens on")
    gateway_port: int = _number(8080, "port the gateway listens on")
    signatures: str = _setting("v3-or-v2", "v3-or-v2, v3 or v2: what a webhook must carry")
    webhook_timeout_s: float = _number(5, "for Kafka's acknowledgement before a webhook is spooled")
    spool_interval_s: float = _number(1, "between tries to bring Kafka what it did not take")
    reconnect_s: float = _number(1, "between tries to reach Kafka when the gateway starts without it")
    redis_timeout_s: float = _number(0.5, "for an answer of Redis; a webhook goes on without it")
    records_timeout_s: float = _number(3, "for an answer of the records to a page")
    flag_alert_s: float = _number(2, "a STOP not confirmed by Redis for longer raises an alert")
    drain_poll_s: float = _number(0.05, "between looks whether sends of a stopped phone are still under way")
    receipt_memory_s: float = _number(
        172800, "the first receipt of a reply is remembered; the carrier repeats"
    )
    trusted_proxies: str = _setting(
        "127.0.0.1", "proxies whose X-Forwarded-For names the visitor, with commas"
    )
    invitation_valid_s: float = _number(5184000, "an invitation made over the API, if it names no end")
    form_valid_s: float = _number(86400, "a sign-up form that was opened may be sent within")
    our_addresses: str = _setting(
        "", "addresses that our senders post from, with commas: a report naming another raises an alert"
    )
    session_valid_s: float = _number(28800, "staff is signed in to the admin pages for")
    api_per_minute: int = _number(1200, "requests of one API token a minute; more get 429")
    wrong_tokens_per_hour: int = _number(20, "wrong tokens from one address an hour; more get 429")
    wrong_links_per_hour: int = _number(60, "manage links that never were, from one address an hour")
    sign_ups_per_phone_day: int = _number(3, "sign-ups of one phone a day")
    sign_ups_per_ip_hour: int = _number(10, "sign-ups from one address an hour")
    sign_ups_per_page_hour: int = _number(20, "sign-ups by one invitation an hour")
    sign_ups_per_prefix_hour: int = _number(20, "sign-ups of numbers that begin with the same seven digits")
    sign_ups_per_workspace_hour: int = _number(500, "sign-ups of one workspace an hour")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Config":
        """Read the environment. Raises ``BadConfig`` with the variable and the reason."""
        env = os.environ if env is None else env
        config = cls(**{f.name: _read(f, env[f.name.upper()]) for f in fields(cls) if f.name.upper() in env})
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


def _read(f: Any, raw: str) -> Any:
    kind = f.type if isinstance(f.type, type) else {"int": int, "float": float, "bool": bool}.get(f.type, str)
    try:
        return raw.lower() in ("1", "true", "yes") if kind is bool else kind(raw)
    except ValueError:
        raise BadConfig(f"{f.name.upper()}={raw!r} is not a number") from None


if __name__ == "__main__":
    print(example())  # noqa: T201  the command's output
