"""Make the second data package, examples/mexico: the Mexican states that libpysal ships, areas and
indicators only.

    python tests/make_mexico.py FOLDER

Income per head of 32 states in seven census years, and their polygons. Zones are made from
geography alone: the 16 states whose inner point lies farther north are "north", the other 16
"south".
"""

import json
import sys
from pathlib import Path

import geopandas
import pandas as pd

from helpers.intake import describe

YEARS = range(1940, 2001, 10)
SOURCE = "MEXICO"
TERMS = "BSD 3-Clause, as libpysal, which ships it; the file states no terms of its own"
PARAMETERS = """\
# Parameters for the package of Mexican states; what is not named here is as in the project's \
params.yml
disparity:
  year: 2000
  first_year: 1940
  reference_indicator: income_per_head
  map_indicators: []
"""


def make(folder: str | Path) -> None:
    """Write the package into a folder; the same libpysal gives the same bytes.

    Parameters
    ----------
    folder : str or Path
        Made where it does not exist; files of the same names are replaced.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    states = _states()
    tables = {"areas": _areas(states), "indicators": _indicators(states), "catalogue": _catalogue(),
              "sources": _sources()}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    shapes = json.loads(states[["code", "geometry"]].to_json(drop_id=True, to_wgs84=True))
    for feature in shapes["features"]:
        feature["geometry"]["coordinates"] = _rounded(feature["geometry"]["coordinates"])
    (folder / "boundaries.geojson").write_text(
        json.dumps(shapes, separators=(",", ":")) + "\n", encoding="utf-8", newline="\n")
    (folder / "params.yml").write_text(PARAMETERS, encoding="utf-8", newline="\n")
    (folder / "datapackage.json").write_text(
        json.dumps(_descriptor(tables), indent=2) + "\n", encoding="utf-8", newline="\n")
    describe.refresh(folder)


def _states() -> geopandas.GeoDataFrame:
    from libpysal import examples

    # The shapefile names no reference system; its coordinates are degrees.
    states = geopandas.read_file(examples.get_path("mexicojoin.shp")).set_crs(4326)
    states = states.rename(columns={"CODE": "code", "NAME": "name"}).sort_values(
        "code", ignore_index=True)
    northing = states.representative_point().y
    states["zone"] = (northing > northing.median()).map({True: "north", False: "south"})
    return states


def _areas(states: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(states[["code", "name", "zone"]]).assign(group="Mexico")


def _indicators(states: pd.DataFrame) -> pd.DataFrame:
    values = pd.DataFrame(states[["code"]].join(states[[f"PCGDP{year}" for year in YEARS]]))
    long = values.melt("code", var_name="year", value_name="value")
    long["year"] = long["year"].str.removeprefix("PCGDP").astype(int)
    long = long.assign(indicator="income_per_head", value=long["value"].astype(int),
                       unit="pesos per person", source=SOURCE)
    return long.sort_values(["code",
                             "year"])[["code", "indicator", "year", "value", "unit", "source"]]


def _catalogue() -> pd.DataFrame:
    return pd.DataFrame([{
        "indicator": "income_per_head", "label_id": "Pendapatan per kapita",
        "label_en": "Income per head", "unit": "pesos per person", "direction": 1,
        "theme": "economy",
    }])


def _sources() -> pd.DataFrame:
    return pd.DataFrame([{
        "source": SOURCE,
        "title": "Decennial per capita incomes of Mexican states 1940-2000 (example data 'mexico')",
        "url": "https://github.com/pysal/libpysal/tree/main/libpysal/examples/mexico",
        "publisher": "PySAL, from Rey and Sastre Gutierrez (2010), Spatial Economic Analysis 5",
        "year": 2010, "licence": TERMS,
    }])


def _rounded(coordinates):
    """Keep six decimals, a tenth of a metre: shared borders stay shared, and the file stays
    small."""
    if isinstance(coordinates, float):
        return round(coordinates, 6)
    return [_rounded(part) for part in coordinates]


FIELDS = {
    "code": ("string", "State code"), "name": ("string", "State"), "zone": ("string", "Zone"),
    "group": ("string", "Country"), "indicator": ("string", "Indicator"), "year": ("integer",
                                                                                   "Year"),
    "value": ("number", "Value"), "unit": ("string", "Unit"), "source": ("string", "Source"),
    "label_id": ("string", "Indonesian label"), "label_en": ("string", "English label"),
    "direction": ("integer", "1 more is better, -1 worse, 0 neutral"), "theme": ("string", "Theme"),
    "title": ("string", "Title"), "url": ("string", "Address"),
    "publisher": ("string", "Publisher"), "licence": ("string", "Terms"),
}
TITLES = {
    "areas": ("States and zones",
              "Zones are a division into two halves by latitude, made for this example."),
    "indicators": ("Income per head", "Seven census years; unit as published."),
    "catalogue": ("Catalogue of indicators", "One indicator."),
    "sources": ("Sources", "One source."),
}
KEYS = {"areas": ["code"], "indicators": ["code", "indicator", "year"], "catalogue": ["indicator"],
        "sources": ["source"]}
REFERENCES = {"indicators": [("code", "areas"), ("indicator", "catalogue"), ("source", "sources")]}


def _descriptor(tables: dict[str, pd.DataFrame]) -> dict:
    common = {
        "status": "published",
        "sources": [{"title": "Mexican states, example data of libpysal (source MEXICO)"}],
        "licenses": [{"name": "BSD-3-Clause", "title": TERMS}], "encoding": "utf-8"
    }
    resources = [{
        "name": name, "path": f"{name}.csv", "profile": "tabular-data-resource",
        "title": TITLES[name][0], "description": TITLES[name][1], **common, "format": "csv",
        "mediatype": "text/csv", "schema": {
            "fields": [_field(name, column) for column in table.columns], "missingValues": [""],
            "primaryKey": KEYS[name], "foreignKeys": [{
                "fields": [column], "reference": {"resource": other, "fields": [column]}
            } for column, other in REFERENCES.get(name, [])],
        },
    } for name, table in tables.items()]
    resources.append({
        "name": "boundaries", "path": "boundaries.geojson", "profile": "data-resource",
        "title": "States", "description": "Polygons by code, in longitude and latitude.",
        **common, "format": "geojson", "mediatype": "application/geo+json",
    })
    return {
        "profile": "data-package", "name": "mexico", "title": "Income of Mexican states 1940-2000",
        "description": "A second package of the same shape, with the resources of the disparity "
                       "stage only.",
        "version": "1.0.0", "licenses": common["licenses"], "sources": common["sources"],
        "resources": resources
    }


def _field(resource: str, column: str) -> dict:
    kind, title = ("string", "Year") if (resource, column) == ("sources",
                                                               "year") else FIELDS[column]
    required = column in KEYS[resource][:2] or column in ("name", "zone", "value", "direction")
    return {"name": column, "type": kind, "title": title
            } | ({"constraints": {"required": True}} if required else {})


if __name__ == "__main__":
    make(sys.argv[1])
