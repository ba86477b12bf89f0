"""Each fact once, behind the one before it, in the chain of its partition."""

from msgspec.structs import replace

from agents.ledger import write_ledger
from agents.moment import Moment
from agents.tables import Tables
from rules.ledger import verify
from schemas.ledger import ConsentFact, LedgerEntry
from tests.makers import PHONE, at, policy, ref

FACT = ConsentFact(fact_id="f1", kind="opted_out", phone_ref=ref(PHONE), source="reply", at=at("13:00"))


def written(*facts: ConsentFact, tables: Tables, partition: int = 0) -> list[LedgerEntry]:
    moment = Moment(now=at("13:00"), partition=partition, policy=policy())
    return [e for fact in facts for e in write_ledger(fact, tables, moment) if isinstance(e, LedgerEntry)]


def test_facts_are_chained() -> None:
    tables = Tables()
    entries = written(FACT, replace(FACT, fact_id="f2"), tables=tables)
    assert [entry.seq for entry in entries] == [1, 2]
    assert verify(entries, 0, tables.ledger["head|0"]) is None


def test_a_fact_is_written_once() -> None:
    tables = Tables()
    assert len(written(FACT, FACT, replace(FACT, at=at("14:00")), tables=tables)) == 1


def test_partitions_have_chains_of_their_own() -> None:
    tables = Tables()
    [one] = written(FACT, tables=tables)
    [other] = written(replace(FACT, fact_id="f2"), tables=tables, partition=1)
    assert (one.seq, other.seq) == (1, 1)
    assert one.previous != other.previous
