"""Bar charts as numbers for an SVG that the template draws: no script, no outside library. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT, HEAD, SIDE = 640, 240, 34, 22, 8
FAR = 4
"""A bound more than so many times the highest bar is told, not drawn."""
LABELS_MAX = 13
"""More labels under the bars than these would overlap on a phone."""


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how high it is, and what it says."""

    label: str
    value: float
    x: float
    y: float
    width: float
    height: float
    label_shown: bool
    value_shown: bool

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Chart:
    """A titled chart, perhaps with a bound to compare with, in the unit of the bars."""

    name: str
    title: str
    unit: str
    bars: tuple[Bar, ...]
    line_label: str
    line_y: float | None
    """Where the bound is drawn; None: it is far above, or there is none."""

    width = WIDTH
    height = HEIGHT
    foot = HEIGHT - FOOT

    @property
    def summary(self) -> str:
        """The chart in words, for who can't see it."""
        told = ", ".join(f"{bar.label}: {bar.value:g}" for bar in self.bars if bar.value)
        return told or "nothing yet"


def chart(
    name: str,
    title: str,
    unit: str,
    values: Sequence[tuple[str, float]],
    *,
    line: float | None = None,
    line_label: str = "",
) -> Chart:
    """A chart of labelled values, at least one. The scale reaches to ``line`` unless that is far above."""
    highest = max(1.0, *(value for _, value in values))
    near = line is not None and line <= FAR * highest
    top = max(highest, line or 0) if near else highest * 1.2
    step = (WIDTH - 2 * SIDE) / len(values)
    every = math.ceil(len(values) / LABELS_MAX)
    bars = []
    for place, (label, value) in enumerate(values):
        height = (HEIGHT - FOOT - HEAD) * value / top
        shown = place % every == 0
        bars.append(
            Bar(
                label=label,
                value=value,
                x=SIDE + step * place + step * 0.12,
                y=HEIGHT - FOOT - height,
                width=step * 0.76,
                height=height,
                label_shown=shown,
                value_shown=bool(value) and (len(values) <= LABELS_MAX or shown),
            )
        )
    line_y = HEIGHT - FOOT - (HEIGHT - FOOT - HEAD) * (line or 0) / top if near else None
    return Chart(name, title, unit, tuple(bars), line_label, line_y)
