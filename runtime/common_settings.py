"""Settings of every process: servers, secrets, the carrier, participants, rules."""

from dataclasses import dataclass

from runtime.setting import number, setting


@dataclass(frozen=True, kw_only=True)
class CommonSettings:
    """What all processes must agree on."""

    environment: str = setting(
        "development", "demo, development or production; example secrets pass only in demo"
    )
    # servers
    kafka_bootstrap_servers: str = setting("127.0.0.1:9092", "Kafka, host:port, several with commas")
    redis_url: str = setting("redis://127.0.0.1:6379/0", "Valkey or Redis, the sender's gate")
    records_url: str = setting("sqlite:///.run/records.sqlite", "SQLAlchemy URL of the records")
    data_dir: str = setting(".run", "where this process keeps table stores, spools and ledgers")
    store: str = setting("rocksdb", "rocksdb or memory: where the worker's tables live")
    app_id: str = setting("sms-reminders", "name of the worker's consumer group and changelogs")
    partitions: int = number(12, "partitions of every phone-keyed topic; never changed later")
    replication: int = number(1, "copies of each topic; 3 in production")
    min_insync_replicas: int = number(1, "copies that must have a record; 2 in production")
    topics_timeout_s: float = number(30, "to make or check all topics")
    # secrets
    reference_secret: str = setting(
        "example-reference", "permanent: phone references and text ids hang on it", secret=True
    )
    link_secret: str = setting("example-link", "behind manage links and invitations", secret=True)
    evidence_secret: str = setting(
        "example-evidence", "permanent: opens the sealed evidence of consents", secret=True
    )
    callback_secret: str = setting("example-callback", "behind the paths of status callbacks", secret=True)
    webhook_secrets: str = setting(
        "example-path",
        "secret path parts of the webhooks, at most two with a comma, newest first",
        secret=True,
    )
    api_tokens: str = setting(
        "",
        "sha256 of tokens for API and pages: HEX:workspace:role:LAST-DAY:name with commas; "
        "workspace * is any; `reminders token` makes one",
        secret=True,
    )
    # carrier
    plivo_auth_id: str = setting("MAXXXXXXXXXXXXXXXXXX", "Plivo account; example ids only reach a simulator")
    plivo_auth_token: str = setting("example-token", "Plivo token: sends and verifies webhooks", secret=True)
    plivo_webhook_tokens: str = setting(
        "", "further tokens that may sign webhooks (main account, the one before), with commas", secret=True
    )
    plivo_api_base: str = setting("http://127.0.0.1:8070", "https://api.plivo.com, or the simulator")
    sender_number: str = setting("+13306619491", "the number all texts come from")
    text_only: str = setting(
        "", "comma list of numbers: any other ends test_only; needed with Plivo outside production"
    )
    account_rate_per_s: float = number(5, "segments a second of the carrier account")
    number_rate_per_s: float = number(1, "segments a second of the sender number")
    segments_per_day: int = number(
        20000, "spend breaker: past so many segments a day (UTC) texts wait, replies excepted; 0 is no bound"
    )
    connect_timeout_s: float = number(3.05, "to reach the carrier")
    read_timeout_s: float = number(8, "for the carrier's answer")
    post_threads: int = number(8, "sends under way at once in one sender")
    # participants
    public_url: str = setting("http://127.0.0.1:8080", "the gateway as participants and the carrier reach it")
    support_contact: str = setting("help@example.org", "shown by HELP and on the pages")
    privacy_url: str = setting("https://example.org/privacy", "Privacy Policy")
    terms_url: str = setting("https://example.org/terms", "Terms of Service")
    countries: str = setting("US,CA", "ISO regions whose numbers are served")
    default_zone: str = setting("America/New_York", "zone where nothing else names one")
    # rules
    reminder_leads_s: str = setting("900", "seconds before the start, several with commas")
    settling_s: float = number(60, "a schedule change waits this long for the next")
    at_once_before_start_s: float = number(1800, "nearer to the start, a change is told at once")
    latest_after_cause_s: float = number(21600, "confirmation and change, quiet hours not counted")
    day_of_latest_s: float = number(86400, "a day-of update after its cause")
    latest_after_start_s: float = number(900, "cancellation and day-of update")
    reply_latest_s: float = number(300, "an answer after our receipt of the text")
    quiet_from: str = setting("21:00", "quiet hours begin, in the participant's zone")
    quiet_until: str = setting("08:00", "quiet hours end; equal to quiet_from: none")
    hold_s: float = number(86400, "an unclear reply holds the phone; no answer means opt-out")
    help_answers_per_hour: int = number(3, "answers to HELP, a phone")
    carrier_auto_replies: str = setting(
        "auto", "auto, always or never: does the carrier answer STOP and HELP"
    )
    start_needs_list: bool = number(True, "START waits for the carrier's list even where V3 was seen")
    keep_after_start_s: float = number(2592000, "events leave the tables this long after their last start")
