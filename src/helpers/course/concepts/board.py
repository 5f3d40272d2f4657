"""Board of a concepts notebook: tables with their labels, pictures, and pictures that follow a
slider.

A slider's pictures are drawn beforehand, so they move without a kernel; in a saved notebook once it
was run, or trusted.
"""

import base64
import io
from collections.abc import Mapping
from html import escape

import pandas as pd

from helpers.course.checks import explain_errors
from helpers.course.concepts import pictures
from helpers.languages import DEFAULT
from helpers.publish import tables
from helpers.publish.cell import show
from helpers.publish.texts import Texts

STATUS = "illustrative"  # of all data of the concepts
SLIDE = ("for (const one of this.closest('figure').querySelectorAll('[data-place]')) "
         "one.style.display = one.dataset.place === this.value ? '' : 'none'; "
         "this.setAttribute('aria-valuetext', "
         "this.closest('figure').querySelector(`b[data-place='${this.value}']`).textContent)")
WIDE = "max-width:100%;height:auto;display:"
PIXELS = 150  # an inch


class Board:
    """Board of one stage's concepts in a language; ``t`` are the stage's texts, ``told`` those of
    the course."""

    def __init__(self, stage: str, lang: str):
        self.t, self.told = Texts(lang, stage), Texts(lang, "course")

    def table(self, frame: pd.DataFrame, digits: int = 2) -> None:
        """Show a table with labels and words where the frame has names of columns and keys."""
        frame = frame.rename(columns=lambda name: name.removesuffix(f"_{self.t.lang}"))
        styles = {name: "text" if column.dtype == object and not column.map(type).eq(str).all()
                  else f".{digits}f" if column.dtype.kind == "f"
                  else "d" if column.dtype.kind in "iu" else "word"
                  for name, column in frame.items()}
        show({"text/html": tables.to_html(frame, styles, self.t, "", STATUS),
              "text/plain": frame.to_string(index=False)})

    def picture(self, name: str, *given) -> None:
        """Show one picture of `helpers.course.concepts.pictures`, with what it says."""
        image, said = self._drawn(name, given)
        self._show(f'<img src="{image}" alt="{said}" style="{WIDE}block">', said, said)

    def play(self, name: str, frames: Mapping[str, object]) -> None:
        """Show a picture for each place of a slider; `frames` is label of the place to what the
        picture is drawn from."""
        images, words, sayings = [], [], []
        for place, (label, given) in enumerate(frames.items()):
            image, said = self._drawn(name, (given,))
            here = "" if place == 0 else "none"
            images.append(f'<img data-place="{place}" src="{image}" alt="{said}" '
                          f'style="{WIDE}{here}">')
            words.append(f'<b data-place="{place}" style="display:{here}">{escape(label)}</b>')
            sayings.append(f'<span data-place="{place}" style="display:{here}">{said}</span>')
        title = escape(self.told(f"concepts.{name}.slider"))
        first = escape(next(iter(frames)), quote=True)
        slider = (f'<label>{title}: {"".join(words)}<br><input type="range" min="0" step="1" '
                  f'max="{len(frames) - 1}" value="0" style="width:min(24em,90%)" '
                  f'aria-valuetext="{first}" oninput="{escape(SLIDE)}"></label>')
        self._show(slider + "".join(images), f'<span aria-live="polite">{"".join(sayings)}</span>',
                   title)

    def _drawn(self, name: str, given: tuple) -> tuple[str, str]:
        """Picture as an address, and what it says, both for HTML."""
        figure, values = getattr(pictures, name)(*given, t=self.told)
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=PIXELS)
        code = base64.b64encode(content.getvalue()).decode()
        return (f"data:image/png;base64,{code}",
                escape(self.told(f"concepts.{name}.said", **values), quote=True))

    def _show(self, inside: str, said: str, plain: str) -> None:
        status = (f'<span class="status status-{STATUS}">({escape(self.told.word(STATUS))})</span>')
        show({"text/html": f'<figure lang="{self.told.lang}" style="margin:0;max-width:46em">'
                           f"{inside}<figcaption>{said} {status}</figcaption></figure>",
              "text/plain": plain})


def board(stage: str, lang: str = DEFAULT) -> Board:
    """Board of a stage's concepts; errors are one message from then on."""
    explain_errors(stage, lang)
    return Board(stage, lang)
