"""Indicators of a wide table written into a package: values, catalogue, source, parameters."""

import json
import re
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.intake import atomic_package
from helpers.intake.describe import refresh, write_descriptor
from helpers.intake.wide.table import Table
from helpers.messages import Message
from helpers.study import parameters
from helpers.study.package import DESCRIPTOR, Package, weakest

EXAMPLE = "example"  # the made-up indicator of a new package, which real ones take the place of
TITLES = {"indicators": "Indicators by area", "catalogue": "Catalogue of indicators",
          "sources": "Sources"}


def add(folder: Path, table: Table) -> list[Message]:
    """Add the indicators of a table to the package in a folder; what that changed in it."""
    package = Package(folder)
    read = {name: _texts(package, name) for name in ("indicators", "catalogue", "sources")}
    taken = set(read["sources"].get("source", ()))
    source = next(key for number in range(1, 1000) if (key := f"W{number}") not in taken)
    values, said = _values(read["indicators"], table, source)
    written = {"indicators": values, "catalogue": _catalogue(read["catalogue"], values, table),
               "sources": _joined(read["sources"], pd.DataFrame([{
                   "source": source, **table.source}]))}
    descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8-sig"))
    entries = {entry["name"]: entry for entry in descriptor["resources"]}
    present = set(entries) | set(written)
    for name, frame in written.items():
        own = entries.get(name)
        path = folder / (own["path"] if own else f"{name}.csv")
        frame.to_csv(path, index=False, lineterminator="\n")
        if own is None:
            own = atomic_package.table_entry(
                name, TITLES[name], f"From {table.name}.", table.status, table.source["publisher"],
                {"name": "notspecified", "title": table.source["licence"]}, {})
            descriptor["resources"].append(own)
        own |= {"encoding": "utf-8", "schema": own["schema"] or
                atomic_package.schema(name, frame, present)}
        own.pop("dialect", None)
    indicators = next(one for one in descriptor["resources"] if one["name"] == "indicators")
    replaced = EXAMPLE in set(read["indicators"].get("indicator", ()))
    only = set(values["indicator"]) == {column.indicator for column in table.columns}
    indicators["status"] = table.status if only else weakest([indicators["status"], table.status])
    titles = [{"title": table.source["publisher"]}]
    indicators["sources"] = titles if only else [
        *(one for one in indicators.get("sources", []) if one not in titles), *titles]
    if only:
        indicators["description"] = f"From {table.name}."
        indicators["licenses"] = [{"name": "notspecified", "title": table.source["licence"]}]
    write_descriptor(folder, descriptor)
    refresh(folder)
    return said + _parameters(folder, table, replaced or not len(read["indicators"]))


def _texts(package: Package, name: str) -> pd.DataFrame:
    """Resource as the texts of its file, empty where the package has none."""
    if not package.has(name):
        return pd.DataFrame()
    table = package.table(name)
    return table.astype(object).where(table.notna(), None)


def _values(known: pd.DataFrame, table: Table, source: str) -> tuple[pd.DataFrame, list[Message]]:
    """Indicators of the package with those of the table; what is there already is refused."""
    said = []
    if len(known) and EXAMPLE in set(known["indicator"]):
        known = known[known["indicator"] != EXAMPLE]
        said.append(Message("the made-up indicator 'example' is taken out"))
    if len(known):
        there = set(zip(known["indicator"], known["year"]))
        for column in table.columns:
            if (column.indicator, column.year) in there:
                raise InputError("{table}: '{heading}': the package has {indicator} of {year} "
                                 "already; rename the column, or leave it out", table=table.name,
                                 heading=column.heading, indicator=column.indicator,
                                 year=column.year or Message("no year"))
    rows = [{"code": code, "indicator": column.indicator, "year": column.year, "value": value,
             "unit": column.unit, "source": source}
            for column in table.columns for code, value in column.values.items()]
    joined = _joined(known, pd.DataFrame(rows))
    return joined.assign(year=joined["year"].astype("Int64")), said


def _catalogue(known: pd.DataFrame, values: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Catalogue with a row for each indicator of the table that it lacks."""
    if len(known):
        known = known[known["indicator"].ne(EXAMPLE)]
    else:
        others = values[~values["indicator"].isin([one.indicator for one in table.columns])]
        known = others.drop_duplicates("indicator")[["indicator", "unit"]].assign(
            label_id=others["indicator"], label_en=others["indicator"], direction=0, theme="")
    rows = {column.indicator: {
        "indicator": column.indicator, "label_id": column.label, "label_en": column.label,
        "unit": column.unit, "direction": table.direction[column.indicator], "theme": ""}
        for column in table.columns}
    new = pd.DataFrame([row for key, row in rows.items()
                        if key not in set(known.get("indicator", ()))])
    if "in_index" in known and len(new):
        new["in_index"] = new["direction"] != 0
    for name in ("in_index", "fixed"):
        if name in known:
            new[name] = new.get(name, False)
    return _joined(known, new).astype({"direction": int})


def _joined(known: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    if not len(known):
        return new
    if not len(new):
        return known
    return pd.concat([known.astype(object), new.reindex(columns=known.columns).astype(object)],
                     ignore_index=True)


def _parameters(folder: Path, table: Table, first: bool) -> list[Message]:
    """Parameters that name the indicators of the table: the followed one and those on maps where
    it is the package's first, the people where the package had none."""
    path = folder / "params.yml"
    text = path.read_text(encoding="utf-8") if path.is_file() else "disparity:\n"
    in_force = parameters.load(path if path.is_file() else None)["disparity"]
    names = list(dict.fromkeys(column.indicator for column in table.columns))
    others = [name for name in names if name != table.population] or names
    others.sort(key=lambda name: not table.direction[name])  # what is better or worse comes first
    chosen = {"reference_indicator": others[0],
              "map_indicators": f"[{', '.join(others[1:6])}]"} if first else {}
    known = set(Package(folder).table("indicators")["indicator"])
    if table.population and in_force["population_indicator"] not in known - {table.population}:
        chosen["population_indicator"] = table.population
    for name, value in chosen.items():
        text, found = re.subn(rf"(?m)^  {name}:[^#\n]*?(?=\s*(?:#|$))", f"  {name}: {value}", text)
        if not found:
            text = re.sub(r"(?m)^disparity:.*\n", rf"\g<0>  {name}: {value}\n", text, count=1)
    if chosen:
        atomic_package.write_text(path, text)
    followed = chosen.get("reference_indicator", in_force["reference_indicator"])
    said = [Message("params.yml: followed and tested in space is {indicator}; to follow another "
                    "one, name it there as reference_indicator", indicator=followed)]
    people = chosen.get("population_indicator")
    return said + [Message("params.yml: averages are weighted by {indicator}",
                           indicator=people)] * bool(people)
