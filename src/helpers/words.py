"""Words of messages."""

from collections.abc import Iterable


def listed(names: Iterable) -> str:
    """Names one after the other, as a message shows them.

    >>> listed(["north", "south"])
    "'north', 'south'"
    """
    return ", ".join(repr(str(name)) for name in names)
