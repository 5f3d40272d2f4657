"""Pages for people: what an import decided, and how fieldwork stands; one in each language."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers.files import templates
from helpers.intake.imports.pages.decisions import MOST_NAMED, examples, masked
from helpers.messages import Message, translate

PREVIEWED = 10
HEAD = (Message("No."), Message("Column"), Message("What it is"), Message("How it was read"),
        Message("Filled"), Message("Empty"), Message("Examples"), Message("To change it, type"))


@dataclass
class Part:
    """Part of a page: lines, or a table whose cells may have several lines; `marked` rows stand
    out."""

    title: Message
    lead: Message | str = ""
    lines: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)
    marked: set[int] = field(default_factory=set)


def page(title: Message, lead: list[Message], parts: list[Part], lang: str) -> str:
    """HTML of a page in a language; whatever comes from the file is escaped."""
    def said(value):
        if isinstance(value, list | tuple):
            return [said(one) for one in value]
        return translate(value, lang) if isinstance(value, str) else str(value)

    texts = [{"title": said(part.title), "lead": said(part.lead), "lines": said(part.lines),
              "head": said(part.head), "rows": said(part.rows), "marked": part.marked}
             for part in parts]
    return templates(Path(__file__).parent).get_template("page.html").render(
        lang=lang, title=said(title), lead=said(lead), parts=texts)


def of_import(made, said: list[str], lang: str) -> str:
    """Page of an import: every column, all that was said, and the first rows as written; `made` is
    the questionnaire of `convert`."""
    source, decided = made.source, made.decided
    others = [one for one in decided if one.kind in ("other", "tool", "personal")]
    beyond = {one.column for one in others[MOST_NAMED:]}
    shown = [one for one in decided if one.column not in beyond]
    numbers = {column: number for number, column in enumerate(source.cells, 1)}
    rows = [[numbers[one.column], one.column, one.what, one.how,
             str(int((source.cells[one.column] != "").sum())),
             str(int((source.cells[one.column] == "").sum())),
             examples(source.cells[one.column], one.public),
             list(one.options)] for one in shown]
    more = [Message("{number} further columns are left out too", number=len(beyond))] * bool(beyond)
    return page(
        Message("What the import of {file} decided", file=source.name),
        [Message("Letters of cells that are no answers are shown as x, digits as 9.")],
        [Part(Message("Columns"), lines=more, head=list(HEAD), rows=rows,
              marked={number for number, one in enumerate(shown)
                      if one.kind in ("personal", "kept") and one.sort}),
         Part(Message("All that was found out"), lines=said),
         Part(Message("The first rows as they are written"), head=list(made.responses),
              rows=preview(made))], lang)


def preview(made) -> list[list[str]]:
    """The first rows of the table of answers as texts; cells that seem personal are masked."""
    personal = {one.column for one in made.decided if one.kind == "kept" and one.sort}
    hidden = {name for name, column in made.kept.items() if column in personal}
    first = made.responses.head(PREVIEWED)
    return [[masked(str(value)) if name in hidden else "" if pd.isna(value) else str(value)
             for name, value in zip(first, row, strict=True)]
            for row in first.astype(object).to_numpy()]
