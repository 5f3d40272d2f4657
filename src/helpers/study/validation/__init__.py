"""Checks of a data package: form first, then cells, then what the stages need it to mean."""

import csv
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from helpers.choices import as_list
from helpers.errors import InputError
from helpers.files import settings
from helpers.messages import Message, both, either, term
from helpers.ratios import by_indicator
from helpers.study import parameters
from helpers.study.package import DESCRIPTOR, Package, Resource, hidden_sign
from helpers.study.validation.cell_checks import check_cells, check_links
from helpers.study.validation.semantic_checks import check_meaning
from helpers.study.validation.years import with_years

__all__ = ["check_parameters", "contract", "validate", "with_years"]

KIND_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false",
              "year": "a year"}
LONGEST_LINE = 100_000
LARGEST_FILE = 1_000_000_000
LONG = 1_000_000
_in_order: set[tuple] = set()


def contract() -> dict:
    """Return the columns, types and keys that the stages rely on, by resource."""
    return settings(__file__, "contract.yml")


def validate_once(package: Package) -> None:
    """Check a whole package that has changed since this process has found it in order."""
    stamps = tuple((str(path), *_stamp(path)) for resource in package.resources.values()
                   for path in [package.folder / "datapackage.json", *resource.files])
    if stamps not in _in_order:
        validate(package)
        _in_order.add(stamps)


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes with a file: when it was written, its size and its place on the disk."""
    try:
        facts = path.stat()
    except OSError:
        return ()
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def validate(package: Package) -> None:
    """Check a whole package; the first fault ends it, in one line: file, row, column, value, what
    is allowed, what to do."""
    if not package.has("areas"):
        raise InputError("datapackage.json: there is no resource 'areas', which every stage "
                         "needs; this package has: {known}", known=", ".join(package.resources),
                         resource="areas")
    check_links(str(package.descriptor.get("name", "")), package.descriptor)
    for resource in package.resources.values():
        _check_hash(resource)
        check_links(resource.name, resource.descriptor)
        if resource.name in contract() and not resource.tabular:
            raise InputError("datapackage.json: resource '{resource}' has no 'schema'; declare "
                             "its columns: {columns}", resource=resource.name,
                             columns=", ".join(contract()[resource.name]["columns"]))
    tables = [resource for resource in package.resources.values() if resource.tabular]
    headers = {resource.name: _check_form(resource) for resource in tables}
    _check_cells(package, headers)
    for resource in tables:
        check_cells(resource, resource.read_text_table(),
                    contract().get(resource.name, {"columns": {}})["columns"])
        _check_types(package, resource)
    check_meaning(package)


def check_parameters(stage: str, params: dict, package: Package) -> None:
    """Check parameters against each other, and those that name something in the package."""
    if stage == "synthesis":
        _check_rules_of_claims(params, package)
    if stage == "force_field" and params["urgency_source"] != "ratings" and not package.has(
            "comparisons"):
        raise InputError("force_field.urgency_source: '{value}' reads pairwise comparisons, and "
                         "this package has no resource 'comparisons'; add it, or choose 'ratings'",
                         value=params["urgency_source"], parameter="urgency_source")
    if stage != "disparity" or not package.has("indicators"):
        return
    indicators = package.table("indicators")
    known = set(indicators["indicator"])
    if package.has("catalogue"):
        catalogue = package.table("catalogue")
        known |= set(catalogue["indicator"][
            catalogue["numerator"].notna()]) if "numerator" in catalogue else set()
    file = package.resource("indicators").label
    own = parameters.load()["disparity"]
    named = {}
    for parameter, rule in parameters.names("disparity").items():
        if rule["unit"] in ("indicator", "indicators") and not parameter.startswith("index_"):
            # The names that are the same in every package until it changes them are no choice of
            # its own; what is mapped and followed must be there.
            strict = parameter in ("reference_indicator", "map_indicators")
            named[parameter] = [value for value in as_list(params[parameter])
                                if strict or value not in ("none", *as_list(own[parameter]))]
    if not package.has("catalogue"):
        # Without a catalogue there are no ratios to map; the notebook maps what is there.
        del named["map_indicators"]
    for parameter, values in named.items():
        for value in values:
            if value not in known:
                raise InputError("disparity.{parameter}: '{value}' is not an indicator of {file}; "
                                 "{choices}", parameter=parameter, value=value, file=file,
                                 choices=_choices(value, known))
    _check_index(params, package)
    rows = indicators[indicators["indicator"] == params["reference_indicator"]]
    years = sorted(rows["year"].dropna().unique())
    if years and params["year"] not in years:
        raise InputError("disparity.year: {year} is not a year of '{indicator}' in {file}; it "
                         "has: {years}", year=params["year"],
                         indicator=params["reference_indicator"], file=file,
                         years=", ".join(str(year) for year in years))
    _check_reference(rows[rows["year"] == params["year"]] if years else rows, rows, params, file)


def _check_index(params: dict, package: Package) -> None:
    """Refuse members of the index that the catalogue does not know.

    The names that are the same in every package until it changes them are no choice of its own.
    """
    from helpers.disparity import ROLES, index_members, with_role

    if not package.has("catalogue"):
        return
    catalogue = by_indicator(package.table("indicators"), package.table("catalogue"))
    allowed = {f"index_{role}": with_role(catalogue, role) for role in ROLES}
    members = index_members(catalogue, {role: params[f"index_{role}"] for role in ROLES})
    allowed["index_leave_out"] = list(catalogue.index[catalogue["in_index"] | members["in_index"]])
    for parameter, known in allowed.items():
        value, own = params[parameter], parameters.names("disparity")[parameter]["default"]
        if value not in (own, "none", *known):
            raise InputError("disparity.{parameter}: '{value}' cannot be a member of the index in "
                             "{file}; allowed are: {known}", parameter=parameter, value=value,
                             file=package.resource("catalogue").label,
                             known=", ".join([*known, "none"]))


def _check_rules_of_claims(params: dict, package: Package) -> None:
    """Refuse thresholds outside the scale of the answers, and a period without any year."""
    if package.has("items"):
        items = package.table("items")
        low, high = items["lowest"].min(), items["highest"].max()
        for name in ("strong_need", "easy_access"):
            if not low <= params[name] <= high:
                raise InputError("synthesis.{parameter}: {value} lies outside the scale of the "
                                 "answers, which goes from {low} to {high}; give a score on it",
                                 parameter=name, value=params[name], low=low, high=high)
    if not package.has("series"):
        return
    # Here, so that a stage without claims does not follow the tests' code.
    from helpers.claims import courses

    series = package.table("series")
    series = series[series["indicator"].isin([*courses.GROWTH, *courses.POOR])]
    try:
        courses.check_growth_source(series, params["growth_source"])
    except ValueError as error:
        raise InputError(error) from None
    last, split = series["year"].max(), params["period_split"]
    if params["period"] == "today" and split > last:
        raise InputError("synthesis.period_split: {split} leaves no year for today's period, as "
                         "the series of growth and poverty end in {last}; give an earlier year",
                         split=split, last=int(last), parameter="period_split")


def _check_reference(now: pd.DataFrame, rows: pd.DataFrame, params: dict, file: str) -> None:
    """Refuse an indicator that inequality cannot be measured on."""
    named = Message("disparity.reference_indicator: '{indicator}'",
                    indicator=params["reference_indicator"])
    negative = rows[rows["value"] < 0]
    if len(negative):
        raise InputError("{named} has negative values ({file}: row {row}: {value:g}); inequality "
                         "is measured on values of zero or more: choose another indicator",
                         named=named, file=file, row=negative.index[0] + 2,
                         value=negative["value"].iloc[0])
    if len(now) > 1 and now["value"].nunique() == 1:
        when = "" if now["year"].isna().all() else Message(" in {year}", year=params["year"])
        raise InputError("{named} is {value:g} in every area of {file}{when}: there is no "
                         "disparity to study; choose another indicator or year", named=named,
                         value=now["value"].iloc[0], file=file, when=when)


def _choices(value: str, known: set[str]) -> Message:
    """Offer the names that look alike, else the first few."""
    if close := get_close_matches(value, known, n=3):
        return Message("did you mean {close}?", close=either(map(repr, close)))
    shown = sorted(known)[:8]
    return Message("it has: {first} and {number} more" if len(known) > len(shown)
                   else "it has: {first}", first=", ".join(shown), number=len(known) - len(shown))


def _check_hash(resource: Resource) -> None:
    stated = resource.descriptor.get("hash")
    if stated is None:
        return
    algorithm, _, digest = stated.rpartition(":")
    if algorithm not in ("", "sha256"):
        raise InputError("datapackage.json: resource '{resource}' has a hash of kind "
                         "'{algorithm}'; use sha256", resource=resource.name, algorithm=algorithm)
    if digest != resource.sha256:
        if len(resource.files) > 1:
            raise InputError("{resource}: the files of this Shapefile ({files}) are not together "
                             "those that datapackage.json describes; restore them all, or accept "
                             "the change with: python src/helpers describe FOLDER",
                             resource=resource.label,
                             files=", ".join(part.name for part in resource.files))
        raise InputError("{resource}: the file is not the one that datapackage.json describes "
                         "(its sha256 begins {found}, stated is {stated}); restore the file, or "
                         "accept the change with: python src/helpers describe FOLDER",
                         resource=resource.label, found=resource.sha256[:12], stated=digest[:12])
    collected = str(resource.descriptor.get("collected", digest)).removeprefix("sha256:")
    if resource.status == "published" and collected != digest:
        raise InputError("{resource}: is published, but no longer what was collected from its "
                         "sources (sha256 begins {found}, collected was {stated}); restore the "
                         "file, give it another status, or say that it is a correction: python "
                         "src/helpers describe FOLDER --corrected {name}", resource=resource.label,
                         found=digest[:12], stated=collected[:12], name=resource.name)


def _check_form(resource: Resource) -> list[str]:
    if resource.path.stat().st_size > LARGEST_FILE:
        raise InputError("{resource}: the file has more than {most:,} bytes; divide the package, "
                         "or leave out what no stage reads", resource=resource.label,
                         most=LARGEST_FILE)
    content = resource.path.read_bytes()
    if not content.strip():
        raise InputError("{resource}: the file is empty; it needs a header and at least one row",
                         resource=resource.label)
    if content.startswith(b"\xef\xbb\xbf") and resource.descriptor.get("encoding",
                                                                       "").lower() != "utf-8-sig":
        raise InputError("{resource}: begins with a byte-order mark; save it as plain UTF-8 or "
                         'state "encoding": "utf-8-sig" in datapackage.json',
                         resource=resource.label)
    try:
        text = content.decode(resource.encoding)
    except UnicodeDecodeError as error:
        line = content[:error.start].count(b"\n") + 1
        raise InputError("{resource}: row {row} holds a byte that is not {encoding}; save the "
                         'file as UTF-8 or state its "encoding" in datapackage.json',
                         resource=resource.label, row=line, encoding=resource.encoding) from None
    except (LookupError, UnicodeError, ValueError):
        raise InputError("datapackage.json: resource '{resource}' has the unknown encoding "
                         "'{encoding}'; use utf-8", resource=resource.name,
                         encoding=resource.encoding) from None
    other = content.decode("utf-8-sig", errors="replace")
    if other not in (text, text.lstrip("\ufeff")) and not {"\ufffd", "\0"} & {*other}:
        raise InputError("{resource}: is UTF-8, and not {encoding} as datapackage.json states: "
                         "letters with marks would be others; state \"encoding\": \"utf-8\"",
                         resource=resource.label, encoding=resource.encoding)
    _check_signs(resource, text)
    header = _check_header(resource, text)
    if len([line for line in text.splitlines() if line.strip()]) < 2:
        raise InputError("{resource}: there is a header but no row below it; add at least one row",
                         resource=resource.label)
    _check_decimals(resource)
    return header


def _check_signs(resource: Resource, text: str) -> None:
    """Refuse what shows as something else than it is, or starts a new row for one reader only."""
    for row, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if sign := hidden_sign(line) or ("U+000D" if "\r" in line else None):
            raise InputError("{resource}: row {row} holds the invisible character {sign}; remove "
                             "it", resource=resource.label, row=row, sign=sign)
        if len(line) > LONGEST_LINE:
            raise InputError("{resource}: row {row} has {length} characters; at most {most} are "
                             "read: is a quotation mark missing?", resource=resource.label, row=row,
                             length=len(line), most=LONGEST_LINE)


def _check_header(resource: Resource, text: str) -> list[str]:
    # A quoted name may run over several lines.
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")
    first = lines[0]
    header = next(csv.reader((f"{line}\n" for line in lines), delimiter=resource.delimiter), [])
    required = [*contract().get(resource.name, {"columns": {}})["columns"], *resource.fields]
    if missing := [name for name in dict.fromkeys(required) if name not in header]:
        for other, word in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
            if other != resource.delimiter and set(required) <= set(first.split(other)):
                raise InputError("{resource}: the columns are separated by {sign}; state "
                                 "\"dialect\": {{\"delimiter\": \"{other}\"}} for '{name}' in "
                                 "datapackage.json", resource=resource.label, sign=word,
                                 other=other, name=resource.name)
        raise InputError("{resource}: the column '{column}' is missing; it has: {known}",
                         resource=resource.label, column=missing[0], known=", ".join(header))
    for name in header:
        if not name.strip():
            raise InputError("{resource}: column {number} has no name in the header",
                             resource=resource.label, number=header.index(name) + 1)
        if header.count(name) > 1:
            raise InputError("{resource}: the column '{column}' stands twice; keep one of them",
                             resource=resource.label, column=name)
    undeclared = [name for name in contract().get(resource.name, {"columns": {}})["columns"]
                  if name not in resource.fields]
    if undeclared:
        raise InputError("datapackage.json: the schema of '{resource}' does not declare the "
                         "column '{column}'; add it with type '{type}'", resource=resource.name,
                         column=undeclared[0],
                         type=contract()[resource.name]["columns"][undeclared[0]]["type"])
    return header


def _check_decimals(resource: Resource) -> None:
    try:
        table = resource.read_text_table()
    except pd.errors.ParserError:
        return  # the check of the cells says which row has too many
    for name, field in resource.fields.items():
        if field.get("type") != "number" or field.get("decimalChar", ".") != ".":
            continue
        commas = table.index[table[name].str.fullmatch(r"\s*-?[\d.]*\d,\d+\s*")]
        if len(commas):
            raise InputError("{resource}: row {row}, column '{column}': '{cell}' has a decimal "
                             'comma; write a decimal point or state "decimalChar": "," in '
                             "datapackage.json", resource=resource.label, row=commas[0] + 2,
                             column=name, cell=table[name][commas[0]])


def _check_cells(package: Package, headers: dict[str, list[str]]) -> None:
    from frictionless import Package as Frictionless
    from frictionless import system

    merged = {"name": "package",
              "resources": [_merged(package, name, header) for name, header in headers.items()]}

    def validated(descriptor: dict):
        return Frictionless.from_descriptor(descriptor, basepath=str(package.folder)).validate()

    try:
        # The paths were checked to lie inside the package.
        with system.use_context(trusted=True), TemporaryDirectory() as place:
            shorter = _shortened(package, merged, Path(place))
            report = validated(shorter)
            if shorter != merged and not report.valid:
                report = validated(merged)  # which names the row as it stands in the file
    except MemoryError:  # no fault of the package
        raise
    except Exception as error:  # a schema can be wrong in more ways than the library has errors for
        raise InputError("datapackage.json: a schema in it cannot be used ({error})",
                         error=error or type(error).__name__) from None
    for fault in report.errors:
        raise InputError("{file}: {note}", file=DESCRIPTOR, note=fault.note)
    for task in report.tasks:
        for fault in task.errors:
            raise InputError(_explain(package.resource(task.name), fault,
                                      next(entry for entry in merged["resources"]
                                           if entry["name"] == task.name)))


def _shortened(package: Package, merged: dict, place: Path) -> dict:
    """Descriptor of the same package in which a long table stands for all its rows by those that
    hold a value for the first time in its column: whether a cell is well formed depends on the cell
    alone. Keys are looked at here, in all rows; what is not certain stays as long as it is."""
    referred = {key["reference"]["resource"] or entry["name"] for entry in merged["resources"]
                for key in entry["schema"]["foreignKeys"]}
    resources = []
    for entry in merged["resources"]:
        resource = package.resource(entry["name"])
        rows = None if entry["name"] in referred or resource.path.stat().st_size < LONG else (
            _first_of_each(resource, entry["schema"]))
        if rows is not None:
            path = place / f"{entry['name']}.csv"
            rows.to_csv(path, index=False, sep=resource.delimiter)
            schema = {key: value for key, value in entry["schema"].items() if key != "primaryKey"}
            entry = entry | {"path": str(path), "encoding": "utf-8", "schema": schema}
        resources.append(entry)
    return merged | {"resources": resources}


def _first_of_each(resource: Resource, schema: dict) -> pd.DataFrame | None:
    """Rows with a first value of a column, None where the table is not plain enough to tell."""
    keys = as_list(schema.get("primaryKey", []))
    with resource.path.open(encoding=resource.encoding, newline="") as file:
        widths = {len(row) for row in csv.reader(file, delimiter=resource.delimiter)}
    table = resource.read_text_table()
    single = [field for field in schema["fields"]
              if field["name"] in keys or field["constraints"].get("unique")]
    plain = all(field["type"] == "string" and set(field["constraints"]) <= {"required", "unique"}
                for field in single) and all(len(as_list(key["fields"])) == 1
                                             for key in schema["foreignKeys"])
    single = [field["name"] for field in single]
    if not plain or widths != {len(table.columns)} or any(
            table[name].duplicated().any() or table[name].isin(schema["missingValues"]).any()
            for name in single):
        return None
    first = np.zeros(len(table), dtype=bool)
    for name in table.columns.difference(single):
        first |= ~table[name].duplicated().to_numpy()
    return table[first]


def _check_types(package: Package, resource: Resource) -> None:
    """Read the table as the stages do: numbers that no column can hold are found here."""
    try:
        table = package.table(resource.name)
    except (ValueError, OverflowError, TypeError) as error:
        raise InputError("{resource}: cannot be read as its schema says ({error})",
                         resource=resource.label, error=error) from None
    for name, column in table.select_dtypes("float64").items():
        if len(endless := column.index[column.abs() == float("inf")]):
            raise InputError("{resource}: row {row}, column '{column}': the number is too large; "
                             "correct the cell", resource=resource.label, row=endless[0] + 2,
                             column=name)


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
        # Patterns are held to by `check_cells`, in a time that does not depend on them.
        own["constraints"] = {
            key: bound for key, bound in (own.get("constraints", {})
                                          | rule.get("constraints", {})).items()
            if key != "pattern"}
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
    schema["foreignKeys"] = references + [entry for entry in own_references
                                          if entry not in references]
    entry = {"name": name, "type": "table", "path": resource.descriptor["path"], "schema": schema,
             "encoding": resource.encoding, "format": "csv"}
    if resource.delimiter != ",":
        entry["dialect"] = {"csv": {"delimiter": resource.delimiter}}
    return entry


def _explain(resource: Resource, fault, merged: dict) -> Message:
    row = getattr(fault, "row_number", None)
    column = getattr(fault, "field_name", None)
    where = Message("{resource}: row {row}" if row else "{resource}: table",
                    resource=resource.label, row=row)
    if column:
        where = Message("{where}, column '{column}'", where=where, column=column)
    field = next((entry for entry in merged["schema"]["fields"] if entry["name"] == column), {})
    if fault.type == "type-error":
        return Message("{where}: '{cell}' is not {kind}; correct the cell or leave it empty"
                       if not field["constraints"].get("required")
                       else "{where}: '{cell}' is not {kind}; correct the cell", where=where,
                       cell=fault.cell,
                       kind=term(KIND_WORDS.get(field["type"], "a " + field["type"])))
    if fault.type == "constraint-error" and not str(fault.cell).strip():
        # A value that is not known has no row; anything else has to be written.
        return Message("{where}: the cell is empty; write the value, or leave the row out"
                       if column == "value" else "{where}: the cell is empty; it needs a value",
                       where=where)
    if fault.type == "constraint-error":
        remedy = Message("the columns lon and lat look swapped" if column in ("lon", "lat")
                         else "correct the cell")
        return Message("{where}: '{cell}' is not allowed; {allowed}; {remedy}", where=where,
                       cell=fault.cell, allowed=_allowed(field["constraints"]), remedy=remedy)
    if fault.type.endswith("-label"):  # the names were looked at before: something hides them
        return Message("{where}: the header cannot be read with the rows below it; is a quotation "
                       "mark missing in one of them?", where=where)
    if fault.type in ("primary-key", "unique-error"):
        keys = ", ".join(merged["schema"].get("primaryKey", [column]) if fault.type ==
                         "primary-key" else [column])
        return Message("{where}: repeats the key ({key}) of an earlier row; remove or rename one "
                       "of them", where=where, key=keys)
    if fault.type == "foreign-key":
        unknown = ", ".join(str(cell) for cell in getattr(fault, "cells", []) if cell)
        names, table = ", ".join(fault.field_names), fault.reference_name
        value = ", ".join(str(cell) for cell in fault.field_cells) if fault.field_cells else unknown
        return Message("{where}, column '{columns}': '{value}' is not in {table}.{reference}; "
                       "correct it or add it to '{table}'", where=where, columns=names, value=value,
                       table=table, reference=", ".join(fault.reference_field_names))
    if fault.type == "extra-cell":
        return Message("{where}: has more cells than the header; put quotes around cells that "
                       "hold '{delimiter}'", where=where, delimiter=resource.delimiter)
    if fault.type in ("missing-cell", "blank-row"):
        return Message("{where}: has fewer cells than the header; complete or remove the row",
                       where=where)
    return Message("{where}: {note}", where=where, note=" ".join(fault.note.split()))


def _allowed(constraints: dict) -> Message:
    words = {"minimum": "at least {value}", "maximum": "at most {value}", "enum": "one of: {value}",
             "required": "a value", "pattern": "the pattern {value}",
             "minLength": "at least {value} characters", "maxLength": "at most {value} characters",
             "unique": "each value once"}
    parts = []
    for name, bound in constraints.items():
        if name not in words or name == "required" and len(constraints) > 1:
            continue
        text = ", ".join(str(choice) for choice in bound) if name == "enum" else bound
        parts.append(Message(words[name], value=text))
    return Message("allowed is {parts}", parts=both(parts))
