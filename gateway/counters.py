"""What the edge counts: no personal data, few labels."""

from prometheus_client import Counter, Gauge

WEBHOOKS = Counter("gateway_webhooks", "Webhooks by what became of them", ("webhook", "outcome"))
SIGNATURES = Counter("gateway_signatures", "Webhooks by the signature that proved them", ("scheme",))
PAGES = Counter("gateway_pages", "Sign-ups and buttons of the manage page", ("page", "outcome"))
LIMITED = Counter("gateway_limited", "What was refused because it came too often", ("limit",))
SPOOLED = Gauge("gateway_spooled_messages", "What Kafka did not take yet, on this gateway's disk")
