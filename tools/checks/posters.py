"""Pictures of the results in the READMEs: put together from figures that a build made."""

import io
from pathlib import Path

from helpers.languages import DEFAULT, ENGLISH
from helpers.verdict import drawing

CHOSEN = ("map_idm_index", "claims")
WIDTH = 1000
CODES = "readme/pictures.txt"
PLACES = {DEFAULT: "docs/images/results.id.png", ENGLISH: "docs/images/results.png"}


def compose(figures: Path) -> bytes | None:
    """The chosen figures below each other, each as wide as the page; None where one is missing.

    Few colours keep the picture small.
    """
    from PIL import Image

    paths = [figures / f"{name}.png" for name in CHOSEN]
    if not all(path.is_file() for path in paths):
        return None
    shown = []
    for path in paths:
        picture = Image.open(path).convert("RGB")
        shown.append(picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)),
                                    Image.Resampling.LANCZOS))
    sheet = Image.new("RGB", (WIDTH, sum(picture.height for picture in shown)), "white")
    top = 0
    for picture in shown:
        sheet.paste(picture, (0, top))
        top += picture.height
    out = io.BytesIO()
    # The other methods mix colours that are rare and mean something: those of verdicts.
    sheet.quantize(256, method=Image.Quantize.FASTOCTREE).save(out, format="PNG", optimize=True)
    return out.getvalue()


def outdated(root: Path, out: Path, lang: str) -> str | None:
    """Path of the picture that a README shows, where it is not one of this build."""
    path, made = PLACES.get(lang), compose(out / "figures")
    if path is None or made is None:
        return None
    there = (root / path).read_bytes() if (root / path).is_file() else b""
    return None if drawing.pixels(there) == drawing.pixels(made) else path
