"""Palette of labels: one colour, marker and line each, so that a zone looks the same everywhere.

Colours are those of Okabe and Ito, which people with colour-vision deficiencies can tell apart;
markers and lines say the same again for readers in grey.
"""

from collections.abc import Hashable, Iterable

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", "-.", (0, (1, 1.2)), (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
INK = "#333333"


def styles(labels: Iterable[Hashable]) -> dict:
    """Colour, marker and linestyle of each label, in the order given; beyond six they repeat.

    >>> styles(["north", "south"])["south"]
    {'color': '#D55E00', 'marker': 's', 'linestyle': '--'}
    """
    looks = list(zip(COLOURS, MARKERS, LINES, strict=True))
    return {label: dict(zip(("color", "marker", "linestyle"), looks[place % len(looks)]))
            for place, label in enumerate(labels)}
