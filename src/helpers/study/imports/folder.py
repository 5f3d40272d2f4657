"""Writing an imported questionnaire as a data package that is valid, or not at all."""

import re
from pathlib import Path

import pandas as pd

from helpers.study.imports.convert import Questionnaire
from helpers.study.imports.instrument import Instrument, project_package
from helpers.study.package import DESCRIPTOR, weakest
from helpers.study.placing import new_package
from helpers.study.validation import contract

NOT_STATED = [{"name": "notspecified", "title": "Not stated: state it before you share this package"}]
TITLES = {"areas": "Areas", "items": "Questionnaire", "frame": "Sampling frame", "responses": "Imported answers"}
REPORT = "import.txt"


def write(folder: Path, stem: str, questionnaire: Questionnaire, instrument: Instrument, status: str, source: str,
          said: list[str]) -> None:
    """Write the package beside its place, validate it, and only then put it there.

    Parameters
    ----------
    folder : Path
        Where the package goes; must not be there yet, or be empty.
    stem : str
        Name of the file that was imported, without its ending.
    questionnaire, instrument : Questionnaire, Instrument
        What to write.
    status : str
        What a person said that the answers are.
    source : str
        Where the answers come from.
    said : list of str
        The report, kept in the package.
    """
    with new_package(folder, f"to={folder.name}") as made:
        tables = {"areas": instrument.areas, "items": instrument.items, "responses": questionnaire.responses}
        if instrument.frame is not None:
            tables["frame"] = instrument.frame
        entries = [_entry(name, table, questionnaire, instrument, status, source) for name, table in tables.items()]
        if sources := _sources(tables, instrument):
            tables["sources"], entry = sources
            entries.append(entry)
        _drop_dangling(entries)
        for name, table in tables.items():
            _write_table(table, made / f"{name}.csv")
        _write_descriptor(made, stem, entries)
        (made / REPORT).write_text("\n".join(said) + "\n", encoding="utf-8", newline="\n")


def _entry(name: str, table: pd.DataFrame, questionnaire: Questionnaire, instrument: Instrument, status: str,
           source: str) -> dict:
    if name in instrument.own:
        # A questionnaire that people answered is what its answers are, whatever the project used it for.
        asked = {"status": status, "description": "The statements of this project's questionnaire, as they were asked.",
                 "sources": [{"title": "Questionnaire of this project"}]} if name == "items" else {}
        return project_package().resource(name).descriptor | {"path": f"{name}.csv"} | asked
    title = source if name == "responses" else f"{instrument.names[name]}, given with the answers"
    return {"name": name, "path": f"{name}.csv", "profile": "tabular-data-resource", "title": TITLES[name],
            "description": f"{TITLES[name]}: {title}.",
            "status": status, "sources": [{"title": title}], "licenses": NOT_STATED,
            "encoding": "utf-8", "format": "csv", "mediatype": "text/csv",
            "schema": _schema(name, table, questionnaire, instrument)}


def _schema(name: str, table: pd.DataFrame, questionnaire: Questionnaire, instrument: Instrument) -> dict:
    rules = contract()[name]
    fields = []
    for column in table:
        rule = rules["columns"].get(column)
        if rule is not None:
            field = {"name": column, "type": rule["type"]}
            if rule.get("constraints"):
                field["constraints"] = dict(rule["constraints"])
        elif name == "responses" and column in set(instrument.items["item"]):
            item = instrument.items.set_index("item").loc[column]
            field = {"name": column, "type": "integer",
                     "constraints": {"minimum": int(item["lowest"]), "maximum": int(item["highest"])}}
            texts = {f"title_{language}": item.get(f"text_{language}") for language in ("id", "en")}
            field |= {key: text for key, text in texts.items() if isinstance(text, str) and text}
        elif column == "weight":
            field = {"name": column, "type": "number"}
        else:
            field = {"name": column, "type": "string", "title": questionnaire.kept.get(column, column)}
        fields.append(field)
    schema = {"fields": fields, "missingValues": [""], "primaryKey": rules["key"]}
    references = [(column, rule["refers"].split(".")) for column, rule in rules["columns"].items() if "refers" in rule]
    if references:
        schema["foreignKeys"] = [{"fields": [column], "reference": {"resource": resource, "fields": [key]}}
                                 for column, (resource, key) in references]
    return schema


def _sources(tables: dict[str, pd.DataFrame], instrument: Instrument) -> tuple[pd.DataFrame, dict] | None:
    """Return the rows of the project's sources that its own tables name."""
    columns = {"areas": "zone_source", "frame": "source"}
    named = set()
    for table, column in columns.items():
        if table in instrument.own and table in tables:
            named |= set(tables[table][column].dropna())
    if not named:
        return None
    package = project_package()
    sources = package.table("sources")
    return sources[sources["source"].isin(named)], package.resource("sources").descriptor | {"path": "sources.csv"}


def _drop_dangling(entries: list[dict]) -> None:
    present = {entry["name"] for entry in entries}
    for position, entry in enumerate(entries):
        schema = dict(entry["schema"])
        schema["foreignKeys"] = [key for key in schema.get("foreignKeys", ())
                                 if key["reference"]["resource"] in ("", *present)]
        if not schema["foreignKeys"]:
            del schema["foreignKeys"]
        entries[position] = entry | {"schema": schema}


def _write_table(table: pd.DataFrame, path: Path) -> None:
    text = table.copy()
    for column in text.select_dtypes("bool"):
        text[column] = text[column].map({True: "true", False: "false"})
    path.write_bytes(text.to_csv(index=False, lineterminator="\n").encode())


def _write_descriptor(made: Path, stem: str, entries: list[dict]) -> None:
    import json

    slug = re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or "questionnaire"
    descriptor = {"profile": "data-package", "name": slug, "title": f"Kuesioner: {stem}",
                  "description": f"A questionnaire imported from a file. What was read, mapped and left out stands in "
                                 f"{REPORT}. Weakest status of its tables: "
                                 f"{weakest(entry['status'] for entry in entries)}.",
                  "version": "1.0.0", "resources": entries}
    (made / DESCRIPTOR).write_text(json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n", encoding="utf-8",
                                   newline="\n")
