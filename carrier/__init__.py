"""The phone network: the port, Plivo behind it, and its signatures."""
