"""Page over the results of many regions: map, ranks, links, and what was passed over."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import files, geography
from helpers.documents.site import pages
from helpers.publish.texts import Texts
from helpers.study.borders import polygons
from helpers.study.package import Package, weakest

NAME = "index.html"
TABLE = "regions.csv"
LEADING = "idm_index"  # what regions are ranked by: the one indicator of welfare that all may have
WIDTH, HEIGHT = 900.0, 480.0
CLASSES = 5
DOT = 14.0  # an outline that is smaller gets a dot beside it, to be seen and met
SMALLEST = 0.0005  # share of the map's width below which an outline has no further points


@dataclass(frozen=True)
class Region:
    """One region of a list: its package, its results where they were built, else why not."""

    asked: str
    package: Path | None
    results: Path | None
    why: str = ""


def write(folder: Path, regions: Iterable[Region], lang: str) -> Path:
    """Write the page and its table into a folder; links are relative to it."""
    regions, t = list(regions), Texts(lang, "site")
    built = [region for region in regions if region.results is not None]
    table = pd.DataFrame([_row(region, folder) for region in built])
    if len(table):
        for name, upwards in (("mean", False), ("theil", True)):
            table[f"rank_{name}"] = table[name].rank(ascending=upwards, method="min")
        table["status"] = table["status"].fillna("")
        table = table.sort_values(["rank_mean", "name"], na_position="last", ignore_index=True)
        files.write(folder / TABLE, table.drop(columns="shape").to_csv(index=False,
                                                                     lineterminator="\n"))
    text = pages.environment().get_template("regions.html").render(
        t=t, rows=[{name: None if pd.isna(value) else value for name, value in row.items()}
                   for row in table.drop(columns="shape", errors="ignore").to_dict("records")],
        failed=[region for region in regions if region.results is None],
        drawing=_drawing(table) if len(table) else None, width=WIDTH, height=HEIGHT)
    files.write(folder / NAME, text)
    return folder / NAME


def _row(region: Region, folder: Path) -> dict:
    package = Package(region.package)
    values = package.table("indicators")
    means = values.loc[values["indicator"] == LEADING, "value"]
    areas = package.table("areas")
    unequal = _inequality(region.results)
    return {"name": package.descriptor["title"], "areas": len(areas), "with_value": len(means),
            "mean": means.mean() if len(means) else np.nan, **unequal,
            "link": (region.results / "site" / "index.html").relative_to(folder).as_posix(),
            "shape": polygons(package).to_crs(geography.LONGITUDE_LATITUDE).union_all()}


def _inequality(results: Path) -> dict:
    """Gini and Theil index of the indicator that regions are ranked by, and their status."""
    path, none = results / "tables" / "inequality.csv", {"gini": np.nan, "theil": np.nan,
                                                         "status": None}
    if not path.is_file():
        return none
    table = pd.read_csv(path)
    table = table[table["indicator"] == LEADING]
    if table.empty:
        return none
    last = table.iloc[-1]
    return {"gini": last["gini"], "theil": last["theil"], "status": weakest(table["status"])}


def _drawing(table: pd.DataFrame) -> dict:
    """Outlines as paths of an SVG, each with its class from 0 (none: -1), and the class limits."""
    import shapely

    shapes = np.array(table["shape"].tolist(), dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    shorter = np.cos(np.radians((south + north) / 2))
    scale = min(WIDTH / max((east - west) * shorter, 1e-9), HEIGHT / max(north - south, 1e-9))
    flat = shapely.transform(shapes, lambda degrees: np.column_stack(
        [(degrees[:, 0] - west) * shorter * scale, (north - degrees[:, 1]) * scale]))
    flat = shapely.simplify(flat, SMALLEST * WIDTH)
    known, limits = table["mean"].notna(), np.array([])
    classes = np.full(len(table), -1)
    if known.any():
        limits = geography.class_limits(table["mean"][known].to_numpy(), "quantiles", CLASSES)
        classes[known] = np.searchsorted(limits[1:-1], table["mean"][known])
    rows = zip(flat, classes, table["name"], table["link"], table["mean"], strict=True)
    return {"limits": limits.tolist(), "paths": [
        {"d": _path(shape), "dot": _dot(shape), "class": int(number), "name": name, "link": link,
         "mean": None if pd.isna(mean) else mean} for shape, number, name, link, mean in rows]}


def _dot(shape) -> tuple[float, float] | None:
    """Middle of an outline that is too small to be met, else None."""
    west, north, east, south = shape.bounds
    if max(east - west, south - north) >= DOT:
        return None
    return round((west + east) / 2, 1), round((north + south) / 2, 1)


def _path(shape) -> str:
    import shapely

    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]) + "Z"
                   for ring in rings)
