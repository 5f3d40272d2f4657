"""Measurement of borders against the real ones: those that are drawn from village points, and those
of the kecamatan that the same public source simplified.

    python -m tools.checks.real_borders [RAW=package] [MIRROR=folder]

Real are the official villages of the package's regencies, joined to its areas, as `make boundaries`
takes them. Writes `docs/real-borders.csv`, with source, date and command, and the table of it in
docs/geography.md.
"""

import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import files, geography
from helpers.intake import boundaries
from helpers.study import borders
from helpers.study.package import Package
from helpers.study.paths import ROOT

MEASURED = ROOT / "docs" / "real-borders.csv"
PAGE = ROOT / "docs" / "geography.md"
COMMAND = "python -m tools.checks.real_borders"
BLOCK = re.compile(r"(<!-- real borders -->\n).*?(<!-- /real borders -->)", re.DOTALL)
HEADINGS = {"borders": "batas · borders", "areas": "wilayah · areas",
            "land": "luas benar · land in its area", "iou_low": "IoU Q1",
            "iou_median": "IoU median", "iou_high": "IoU Q3",
            "sizes": "selisih luas · misfit of sizes",
            "centres": "jarak pusat · centres apart (km)",
            "pairs_right": "pasangan tetangga benar · pairs of neighbours right",
            "pairs_drawn": "pasangan tergambar · pairs drawn"}
FORMATS = {"land": "{:.1%}", "sizes": "{:.1%}", "centres": "{:.2f}",
           **dict.fromkeys(("iou_low", "iou_median", "iou_high"), "{:.3f}")}


def main(arguments: list[str]) -> int:
    """Measure, write the table and its page; the exit status is 0."""
    options = dict(argument.split("=", 1) for argument in arguments)
    raw = Path(options.pop("RAW", ROOT / "data" / "raw"))
    with tempfile.TemporaryDirectory() as folder:
        made = {level: Package(boundaries.make(
            {"RAW": str(raw), "TO": f"{folder}/{level}", "FROM": level, **options}))
            for level in ("villages", "kecamatan")}
        real = borders.read_boundaries(made["villages"])
        tried = {"voronoi": borders.tessellated(Package(raw)),
                 "kecamatan": borders.read_boundaries(made["kecamatan"])}
        [source] = made["villages"].resource("boundaries").descriptor["sources"]
    codes = sorted({code[:5] for code in Package(raw).table("areas")["code"]})
    table = pd.DataFrame([
        {"regencies": " ".join(codes), "borders": name, **compared(shapes, real),
         "source": source["path"], "measured": datetime.now(UTC).date().isoformat(),
         "command": COMMAND} for name, shapes in tried.items()])
    files.write(MEASURED, table.to_csv(index=False, lineterminator="\n"))
    files.write(PAGE, on_page(PAGE.read_text(encoding="utf-8"), table))
    print(table.T.to_string(header=False))
    return 0


def on_page(text: str, table: pd.DataFrame) -> str:
    """Page with the table of what was measured in place of the one that it has."""
    rows = [HEADINGS.values(), ["---"] * len(HEADINGS)]
    rows += [[FORMATS.get(name, "{}").format(row[name])
              + (f" / {row['pairs']}" if name == "pairs_right" else "") for name in HEADINGS]
             for row in table.to_dict("records")]
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return BLOCK.sub(lambda found: found[1] + lines + found[2], text)


def compared(drawn, real) -> dict[str, float]:
    """Agreement of two sets of polygons of the same areas, both with the column ``code``.

    ``land`` is the share of the real land that lies in the drawn polygon of its area; ``iou_*`` the
    quartiles of intersection over union; ``sizes`` the median misfit of surfaces; ``centres`` the
    median distance of centroids in km; ``pairs`` the real pairs of neighbours, ``pairs_right``
    those that are drawn too.
    """
    import shapely

    real = real.set_index("code").sort_index()
    drawn = drawn.to_crs(real.crs).set_index("code").loc[real.index]
    one, other = drawn.geometry.to_numpy(), real.geometry.to_numpy()
    common = shapely.area(shapely.intersection(one, other))
    union = shapely.area(shapely.union(one, other))
    low, middle, high = np.quantile(common / union, [0.25, 0.5, 0.75])
    land = common.sum() / shapely.area(other).sum()
    sizes = np.median(np.abs(shapely.area(one) / shapely.area(other) - 1))
    centres = np.median(shapely.distance(shapely.centroid(one), shapely.centroid(other))) / 1000
    pairs, right = (geography.neighbours(table.reset_index()).toarray() for table in (real, drawn))
    rounded = {"land": land, "iou_low": low, "iou_median": middle, "iou_high": high,
               "sizes": sizes, "centres": centres}
    return {"areas": len(real), **{name: round(float(value), 4) for name, value in
                                   rounded.items()},
            "pairs": int(pairs.sum()) // 2, "pairs_right": int((pairs * right).sum()) // 2,
            "pairs_drawn": int(right.sum()) // 2}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
