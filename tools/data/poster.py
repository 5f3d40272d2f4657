"""One picture of the results for the READMEs, put together from figures that a build made.

``python -m tools.data.poster outputs docs/images/results.png``
"""

import sys
from pathlib import Path

CHOSEN = ("map_senior_secondary_share", "zones_over_years", "need_access_quadrants",
          "force_field_diagram", "growth_and_poverty", "claims")
CELL = (800, 520)
COLUMNS = 2


def compose(figures: Path, target: Path) -> None:
    """Put the chosen figures side by side, each as large as its cell allows.

    Parameters
    ----------
    figures : Path
        Folder with the PNG files of a build.
    target : Path
        Where the picture is written; few colours keep it small.
    """
    from PIL import Image

    rows = -(-len(CHOSEN) // COLUMNS)
    sheet = Image.new("RGB", (CELL[0] * COLUMNS, CELL[1] * rows), "white")
    for number, name in enumerate(CHOSEN):
        picture = Image.open(figures / f"{name}.png").convert("RGB")
        picture.thumbnail((CELL[0] - 20, CELL[1] - 20), Image.Resampling.LANCZOS)
        row, column = divmod(number, COLUMNS)
        sheet.paste(picture, (column * CELL[0] + (CELL[0] - picture.width) // 2,
                              row * CELL[1] + (CELL[1] - picture.height) // 2))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(128).save(target, optimize=True)


if __name__ == "__main__":
    compose(Path(sys.argv[1]) / "figures", Path(sys.argv[2]))
