"""What a drawing shows: its words with their colours, those of its legend, and a small picture."""

import hashlib
import io
import re
import tempfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
LETTER = re.compile(r"#(?:DejaVuSans-)?(?:(\w+)-)?([0-9a-f]+)")
COLOUR = re.compile(r"(?:fill|stroke|opacity|fill-opacity): [^;]+")
WIDTH = 240
COLOURS = 256
TILE = 8
MEAN = 3.0
WORST = 18.0
# Other programs put letters and lines elsewhere by a part of a pixel.
OTHER_MEAN = 8.0
OTHER_WORST = 60.0


def words(svg: bytes) -> list[str]:
    """Words of a drawing in their order, each after its colours, and the colours of its legend;
    the last line stands for the shapes of the letters.

    Words are read from the letters that are drawn, not from what the file says about them.
    """
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return ["not a drawing"]
    found: list[str] = []
    letters: set[str] = set()
    _walk(root, "", False, found, letters)
    return [*found, f"letters {hashlib.sha256(' '.join(sorted(letters)).encode()).hexdigest()[:8]}"]


def _walk(element, colours: str, legend: bool, found: list[str], letters: set[str]) -> None:
    for child in element:
        own = ", ".join(COLOUR.findall(child.get("style", ""))) or colours
        name = child.get("id", "")
        inside = legend or name.startswith("legend")
        uses = [use.get(LINK, "") for use in child.findall(f"{SVG}use")]
        if child.tag == f"{SVG}g" and uses and element.get("id", "").startswith("text"):
            found.append(f"{own or 'fill: #000000'} | {''.join(map(_letter, uses))}")
            letters |= {f"{path.get('id')} {path.get('d')}" for path in child.iter(f"{SVG}path")}
            continue
        if inside and own and child.tag in (f"{SVG}path", f"{SVG}use"):
            found.append(f"legend {own}")
        _walk(child, own, inside, found, letters)


def _letter(link: str) -> str:
    known = LETTER.fullmatch(link)
    face, number = (known[1] or "", int(known[2], 16)) if known else ("", -1)
    return _letters(face).get(number, "?")


@cache
def _letters(face: str) -> dict[int, str]:
    """Letters of a face of the font by their numbers in it."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    path = Path(matplotlib.get_data_path(), "fonts", "ttf",
                f"DejaVuSans{'-' * bool(face)}{face}.ttf")
    if not path.is_file():
        return {}
    found: dict[int, str] = {}
    for code, number in sorted(FT2Font(str(path)).get_charmap().items()):
        found.setdefault(number, chr(code))
    return found


def pixels(picture: bytes) -> str:
    """Code of the colours of every pixel, whatever the file packs them in."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(picture)).convert("RGB")
    except OSError:
        return "not a picture"
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()


def small(picture: bytes) -> bytes:
    """Drawing or picture, 240 pixels wide, of few colours, as the reference keeps it."""
    out = io.BytesIO()
    _reduced(picture).save(out, format="PNG", optimize=True)
    return out.getvalue()


def compared(expected: bytes, found: bytes, mean: float = MEAN, worst: float = WORST
             ) -> dict | None:
    """Compare two drawings or pictures in three colours, 240 pixels wide.

    They agree when the mean absolute difference of the channels is at most `mean` of 255, and at
    most `worst` in every tile of 8 pixels.
    """
    left, right = (np.asarray(_reduced(one).convert("RGB"), dtype=float)
                   for one in (expected, found))
    if abs(left.shape[0] - right.shape[0]) > 1:
        return {"kind": "size", "expected": "{1} × {0}".format(*left.shape),
                "found": "{1} × {0}".format(*right.shape)}
    height = min(left.shape[0], right.shape[0])
    apart = np.abs(left[:height] - right[:height])
    highest = max(apart[top:top + TILE, side:side + TILE].mean((0, 1)).max()
                  for top in range(0, max(1, height - TILE + 1), TILE // 2)
                  for side in range(0, WIDTH - TILE + 1, TILE // 2))
    if apart.mean() <= mean and highest <= worst:
        return None
    return {"kind": "picture", "mean": round(float(apart.mean()), 2), "limit": mean,
            "worst": round(float(highest), 1), "worst_limit": worst}


def _reduced(picture: bytes):
    from PIL import Image

    svg = picture.lstrip()[:5] in (b"<?xml", b"<svg ")
    image = Image.open(io.BytesIO(_drawn(picture) if svg else picture))
    if image.mode == "P" and image.width == WIDTH:
        return image
    height = max(1, round(image.height * WIDTH / image.width))
    reduced = image.convert("RGB").resize((WIDTH, height), Image.Resampling.BOX)
    # The other methods mix colours that are rare.
    return reduced.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)


def _drawn(svg: bytes) -> bytes:
    """Picture of a drawing."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "drawing.svg").write_bytes(svg)
        page = Path(folder, "page.typ")
        page.write_text('#set page(width: auto, height: auto, margin: 0pt)\n'
                        '#image("drawing.svg")', encoding="utf-8")
        return typst.compile(page, root=folder, format="png", ppi=96)
