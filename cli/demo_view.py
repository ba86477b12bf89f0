"""What the demo shows: a live timeline, a table of every text, the verdict."""

from datetime import UTC, datetime
from statistics import median

from rich.console import Console
from rich.table import Table

from cli.lives import Life, Lives
from cli.story import Story
from schemas.delivery_events import DeliveryEvent
from schemas.ledger import ConsentFact
from schemas.notices import Notice

STYLE = {
    "planned": "dim",
    "accepted": "green",
    "suppressed": "yellow",
    "expired": "yellow",
    "rejected": "red",
    "unresolved": "bold red",
}


class Timeline:
    """One line for each thing that happens, as it happens."""

    def __init__(self, console: Console) -> None:
        self._console, self._start = console, datetime.now(UTC)

    def text(self, event: DeliveryEvent) -> None:
        """A text was planned, or ended."""
        late = f" {event.lateness_s:+.1f}s" if event.state == "accepted" and event.lateness_s else ""
        reason = f" {event.reason}" if event.reason else ""
        line = f"{event.wording:<18} [{STYLE.get(event.state, '')}]{event.state}{reason}[/]{late}"
        self._line(f"{event.workspace_id}/{event.event_id}", line)

    def notice(self, notice: Notice) -> None:
        """Someone must know."""
        self._line(f"{notice.workspace_id}/{notice.event_id}", f"[magenta]notice {notice.kind}[/]")

    def fact(self, fact: ConsentFact) -> None:
        """A phone stopped, or began again."""
        if fact.kind not in ("consent_given", "stop_effective"):
            self._line(f"phone {fact.phone_ref[:8]}", f"[cyan]{fact.kind}[/] {fact.words}")

    def _line(self, subject: str, rest: str) -> None:
        at_s = (datetime.now(UTC) - self._start).total_seconds()
        self._console.print(f"[dim]{at_s:6.1f}s[/]  {subject:<14} {rest}", highlight=False)


def table(console: Console, lives: Lives) -> None:
    """Every text: planned, due, sent, lateness, outcome, reason."""
    shown = Table(title="Every text", header_style="bold")
    for heading in ("event", "text", "planned", "due", "sent", "late", "outcome", "reason"):
        shown.add_column(heading, justify="right" if heading == "late" else "left")
    for life in sorted(lives.texts.values(), key=lambda life: (life.event, life.planned.due_at)):
        shown.add_row(*_row(life))
    console.print(shown)


def _row(life: Life) -> list[str]:
    end = life.end
    state = end.state if end else "open"
    late = f"{end.lateness_s:.1f}s" if end and end.lateness_s is not None else ""
    return [
        life.event,
        end.wording if end else life.planned.wording,
        _time(life.planned.at),
        _time(end.due_at if end else life.planned.due_at),
        _time(life.sent_at) if life.sent_at else "",
        late,
        f"[{STYLE.get(state, 'red')}]{state}[/]",
        (end.reason or "") if end else "",
    ]


def _time(at: datetime) -> str:
    return at.strftime("%H:%M:%S")


def stop_delays(console: Console, delays: list[tuple[float, float]]) -> None:
    """How long STOP took on the idle system."""
    if not delays:
        console.print("[red]no STOP became effective")
        return
    for what, n in (("accepted", 0), ("effective", 1)):
        took = sorted(pair[n] * 1000 for pair in delays)
        console.print(
            f"STOP webhook to {what}: median {median(took):.0f} ms, longest {took[-1]:.0f} ms "
            f"({len(took)} times, idle)"
        )


def verdict(console: Console, story: Story, differences: list[str]) -> None:
    """Whether every text ended as the file says."""
    for difference in differences:
        console.print(f"[red]{difference}", highlight=False)
    if differences:
        console.print(f"[bold red]{len(differences)} events did not end as the file says")
    else:
        console.print(
            f"[bold green]{story.bookings()} bookings: every text ended as the file says.[/] "
            "Ask why: reminders why BOOKING_ID"
        )
