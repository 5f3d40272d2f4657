"""Package of another region: tables, descriptor, parameters, and a page of what to fill in."""

import re
import shutil
from argparse import Namespace
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.intake import atomic_package, geojson
from helpers.intake.describe import write_descriptor
from helpers.intake.new import zones
from helpers.intake.new.tables import EXAMPLE, GIVEN, Tables, texts
from helpers.study import paths
from helpers.study.package import Package, weakest
from helpers.study.validation import contract

TITLES = {"areas": "Areas and their zones", "indicators": "Indicators by area",
          "catalogue": "Catalogue of indicators", "sources": "Sources",
          "villages": "Village points"}
COMPUTED = ("Computed from the village points when this package was made: numbers, densities and "
            "distances as the crow flies. Densities divide by the surfaces of approximated "
            "borders, so these figures are simulated.")
ISLANDS = (" Where the file lacks islands, land was drawn round their villages.")
MADE_UP = ("An example, made up to show the form: the rank of an area in the list. Put your own "
           "figures here.")
FOLLOWED = (EXAMPLE, "village_density", "village_spacing", "villages")  # the first that is there
COUNTRY = "national"  # resource that is the same for every region of Indonesia
LAND_KINDS = (".geojson", ".json", ".gpkg")


def write_package(given: Namespace, made: Tables) -> None:
    """Write the package of a call, which names folder, title, status, source and licence."""
    if made.land is not None and made.land.suffix.lower() not in LAND_KINDS:
        raise InputError("{land}: the land must be one file; save it as GeoJSON or GeoPackage",
                         land=made.land.name)
    # One line: it stands in a comment of params.yml too.
    title = " ".join((given.title or given.folder.name).split())
    tables = made.tables | {"sources": _sources(given)}
    with atomic_package.new_package(given.folder, str(given.folder)) as folder:
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        entries = [_entry(name, table, made, given, set(tables)) for name, table in tables.items()]
        if made.land is not None:
            land = _write_land(made, folder)
            entries.append({"status": given.status, "sources": [{"title": given.source}],
                            "licenses": [_licence(given)], "encoding": "utf-8", "name": "land",
                            "path": land, "profile": "data-resource", "title": "Land",
                            "description": "The map is clipped to it." + (
                                ISLANDS if made.drawn is not None else "")})
        if given.country:
            entries.append(copy_country(folder))
        write_descriptor(folder, {
            "profile": "data-package", "name": atomic_package.slug(given.folder.name, "region"),
            "title": title, "version": "0.1.0",
            "description": "A skeleton: README.md says what to fill in.", "resources": entries})
        atomic_package.write_text(folder / "params.yml", _parameters(tables["catalogue"], title))
        atomic_package.write_text(folder / "README.md", _readme(given, title, made))


def copy_country(folder: Path) -> dict:
    """Entry of the table of all kecamatan, which is copied into a package; its sources are named as
    this project's list of sources does not come along."""
    own = Package(paths.ROOT / "data" / "raw").resource(COUNTRY)
    shutil.copyfile(own.path, folder / own.label)
    sources = [{name: re.sub(r" \((source|sumber) S\d+\)", "", text)
                for name, text in source.items()} for source in own.descriptor["sources"]]
    return own.descriptor | {"sources": sources}


def _write_land(made: Tables, folder: Path) -> str:
    """Name of the file of land: the given one, or what was made of it."""
    import geopandas

    if made.drawn is None:
        name = f"land{made.land.suffix.lower()}"
        shutil.copyfile(made.land, folder / name)
        return name
    shape = geopandas.GeoDataFrame({"code": ["land"], "name": ["land"]}, geometry=[made.drawn],
                                   crs=4326)
    atomic_package.write_text(folder / "land.geojson", geojson.text(shape).rstrip("\n"))
    return "land.geojson"


def _sources(given: Namespace) -> pd.DataFrame:
    row = {"source": GIVEN, "title": given.source, "url": "", "publisher": given.source, "year": "",
           "licence": given.licence}
    return pd.DataFrame([row])[list(contract()["sources"]["columns"])]


def _licence(given: Namespace) -> dict:
    return {"name": "notspecified", "title": given.licence}


def _entry(name: str, table: pd.DataFrame, made: Tables, given: Namespace,
           present: set[str]) -> dict:
    status, description = given.status, TITLES[name]
    if name == "areas" and made.halves:
        status, description = "illustrative", zones.DESCRIPTIONS[made.halves]
    if name == "indicators":
        # Densities divide by surfaces that no one has published.
        status, description = ((weakest([given.status, "simulated"]), COMPUTED) if made.computed
                               else ("illustrative", MADE_UP))
    return atomic_package.table_entry(name, TITLES[name], description, status, given.source,
                                      _licence(given), atomic_package.schema(name, table, present))


def _parameters(catalogue: pd.DataFrame, title: str) -> str:
    names = catalogue["indicator"].tolist()
    followed = next(name for name in FOLLOWED if name in names)
    maps = [name for name in names if name not in (followed, "villages")]
    return (f"# Parameters for {title}; what is not named here is as in the project's "
            f"params.yml\ndisparity:\n  reference_indicator: {followed}   # followed over the "
            f"years and tested in space\n  map_indicators: [{', '.join(maps)}]   # further maps\n")


def _readme(given: Namespace, title: str, made: Tables) -> str:
    kind = "computed" if made.computed else "example"
    # As the person typed it; a whole path would say where it lay on this machine.
    shown = given.folder.name if given.folder.is_absolute() else given.folder.as_posix()
    sections = (own["readme"].format(folder=shown, results=f"{given.folder.name}-results",
                                     **own[kind]) for own in texts().values())
    return "\n".join([f"# {title}\n", *sections])
