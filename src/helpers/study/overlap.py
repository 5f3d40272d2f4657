"""How near borders drawn from village points come to real ones: ``python -m helpers.study.overlap`` measures it again.

The measurement takes ``examples/borders`` and the package of Blitar, and rewrites ``overlap.csv`` beside this file, which
the notebook of the disparity stage reads, and the table in ``docs/geography.md``. See examples/borders/README.md.
"""

from pathlib import Path

import pandas as pd

from helpers import files, geography
from helpers.study import paths

FILE = Path(__file__).with_name("overlap.csv")
GUIDE = paths.ROOT / "docs" / "geography.md"
BORDERS = paths.ROOT / "examples" / "borders"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->"
SIZES = "area_big_polygon"
DECIMALS = 4


def measured() -> pd.DataFrame:
    """Return what `measure` found last, indexed by place and method."""
    return pd.read_csv(FILE, index_col=["place", "method"])


def measure() -> pd.DataFrame:
    """Compare drawn with real areas in every place, by plain and by calibrated tessellation.

    Returns
    -------
    DataFrame
        place; method (voronoi; power: every area fitted to its size; power_of_villages: every village fitted to its
        size); areas; villages; share of the land that lies in its right area; low, median and high quartile of the
        intersection over union; median misfit of the sizes; median distance of the centres in km. Blitar's real
        borders are not at hand, only published sizes and centres.
    """
    rows = [*_with_borders("indonesia", ["voronoi"]),
            *_with_borders("nepal", ["voronoi", "power", "power_of_villages"]), *_blitar()]
    return pd.DataFrame(rows).round(DECIMALS)


def _with_borders(place: str, methods: list[str]):
    import geopandas

    real = geopandas.read_file(BORDERS / place / "boundaries.geojson")
    villages = pd.read_csv(BORDERS / place / "villages.csv")
    land, crs = real.union_all(), geography.metric_crs(real.total_bounds)
    real = real.to_crs(crs)
    sizes = real.set_index("code").area / 1e6
    ways = {
        "voronoi": lambda: geography.tessellate(villages, land, crs),
        "power": lambda: geography.tessellate(villages, land, crs, sizes=sizes),
        "power_of_villages": lambda: _from_villages(villages, land, crs),
    }
    for method in methods:
        drawn = ways[method]()
        found = geography.overlap(drawn, real)
        low, middle, high = found["iou"].quantile([0.25, 0.5, 0.75])
        yield {"place": place, "method": method, "areas": len(real), "villages": len(villages),
               "share": found["common"].sum() / found["real"].sum(), "iou_low": low, "iou_median": middle,
               "iou_high": high, "size_misfit": _misfit(drawn, sizes),
               "centre_km": _apart(drawn, real.set_geometry(real.centroid))}


def _from_villages(villages: pd.DataFrame, land, crs):
    """Fit every village to its own size, then join the villages of an area."""
    own = villages.assign(area=villages.index.astype("str"), of=villages["area"])
    cells = geography.tessellate(own, land, crs, sizes=own.set_index("area")["km2"])
    return cells.assign(code=cells["code"].map(own.set_index("area")["of"])).dissolve("code").reset_index()


def _blitar():
    import geopandas

    villages = pd.read_csv(paths.ROOT / "data" / "raw" / "villages.csv", dtype={"area": "str"})
    land = geopandas.read_file(paths.ROOT / "data" / "raw" / "land.geojson").union_all()
    indicators = pd.read_csv(paths.ROOT / "data" / "raw" / "indicators.csv", dtype={"code": "str"})
    sizes = indicators[indicators["indicator"] == SIZES].set_index("code")["value"]
    here = villages[villages["area"].notna()]
    crs = geography.metric_crs((here["lon"].min(), here["lat"].min(), here["lon"].max(), here["lat"].max()))
    centres = pd.read_csv(BORDERS / "blitar" / "centres.csv", dtype={"code": "str"})
    placed = geopandas.points_from_xy(centres["lon"], centres["lat"], crs=geography.LONGITUDE_LATITUDE)
    centres = geopandas.GeoDataFrame(centres[["code"]], geometry=placed).to_crs(crs)
    for method, fitted in (("voronoi", None), ("power", sizes)):
        drawn = geography.tessellate(villages, land, crs, sizes=fitted)
        yield {"place": "blitar", "method": method, "areas": len(drawn), "villages": len(here),
               "size_misfit": _misfit(drawn, sizes), "centre_km": _apart(drawn, centres)}


def _misfit(drawn, sizes: pd.Series) -> float:
    return (drawn.set_index("code").area / 1e6 / sizes - 1).abs().median()


def _apart(drawn, centres) -> float:
    one, other = drawn.set_index("code").centroid, centres.set_index("code").geometry
    return one.distance(other.loc[one.index]).median() / 1000


def _as_table(found: pd.DataFrame) -> str:
    names = ["tempat · place", "cara · method", "wilayah · areas", "titik · points", "luas benar · land in its area",
             "IoU Q1", "IoU median", "IoU Q3", "selisih luas · misfit of sizes", "jarak pusat · centres apart (km)"]
    shown = {"share": "{:.1%}", "iou_low": "{:.3f}", "iou_median": "{:.3f}", "iou_high": "{:.3f}",
             "size_misfit": "{:.1%}", "centre_km": "{:.2f}"}
    rows = [" | ".join("–" if pd.isna(value) else shown.get(name, "{}").format(value)
                       for name, value in row.items()) for row in found.to_dict("records")]
    return "\n".join(f"| {row} |" for row in [" | ".join(names), " | ".join(["---"] * len(names)), *rows]) + "\n"


def in_guide(text: str, found: pd.DataFrame) -> str:
    """Return the guide's text with the table of what was found."""
    head, rest = text.split(BEGIN)
    return head + BEGIN + _as_table(found) + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    result = measure()
    files.write(FILE, result.to_csv(index=False, lineterminator="\n"))
    files.write(GUIDE, in_guide(GUIDE.read_text(encoding="utf-8"), result))
