"""Measurement of the borders that are drawn from village points against real ones.

    python -m tools.checks.real_borders [RAW=package] [MIRROR=folder]

Real are the official villages of the package's regencies, joined to its areas, as `make boundaries`
takes them. Writes `docs/real-borders.csv`, with source, date and command, for docs/geography.md.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import geography
from helpers.intake import boundaries
from helpers.study import borders
from helpers.study.package import Package
from helpers.study.paths import ROOT

MEASURED = ROOT / "docs" / "real-borders.csv"


def main(arguments: list[str]) -> int:
    """Measure and write the table; the exit status is 0."""
    options = dict(argument.split("=", 1) for argument in arguments)
    raw = Path(options.pop("RAW", ROOT / "data" / "raw"))
    with tempfile.TemporaryDirectory() as folder:
        made = boundaries.make({"RAW": str(raw), "TO": f"{folder}/real", **options})
        real = Package(made)
        found = compared(borders.tessellated(Package(raw)), borders.read_boundaries(real))
        [source] = real.resource("boundaries").descriptor["sources"]
    codes = sorted({code[:5] for code in Package(raw).table("areas")["code"]})
    row = {"regencies": " ".join(codes), **found, "source": source["path"],
           "measured": datetime.now(UTC).date().isoformat(),
           "command": "python -m tools.checks.real_borders"}
    pd.DataFrame([row]).to_csv(MEASURED, index=False, lineterminator="\n")
    print(pd.Series(row).to_string())
    return 0


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
