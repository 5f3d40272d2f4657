"""Questionnaire as an XLSForm, for KoboToolbox, ODK and whatever else reads it.

    python3 src/helpers xlsform [to=FILE] [items=FILE] [areas=FILE]

What comes back from the field is read by ``python3 src/helpers import``.
"""

import hashlib
import json
from pathlib import Path

import pandas as pd

from helpers import files
from helpers.errors import InputError, report_input_errors
from helpers.intake.imports import instrument
from helpers.languages import DEFAULT, in_language
from helpers.messages import say, term
from helpers.study.workbook import workbook

DEFAULT_FILE = "questionnaire.xlsx"
USAGE = "usage: python3 src/helpers xlsform [to=FILE.xlsx] [items=FILE] [areas=FILE]"


def texts() -> dict:
    """Texts of xlsform.yml."""
    return files.settings(__file__, "xlsform.yml")


def sheets(items: pd.DataFrame, areas: pd.DataFrame) -> dict[str, list[list[object]]]:
    """Sheets of an XLSForm, ``survey``, ``choices`` and ``settings``, each with its header first.
    """
    names = texts()["languages"]
    headers = [f"{kind}::{name}" for kind in ("label", "hint", "constraint_message")
               for name in names.values()]
    survey = [["type", "name", *headers, "required", "constraint", "appearance"]]
    survey += [_row("note", "intro", "intro"),
               _row("select_one yes_no", "consent", "consent", required="yes",
                    constraint=". = 'yes'", message="consent_message"),
               _row("text", "respondent", "respondent", hint="respondent_hint", required="yes",
                    constraint="regex(., '^[A-Za-z0-9-]{1,20}$')", message="respondent_message"),
               _row("select_one area", "code", "code", required="yes", appearance="minimal"),
               _row("select_one business_type", "business_type", "business_type", required="yes")]
    for number, (_, group) in enumerate(items.groupby(["dimension", "aspect"], sort=False),
                                        start=1):
        survey.append(_row("begin_group", f"part_{number}", "agreement", appearance="field-list"))
        survey += [_statement(item) for item in group.to_dict("records")]
        survey.append(["end_group", f"part_{number}", *[None] * (len(survey[0]) - 2)])
    choices = [["list_name", "name", *headers[:len(names)]]]
    for name, entries in texts()["choices"].items():
        choices += [[name, choice, *_all(labels)] for choice, labels in entries.items()]
    choices += [["area", code, *[name] * len(names)]
                for code, name in zip(areas["code"], areas["name"], strict=True)]
    for lowest, highest in items[["lowest", "highest"]].drop_duplicates().itertuples(index=False):
        choices += [[_scale(lowest, highest), str(number), *labels]
                    for number, labels in _answers(int(lowest), int(highest))]
    version = hashlib.sha256(json.dumps([survey, choices]).encode()).hexdigest()[:12]
    settings = [["form_title", "form_id", "version", "default_language"],
                [texts()["title"][DEFAULT], "needs_and_access", version, names[DEFAULT]]]
    return {"survey": survey, "choices": choices, "settings": settings}


def _row(kind: str, name: str, label: str, *, hint: str | None = None, message: str | None = None,
         required: str | None = None, constraint: str | None = None,
         appearance: str | None = None) -> list[object]:
    parts = [_all(texts()[key]) if key else [None] * len(texts()["languages"])
             for key in (label, hint, message)]
    return [kind, name, *sum(parts, []), required, constraint, appearance]


def _statement(item: dict) -> list[object]:
    lowest, highest = int(item["lowest"]), int(item["highest"])
    labels = [in_language(item, "text", lang, item["item"]) for lang in texts()["languages"]]
    return [f"select_one {_scale(lowest, highest)}", item["item"], *labels, *[None] * len(labels),
            *_all(texts()["item_message"]), "yes", f". >= {lowest} and . <= {highest}", None]


def _all(text: dict[str, str]) -> list[str]:
    """A text of xlsform.yml in every language of the form."""
    return [text[lang] for lang in texts()["languages"]]


def _scale(lowest: int, highest: int) -> str:
    return f"agreement_{lowest}_{highest}"


def _answers(lowest: int, highest: int) -> list[tuple[int, list[str]]]:
    """Number and labels of every answer.

    >>> _answers(1, 5)[2], _answers(0, 10)[3]
    ((3, ['Netral', 'Neutral']), (3, ['3', '3']))
    >>> _answers(0, 10)[0]
    (0, ['0 (Sangat tidak setuju)', '0 (Strongly disagree)'])
    """
    points = highest - lowest + 1
    if words := texts()["answers"].get(points):
        return [(lowest + step, list(labels))
                for step, labels in enumerate(zip(*_all(words), strict=True))]
    ends = {lowest: 0, highest: -1}
    return [(number,
             [f"{number} ({words[ends[number]]})" if number in ends else str(number)
              for words in _all(texts()["answers"][5])]) for number in range(lowest, highest + 1)]


@report_input_errors("say to=FILE where you may write")
def main(arguments: list[str]) -> int:
    """Write the form; return the exit status: 0 done, 2 wrong input."""
    if set(arguments) & {"help", "-h", "--help"}:
        say(USAGE)
        return 0
    options = dict(argument.partition("=")[::2] for argument in arguments)
    if unknown := [name for name, value in options.items()
                   if name not in ("to", "items", "areas") or not value]:
        raise InputError("'{unknown}' is not understood; {usage}", unknown=unknown[0],
                         usage=term(USAGE))
    path = Path(options.get("to", DEFAULT_FILE))
    if path.suffix.lower() != ".xlsx" or not path.parent.is_dir():
        raise InputError("to={path}: give a name that ends in .xlsx, in a folder that is there",
                         path=path.name)
    basis = instrument.load(options.get("items"), options.get("areas"), "no")
    files.write(path, workbook(sheets(basis.items, basis.areas)))
    say("xlsform: {items} statements, {areas} areas, {languages} languages, written to {path}",
        items=len(basis.items), areas=len(basis.areas), languages=len(texts()["languages"]),
        path=path)
    return 0
