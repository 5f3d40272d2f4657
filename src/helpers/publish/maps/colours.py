"""Colours of maps: each palette keeps its order for readers with a colour-vision deficiency, and in grey."""

import numpy as np

NO_DATA = ("#f4f4f4", "////")
CLUSTERS = {
    "high_high": ("#b2182b", ""),
    "low_low": ("#4393c3", ""),
    "high_low": ("#f4a582", "||||"),
    "low_high": ("#d1e5f0", "----"),
    "not_significant": ("#e6e6e6", ""),
}


def sequential(k: int) -> list[str]:
    """Return k colours from light (low) to dark (high) of the palette viridis.

    Examples
    --------
    >>> sequential(2)
    ['#d2e21b', '#482173']
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    palette = colormaps["viridis"]
    return [to_hex(palette(position)) for position in (np.linspace(0.93, 0.09, k) if k > 1 else [0.5])]
