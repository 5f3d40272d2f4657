"""Pictures of a deck: figures made for a page, cut so that their letters can be read on a wall."""

import base64
import io
import math

ROOM = (1184, 520)  # of a sheet of 1280 by 720, for a picture (slides.css)
SCALE = 0.98 * 1920 / 1280  # of a sheet on a screen of 1920 by 1080 (slides.js)
READABLE = 14  # pixels of such a screen
POINTS = 72 / 96  # of a pixel of a page
NEAR = 0.2  # of a piece's height, in which a better place for a cut is sought
MARGIN = 4  # pixels of the figure around what is shown
CONTRAST = 60  # from which on two neighbours in a row are an edge


def pieces(png: str, about: dict) -> list[str]:
    """What a slide shows of a figure, without title and footer: one picture, or two and more below
    each other where the letters of one would be too small."""
    if not about.get("letters"):
        return [png]
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(png)))
    rows = cuts(image, about)
    return [_encoded(image.convert("RGB").crop((0, above, image.width, below)))
            for above, below in zip(rows, rows[1:])]


def cuts(image, about: dict) -> list[int]:
    """Rows of a figure between which its pieces lie."""
    top, bottom = (round(share * image.height) for share in about["shows"])
    rows = [max(top - MARGIN, 0), min(bottom + MARGIN, image.height)]
    most = math.ceil((rows[1] - rows[0]) / image.width * ROOM[0] / ROOM[1])
    while smallest(image, about, rows) < READABLE and len(rows) <= most:
        rows = _rows(image, rows[0], rows[-1], len(rows))
    return rows


def smallest(image, about: dict, rows: list[int]) -> float:
    """Pixels of a full-HD screen that the smallest letters of these pieces take."""
    tallest = max(below - above for above, below in zip(rows, rows[1:]))
    point = image.width / (about["width"] * POINTS)
    return about["letters"] * on_screen(image.width, tallest, point)


def on_screen(width: float, height: float, point: float = 1.0) -> float:
    """Pixels of a full-HD screen that a point takes on a slide, of a picture of this size in pixels
    with so many of them in a point.

    >>> round(on_screen(592, 200), 2)
    2.94
    """
    return SCALE * point * min(ROOM[0] / width, ROOM[1] / height)


def _rows(image, top: int, bottom: int, count: int) -> list[int]:
    """Rows at which a picture falls into pieces of about the same height, where it has least on
    it."""
    import numpy as np

    grey = np.asarray(image.convert("L"), dtype=int)
    edges = (abs(np.diff(grey, axis=1)) > CONTRAST).sum(axis=1)
    height = (bottom - top) / count
    found = [top]
    for number in range(1, count):
        middle = top + number * height
        near = range(math.ceil(middle - NEAR * height), math.floor(middle + NEAR * height))
        found.append(min(near, key=lambda row: (edges[row], abs(row - middle))))
    return [*found, bottom]


def _encoded(image) -> str:
    file = io.BytesIO()
    image.save(file, format="PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")
