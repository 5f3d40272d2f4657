"""Rows that are no interview, and rows that cannot be used: counted, named, left out or kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from helpers.errors import InputError
from helpers.intake.imports.answers.table import folded
from helpers.intake.imports.columns import Matching
from helpers.intake.imports.source import Source, last_part, shown
from helpers.messages import Message, both, joined, term

WHY = {"refused": "of people who refused", "rejected": "marked as not approved",
       "test": "written by a preview or test of the form", "incomplete": "marked as incomplete",
       "filtered": "left out by the filter of SPSS", "hidden": "hidden in the spreadsheet",
       "summary": "named as a total or a mean", "trial": "named as a trial",
       "empty": "without one answer", "mirrored": "that mirror the answers of the others"}
# Of these only the person knows whether they count, where they hold answers.
ASKED = ("refused", "incomplete", "filtered", "summary", "trial", "hidden")
# A question about consent has no more answers than these, where they are codes.
MOST_CODES = 3
# Cells that stand in place of a respondent or type where a row is no interview.
NAMED = {"summary": re.compile(
    r"(grand |sub ?)?total|jumlah( total)?|sum|rata[ -]?rata|rerata|mean|average|modus|mode|median|"
    r"min(imum)?|max(imum)?|maks(imum)?|std\.? ?dev(iasi|iation)?|simpangan baku|count|banyaknya"),
    "trial": re.compile(r"te(s|st|sting)( \d+)?|uji coba|coba(-coba)?|contoh|example|dummy|"
                       r"kunci( jawaban)?|(xx)+")}
NEGATIONS = re.compile(r"\b(tidak|tdk|tak|no|not|don.?t|menolak|keberatan|refuse[ds]?|declined?)\b")


@cache
def marks() -> dict[str, list[dict]]:
    """Marks of rows.yml, by kind, with names and cells as they are compared."""
    content = yaml.load(Path(__file__).with_name("rows.yml").read_text(encoding="utf-8"),
                        Loader=yaml.BaseLoader)
    return {kind: [{key: {folded(part) for part in value} if isinstance(value, list) else value
                    for key, value in mark.items()} for mark in found]
            for kind, found in content.items()}


@dataclass
class Decision:
    """What a person said about rows: kinds that stay, and whether the other kinds may go."""

    kept: frozenset[str] = frozenset()
    out: bool = False

    @classmethod
    def of(cls, option: str | None) -> "Decision":
        """Decision of the option ``rows=``: keep, out, or the kinds of rows to keep."""
        if option is None:
            return cls()
        parts = frozenset(part.strip() for part in option.split(",") if part.strip())
        if parts == {"keep"}:
            return cls(frozenset(WHY))
        if parts == {"out"}:
            return cls(out=True)
        if wrong := sorted(parts - set(WHY)):
            raise InputError("rows={wrong}: allowed is out, keep, or the kinds of rows to keep: "
                             "{kinds}", wrong=wrong[0], kinds=", ".join(WHY))
        return cls(parts, True)


def without_marked(source: Source, matching: Matching,
                   decision: Decision) -> tuple[Source, list[Message]]:
    """Source without the rows that say of themselves that they are no interview.

    Rows that are refused, incomplete, filtered or hidden and hold answers stop the import until a
    person has decided.
    """
    said, gone, items = [], pd.Index([]), list(matching.items.values())
    answered = (source.cells[items] != "").any(axis=1)
    for kind, column, rows in _marked(source, matching, decision, said):
        rows = rows.difference(gone, sort=False)
        if not len(rows):
            continue
        with_answers = rows[answered[rows]]
        if kind in ASKED and len(with_answers) and not decision.out and kind not in decision.kept:
            raise InputError(
                "{file}: {number} rows with answers are {why} ({where}); say rows=out to leave "
                "them out, or rows={kind} to count them", file=source.name, kind=kind,
                number=len(with_answers), why=term(WHY[kind]), where=_where(column, with_answers))
        said.append(_said(kind, column, rows, kind in decision.kept))
        if kind not in decision.kept:
            gone = gone.append(rows)
    return _without(source, gone), said


def without_empty(source: Source, numbers: pd.DataFrame,
                  decision: Decision) -> tuple[Source, pd.DataFrame, list[Message]]:
    """Source and answers without the respondents who gave not one answer."""
    rows = numbers.index[numbers.isna().all(axis=1)]
    if not len(rows):
        return source, numbers, []
    said = [_said("empty", None, rows, "empty" in decision.kept)]
    if "empty" in decision.kept:
        return source, numbers, said
    kept = _without(source, rows)
    return kept, numbers.loc[kept.cells.index], said


def usable(source: Source, read: Callable, option: str | None) -> tuple[object, list[Message]]:
    """What `read` makes of a source; rows where it stops are left out where a person said so.

    With ``unusable=out`` up to half of the rows may go; each is named with the reason.
    """
    reasons: dict[object, str] = {}
    rest = source
    while True:
        try:
            found = read(rest)
            break
        except InputError as error:
            row = error.about.get("row")
            if option is None or row not in rest.cells.index:
                raise
            reasons[row] = error.message
            if 2 * len(reasons) > len(source.cells):
                raise InputError("{file}: more than half of the rows cannot be used, the first of "
                                 "them: {reason}", file=source.name,
                                 reason=next(iter(reasons.values()))) from None
            rest = _without(rest, pd.Index([row]))
    return found, [Message("row {row} left out as told (unusable=out): {reason}", row=row,
                           reason=reason) for row, reason in reasons.items()]


def _without(source: Source, rows: pd.Index) -> Source:
    if not len(rows):
        return source
    cells = source.cells.drop(index=rows)
    if cells.empty:
        raise InputError("{file}: no row is an interview; say rows=keep to count them all the same",
                         file=source.name)
    return replace(source, cells=cells)


def _marked(source: Source, matching: Matching, decision: Decision, said: list[Message]):
    """Kind, column and rows of each mark of a source."""
    used = {*matching.items.values(), *matching.roles.values()}
    names = {folded(last_part(column)) for column in source.cells}
    for kind, forms in marks().items():
        for column in source.cells:
            if column in used:
                continue
            for mark in forms:
                if _named(mark, column, names):
                    yield kind, column, _rows_of(source, column, mark,
                                                 kind in decision.kept, said)
    # A total stands where the first column, the respondent or the type would.
    named = {next(iter(source.cells)), matching.roles.get("respondent"),
             matching.roles.get("business_type")} - {None, *matching.items.values()}
    for kind, words in NAMED.items():
        for column in (column for column in source.cells if column in named):
            cells = source.cells[column]
            wrong = {cell for cell in cells.unique() if words.fullmatch(folded(cell))}
            yield kind, column, cells.index[cells.isin(wrong)]
    hidden = source.cells.index[source.cells.index.isin(source.hidden_rows)]
    yield "hidden", None, hidden


def _named(mark: dict, column: str, names: set[str]) -> bool:
    called = (last_part(column), column)
    fits = not set(map(folded, called)).isdisjoint(mark.get("names", ())) or (
        "pattern" in mark and any(re.fullmatch(mark["pattern"], name.casefold())
                                  for name in called))
    return bool(fits) and ("needs" not in mark or bool(names & mark["needs"]))


def _rows_of(source: Source, column: str, mark: dict, counted: bool,
             said: list[Message]) -> pd.Index:
    cells = source.cells[column]
    labels = source.labels.get(column, {})
    meant = {cell: folded(labels.get(cell, cell)) for cell in cells.unique()}
    out = {cell for cell, meaning in meant.items() if meaning in mark["out"]}
    unknown = {cell for cell, meaning in meant.items()
               if meaning not in mark["out"] | mark.get("in", set())}
    if "asked" in mark:
        refusing = {cell for cell in unknown if _consents(meant[cell]) is False}
        unknown -= {cell for cell in unknown if _consents(meant[cell]) is not None}
        codes = {cell for cell in meant if cell.isdecimal()}
        if len(codes) > MOST_CODES:  # a scale, no consent
            return pd.Index([])
        if unknown and not counted:
            raise InputError(
                "{file}: row {row}, column {column}: {cell} may mean yes or no; write ya or "
                "tidak in this column, or say rows=refused to count all of its rows",
                file=source.name, row=cells.index[cells.isin(unknown)][0], column=shown(column),
                cell=both(map(shown, sorted(codes if codes & unknown else unknown)[:3])))
        out |= refusing
    elif unknown and "other" not in mark:
        if "pattern" not in mark and "needs" not in mark:
            said.append(Message("column {column}: {cells} may tell of rows that are no interview; "
                                "they are counted", column=shown(column),
                                cells=joined(map(shown, sorted(unknown)[:3]))))
        return pd.Index([])
    return cells.index[cells.isin(out)]


def _consents(meaning: str) -> bool | None:
    """Whether words say that a person takes part; None where they may say either.

    >>> [_consents(text) for text in ("ya, saya bersedia", "saya tidak mau", "2")]
    [True, False, None]
    >>> _consents("tidak keberatan") is None
    True
    """
    refusals = len(NEGATIONS.findall(meaning))
    if refusals == 1:
        return False
    agrees = re.match(r"(ya|yes|ok|oke|saya bersedia|bersedia|setuju|saya setuju|i agree|i consent"
                      r"|agree)\b", meaning)
    return True if agrees and not refusals else None


def _where(column: str | None, rows: pd.Index) -> Message:
    some = both(rows[:3].astype(str)) if len(rows) < 4 else Message(
        "{first} and {number} more", first=", ".join(rows[:3].astype(str)), number=len(rows) - 3)
    if column is None:
        return Message("rows {rows}", rows=some)
    return Message("column {column}, rows {rows}", column=shown(column), rows=some)


def _said(kind: str, column: str | None, rows: pd.Index, kept: bool) -> Message:
    return Message("NO INTERVIEW: {number} rows {why} ({where}); counted as told" if kept
                   else "NO INTERVIEW: {number} rows {why} ({where}); left out (rows={kind} "
                   "counts them)", number=len(rows), why=term(WHY[kind]),
                   where=_where(column, rows), kind=kind)
