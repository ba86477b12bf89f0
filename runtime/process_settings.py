"""Settings of one process each: worker, sender, archive, gateway."""

from dataclasses import dataclass

from runtime.setting import number, setting


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """How each process goes about its work."""

    # worker
    session_timeout_s: float = number(15, "a silent worker or sender loses its partitions after")
    commit_interval_s: float = number(0.5, "offsets are committed this often")
    tick_retry_s: float = number(5, "the clock ticks a text again after, doubling")
    tick_retry_max_s: float = number(60, "but not slower than")
    barrier_alert_s: float = number(30, "an input barrier closed longer raises an alert")
    # sender
    kafka_timeout_s: float = number(5, "for an acknowledgement; unclear counts as written")
    claim_valid_s: float = number(30, "a claim that comes later to the gate is given up")
    token_ahead_s: float = number(0.2, "a claim is made when a token of the rate is expected within")
    token_grace_s: float = number(0.05, "a free token waits for another sender's earlier deadline")
    rate_slack_s: float = number(0.06, "jitter after which a late token is not lost; not under TOKEN_GRACE_S")
    gate_timeout_s: float = number(1, "for Redis to answer the sender; no answer, no send")
    retry_first_s: float = number(1, "a refused text is tried again after, doubling")
    retry_max_s: float = number(30, "but not slower than")
    credit_pause_s: float = number(120, "without credit the carrier refuses all sends for so long")
    sweep_s: float = number(0.5, "what waits or is unclear is looked at again")
    backlog_max: int = number(50_000, "texts that wait in one sender; above it no more are read for a while")
    start_look_s: float = number(3600, "a START that the carrier's list does not show is given up")
    gateway_grace_s: float = number(
        2, "after a loss of Redis, for gateways to say that they hold spooled flags"
    )
    journal_back_s: float = number(93600, "the journal is read at least so far back for late reports")
    claim_deadline_s: float = number(2, "between the gate's yes and the first byte")
    drain_s: float = number(2, "a send that passed the gate may start within; bound of STOP")
    quiet_s: float = number(90, "an unknown send without evidence is settled after")
    list_interval_s: float = number(15, "between looks into the carrier's list")
    list_per_minute: int = number(20, "looks allowed a minute by the carrier")
    reminder_policy: str = setting("verified", "strict or verified: may a reminder get a second try")
    lost_retry_s: float = number(
        300, "a reminder lost by a network or phone that is away for a while is tried again after"
    )
    revoke_wait_s: float = number(10, "for running sends when partitions leave")
    rebalance_timeout_s: float = number(20, "for all members of a group to join again")
    # what processes show of themselves: /health, /ready, /metrics
    metrics_host: str = setting("127.0.0.1", "address they are shown on")
    worker_metrics_port: int = number(0, "port of the worker's; 0 shows nothing")
    sender_metrics_port: int = number(0, "port of the sender's")
    archive_metrics_port: int = number(0, "port of the archive's")
    # archive
    archive_look_s: float = number(15, "the archive counts what is overdue, unclear and coming once in")
    records_kept_days: str = setting(
        "bookings=730,sign_ups=730,inbound=730,handled_replies=730,texts=1826,steps=1826,notices=730,"
        "dead_letters=90,openings=3652",
        "how long each table of the records keeps its rows; one that is not named keeps them for ever",
    )
    evidence_kept_days: float = number(
        1826, "sealed evidence of a person is closed for ever so long after the last consent or text"
    )
    topics_kept_days: str = setting(
        "", "retention of topics where it differs from the default: booking-events=14,... for new topics"
    )
    archive_tidy_s: float = number(3600, "the archive lets go of what is too old once in")
    archive_retry_s: float = number(1, "after a failure of Kafka or the database, the archive goes on after")
    # gateway
    gateway_host: str = setting("127.0.0.1", "address the gateway listens on")
    gateway_port: int = number(8080, "port the gateway listens on")
    signatures: str = setting("v3-or-v2", "v3-or-v2, v3 or v2: what a webhook must carry")
    webhook_timeout_s: float = number(5, "for Kafka's acknowledgement before a webhook is spooled")
    spool_interval_s: float = number(1, "between tries to bring Kafka what it did not take")
    reconnect_s: float = number(1, "between tries to reach Kafka when the gateway starts without it")
    redis_timeout_s: float = number(0.5, "for an answer of Redis; a webhook goes on without it")
    records_timeout_s: float = number(3, "for an answer of the records to a page")
    flag_alert_s: float = number(2, "a STOP not confirmed by Redis for longer raises an alert")
    drain_poll_s: float = number(0.05, "between looks whether sends of a stopped phone are still under way")
    receipt_memory_s: float = number(
        172800, "the first receipt of a reply is remembered; the carrier repeats"
    )
    trusted_proxies: str = setting(
        "127.0.0.1", "proxies whose X-Forwarded-For names the visitor, with commas"
    )
    invitation_valid_s: float = number(5184000, "an invitation made over the API, if it names no end")
    form_valid_s: float = number(86400, "a sign-up form that was opened may be sent within")
    our_addresses: str = setting(
        "", "addresses that our senders post from, with commas: a report naming another raises an alert"
    )
    session_valid_s: float = number(28800, "staff is signed in to the admin pages for")
    api_per_minute: int = number(1200, "requests of one API token a minute; more get 429")
    wrong_tokens_per_hour: int = number(20, "wrong tokens from one address an hour; more get 429")
    wrong_links_per_hour: int = number(60, "manage links that never were, from one address an hour")
    sign_ups_per_phone_day: int = number(3, "sign-ups of one phone a day")
    sign_ups_per_ip_hour: int = number(10, "sign-ups from one address an hour")
    sign_ups_per_page_hour: int = number(20, "sign-ups by one invitation an hour")
    sign_ups_per_prefix_hour: int = number(20, "sign-ups of numbers that begin with the same seven digits")
    sign_ups_per_workspace_hour: int = number(500, "sign-ups of one workspace an hour")
    sign_ups_per_day: int = number(5000, "sign-ups of all workspaces a day")
