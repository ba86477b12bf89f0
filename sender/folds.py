"""What the journal says of all texts of a partition: each folded on its own."""

from dataclasses import dataclass, field

from schemas.journal import Accepted, JournalRecord, Reported
from sender.fold import NOTHING, TextFold, step


@dataclass
class Fold:
    """All texts of a partition, which phones have a try open, and the carrier's ids that are known."""

    texts: dict[str, TextFold] = field(default_factory=dict)
    busy: dict[str, set[str]] = field(default_factory=dict)
    uuids: set[str] = field(default_factory=set)

    def apply(self, record: JournalRecord) -> bool:
        """Take a record in; False if it does not count."""
        name = record.text.text_id
        before = self.texts.get(name, NOTHING)
        after = step(before, record)
        if isinstance(record, Accepted | Reported):
            self.uuids.add(record.carrier_uuid)
        if after is before:
            return False
        self.texts[name] = after
        open_texts = self.busy.setdefault(record.text.phone_ref, set())
        (open_texts.add if after.is_open else open_texts.discard)(name)
        if not open_texts:
            del self.busy[record.text.phone_ref]
        return True

    def of(self, text_id: str) -> TextFold:
        """What is known of a text."""
        return self.texts.get(text_id, NOTHING)

    def is_busy(self, phone_ref: str, but: str) -> bool:
        """Whether another text of the phone has a try open: one in flight per phone."""
        return bool(self.busy.get(phone_ref, set()) - {but})

    def open(self) -> list[TextFold]:
        """The texts with an open try."""
        names = [name for open_texts in self.busy.values() for name in open_texts]
        return [self.texts[name] for name in names]
