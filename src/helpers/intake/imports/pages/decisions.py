"""What an import decided about each column of a file."""

import re
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from helpers.intake.imports import personal
from helpers.intake.imports.answers import Reading
from helpers.intake.imports.columns import Matching
from helpers.intake.imports.source import Source, last_part, shown
from helpers.messages import Message, joined, some, term

# So many columns that nothing needs are named in the report.
MOST_NAMED = 40
EXAMPLES, LONGEST = 4, 24
WEIGHT = re.compile(r"(?!.*kg)(.*(weight|bobot|penimbang|pengali).*"
                    r"|(.*[_ .])?[pfsi]?wg?h?ts?\d*([_ .].*)?)")
ROLES = {"respondent": Message("key of the respondent"), "area": Message("area"),
         "business_type": Message("type of business"), "weight": Message("weight")}
CHANGES = {"respondent": ("respondent=#N",), "area": ("area=#N",), "weight": ("weight=#N",),
           "business_type": ("business_type=#N", "business_type=all:WORD")}


@dataclass
class Decided:
    """One column: what it is, how it was read, and the options that would change it.

    `kind` is item, role, kept, tool, personal or other; `sort` the tool, or the kind of personal
    data.
    """

    column: str
    kind: str
    what: Message
    how: list[Message] = field(default_factory=list)
    options: tuple[str, ...] = ()
    sort: str | None = None

    @property
    def public(self) -> bool:
        """Whether its cells are answers, or groups that are published."""
        return self.kind == "item" or self.what in (ROLES["area"], ROLES["business_type"])


def of_columns(source: Source, matching: Matching, readings: dict[str, Reading],
               roles: dict[str, Message], kept: list[str], reverse: set[str]) -> list[Decided]:
    """Decision on each column, in the order of the file; `roles` says how those with a role were
    read, `reverse` has the items that stage 2 turns."""
    items = {column: item for item, column in matching.items.items()}
    by_role = {column: role for role, column in matching.roles.items()}
    tools = {column: tool for tool, columns in matching.tools.items() for column in columns}
    found = []
    for column, reference in references(source).items():
        if column in items:
            found.append(_item(column, items[column], readings[items[column]],
                               items[column] in reverse))
        elif column in by_role:
            role = by_role[column]
            found.append(Decided(column, "role", ROLES[role], [roles[role]], CHANGES[role]))
        elif column in kept:
            kind = personal.kind(column, source.cells[column])
            found.append(Decided(column, "kept", Message("kept as told"), sort=kind))
        else:
            found.append(_left_out(source, column, tools.get(column), f"keep={reference}"))
    return found


def _left_out(source: Source, column: str, tool: str | None, option: str) -> Decided:
    """A column that nothing needs: of a tool, personal, or not recognised."""
    kind = tool is None and personal.kind(f"{column} {source.texts.get(column, '')}",
                                          source.cells[column])
    if tool:
        return Decided(column, "tool", Message("left out, written by {tool}", tool=term(tool)),
                       options=(option,), sort=tool)
    if kind:
        return Decided(column, "personal", Message("left out, PERSONAL DATA ({kind})",
                                                   kind=term(kind)), options=(option,), sort=kind)
    return Decided(column, "other", Message("left out, not recognised"), options=(option,))


def _item(column: str, item: str, reading: Reading, reverse: bool) -> Decided:
    how = [reading.how]
    if reading.words:
        how.append(joined(f"{number} = {word}" for number, word in sorted(reading.words.items())))
    if reverse:
        how.append(Message("worded the other way round (reverse): stage 2 turns it"))
    if reading.emptied:
        how.append(Message("no answer: {words}", words=joined(
            Message("{word} {number} times", word=shown(word), number=number)
            for word, number in reading.emptied.most_common(EXAMPLES))))
    return Decided(column, "item", Message("item '{item}'", item=item), how,
                   (*["coding=codes"] * reading.turned, "missing=CELL", f"without={item}"))


def left_out(source: Source, decided: list[Decided]) -> list[Message]:
    """What is said of the columns that are no item and have no role."""
    said = [Message("kept as told: {column}, although it seems to hold {kind}: do not "
                    "publish this folder as it is" if one.sort else "kept as told: {column}",
                    column=shown(one.column), kind=one.sort and term(one.sort))
            for one in decided if one.kind == "kept"]
    for tool in dict.fromkeys(one.sort for one in decided if one.kind == "tool"):
        of_tool = [shown(one.column) for one in decided if one.kind == "tool" and one.sort == tool]
        said.append(Message("left out, written by {tool}: {out}", tool=term(str(tool)),
                            out=", ".join(of_tool)))
    said += [Message("left out, PERSONAL DATA ({kind}): {column}; {option} keeps it",
                     kind=term(str(one.sort)), column=shown(one.column), option=one.options[0])
             for one in decided if one.kind == "personal"]
    for one in decided:
        if len(rows := personal.again(one.sort, source.cells[one.column])):
            said.append(Message("{column}: {number} rows have the {kind} of an earlier row (rows "
                                "{rows}): was somebody asked twice? They are kept",
                                column=shown(one.column), number=len(rows),
                                kind=term(str(one.sort)), rows=some(rows)))
    said += [Message("{column} may hold survey weights, and is NOT used; {option} uses it",
                     column=shown(one.column), option=f"weight={one.options[0][5:]}")
             for one in decided if one.kind == "other" and _may_weigh(source, one.column)]
    if others := [one for one in decided if one.kind == "other"]:
        named = [Message("{column} ({option} keeps it)", column=shown(one.column),
                         option=one.options[0]) for one in others[:MOST_NAMED]]
        said.append(Message(
            "left out, not recognised: {columns} and {number} more"
            if len(others) > MOST_NAMED else "left out, not recognised: {columns}",
            columns=joined(named), number=len(others) - MOST_NAMED))
    return said


def _may_weigh(source: Source, column: str) -> bool:
    """Whether a column is called like weights and holds numbers above 0 that differ."""
    cells = source.cells[column]
    if not WEIGHT.fullmatch(column.casefold()) or cells.nunique() < 2:
        return False
    return bool((pd.to_numeric(cells.str.replace(",", "."), errors="coerce") > 0).all())


def examples(cells: pd.Series, as_they_are: bool) -> list[str]:
    """The most frequent cells; letters and digits masked unless they are answers or groups.

    >>> examples(pd.Series(["Budi 2", "Budi 2", ""]), False), examples(pd.Series(["4"]), True)
    (['Xxxx 9'], ['4'])
    """
    texts = list(cells[cells != ""].value_counts().index[:EXAMPLES])
    if not as_they_are:
        texts = [masked(text) for text in texts]
    return [text if len(text) <= LONGEST else f"{text[:LONGEST - 1]}…"
            for text in dict.fromkeys(texts)]


def masked(text: str) -> str:
    """Text of which only the form is left.

    >>> masked("Siti, 0812-34")
    'Xxxx, 9999-99'
    """
    return re.sub(r"[^\W\d_]", lambda letter: "X" if letter[0].isupper() else "x",
                  re.sub(r"\d", "9", text))


def references(source: Source) -> dict[str, str]:
    """How a person can name each column in an option."""
    names = {column: last_part(column) for column in source.cells}
    times = Counter(names.values())
    return {column: name if times[name] == 1 and re.fullmatch(r"[\w.-]+", name) else f"#{number}"
            for number, (column, name) in enumerate(names.items(), 1)}
