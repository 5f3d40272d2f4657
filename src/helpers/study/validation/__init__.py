"""Checks of a data package: form first, then cells, then what the stages need it to mean."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from helpers.study.errors import InputError
from helpers.study.package import DESCRIPTOR, Package, Resource, hidden_sign
from helpers.study.validation.semantic_checks import check_meaning

KIND_WORDS = {
    "integer": "a whole number", "number": "a number", "boolean": "true or false", "year": "a year"
}
LONGEST_LINE = 100_000


@cache
def contract() -> dict:
    """Return the columns, types and keys that the stages rely on, by resource."""
    return yaml.safe_load(Path(__file__).with_name("contract.yml").read_text(encoding="utf-8"))


def validate(package: Package) -> None:
    """Check a whole package; the first fault ends it.

    Raises
    ------
    InputError
        One line: file, row, column, value, what is allowed, what to do.
    """
    if not package.has("areas"):
        raise InputError(f"{DESCRIPTOR}: there is no resource 'areas', which every stage needs; "
                         f"this package has: {', '.join(package.resources)}")
    for resource in package.resources.values():
        _check_hash(resource)
        if resource.name in contract() and not resource.tabular:
            raise InputError(
                f"{DESCRIPTOR}: resource '{resource.name}' has no 'schema'; "
                f"declare its columns: {', '.join(contract()[resource.name]['columns'])}")
    tables = [resource for resource in package.resources.values() if resource.tabular]
    headers = {resource.name: _check_form(resource) for resource in tables}
    _check_cells(package, headers)
    for resource in tables:
        _check_types(package, resource)
    check_meaning(package)


def check_parameters(stage: str, params: dict, package: Package) -> None:
    """Check parameters against each other, and those that name something in the package."""
    if stage == "synthesis" and params["first_year"] > params["last_year"]:
        raise InputError(
            f"synthesis.first_year: {params['first_year']} comes after synthesis.last_year "
            f"({params['last_year']}), so no year of a series would count; change one of them")
    if stage != "disparity" or not package.has("indicators"):
        return
    indicators = package.table("indicators")
    known = set(indicators["indicator"])
    if package.has("catalogue"):
        catalogue = package.table("catalogue")
        known |= set(catalogue["indicator"][
            catalogue["numerator"].notna()]) if "numerator" in catalogue else set()
    file = package.resource("indicators").label
    named = {"reference_indicator": [params["reference_indicator"]]}
    if package.has("catalogue"):
        # Without a catalogue there are no ratios to map; the notebook maps what is there.
        named["map_indicators"] = params["map_indicators"]
    for parameter, values in named.items():
        for value in values:
            if value not in known:
                raise InputError(
                    f"disparity.{parameter}: '{value}' is not an indicator of {file}; {_choices(value, known)}"
                )
    rows = indicators[indicators["indicator"] == params["reference_indicator"]]
    years = sorted(rows["year"].dropna().unique())
    if years and params["year"] not in years:
        raise InputError(
            f"disparity.year: {params['year']} is not a year of '{params['reference_indicator']}' in {file}; "
            f"it has: {', '.join(str(year) for year in years)}")
    _check_reference(rows[rows["year"] == params["year"]] if years else rows, rows, params, file)


def _check_reference(now: pd.DataFrame, rows: pd.DataFrame, params: dict, file: str) -> None:
    """Refuse an indicator that inequality cannot be measured on."""
    named = f"disparity.reference_indicator: '{params['reference_indicator']}'"
    negative = rows[rows["value"] < 0]
    if len(negative):
        raise InputError(
            f"{named} has negative values ({file}: row {negative.index[0] + 2}: "
            f"{negative['value'].iloc[0]:g}); inequality is measured on values of zero or more: "
            "choose another indicator")
    if len(now) > 1 and now["value"].nunique() == 1:
        when = "" if now["year"].isna().all() else f" in {params['year']}"
        raise InputError(
            f"{named} is {now['value'].iloc[0]:g} in every area of {file}{when}: there is no disparity to "
            "study; choose another indicator or year")


def _choices(value: str, known: set[str]) -> str:
    """Offer the names that look alike, else the first few."""
    if close := get_close_matches(value, known, n=3):
        return f"did you mean {' or '.join(repr(name) for name in close)}?"
    shown = sorted(known)[:8]
    return f"it has: {', '.join(shown)}" + (f" and {len(known) - len(shown)} more"
                                            if len(known) > len(shown) else "")


def _check_hash(resource: Resource) -> None:
    stated = resource.descriptor.get("hash")
    if stated is None:
        return
    algorithm, _, digest = stated.rpartition(":")
    if algorithm not in ("", "sha256"):
        raise InputError(
            f"{DESCRIPTOR}: resource '{resource.name}' has a hash of kind '{algorithm}'; use sha256"
        )
    if digest != resource.sha256:
        raise InputError(
            f"{resource.label}: the file is not the one that {DESCRIPTOR} describes "
            f"(its sha256 begins {resource.sha256[:12]}, stated is {digest[:12]}); "
            "restore the file, or accept the change with: python src/helpers describe FOLDER")


def _check_form(resource: Resource) -> list[str]:
    content = resource.path.read_bytes()
    if not content.strip():
        raise InputError(
            f"{resource.label}: the file is empty; it needs a header and at least one row")
    if content.startswith(b"\xef\xbb\xbf") and resource.descriptor.get("encoding",
                                                                       "").lower() != "utf-8-sig":
        raise InputError(f"{resource.label}: begins with a byte-order mark; save it as plain UTF-8 "
                         f"or state \"encoding\": \"utf-8-sig\" in {DESCRIPTOR}")
    try:
        text = content.decode(resource.encoding)
    except UnicodeDecodeError as error:
        line = content[:error.start].count(b"\n") + 1
        raise InputError(
            f"{resource.label}: row {line} holds a byte that is not {resource.encoding}; "
            f"save the file as UTF-8 or state its \"encoding\" in {DESCRIPTOR}") from None
    except (LookupError, UnicodeError, ValueError):
        raise InputError(f"{DESCRIPTOR}: resource '{resource.name}' has the unknown encoding "
                         f"'{resource.encoding}'; use utf-8") from None
    _check_signs(resource, text)
    header = _check_header(resource, text)
    if len([line for line in text.splitlines() if line.strip()]) < 2:
        raise InputError(
            f"{resource.label}: there is a header but no row below it; add at least one row")
    _check_decimals(resource)
    return header


def _check_signs(resource: Resource, text: str) -> None:
    """Refuse what shows as something else than it is, and what would start a new row for one reader
    only."""
    for row, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if sign := hidden_sign(line) or ("U+000D" if "\r" in line else None):
            raise InputError(
                f"{resource.label}: row {row} holds the invisible character {sign}; remove it")
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"{resource.label}: row {row} has {len(line)} characters; at most {LONGEST_LINE} are "
                "read: is a quotation mark missing?")


def _check_header(resource: Resource, text: str) -> list[str]:
    import csv

    # A quoted name may run over several lines.
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")
    first = lines[0]
    header = next(csv.reader((f"{line}\n" for line in lines), delimiter=resource.delimiter), [])
    required = [*contract().get(resource.name, {"columns": {}})["columns"], *resource.fields]
    if missing := [name for name in dict.fromkeys(required) if name not in header]:
        for other, word in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
            if other != resource.delimiter and set(required) <= set(first.split(other)):
                raise InputError(
                    f"{resource.label}: the columns are separated by {word}; state "
                    f"\"dialect\": {{\"delimiter\": \"{other}\"}} for '{resource.name}' in {DESCRIPTOR}"
                )
        raise InputError(
            f"{resource.label}: the column '{missing[0]}' is missing; it has: {', '.join(header)}")
    for name in header:
        if not name.strip():
            raise InputError(
                f"{resource.label}: column {header.index(name) + 1} has no name in the header")
        if header.count(name) > 1:
            raise InputError(
                f"{resource.label}: the column '{name}' stands twice; keep one of them")
    undeclared = [name for name in contract().get(resource.name, {"columns": {}})["columns"]
                  if name not in resource.fields]
    if undeclared:
        raise InputError(
            f"{DESCRIPTOR}: the schema of '{resource.name}' does not declare the column "
            f"'{undeclared[0]}'; add it with type "
            f"'{contract()[resource.name]['columns'][undeclared[0]]['type']}'")
    return header


def _check_decimals(resource: Resource) -> None:
    import pandas as pd

    try:
        table = resource.read_text_table()
    except pd.errors.ParserError:
        return  # the check of the cells says which row has too many
    for name, field in resource.fields.items():
        if field.get("type") != "number" or field.get("decimalChar", ".") != ".":
            continue
        commas = table.index[table[name].str.fullmatch(r"\s*-?[\d.]*\d,\d+\s*")]
        if len(commas):
            raise InputError(
                f"{resource.label}: row {commas[0] + 2}, column '{name}': '{table[name][commas[0]]}' has a "
                f"decimal comma; write a decimal point or state \"decimalChar\": \",\" in {DESCRIPTOR}"
            )


def _check_cells(package: Package, headers: dict[str, list[str]]) -> None:
    from frictionless import Package as Frictionless
    from frictionless import system

    merged = {
        "name": "package",
        "resources": [_merged(package, name, header) for name, header in headers.items()]
    }
    try:
        with system.use_context(trusted=True):  # the paths were checked to lie inside the package
            report = Frictionless.from_descriptor(merged, basepath=str(package.folder)).validate()
    except Exception as error:  # a schema can be wrong in more ways than the library has errors for
        raise InputError(
            f"{DESCRIPTOR}: a schema in it cannot be used ({error or type(error).__name__})"
        ) from None
    for fault in report.errors:
        raise InputError(f"{DESCRIPTOR}: {fault.note}")
    for task in report.tasks:
        for fault in task.errors:
            raise InputError(
                _explain(package.resource(task.name), fault,
                         next(entry for entry in merged["resources"]
                              if entry["name"] == task.name)))


def _check_types(package: Package, resource: Resource) -> None:
    """Read the table as the stages do: numbers that no column can hold are found here."""
    try:
        table = package.table(resource.name)
    except (ValueError, OverflowError, TypeError) as error:
        raise InputError(f"{resource.label}: cannot be read as its schema says ({error})") from None
    for name, column in table.select_dtypes("float64").items():
        if len(endless := column.index[column.abs() == float("inf")]):
            raise InputError(
                f"{resource.label}: row {endless[0] + 2}, column '{name}': the number is too large; "
                "correct the cell")


def _merged(package: Package, name: str, header: list[str]) -> dict:
    resource, rules = package.resource(name), contract().get(name, {"columns": {}, "key": []})
    declared = resource.descriptor["schema"]
    fields, references = [], []
    for column in header:
        own = {"type": "string"} | resource.fields.get(column, {"name": column, "type": "any"})
        rule = rules["columns"].get(column, {})
        if rule.get("type") in ("integer", "number", "boolean"):
            own["type"] = rule["type"] if own["type"] not in ("integer",
                                                              rule["type"]) else own["type"]
        own["constraints"] = own.get("constraints", {}) | rule.get("constraints", {})
        fields.append(own)
        if "refers" in rule:
            table, field = rule["refers"].split(".")
            if package.has(table):
                references.append(
                    {"fields": [column], "reference": {"resource": table, "fields": [field]}})
    schema = {"fields": fields, "missingValues": declared.get("missingValues", [""])}
    if key := rules["key"] or declared.get("primaryKey"):
        schema["primaryKey"] = key
    own_references = [entry for entry in declared.get("foreignKeys", [])
                      if entry["reference"]["resource"] in ("", *package.resources)]
    schema["foreignKeys"] = references + [
        entry for entry in own_references if entry not in references
    ]
    entry = {"name": name, "type": "table", "path": resource.descriptor["path"], "schema": schema,
             "encoding": resource.encoding, "format": "csv"}
    if resource.delimiter != ",":
        entry["dialect"] = {"csv": {"delimiter": resource.delimiter}}
    return entry


def _explain(resource: Resource, fault, merged: dict) -> str:
    row = getattr(fault, "row_number", None)
    column = getattr(fault, "field_name", None)
    where = f"{resource.label}: " + (f"row {row}" if row else "table") + (f", column '{column}'"
                                                                          if column else "")
    field = next((entry for entry in merged["schema"]["fields"] if entry["name"] == column), {})
    if fault.type == "type-error":
        return (
            f"{where}: '{fault.cell}' is not {KIND_WORDS.get(field['type'], 'a ' + field['type'])}; "
            "correct the cell" +
            (" or leave it empty" if not field["constraints"].get("required") else ""))
    if fault.type == "constraint-error" and not str(fault.cell).strip():
        return f"{where}: the cell is empty; it needs a value"
    if fault.type == "constraint-error":
        remedy = "the columns lon and lat look swapped" if column in ("lon",
                                                                      "lat") else "correct the cell"
        return f"{where}: '{fault.cell}' is not allowed; {_allowed(field['constraints'])}; {remedy}"
    if fault.type in ("primary-key", "unique-error"):
        keys = ", ".join(merged["schema"].get("primaryKey", [column]) if fault.type ==
                         "primary-key" else [column])
        return f"{where}: repeats the key ({keys}) of an earlier row; remove or rename one of them"
    if fault.type == "foreign-key":
        unknown = ", ".join(str(cell) for cell in getattr(fault, "cells", []) if cell)
        names, table = ", ".join(fault.field_names), fault.reference_name
        value = ", ".join(str(cell) for cell in fault.field_cells) if fault.field_cells else unknown
        return (
            f"{where}, column '{names}': '{value}' is not in {table}.{', '.join(fault.reference_field_names)}; "
            f"correct it or add it to '{table}'")
    if fault.type == "extra-cell":
        return f"{where}: has more cells than the header; put quotes around cells that hold '{resource.delimiter}'"
    if fault.type in ("missing-cell", "blank-row"):
        return f"{where}: has fewer cells than the header; complete or remove the row"
    return f"{where}: {' '.join(fault.note.split())}"


def _allowed(constraints: dict) -> str:
    words = {
        "minimum": "at least {}", "maximum": "at most {}", "enum": "one of: {}",
        "required": "a value", "pattern": "the pattern {}", "minLength": "at least {} characters",
        "maxLength": "at most {} characters", "unique": "each value once"
    }
    parts = []
    for name, bound in constraints.items():
        if name not in words or name == "required" and len(constraints) > 1:
            continue
        text = ", ".join(str(choice) for choice in bound) if name == "enum" else bound
        parts.append(words[name].format(text))
    return f"allowed is {' and '.join(parts)}"
