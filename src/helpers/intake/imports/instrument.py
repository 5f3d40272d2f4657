"""The tables that an import stands on: items, areas and frame, the project's own or a person's."""

import re
from dataclasses import dataclass, field

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports import consistency
from helpers.intake.imports.answers import to_measure
from helpers.intake.imports.readers import read
from helpers.intake.imports.source import shown
from helpers.languages import DEFAULT, language_columns
from helpers.messages import Message
from helpers.study.package import FALSE, TRUE, Package
from helpers.study.paths import DEFAULT_RAW, ROOT
from helpers.study.validation import contract

# Columns that a person may leave out, with what they hold then.
PLAIN = {"dimension": "scale", "aspect": "scale", "reverse": "no"}
YES, NO = (*TRUE, "yes", "ya"), (*FALSE, "no", "tidak")
OPTIONAL = {"areas": {"group": ""}, "frame": {"source": ""}, "items": PLAIN}


@dataclass
class Instrument:
    """Tables that answers are read against: as in the data package, the frame where there is one.

    ``own`` names the tables that are the project's; for messages ``names`` has the file of each,
    ``rows`` the rows of those that a person gave, as that file counts them.
    """

    items: pd.DataFrame
    areas: pd.DataFrame
    frame: pd.DataFrame | None
    own: set[str]
    names: dict[str, str]
    said: list[str]
    rows: dict[str, pd.Index] = field(default_factory=dict)


def project_package() -> Package:
    """Project's own data package."""
    return Package(ROOT / DEFAULT_RAW)


def load(items: str | None = None, areas: str | None = None, frame: str | None = None,
         without: tuple[str, ...] = (), decimal: str | None = None) -> Instrument:
    """Instrument: files that a person gives, with the columns of the data package, else our own
    tables.

    `frame` may be ``no``; without it the project's frame goes with the project's areas. `without`
    names items that were not asked, `decimal` is the decimal sign of the frame's numbers.
    """
    package, own, names, said, tables, rows = project_package(), set(), {}, [], {}, {}
    if frame is None and areas is not None:
        frame = "no"
        said.append(Message("frame: none given, so every respondent will count the same (give one "
                            "with frame=FILE)"))
    for name, path in (("items", items), ("areas", areas), ("frame", frame)):
        if path == "no" and name == "frame":
            continue
        if path is None:
            own.add(name)
            tables[name], names[name] = package.table(
                name), f"the project's {package.resource(name).label}"
            said.append(Message("{name}: the project's own ({rows} rows)", name=name,
                                rows=len(tables[name])))
        else:
            tables[name], names[name], rows[name], found = _given(name, path, decimal)
            said += found
    kept = tables["items"]
    for item in without:
        if item not in set(kept["item"]):
            raise InputError("without={item}: {items} has no such item; it has: {known}", item=item,
                             items=names["items"], known=", ".join(kept["item"]))
    if without:
        asked = ~kept["item"].isin(without)
        kept = kept[asked].reset_index(drop=True)
        if "items" in rows:
            rows["items"] = rows["items"][asked]
        said.append(Message("items: left out as told: {without}", without=", ".join(without)))
    consistency.refuse_mixed_scales(kept, names["items"], rows.get("items", kept.index + 2))
    if "frame" in rows:
        codes = tables["frame"]["code"].set_axis(rows["frame"])
        # A total, or an area that was not given.
        for row, code in codes[~codes.isin(tables["areas"]["code"])].head(1).items():
            raise InputError("{file}: row {row}, column 'code': {cell} is not an area of {areas}; "
                             "correct it, add the area, or delete the row if it is a total",
                             file=names["frame"], row=row, cell=shown(code), areas=names["areas"])
    return Instrument(kept, tables["areas"], tables.get("frame"), own, names, said, rows)


def _given(name: str, path: str,
           decimal: str | None) -> tuple[pd.DataFrame, str, pd.Index, list[str]]:
    rules = contract()[name]
    optional = OPTIONAL[name] | dict.fromkeys(
        language_columns(rules["columns"], "text", DEFAULT), "")
    source = read(path, lambda cell: cell.strip() in rules["columns"], option=name)
    there = ", ".join(source.cells)
    for column in rules["columns"]:
        if column not in source.cells:
            if column not in optional:
                raise InputError("{source}: the column '{column}' is missing; {name} have the "
                                 "columns {columns}; it has: {found}", source=source.name,
                                 column=column, name=name, columns=", ".join(rules["columns"]),
                                 found=there)
            source.cells[column] = optional[column]
            if optional[column]:
                source.said.append(Message(
                    "{source}: no column '{column}', so all rows have '{value}'",
                    source=source.name, column=column, value=optional[column]))
    table = {column: _typed(source, column, rule, decimal)
             for column, rule in rules["columns"].items()}
    key = pd.Series(table[rules["key"][0]])
    consistency.refuse_repeats(key, rules["key"][0], source.name)
    if name == "items":
        for row, item in key.items():
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", item):
                raise InputError("{source}: row {row}, column 'item': {item} cannot be a key; "
                                 "allowed are letters, digits and '_', a letter first",
                                 source=source.name, row=row, item=shown(item))
    found = pd.DataFrame(table).reset_index(drop=True)
    return found, source.name, source.cells.index, source.said + _known_sources(found, source.name)


def _known_sources(table: pd.DataFrame, name: str) -> list[Message]:
    """Empty the sources that the project does not describe; a package has its sources only."""
    if "source" not in table:
        return []
    known = set(project_package().table("sources")["source"])
    strange = table["source"][~table["source"].isin({"", *known})].unique()
    table["source"] = table["source"].where(table["source"].isin(known), "")
    return [Message("{name}: the sources {sources} are not described in the project, so the "
                    "column 'source' is empty there", name=name, sources=", ".join(strange)
                    )] if len(strange) else []


def _typed(source, column: str, rule: dict, decimal: str | None) -> pd.Series:
    cells = source.cells[column]
    needed = rule.get("constraints", {}).get("required")
    if needed and len(empty := cells.index[cells == ""]):
        raise InputError("{source}: row {row}, column '{column}': the cell is empty; it needs a "
                         "value", source=source.name, row=empty[0], column=column)
    choices = rule.get("constraints", {}).get("enum")
    if choices and len(wrong := cells[~cells.isin(choices)]):
        raise InputError("{source}: row {row}, column '{column}': {cell} is not allowed; allowed "
                         "is one of: {choices}", source=source.name, row=wrong.index[0],
                         column=column, cell=shown(wrong.iloc[0]), choices=", ".join(choices))
    if rule["type"] == "boolean":
        folded = cells.str.lower()
        if len(wrong := cells[~folded.isin([*YES, *NO])]):
            raise InputError("{source}: row {row}, column '{column}': {cell} is not true or "
                             "false; correct the cell", source=source.name, row=wrong.index[0],
                             column=column, cell=shown(wrong.iloc[0]))
        return folded.isin(YES)
    if rule["type"] == "integer":
        numbers, _ = to_measure(source, column, decimal)
        if len(wrong := numbers[numbers % 1 != 0]):
            raise InputError("{source}: row {row}, column '{column}': {cell} is not a whole "
                             "number; correct the cell", source=source.name, row=wrong.index[0],
                             column=column, cell=shown(cells[wrong.index[0]]))
        return numbers.astype("int64")
    return cells
