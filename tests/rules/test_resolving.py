"""A person's word becomes a record that says it is one."""

from rules.resolving import BY_HAND, was_accepted, was_not_sent
from tests.sender.records import AT, TEXT


def test_the_carrier_has_it() -> None:
    record = was_accepted(TEXT, 2, carrier_uuid="u7", at=AT)
    assert (record.text, record.attempt, record.claim_id) == (TEXT, 2, None)
    assert (record.carrier_uuid, record.evidence) == ("u7", "operator")


def test_it_has_not() -> None:
    record = was_not_sent(TEXT, 1, note="Ann,\n the carrier's log " + "x" * 300, at=AT)
    assert record.claim_id is None
    assert record.reason.startswith(f"{BY_HAND}Ann, the carrier's log xxx")
    assert len(record.reason) == 200
