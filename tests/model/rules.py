"""The protocol as choices: every default is the design, every other value a fault."""

from typing import NamedTuple


class Rules(NamedTuple):
    """The protocol; every default is the design, every other value a fault."""

    write_ahead: bool = True
    """A claim is in the journal before the gate is asked."""
    log_order: str = "stale"
    """The first claim in the log wins; looked up at the gate (fresh), once before it (stale), or never."""
    marker: str = "one-shot"
    """The claim in Redis: one-shot, none, or a lease that may be taken over."""
    epoch: bool = True
    """A Redis that forgot is noticed and rebuilt before it answers."""
    one_epoch: bool = True
    """A claim does not outlive what Redis knew when it was made."""
    poison: bool = True
    """A rebuild gives open claims back to nobody."""
    void: bool = True
    """A claim declared never begun is barred from the gate first."""
    by_claim: bool = True
    """A NotSent ends its own claim only."""
    waits_for_open: bool = True
    """A withdrawal ends nothing while a try is open."""
    barrier: bool = True
    """Nothing is sent before the deliveries are read to the end noted at the assignment."""
    maxima: bool = True
    """STOP and START are maxima; else START lifts the flag, and a replayed START lifts a later STOP's."""
    drain: bool = True
    """A STOP is called effective only when no send that passed the gate may still begin."""
    deadline: bool = True
    """Nothing begins later than the claim's deadline."""
    quiet: bool = True
    """Evidence is waited for until the last send that may be under way has ended."""
    verified: bool = False
    """Silence of the carrier gives one second attempt."""
    eager: bool = False
    """A timeout is tried again at once."""
    sweep: bool = True
    """What is open is looked at again and again, not once."""
    retries_lost: bool = False
    """What the carrier accepted and its network then lost is tried a second time."""
    once: bool = True
    """A second try that is lost too is the last."""
    heeds_delivered: bool = True
    """A report that it was delivered after all outweighs the loss."""
    asks_anew: bool = True
    """A second try is refused by a STOP as the first was."""
    bars_withdrawn: bool = True
    """A withdrawal of an accepted text is written down: nobody tries it a second time."""
