"""Palettes of maps; each keeps its order in grey and with a colour-vision deficiency.

Where colour alone does not tell two classes apart in grey, a hatch does; a style is a colour and a
hatch.
"""

import numpy as np

NO_DATA = ("#f4f4f4", "////")
CLUSTERS = {"high_high": ("#b2182b", ""), "low_low": ("#4393c3", ""),
            "high_low": ("#f4a582", "||||"), "low_high": ("#d1e5f0", "----"),
            "not_significant": ("#e6e6e6", "")}
LOSS = ("#7f3b08", "#d97f1e", "#f8c98a")  # from the largest loss to the smallest
NEUTRAL = "#f7f7f7"
GAIN = ("#c3bfe0", "#8073ac", "#2d004b")  # from the smallest gain to the largest
LOSS_HATCH = "----"
# Lightness says how much is needed (rows: little to much); hue, and for grey the hatch, how easy
# access is (columns: hard to easy).
NEED_ACCESS = (
    (("#fbdcc0", "////"), ("#e2e2e2", "--"), ("#cfe6fb", "")),
    (("#e39a5b", "////"), ("#a3a3a3", "--"), ("#6fabe0", "")),
    (("#9c4a00", "////"), ("#5c5c5c", "--"), ("#0f5a9c", "")),
)


def sequential(k: int) -> list[str]:
    """Sequential palette of k colours from light (low) to dark (high): viridis.

    >>> sequential(2)
    ['#d2e21b', '#482173']
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    positions = np.linspace(0.93, 0.09, k) if k > 1 else [0.5]
    return [to_hex(colormaps["viridis"](position)) for position in positions]


def diverging() -> list[tuple[str, str]]:
    """Diverging styles of seven classes from loss over no change to gain.

    Dark is much and light is little on both sides, so that losses are hatched for readers in grey.

    >>> diverging()[3]
    ('#f7f7f7', '')
    """
    return [(colour, LOSS_HATCH) for colour in LOSS] + [(colour, "") for colour in (NEUTRAL, *GAIN)]
