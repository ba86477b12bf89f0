"""Facts about consent in; each once, chained to the one before it, out."""

from agents.moment import Moment
from agents.tables import Tables
from rules.ledger import chain
from schemas.base import Message
from schemas.ledger import ConsentFact
from schemas.rows import LedgerHead


def write_ledger(fact: ConsentFact, tables: Tables, moment: Moment) -> list[Message]:
    """Append a fact to the chain of its partition, unless the chain has it."""
    if f"fact|{fact.fact_id}" in tables.ledger:
        return []
    head_key = f"head|{moment.partition}"
    entry = chain(tables.ledger.get(head_key), moment.partition, fact)
    head = LedgerHead(seq=entry.seq, hash=entry.hash, at=moment.now)
    tables.ledger[head_key] = head
    tables.ledger[f"fact|{fact.fact_id}"] = head
    return [entry]
