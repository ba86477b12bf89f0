"""The overview: what became of the texts of the last days, how late they went, what is due."""

from collections import Counter
from datetime import datetime, timedelta

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy import Connection

from gateway.admin.charts import Chart, chart
from gateway.admin.replies import count_to_read
from gateway.admin.staff import Staff
from records import admin_attention, admin_counts
from rules.zones import zone_info
from runtime.config import Config

DAYS = 7
HOURS = 24
STATES = {
    "planned": "planned",
    "released": "sending",
    "accepted": "sent",
    "suppressed": "withheld",
    "expired": "too late",
    "rejected": "refused",
    "unresolved": "unclear",
}
"""Each state in a word that fits under a bar on a phone."""
LATE_UP_TO_S = (
    (0.5, "0.5 s"),
    (1, "1 s"),
    (2, "2 s"),
    (5, "5 s"),
    (15, "15 s"),
    (60, "1 min"),
    (600, "10 min"),
)


@get("/", include_in_schema=False)
async def overview(staff: NamedDependency[Staff]) -> Response[str]:
    """Plots of the workspace; they are renewed by a plain refresh."""
    now = staff.edge.clock()
    charts, attention = await staff.ask(lambda c: (_charts(c, staff, now), _attention(c, staff, now)))
    sms_on = await staff.edge.records.setting(staff.workspace_id, None, "sms_enabled") is True
    return staff.page("overview.html", here="overview", charts=charts, attention=attention, sms_on=sms_on)


def _charts(connection: Connection, staff: Staff, now: datetime) -> list[Chart]:
    since = now - timedelta(days=DAYS)
    return [
        _due(connection, staff, now),
        _states(admin_counts.states(connection, staff.workspace_id, since)),
        _lateness(admin_counts.latenesses(connection, staff.workspace_id, since)),
        _opt_outs(admin_counts.opt_outs_by_day(connection, staff.workspace_id, since), now),
    ]


def _attention(connection: Connection, staff: Staff, now: datetime) -> dict[str, int]:
    since = now - timedelta(days=DAYS)
    notices = admin_attention.notices_since(connection, staff.workspace_id, since)
    return {
        "replies to read": count_to_read(connection, staff),
        "people to tell by other means": sum(n["kind"] == "tell_the_participant" for n in notices),
        "people who texted CANCEL": sum(n["kind"] == "texted_cancel" for n in notices),
        "sends that stayed unclear": len(admin_attention.unresolved(connection, staff.workspace_id, since)),
    }


def _due(connection: Connection, staff: Staff, now: datetime) -> Chart:
    due = admin_counts.due_by_hour(
        connection, staff.workspace_id, now - timedelta(hours=1), now + timedelta(hours=HOURS)
    )
    first = now.replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=hour) for hour in range(HOURS)]
    local = zone_info(staff.zone)
    values = [(f"{hour.astimezone(local):%H}", float(due[f"{hour:%Y-%m-%dT%H}"])) for hour in hours]
    can = capacity_per_hour(staff.edge.config)
    return chart(
        "due",
        "Due in the next 24 hours",
        f"segments an hour, by hour in {staff.zone}",
        values,
        line=can,
        line_label=f"the number can carry {can:,.0f}",
    )


def capacity_per_hour(config: Config) -> float:
    """Segments an hour that leave at most: the slower of account and number."""
    return min(config.account_rate_per_s, config.number_rate_per_s) * 3600


def _states(counts: dict[str, int]) -> Chart:
    folded = Counter(counts)
    folded["suppressed"] += folded.pop("withdrawn", 0)
    return chart(
        "states",
        f"Texts of the last {DAYS} days and to come, by state",
        "texts",
        [(word, float(folded[state])) for state, word in STATES.items()],
    )


def _lateness(latenesses: list[float]) -> Chart:
    counts: Counter[str] = Counter()
    for late_s in latenesses:
        counts[next((label for bound, label in LATE_UP_TO_S if late_s <= bound), "later")] += 1
    labels = [label for _, label in LATE_UP_TO_S] + ["later"]
    return chart(
        "lateness",
        "How long after they were due texts went",
        f"texts accepted in the last {DAYS} days, by the most it was",
        [(label, float(counts[label])) for label in labels],
    )


def _opt_outs(counts: Counter[str], now: datetime) -> Chart:
    days = [now - timedelta(days=back) for back in reversed(range(DAYS + 1))]
    return chart(
        "opt-outs",
        "Opt-outs of phones you have texted",
        "phones a day, days in UTC",
        [(f"{day:%b} {day.day}", float(counts[f"{day:%Y-%m-%d}"])) for day in days],
    )
