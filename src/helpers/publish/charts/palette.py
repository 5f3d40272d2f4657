"""One colour, marker and line for each label, so that a zone looks the same in every chart.

Colours are those of Okabe and Ito, which people with colour-vision deficiencies can tell apart;
markers and lines say the same again for readers in grey.
"""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", "-.", (0, (1, 1.2)), (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
INK = "#333333"


def styles(labels) -> dict[str, dict]:
    """Return colour, marker and linestyle of each label, in the order given; beyond six they
    repeat.

    Examples
    --------
    >>> styles(["north", "south"])["south"]
    {'color': '#D55E00', 'marker': 's', 'linestyle': '--'}
    """
    return {
        label: {
            "color": COLOURS[place % len(COLOURS)],
            "marker": MARKERS[place % len(MARKERS)],
            "linestyle": LINES[place % len(LINES)],
        }
        for place, label in enumerate(labels)
    }
