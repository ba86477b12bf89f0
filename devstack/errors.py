"""The one error of devstack: what is missing, and how to get it."""


class StackError(Exception):
    """A server could not be had, started or controlled; the text says what to do next."""
