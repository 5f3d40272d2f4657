"""Imported questionnaire as a data package that is valid, or not at all."""

from functools import partial
from pathlib import Path

import pandas as pd

from helpers import messages
from helpers.errors import InputError
from helpers.intake import atomic_package
from helpers.intake.describe import closed, write_descriptor
from helpers.intake.imports import pages
from helpers.intake.imports.convert import Questionnaire
from helpers.intake.imports.instrument import Instrument, project_package
from helpers.languages import languages
from helpers.messages import Message, term
from helpers.study.package import weakest

TITLES = {"areas": "Areas", "items": "Questionnaire", "frame": "Sampling frame",
          "responses": "Imported answers"}
AS_ASKED = "The statements of this project's questionnaire, as they were asked."
REPORT, PAGE = "import.txt", "import.{lang}.html"


def write(folder: Path, stem: str, questionnaire: Questionnaire, instrument: Instrument,
          status: str, source: str, said: list[str]) -> None:
    """Write the package: valid in its place, or not there at all.

    `folder` must not be there yet, or be empty; `stem` is the name of the imported file without its
    ending, `source` where the answers come from. What was `said` is the report, kept in the
    package. Where it is not valid the error names the person's file, row and column.
    """
    try:
        _write(folder, stem, questionnaire, instrument, status, source, said)
    except InputError as error:
        raise _of_their_file(error, questionnaire, instrument) from None


def _write(folder: Path, stem: str, questionnaire: Questionnaire, instrument: Instrument,
           status: str, source: str, said: list[str]) -> None:
    with atomic_package.new_package(folder, f"to={folder.name}") as made:
        tables = {"areas": instrument.areas, "items": instrument.items,
                  "responses": questionnaire.responses}
        if instrument.frame is not None:
            tables["frame"] = instrument.frame
        entries = [_entry(name, table, questionnaire, instrument, status, source)
                   for name, table in tables.items()]
        if sources := _sources(tables):
            tables["sources"], entry = sources
            entries.append(entry)
        for name, table in tables.items():
            text = table.copy()
            for column in text.select_dtypes("bool"):
                text[column] = text[column].map({True: "true", False: "false"})
            text.to_csv(made / f"{name}.csv", index=False, lineterminator="\n")
        write_descriptor(made, _descriptor(stem, closed(entries)))
        atomic_package.write_text(made / REPORT, "\n".join(said))
        for lang in messages.languages():
            atomic_package.write_text(made / PAGE.format(lang=lang),
                                      pages.of_import(questionnaire, said, lang))


def _of_their_file(error: InputError, questionnaire: Questionnaire,
                   instrument: Instrument) -> InputError:
    """Error about a table of the package as one about the file that it was made from."""
    values, source = dict(error.message.values), questionnaire.source
    name = str(values.get("resource", "")).removesuffix(".csv")
    rows = source.cells.index if name == "responses" else instrument.rows.get(name)
    if rows is None:
        return error
    values["resource"] = source.name if name == "responses" else instrument.names[name]
    if name == "responses" and "column" in values:
        values["column"] = questionnaire.headers.get(values["column"], values["column"])
    row = values.get("row", 0)
    if 2 <= row < len(rows) + 2:
        values["row"] = rows[row - 2]
    return InputError(error.message.template, **values)


def _entry(name: str, table: pd.DataFrame, questionnaire: Questionnaire, instrument: Instrument,
           status: str, source: str) -> dict:
    if name in instrument.own:
        own = _as_described(name)
        # A questionnaire that people answered is what its answers are.
        return own | ({"status": status, "description": AS_ASKED,
                       "sources": [{"title": "Questionnaire of this project"}]}
                      if name == "items" else {})
    title = source if name == "responses" else instrument.names[name]
    schema = atomic_package.schema(name, table, {*TITLES, "sources"},
                                   partial(_field, name, questionnaire, instrument))
    return atomic_package.table_entry(name, TITLES[name], f"{TITLES[name]}: {title}.", status,
                                      title, atomic_package.NOT_STATED, schema)


def _as_described(name: str) -> dict:
    """Description of one of the project's tables, less what is said of that package's own file."""
    own = project_package().resource(name).descriptor | {"path": f"{name}.csv"}
    return {key: value for key, value in own.items() if key != "collected"}


def _field(name: str, questionnaire: Questionnaire, instrument: Instrument, column: str) -> dict:
    """What the schema says of a column that the contract does not name."""
    if name == "responses" and column in set(instrument.items["item"]):
        item = instrument.items.set_index("item").loc[column]
        texts = {f"title_{lang}": item.get(f"text_{lang}") for lang in languages()}
        limits = {"minimum": int(item["lowest"]), "maximum": int(item["highest"])}
        return {"type": "integer", "constraints": limits} | {
            key: text for key, text in texts.items() if isinstance(text, str) and text
        } | _categories(questionnaire.readings[column].words, instrument, limits)
    if column == "weight":
        return {"type": "number"}
    return {"type": "string", "title": questionnaire.kept.get(column, column)}


def _categories(words: dict[int, str], instrument: Instrument, limits: dict) -> dict:
    """Words of an item's answers; nothing where the project's own questionnaire has them."""
    if not words and "items" in instrument.own:
        return {}
    return {"categories": [{"value": value, "label": words.get(value, "")}
                           for value in range(limits["minimum"], limits["maximum"] + 1)]}


def _sources(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict] | None:
    """Rows of the project's sources that tables name."""
    columns = {"areas": "zone_source", "frame": "source"}
    named = {key for table, column in columns.items() if column in tables.get(table, ())
             for key in tables[table][column].dropna() if key}
    if not named:
        return None
    sources = project_package().table("sources")
    return sources[sources["source"].isin(named)], _as_described("sources")


def _descriptor(stem: str, entries: list[dict]) -> dict:
    about = Message("A questionnaire imported from a file. What was read, mapped and left out "
                    "stands in {report}. Weakest status of its tables: {status}.", report=REPORT,
                    status=term(weakest(entry["status"] for entry in entries)))
    return {"profile": "data-package", "name": atomic_package.slug(stem, "questionnaire"),
            "title": f"Kuesioner: {stem}", "description": str(about),
            **{f"description_{lang}": messages.translate(about, lang)
               for lang in messages.languages() if lang != "en"},
            "version": "1.0.0", "resources": entries}
