"""A carrier on the desk: Plivo's interface over simulated phones."""
