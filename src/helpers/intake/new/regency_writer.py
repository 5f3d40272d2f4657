"""Package of a regency from public sources."""

from pathlib import Path

import pandas as pd

from helpers import geography
from helpers.intake import atomic_package, geojson
from helpers.intake.describe import write_descriptor
from helpers.intake.new import regency as sources_of
from helpers.intake.new import zones
from helpers.intake.new.package_writer import TITLES, copy_country
from helpers.intake.new.regency import Regency
from helpers.intake.new.tables import texts
from helpers.intake.sources import idm
from helpers.intake.sources.pinned import Source
from helpers.messages import joined
from helpers.study import parameters
from helpers.study.validation import contract

REPORT = "sources.txt"
RECODED = "96"  # province whose codes in the country's table are of another time
GRID = 1e-7  # degrees, as geojson rounds
NO_MAPS = (sources_of.SURFACE, "villages", "kelurahan_share")
LEAST = 4  # areas with a value that an indicator needs to be followed
# Indicators of this project's own package that a regency has not, until somebody adds some.
NOT_THERE = {"index_activity": "none", "index_schools": "none", "population_indicator": "none",
             "density_indicator": "none", "beside_indicators": "[]", "sector_indicators": "[]",
             "terrain_indicators": "[]"}
FACTS = ["unit", "direction", "theme", "in_index", "source"]
TITLE = TITLES | {"village_indicators": "Village index by desa", "boundaries": "Borders",
                  "land": "Outline of the regency"}
TITLE_ID = {"areas": "Kecamatan dan zonanya", "indicators": "Indikator menurut kecamatan",
            "catalogue": "Katalog indikator", "sources": "Sumber", "villages": "Titik desa",
            "village_indicators": "Indeks desa menurut desa", "boundaries": "Batas kecamatan",
            "land": "Garis luar kabupaten/kota"}


def write_package(folder: Path, regency: Regency, rule: str) -> None:
    """Write the package of a regency whose zones are made by a rule or a file."""
    made, by_rule = _tables(regency, rule)
    shapes = regency.shapes.set_geometry(regency.shapes.geometry.set_precision(GRID))
    drawn = shapes
    if regency.villages is not None:
        villages = regency.villages.set_geometry(regency.villages.geometry.set_precision(GRID))
        drawn = pd.concat([shapes, villages[["code", "name", "geometry"]]], ignore_index=True)
    with atomic_package.new_package(folder, str(folder)) as place:
        entries = []
        for name, table in made.items():
            table.to_csv(place / f"{name}.csv", index=False, lineterminator="\n")
            entries.append(_entry(name, table, made, rule, by_rule, regency.sources))
        (place / "boundaries.geojson").write_text(geojson.text(drawn), encoding="utf-8",
                                                  newline="\n")
        drawn_entry = _shapes_entry("boundaries", regency.sources)
        drawn_entry["sources"][0]["files"] = regency.files
        entries.append(drawn_entry | {geography.TOLERANCE: regency.tolerance})
        if "villages" in made:
            land = shapes.dissolve()[["geometry"]].assign(code="land", name="land")
            land = land.set_geometry(land.geometry.set_precision(GRID))
            (place / "land.geojson").write_text(geojson.text(land), encoding="utf-8", newline="\n")
            entries.append(_shapes_entry("land", regency.sources))
        # Where the table of all kecamatan knows these by the codes that they have today.
        if not regency.desa.empty and RECODED not in {code[:2] for code in regency.codes}:
            entries.append(copy_country(place))
        write_descriptor(place, {
            "profile": "data-package", "name": atomic_package.slug(regency.title, "region"),
            "title": regency.title, "version": "0.1.0",
            **{f"description_{lang}": _about(own, regency, made, by_rule)
               for lang, own in texts().items()},
            "resources": entries})
        atomic_package.write_text(place / "params.yml", _parameters(made, regency))
        atomic_package.write_text(place / "README.md", _readme(folder, regency, made))
        atomic_package.write_text(place / REPORT, joined(regency.said, "\n"))


def _tables(regency: Regency, rule: str) -> tuple[dict[str, pd.DataFrame], bool]:
    areas, by_rule = sources_of.areas(regency, rule)
    found = sources_of.measures(regency)
    known = [name for name in sources_of.MEASURES
             if name in found and found[name].notna().any()]
    facts = pd.DataFrame(sources_of.MEASURES, FACTS).T
    long = found[known].rename_axis(columns="indicator").stack().dropna()
    long = long.rename("value").reset_index()
    long = long.assign(year=facts["source"].map({"idm": idm.YEAR}).reindex(
                           long["indicator"]).astype("Int64").array,
                       value=long["value"].round(4), unit=long["indicator"].map(facts["unit"]),
                       source=long["indicator"].map(facts["source"]))
    labels = {f"label_{lang}": [own["measures"][name] for name in known]
              for lang, own in texts().items()}
    catalogue = pd.DataFrame({"indicator": known, **labels}).join(
        facts.drop(columns="source"), on="indicator")
    made = {"areas": areas, "indicators": long[list(contract()["indicators"]["columns"])],
            "catalogue": catalogue, "sources": pd.DataFrame([
                {"source": name, "title": own.title, "url": own.page, "publisher": own.publisher,
                 "year": own.year, "licence": own.licence["title"]}
                for name, own in regency.sources.items() if name in {*long["source"], "borders"}
            ])[list(contract()["sources"]["columns"])]}
    villages = sources_of.villages_on_map(regency)
    if villages is not None:
        made["villages"] = villages[["code", "area", "name", "lon", "lat"]]
        desa = regency.desa[regency.desa["code"].isin(villages["code"])]
        if len(desa):
            made["village_indicators"] = _by_village(desa, regency, villages)
    return made, by_rule


def _about(own: dict, regency: Regency, made: dict[str, pd.DataFrame], by_rule: bool) -> str:
    """Sentence on what the package holds, in the language of some texts."""
    there = {"boundaries", *made, *made["sources"]["source"]}
    parts = ", ".join(text for name, text in own["parts"].items() if name in there)
    said = own["about"].format(name=regency.title, areas=len(regency.shapes), parts=parts)
    return f"{said} {own['about_rule']}" if by_rule else said


def _by_village(desa: pd.DataFrame, regency: Regency, villages: pd.DataFrame) -> pd.DataFrame:
    """The index of the desa, and the surface of all villages where their borders are known."""
    long = desa.melt(["code", "area"], list(idm.MEASURES), "indicator", "value")
    long = long.assign(year=idm.YEAR, unit="index 0-1", source="idm")
    if regency.villages is not None:
        flat = regency.villages.to_crs(regency.flat.crs)
        known = ~flat["code"].isin(regency.villages.attrs["doubtful"])
        size = pd.Series((flat.area / 1e6).round(4).to_numpy(), flat["code"])[known.to_numpy()]
        sized = villages[villages["code"].isin(size.index[size > 0])]
        long = pd.concat([long.astype({"year": "Int64"}), pd.DataFrame({
            "code": sized["code"], "area": sized["area"], "indicator": sources_of.SURFACE,
            "value": sized["code"].map(size), "year": pd.NA, "unit": "km2", "source": "borders"})])
    return long.sort_values(["code", "indicator"], ignore_index=True)[
        list(contract()["village_indicators"]["columns"])]


def _origin(known: dict[str, Source], *names: str) -> dict:
    """Status, sources and licences of a resource that was made from some of the sources."""
    parts = [known[name].origin for name in names]
    licences = {part["licenses"][0]["title"]: part["licenses"][0] for part in parts}
    return {"status": "published", "sources": [one for part in parts for one in part["sources"]],
            "licenses": list(licences.values())}


def _entry(name: str, table: pd.DataFrame, made: dict[str, pd.DataFrame], rule: str,
           by_rule: bool, known: dict[str, Source]) -> dict:
    used = list(made["sources"]["source"])
    origin, description = _origin(known, *used), "From the sources that sources.csv lists."
    if name == "villages":
        origin = _origin(known, "points")
        description = "Desa and kelurahan with a point of their own; those without are named in " \
                      f"{REPORT}."
    if name == "village_indicators":
        origin = _origin(known, "idm")
        description = "Village index of the desa; kelurahan have none."
    if name == "areas":
        origin = _origin(known, "borders")
        if by_rule:
            origin["status"], description = "illustrative", zones.DESCRIPTIONS[rule]
    entry = atomic_package.table_entry(
        name, TITLE[name], description, origin["status"], "", {},
        atomic_package.schema(name, table, set(made), lambda column: {
            "type": "boolean" if column == "in_index" else "string"}))
    return entry | origin | {"title_id": TITLE_ID[name]}


def _shapes_entry(name: str, known: dict[str, Source]) -> dict:
    description = {"boundaries": "Real borders of the kecamatan, in longitude and latitude.",
                   "land": "The outline that the kecamatan make together; maps by village end "
                           "there."}[name]
    return {"name": name, "path": f"{name}.geojson", "profile": "data-resource",
            "title": TITLE[name], "title_id": TITLE_ID[name],
            "description": description, **_origin(known, "borders"),
            "format": "geojson", "mediatype": "application/geo+json", "encoding": "utf-8"}


def _parameters(made: dict[str, pd.DataFrame], regency: Regency) -> str:
    """Parameters that fit what is there: the last year, and an indicator that most areas have."""
    values = made["indicators"].groupby("indicator")["value"]
    fit = values.count()[(values.count() >= LEAST) & (values.nunique() > 1)]
    order = [name for name in made["catalogue"]["indicator"] if name in fit.index]
    nearest = parameters.load()["disparity"]["neighbours_k"]
    followed = next((name for name in order if name not in NO_MAPS), sources_of.SURFACE)
    maps = [name for name in order if name not in (followed, *NO_MAPS)]
    return (f"# Parameters for {regency.title}; what is not named here is as in the project's "
            f"params.yml\ndisparity:\n  year: {idm.YEAR}   # year of the cross-section\n"
            f"  first_year: {idm.YEAR}   # there is one year so far\n"
            f"  reference_indicator: {followed}   # followed over the years and tested in space\n"
            f"  map_indicators: [{', '.join(maps)}]   # further maps\n"
            + "".join(f"  {name}: {kept}\n" for name, kept in NOT_THERE.items())
            + "  spatial_weights: knn   # no area touches another one\n" * regency.apart
            + (f"  neighbours_k: {fit.min() - 1}   # there are no more to choose from\n"
               if fit.min() <= nearest else ""))


def _readme(folder: Path, regency: Regency, made: dict[str, pd.DataFrame]) -> str:
    shown = folder.name if folder.is_absolute() else folder.as_posix()
    kind = "welfare" if "idm" in set(made["sources"]["source"]) else "no_welfare"
    said = "".join(f"- {line}\n" for line in regency.said)
    sections = (own["regency"].format(folder=shown, results=f"{folder.name}-results", said=said,
                                      note=own[kind]) for own in texts().values())
    return "\n".join([f"# {regency.title}\n", *sections])
