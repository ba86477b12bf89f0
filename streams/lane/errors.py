"""What can go wrong in the lane. Each, unless the caller of ``send`` handles it, stops the worker."""


class LaneError(Exception):
    """A rule of the lane was broken; the message says which."""


class Poisoned(LaneError):
    """Something failed before: nothing more is processed, sent or committed by this process."""


class Hole(LaneError):
    """Records of a topic that has no holes did not follow each other."""


class LogReplaced(LaneError):
    """A source is not where tables and commits say it was read to: recreated, cut or set back by hand."""


class Superseded(LaneError):
    """Another worker owns our partitions: this one was taken for dead while it was frozen or cut off."""


class TooLarge(LaneError, ValueError):
    """A record or row is larger than the broker takes."""
