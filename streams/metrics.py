"""What a worker shows: no label, no reference."""

from prometheus_client import Gauge

TICKS = Gauge("worker_ticks_pending", "Ticks in the due index: texts to come, holds to end")
DUE_NOW = Gauge("worker_due_now", "Ticks that are due and not handled")
LAG = Gauge("worker_lag_records", "Records of its partitions that are not handled yet")
OVERDUE = Gauge("worker_oldest_overdue_seconds", "Age of the oldest tick that is due and not handled")
RECOVERY = Gauge("worker_recovery_seconds", "From the tables being ready until texts could go again")
BARRIER_OPEN = Gauge("worker_barrier_open", "1 when all that was published before has been read")
