"""Figures with title, source, status, and a mark that survives a cropped screenshot."""

import io
import re
import sys
import textwrap

import numpy as np

from helpers.forked import by_two
from helpers.publish.texts import Texts

INCH_PER_LINE = 0.16
FOOTER_SIZE = 7.5
TITLE_SIZE = 12
LETTERS_PER_INCH = 9.5  # of the title
DPI = 150
PLACES = re.compile(r' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
DECIMALS = re.compile(r"(\d\.\d\d)\d+")
LETTER = re.compile(r'(id="|href="#)DejaVuSans-')
AT_ENDS = re.compile(r"[ \t]*\n[ \t]*")
MOVED = re.compile(r'(<use [^>]*)transform="translate\(([\d.-]+) 0\)"')
# A letter's own grid is ten times finer than a point.
PLACED = re.compile(r'(<use [\w:]*href="#[0-9a-f]+" x=")(-?\d+\.\d+)("/>)')
# A line or curve after one of its kind needs no letter of its own.
AGAIN = re.compile(r"(?<=\n)([LQC]) [^\n]*(?:\n\1 [^\n]*)+")
PATH = re.compile(r' d="[^"]*"')
WHERE = ("backend", "backend_fallback", "interactive")
MOST_KEPT = 80  # figures of a notebook that is run again
_kept: dict[str, tuple] = {}
UNMARKED = ("<colorbar>", "<key>", "<inset>")  # labels of axes that explain the others


def finish(figure, t: Texts, title: str, source: str, status: str) -> None:
    """Title, footer and status mark, added to a figure of constrained layout.

    The title says what is shown, never a result. Any status but published is written across every
    axes.
    """
    width, height = figure.get_size_inches()
    footer = textwrap.wrap(t("figure.footer", status=t.word(status), source=source),
                           int(width * 15))
    share = INCH_PER_LINE * (len(footer) + 0.5) / height
    figure.get_layout_engine().set(rect=(0, share, 1, 1 - share))
    figure.text(0.01, 0.06 / height, "\n".join(footer), size=FOOTER_SIZE, color="#444444",
                va="bottom", linespacing=1.3)
    if figure.get_suptitle() == "":
        letters = int(max(width - _legend_width(figure), width / 3) * LETTERS_PER_INCH)
        figure.suptitle("\n".join(textwrap.wrap(title, letters)), size=TITLE_SIZE, x=0.01,
                        ha="left")
    if status != "published":
        _mark(figure, t.word(status).upper())


def _legend_width(figure) -> float:
    """Inches that the figure's own legend takes at the upper right, beside the title."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    return max((legend.get_window_extent(renderer).width / figure.dpi for legend in figure.legends),
               default=0.0)


def _mark(figure, word: str) -> None:
    """Word across every panel; across the whole picture where no panel is seen."""
    panels = [(axes, axes.transAxes, axes.get_position().size) for axes in figure.axes
              if axes.get_visible() and axes.get_label() not in UNMARKED]
    for part, place, share in panels or [(figure, figure.transFigure, (1, 1))]:
        inches = share * figure.get_size_inches()
        wide, high = (max(1, round(one)) for one in inches / (2.4, 1.5))
        for column in range(wide):
            for row in range(high):
                part.text((column + 0.5) / wide, (row + 0.5) / high, word, transform=place,
                          rotation=20, size=15, color="#7a7a7a", alpha=0.32, ha="center",
                          va="center", weight="bold", zorder=50, clip_on=part is not figure)


def render(figure, name: str) -> tuple[bytes, bytes, dict]:
    """Return a figure as PNG and SVG, and what a slide needs to know of it (`drawn`); the same
    figure gives the same bytes.

    Labels from the data are shown as they are: a dollar sign does not start a formula. The SVG is
    written meanwhile by a process of its own, where there may be two.
    """
    import matplotlib
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with matplotlib.rc_context({"svg.hashsalt": name, "text.parse_math": False}):
        figure.set_dpi(DPI)
        settle(figure)
        png, svg = by_two(lambda draw: draw(figure), (_png, _svg))
        about = drawn(figure)
    return png, svg.encode(), about


def kept(key: str | None, make):
    """What ``make`` returned when it was last asked with this key, in this process."""
    if key is None:
        return make()
    found = _kept.pop(key, None) or make()
    _kept[key] = found
    while len(_kept) > MOST_KEPT:
        del _kept[next(iter(_kept))]
    return found


def settings() -> dict[str, str]:
    """Settings of matplotlib that a notebook changed; those that only say where to draw apart."""
    if (matplotlib := sys.modules.get("matplotlib")) is None:
        return {}
    now, before = matplotlib.rcParams, matplotlib.rcParamsOrig
    return {name: str(now[name]) for name in now if name not in WHERE and now[name] != before[name]}


def drawn(figure) -> dict:
    """Width of a figure on a page, where between its title and its footer it begins and ends, as
    shares of its height, and the size of its smallest letters in points."""
    from matplotlib.text import Text

    renderer, height = figure.canvas.get_renderer(), figure.bbox.height
    parts = [*figure.axes, *figure.legends, *figure.subfigs]
    # A hidden part has no box; a figure without any part is shown whole.
    boxes = [box for part in parts if (box := part.get_tightbbox(renderer))] or [figure.bbox]
    apart = {*figure.texts, figure._suptitle}
    letters = [text.get_size() for text in figure.findobj(Text)
               if text not in apart and text.get_visible() and text.get_text().strip()]
    return {"width": int(figure.get_size_inches()[0] * 96), "letters": min(letters, default=0),
            "shows": [round(1 - max(box.y1 for box in boxes) / height, 3),
                      round(1 - min(box.y0 for box in boxes) / height, 3)]}


def _png(figure) -> bytes:
    """Figure without a channel for transparency: on white paper that saves a tenth of the size.

    Harder compression takes half as long again, for the same size.
    """
    from PIL import Image

    figure.canvas.draw()
    png = io.BytesIO()
    Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3]).save(
        png, format="PNG", dpi=(DPI, DPI), compress_level=3)
    return png.getvalue()


def _svg(figure) -> str:
    svg = io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return shortened(svg.getvalue().decode())


def shortened(svg: str) -> str:
    """Drawing without what nobody sees: third decimals of points, spaces, long names of letters,
    and what a path or a letter's place says twice.

    >>> shortened('<use x="1.239999" style="stroke-width: 0.8125"/> \\n <path d="M 7.123456"/>')
    '<use x="1.23" style="stroke-width: 0.8125"/>\\n<path d="M 7.12"/>'
    >>> shortened('<path d="M 0 0\\nL 1 1\\nL 2 0"/><use href="#a" transform="translate(7 0)"/>')
    '<path d="M 0 0\\nL 1 1\\n2 0"/><use href="#a" x="7"/>'
    >>> shortened('<use xlink:href="#44" x="249.93"/><use xlink:href="#m1" x="2.57" y="1.5"/>')
    '<use xlink:href="#44" x="250"/><use xlink:href="#m1" x="2.57" y="1.5"/>'
    """
    drawn = PLACES.sub(lambda place: DECIMALS.sub(r"\1", place[0]), svg)
    drawn = MOVED.sub(r'\1x="\2"', AT_ENDS.sub("\n", LETTER.sub(r"\1", drawn)))
    drawn = PLACED.sub(lambda letter: f"{letter[1]}{float(letter[2]):.0f}{letter[3]}", drawn)
    return PATH.sub(lambda path: AGAIN.sub(
        lambda found: found[0].replace(f"\n{found[1]} ", "\n"), path[0]), drawn)


def settle(figure) -> None:
    """Lay a figure out once, for both formats, and keep it so; nothing needs to be drawn for that.

    The solver behind the layout adds in an order that depends on memory addresses; what it returns
    differs in the last digit from run to run. Rounded to a thousandth of a pixel, a position is the
    same everywhere.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)  # letters take the room that they take in the PNG
    if figure.axes:
        figure.get_layout_engine().execute(figure)
    figure.set_layout_engine(None)
    for part in figure.subfigs:
        box = part.bbox_relative
        box.p0, box.p1 = np.round(box.p0, 6), np.round(box.p1, 6)
    for axes in figure.axes:
        axes.set_position([round(part, 6) for part in axes.get_position(original=True).bounds],
                          which="original")
