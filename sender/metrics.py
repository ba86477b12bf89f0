"""What a sender counts. Labels are words of closed lists: no reference, no text of others."""

from prometheus_client import Counter, Gauge

ENDS = Counter("sender_ends", "Ends of texts, as the journal tells them", ("state", "reason"))
TRIES = Counter("sender_tries", "Posts to the carrier by what came of them", ("outcome",))
REFUSALS = Counter("sender_gate_refusals", "Claims that the gate did not let pass", ("reason",))
EVIDENCE = Counter("sender_evidence", "Accepted texts by what proved it", ("by",))
SECOND_TRIES = Counter("sender_second_tries", "Second tries, and why the first did not count", ("why",))
UNCLEAR_SECOND_TRIES = Counter(
    "sender_unclear_second_tries", "Second tries of what the network lost that nobody knows the end of"
)
REPORTS = Counter("sender_reports", "Delivery reports by the carrier's status", ("status",))
CARRIER_CODES = Counter("sender_carrier_codes", "Error codes in delivery reports", ("code",))
BREACHES = Counter("sender_breaches", "Promises seen broken; any is an alarm", ("promise",))
PAUSES = Counter("sender_account_pauses", "The account could not send, and why", ("why",))
LAG = Gauge("sender_lag_records", "Released texts and withdrawals that are not read yet")
WAITING = Gauge("sender_waiting_texts", "Texts that were read and have not ended")
