"""Accepted texts of which the carrier's network may still say that it lost them."""

from dataclasses import dataclass, field

from sender.fold import TextFold
from sender.pending import Pending


@dataclass
class Kept:
    """Those of one partition: reminders, if they may have a second try."""

    verified: bool = False
    """The policy under which they may."""
    texts: dict[str, Pending] = field(default_factory=dict)

    def keep(self, pending: Pending, fold: TextFold) -> bool:
        """Keep a text that is over; False if there is no second try of it, or it is kept already."""
        text = pending.delivery.text
        may_go = self.verified and text.kind == "interview_reminder" and fold.may_be_lost(text.plan_version)
        wanted = may_go and text.text_id not in self.texts
        if wanted:
            self.texts[text.text_id] = pending
        return wanted
