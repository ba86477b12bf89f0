"""Input that can be read but not meant."""


class Refused(Exception):
    """The record can't be handled: the message names the field and the reason, never the value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
