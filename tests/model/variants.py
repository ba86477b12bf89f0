"""The designs: the right one within several bounds, and those that were thought of and are wrong."""

from typing import NamedTuple

from tests.model.protocol import Bounds
from tests.model.rules import Rules

STRICT, VERIFIED = Rules(), Rules(verified=True)
RETRIES = Rules(verified=True, retries_lost=True)
ONE_TEXT = Bounds(crashes=0, losses=0, replays=1, claims=2, withdrawals=0, stops=0)
LOST_TEXT = ONE_TEXT._replace(reports=2)


class Variant(NamedTuple):
    """A design within bounds; ``breaks`` names the promise that it breaks."""

    rules: Rules
    bounds: Bounds
    breaks: str = ""


SAFE = {
    "strict, a crash": Variant(STRICT, ONE_TEXT._replace(crashes=1, claims=3)),
    "strict, Redis forgets": Variant(STRICT, ONE_TEXT._replace(losses=1)),
    "strict, a withdrawal": Variant(STRICT, ONE_TEXT._replace(withdrawals=1)),
    "strict, STOP, START, STOP": Variant(STRICT, ONE_TEXT._replace(stops=3)),
    "verified, three claims": Variant(VERIFIED, ONE_TEXT._replace(claims=3)),
    "verified, Redis forgets": Variant(VERIFIED, ONE_TEXT._replace(losses=1)),
    "lost, then tried again": Variant(RETRIES, LOST_TEXT),
    "lost twice, three claims": Variant(RETRIES, LOST_TEXT._replace(claims=3, replays=0)),
    "lost, and a STOP": Variant(RETRIES, LOST_TEXT._replace(stops=1, replays=0)),
    "lost, and a withdrawal": Variant(RETRIES, LOST_TEXT._replace(withdrawals=1, replays=0)),
    "the log asked at the gate": Variant(Rules(log_order="fresh"), ONE_TEXT._replace(losses=1)),
}
WIDE = {
    "strict, a withdrawal, three claims": Variant(STRICT, ONE_TEXT._replace(withdrawals=1, claims=3)),
    "strict, all at once": Variant(STRICT, Bounds(crashes=1, losses=1, replays=1, claims=2)),
    "verified, all at once": Variant(VERIFIED, Bounds(crashes=1, losses=1, replays=1, claims=2)),
    "lost, Redis forgets": Variant(RETRIES, LOST_TEXT._replace(losses=1)),
    "lost, a crash": Variant(RETRIES, LOST_TEXT._replace(crashes=1)),
    "lost, STOP and withdrawal": Variant(RETRIES, LOST_TEXT._replace(stops=1, withdrawals=1)),
    "strict, two crashes and losses": Variant(
        STRICT, Bounds(crashes=2, losses=2, replays=1, claims=2, withdrawals=0, stops=0)
    ),
}
DELIVERED = "second try of what was delivered"
DUPLICATE, AFTER_STOP, AFTER_WITHDRAWAL = "duplicate", "send after STOP", "send after the withdrawal"
LOST, LATE_WITHDRAWAL = "silent loss", "send of what was withdrawn before the assignment"
NO_ORDER = Rules(log_order="never")
MUST_FAIL = {
    "a rebuild gives the claim back": Variant(
        NO_ORDER._replace(poison=False), ONE_TEXT._replace(losses=1), DUPLICATE
    ),
    "Redis alone, no journal": Variant(
        NO_ORDER._replace(write_ahead=False), ONE_TEXT._replace(losses=1), DUPLICATE
    ),
    "a journal without its order": Variant(NO_ORDER._replace(marker="none"), ONE_TEXT, DUPLICATE),
    "a lease that is taken over": Variant(
        NO_ORDER._replace(marker="lease"), ONE_TEXT._replace(claims=3), DUPLICATE
    ),
    "Redis comes back empty": Variant(NO_ORDER._replace(epoch=False), ONE_TEXT._replace(losses=1), DUPLICATE),
    "Redis comes back empty after STOP": Variant(
        Rules(epoch=False), ONE_TEXT._replace(losses=1, stops=1), AFTER_STOP
    ),
    "a claim outlives what Redis knew": Variant(
        Rules(one_epoch=False), ONE_TEXT._replace(losses=1, withdrawals=1), AFTER_WITHDRAWAL
    ),
    "a timeout is tried again": Variant(Rules(eager=True), ONE_TEXT, DUPLICATE),
    "too short a quiet time": Variant(VERIFIED._replace(quiet=False), ONE_TEXT, DUPLICATE),
    "no deadline": Variant(VERIFIED._replace(deadline=False), ONE_TEXT, DUPLICATE),
    "STOP effective without drain": Variant(Rules(drain=False), ONE_TEXT._replace(stops=1), AFTER_STOP),
    "one retry, no sweep": Variant(Rules(sweep=False), ONE_TEXT._replace(crashes=1), LOST),
    "no barrier": Variant(Rules(barrier=False), ONE_TEXT._replace(withdrawals=1), LATE_WITHDRAWAL),
    "START lifts the flag": Variant(Rules(maxima=False), ONE_TEXT._replace(stops=2), AFTER_STOP),
    "a withdrawal ends an open try": Variant(
        Rules(waits_for_open=False), ONE_TEXT._replace(withdrawals=1), AFTER_WITHDRAWAL
    ),
    "strict tries again what was lost": Variant(Rules(retries_lost=True), LOST_TEXT, DUPLICATE),
    "lost, tried again and again": Variant(
        RETRIES._replace(once=False), LOST_TEXT._replace(claims=3, replays=0, reports=3), DUPLICATE
    ),
    "lost, but delivered after all": Variant(RETRIES._replace(heeds_delivered=False), LOST_TEXT, DELIVERED),
    "a second try does not ask of STOP": Variant(
        RETRIES._replace(asks_anew=False), LOST_TEXT._replace(stops=1), AFTER_STOP
    ),
    "a second try of what was withdrawn": Variant(
        RETRIES._replace(bars_withdrawn=False), LOST_TEXT._replace(withdrawals=1), AFTER_WITHDRAWAL
    ),
    "never begun, but not barred": Variant(Rules(void=False), ONE_TEXT, DUPLICATE),
    "a NotSent ends whatever is open": Variant(
        Rules(by_claim=False), ONE_TEXT._replace(claims=3, replays=2), DUPLICATE
    ),
}
