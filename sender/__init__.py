"""To the carrier, once: the only process that can reach it."""
