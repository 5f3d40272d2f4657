"""Tables of a new package: areas and villages as given, indicators computed or an example."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers import geography
from helpers.errors import InputError
from helpers.files import settings
from helpers.intake.imports import consistency
from helpers.intake.imports.answers import to_measure
from helpers.intake.imports.readers import read
from helpers.intake.new import spellings, zones
from helpers.messages import Message
from helpers.study.validation import contract

GIVEN = "given"  # key of the one source
EXAMPLE = "example"
FEWEST = 4  # areas of two zones
MEASURES = {  # indicator: unit, direction, theme
    "villages": ("villages", 0, "settlement"),
    "village_density": ("villages per 100 km2", 0, "settlement"),
    "village_spacing": ("km", -1, "reach"),
    "distance_to_capital": ("km", -1, "reach"),
    "kelurahan_share": ("%", 0, "settlement"),
    EXAMPLE: ("rank in the list", 0, "example"),
}


def texts() -> dict[str, dict]:
    """What texts.yml holds, by language: README, notes, labels of the measures."""
    return settings(__file__, "texts.yml")


@dataclass
class Tables:
    """What a new package holds: tables by resource, the file of the land, what was found out.

    Indicators are computed from village points, or an example; ``halves`` is how zones were made,
    ``drawn`` the land where it is more than that of the file.
    """

    tables: dict[str, pd.DataFrame]
    land: Path | None
    computed: bool
    halves: str | None
    said: list[str] = field(default_factory=list)
    drawn: object = None


def read_villages(path: str) -> tuple[pd.DataFrame, list[str]]:
    """Village points: ``code``, ``area``, ``name``, ``lon``, ``lat``, if given ``area_name``.

    Villages without a place are left out and named; one that lies nowhere is an error.
    """
    from helpers.intake.new import land

    source = _source("villages", path, ("code", "area", "lon", "lat"), spellings.VILLAGES)
    cells = source.cells
    consistency.refuse_repeats(cells["code"], "code", source.name, consistency.ONE_OF_THEM)
    table = pd.DataFrame({"code": cells["code"], "area": cells["area"].mask(cells["area"] == ""),
                          "name": cells["name"] if "name" in cells else cells["code"]})
    for column in ("lon", "lat"):
        # Degrees have no thousands, so the sign that is there is the decimal one.
        decimal = "comma" if cells[column].str.contains(",").any() else "point"
        table[column] = to_measure(source, column, decimal)[0]
    if "area_name" in cells:
        table["area_name"] = cells["area_name"]
    if table["area"].isna().all():
        raise InputError("{source}: the column 'area' is empty; it holds the code of the area "
                         "that a village lies in", source=source.name)
    table, more = land.with_place(table.reset_index(drop=True), source.name)
    return table, source.said + more


def read_areas(path: str | None, villages: pd.DataFrame | None,
               halves: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Areas as given or made from the villages; with ``halves`` their zones are made as well."""
    if halves is not None and villages is None:
        raise InputError("--zones {halves} needs to know where the areas lie: add --villages FILE",
                         halves=halves)
    if path is None:
        areas, name, said = _areas_of(villages), Message("the villages"), []
    else:
        source = _source("areas", path, ("code", "name"))
        consistency.refuse_repeats(source.cells["code"], "code", source.name,
                                   consistency.ONE_OF_THEM)
        areas = source.cells.reindex(columns=["code", "name", "zone", "group"])
        areas, name, said = areas.reset_index(drop=True), source.name, list(source.said)
        said += [] if villages is None else spellings.use_codes_of(areas, villages)
    if halves is not None and len(areas) < FEWEST:
        raise InputError("{name}: a region of {number} areas has no two halves of two; take it "
                         "together with its neighbour, or leave --zones out and name the zones "
                         "with --areas FILE", name=name, number=len(areas))
    if halves is not None:
        areas["zone"], told = zones.by_rule(_centres(areas["code"], villages, name), halves)
        said.append(told)
    elif areas["zone"].isna().all():
        raise InputError("{name}: the column 'zone' is missing; add it, or make two halves with "
                         "--villages FILE and --zones latitude (or longitude)", name=name)
    return areas, said


def fill(areas: pd.DataFrame, villages: pd.DataFrame | None, coast: Path | None,
         capital: list[float] | None, halves: str | None) -> Tables:
    """Areas with indicators, catalogue and sources."""
    from helpers.intake.new import land

    drawn = None
    if villages is None:
        values = pd.DataFrame({EXAMPLE: range(1, len(areas) + 1)},
                              index=pd.Index(areas["code"], name="code"), dtype=float)
        said = [Message("indicators: one example, made up (the rank in the list), to show the "
                        "form")]
    else:
        villages = villages.drop(columns="area_name", errors="ignore")
        foreign = villages["area"].notna() & ~villages["area"].isin(areas["code"])
        if not villages["area"].isin(areas["code"]).any():
            raise spellings.no_area_known(villages["area"], areas["code"])
        villages["area"] = villages["area"].mask(foreign)
        if capital is not None:
            spellings.check_capital(*capital, villages[~foreign])
        shape, drawn, said = land.read(coast, villages)
        values = _measures(villages, shape, capital)
        said.append(Message("indicators: computed from the village points: {indicators}",
                            indicators=", ".join(values)))
        if foreign.any():
            said.append(Message("villages: {number} lie in other areas than those listed and "
                                "count as neighbours", number=foreign.sum()))
    long = values.rename_axis(columns="indicator").stack().rename("value").reset_index()
    long = long.assign(year=pd.array([pd.NA] * len(long), dtype="Int64"), source=GIVEN,
                       value=long["value"].round(4),
                       unit=[MEASURES[name][0] for name in long["indicator"]])
    labels = {f"label_{lang}": own["measures"] for lang, own in texts().items()}
    rows = [(name, *(label[name] for label in labels.values()), *MEASURES[name]) for name in values]
    catalogue = pd.DataFrame(rows, columns=["indicator", *labels, "unit", "direction", "theme"])
    tables = {"areas": areas, "indicators": long[list(contract()["indicators"]["columns"])],
              "catalogue": catalogue} | ({} if villages is None else {"villages": villages})
    return Tables(tables, coast, villages is not None, halves, said, drawn)


def _source(option: str, path: str, needed: tuple[str, ...], others: Mapping[str, str] = {}):
    source = read(path, lambda cell: cell.strip() in needed, option=f"--{option}")
    source.said += spellings.rename(source.cells, needed, others, source.name)
    for column in needed:
        if column not in source.cells:
            raise InputError("{source}: the column '{column}' is missing; --{option} needs "
                             "{needed}; it has: {found}", source=source.name, column=column,
                             option=option, needed=", ".join(needed), found=", ".join(source.cells))
        empty = source.cells.index[source.cells[column] == ""]
        if column not in ("area", "lon", "lat") and len(empty):
            raise InputError("{source}: row {row}, column '{column}': the cell is empty; it needs "
                             "a value", source=source.name, row=empty[0], column=column)
    return source


def _areas_of(villages: pd.DataFrame) -> pd.DataFrame:
    own = villages.dropna(subset="area").drop_duplicates("area").sort_values("area")
    name = own["area_name"] if "area_name" in own else own["area"]
    return pd.DataFrame({"code": own["area"], "name": name, "zone": None,
                         "group": None}).reset_index(drop=True)


def _centres(codes: pd.Series, villages: pd.DataFrame, label: str) -> pd.DataFrame:
    """Means of the places of the villages of each area."""
    run_on = villages.assign(lon=geography.unwrapped(villages["lon"].to_numpy()))
    known = run_on.groupby("area")[["lon", "lat"]].mean()
    bare = codes[~codes.isin(known.index)]
    if len(bare):
        raise InputError("{label}: no village belongs to the area '{codes}'; its zone cannot be "
                         "made: add its villages, or give its zone", label=label,
                         codes=bare.iloc[0])
    return known.loc[codes].reset_index(drop=True)


def _measures(villages: pd.DataFrame, land, capital) -> pd.DataFrame:
    """Measures of areas by their villages; without land no density, as surfaces may hold sea."""
    from helpers.geography.settlements import settlement_measures

    own = villages.dropna(subset="area")
    try:
        crs = geography.metric_crs(geography.bounds_of(own["lon"].to_numpy(),
                                                       own["lat"].to_numpy()))
        found = settlement_measures(villages, geography.tessellate(villages, land, crs), capital)
    except ValueError as error:
        raise InputError("villages: {error}", error=error, resource="villages") from None
    return found if land is not None else found.drop(columns="village_density")
