"""How colours look to people who see fewer of them, and how far apart two colours then are.

The matrices for complete dichromacy are those of Machado, Oliveira and Fernandes (2009), "A
physiologically-based model for simulation of color vision deficiency", severity 1.0, for linear
RGB; the distance is CIEDE2000.
"""

import numpy as np

DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116,
                    1.051998]], "deuteranopia": [[0.367322, 0.860646, -0.227968],
                                                 [0.280085, 0.672501, 0.047413],
                                                 [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}
VIEWS = ("full", *DEFICIENCIES, "grey")
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                   [0.0193339, 0.1191920, 0.9503041]])
WHITE = TO_XYZ.sum(axis=1)


def linear(colour: str) -> np.ndarray:
    """Return linear RGB of a hexadecimal colour."""
    rgb = np.array([int(colour[start:start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour: str, view: str = "full") -> np.ndarray:
    """Return CIE L*, a*, b* of a colour as it is seen in a view; grey keeps the luminance."""
    rgb = linear(colour)
    if view in DEFICIENCIES:
        rgb = np.clip(np.array(DEFICIENCIES[view]) @ rgb, 0, 1)
    xyz = TO_XYZ @ rgb
    if view == "grey":
        xyz = WHITE * xyz[1]
    ratio = xyz / WHITE
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return CIEDE2000 between two colours in CIE Lab.

    Examples
    --------
    Pairs 1, 17 and 25 of the test data of Sharma, Wu and Dalal (2005):

    >>> round(distance(np.array([50, 2.6772, -79.7751]), np.array([50, 0, -82.7485])), 4)
    2.0425
    >>> round(distance(np.array([50, 2.5, 0]), np.array([73, 25, -18])), 4)
    27.1492
    >>> round(distance(np.array([60.2574, -34.0099, 36.2677]),
    ...                np.array([60.4626, -34.1751, 39.4387])), 4)
    1.2644
    """
    chroma = (np.hypot(*one[1:]) + np.hypot(*other[1:])) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(chroma ** 7 / (chroma ** 7 + 25.0 ** 7)))
    (l1, a1, b1), (l2, a2, b2) = one, other
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    light, colourful, hue = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    lightness, c = (l1 + l2) / 2, (c1 + c2) / 2
    middle = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (1 - 0.17 * np.cos(np.radians(middle - 30)) + 0.24 * np.cos(np.radians(2 * middle))
         + 0.32 * np.cos(np.radians(3 * middle + 6)) - 0.20 * np.cos(np.radians(4 * middle - 63)))
    s_light = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * c, 1 + 0.015 * c * t
    turning = np.radians(60 * np.exp(-((middle - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(c ** 7 / (c ** 7 + 25.0 ** 7)) * np.sin(turning)
    return float(np.sqrt((light / s_light) ** 2 + (colourful / s_chroma) ** 2 + (hue / s_hue) ** 2
                         + rotation * colourful / s_chroma * hue / s_hue))


def apart(one: str, other: str, view: str) -> float:
    """Return how far apart two hexadecimal colours are in a view."""
    return distance(lab(one, view), lab(other, view))
