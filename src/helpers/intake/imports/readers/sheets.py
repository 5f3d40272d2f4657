"""Which sheets of a workbook hold the answers: one, several of one form, or a repeat group."""

from collections.abc import Callable, Iterator

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.readers.tables import from_rows, naming_rows
from helpers.intake.imports.source import Source, shown
from helpers.messages import Message, joined, some

# Columns by which KoboToolbox and ODK lead from a row of a repeat group to its submission.
PARENTS = (("_parent_index", "_index"), ("_submission__uuid", "_uuid"),
           ("_submission__id", "_id"), ("PARENT_KEY", "KEY"))
# Rows of one sheet that stand in another one too: then one of them is a copy.
COPIED = 1 / 3
# So many rows and columns of a sheet without answers may explain codes.
EXPLAINING, WIDEST = 500, 30


def chosen(name: str, filled: list, known: Callable, area: Callable, wanted: str | None,
           header: int | None) -> Source:
    """Source of the sheet or sheets that hold the answers."""
    if not filled:
        raise InputError("{name}: all sheets are empty; export it again", name=name)
    naming = [sheet for sheet in filled if len(filled) == 1 or naming_rows(sheet.rows, known)]
    if wanted is not None:
        taken = _named(name, wanted, filled, naming)
    elif naming and (len(naming) == 1 or all(area(sheet.title) for sheet in naming)):
        taken = naming
    else:
        raise _undecided(name, filled, naming)
    sources = [_one(name, sheet, known, header) for sheet in taken]
    source = sources[0] if len(sources) == 1 else _together(name, taken, sources, wanted)
    if len(taken) == 1:
        source = _with_parent(name, source, taken[0], filled, known, wanted)
    for sheet, one in zip(taken, sources, strict=True):
        source.said += _hidden(name, sheet, one, len(filled))
    for sheet in filled:
        if sheet not in taken:
            source.beside += [row[:WIDEST] for row in sheet.rows[:EXPLAINING]]
    if len(filled) > 1:
        source.said.insert(0, _which(name, taken, len(filled), wanted))
    return source


def _named(name: str, wanted: str, filled: list, naming: list) -> list:
    """Sheets that a person names; ``all`` are those that name the items."""
    titles = {sheet.title: sheet for sheet in filled}
    if wanted == "all" and wanted not in titles:
        if naming:
            return naming
        raise _undecided(name, filled, naming)
    parts = [wanted] if wanted in titles else [title.strip() for title in wanted.split(",")]
    for title in parts:
        if title not in titles:
            raise InputError("{name}: sheet={sheet}: there is no such sheet with content; it has: "
                             "{filled}", name=name, sheet=title, filled=", ".join(titles))
    return [titles[title] for title in parts]


def _undecided(name: str, filled: list, naming: list) -> InputError:
    titles = ", ".join(sheet.title for sheet in naming or filled)
    if not naming:
        return InputError("{name}: none of its sheets names the items; say sheet=NAME with one of: "
                          "{sheets}", name=name, sheets=titles)
    return InputError("{name}: {number} sheets name the items; say sheet=NAME with one of: "
                      "{sheets}, or sheet=all if they are parts of one survey", name=name,
                      number=len(naming), sheets=titles)


def _which(name: str, taken: list, number: int, wanted: str | None) -> Message:
    titles = ", ".join(sheet.title for sheet in taken)
    if wanted:
        return Message("{path}: sheet '{title}' of {sheets} as told", path=name, title=titles,
                       sheets=number)
    if len(taken) > 1:
        return Message("{path}: {taken} of {sheets} sheets, one for each area: {titles}", path=name,
                       taken=len(taken), sheets=number, titles=titles)
    return Message("{path}: sheet '{title}' of {sheets}, the only one that names items", path=name,
                   title=titles, sheets=number)


def _hidden(name: str, sheet, source: Source, number: int) -> list[Message]:
    """Columns and sheets that the workbook hides and that were read; rows may be asked about."""
    said: list[Message] = []
    columns = [column for number, column in source.header[1].items()
               if number in sheet.marks.hidden_columns]
    if columns:
        said.append(Message("{path}: hidden columns of the sheet '{title}', read like the others: "
                            "{columns}", path=name, title=sheet.title,
                            columns=some(map(shown, columns))))
    if sheet.hidden and number > 1:
        said.append(Message("{path}: the sheet '{title}' is hidden in the workbook; it was read",
                            path=name, title=sheet.title))
    return said


def _one(name: str, sheet, known: Callable, header: int | None) -> Source:
    """Source of one sheet, with the faults of its columns and its hidden rows."""
    where = Message(", sheet '{title}'", title=sheet.title)
    place = joined([name, where], "")
    source = from_rows(sheet.rows, name, header, known, where)
    top, by_number = source.header
    for first, left, bottom, right in sheet.marks.merged:
        if first <= top <= bottom and left != right:
            raise InputError("{place}: the header has merged cells ({coord}); unmerge them and "
                             "give every column its own name, or say header=ROW if the names stand "
                             "in another row", place=place,
                             coord=_coordinates(first, left, bottom, right))
    faults = sorted(_faults(sheet, top, source.cells.index), key=lambda fault: fault[0])
    source.faults |= {by_number[column]: (row, problem)
                      for row, column, problem in reversed(faults) if column in by_number}
    source.hidden_rows = [row for row in sheet.marks.hidden if row in source.cells.index]
    return source


def _faults(sheet, top: int, rows: pd.Index) -> Iterator[tuple[int, int, Message]]:
    """Row, column and what is wrong with each cell below the header that cannot be read."""
    for first, left, bottom, right in sheet.marks.merged:
        if top < first <= rows[-1]:
            for column in range(left, right + 1):
                yield first, column, Message(
                    "the cells {coord} are merged; unmerge them and fill each one",
                    coord=_coordinates(first, left, bottom, right))
    for (row, column), error in sheet.marks.errors.items():
        if row in rows:
            yield row, column, Message("the cell shows the error {text}; correct the formula or "
                                       "empty the cell", text=error)
    for row, column in sheet.marks.unstored:
        if row in rows:
            yield row, column, Message("the cell holds a formula without a stored result; open the "
                                       "file, save it again, or put the value in")


def _coordinates(first: int, left: int, bottom: int, right: int) -> str:
    from openpyxl.utils import get_column_letter as letter

    return f"{letter(left)}{first}:{letter(right)}{bottom}"


def _together(name: str, taken: list, sources: list[Source], wanted: str | None) -> Source:
    """Source of several sheets of one form; rows are named by sheet and row."""
    first = sources[0]
    for sheet, source in zip(taken[1:], sources[1:], strict=True):
        if set(source.cells) != set(first.cells):
            other = sorted(set(source.cells) ^ set(first.cells))[0]
            raise InputError("{name}: the sheets '{first}' and '{second}' do not have the same "
                             "columns ({column} is in one of them only); make them the same, or "
                             "say sheet=NAME", name=name, first=taken[0].title, second=sheet.title,
                             column=shown(other))
    frames = []
    for sheet, source in zip(taken, sources, strict=True):
        frame = source.cells[list(first.cells)].copy()
        frame.index = [f"{sheet.title}!{row}" for row in frame.index]
        frames.append(frame)
    if wanted is None:
        _refuse_copies(name, taken, frames)
    whole = Source(name, pd.concat(frames), first.texts, first.labels, twice=first.twice,
                   beside=first.beside)
    whole.sheet = pd.Series([sheet.title for sheet, frame in zip(taken, frames, strict=True)
                             for _ in range(len(frame))], index=whole.cells.index, dtype="str")
    for sheet, source in zip(taken, sources, strict=True):
        whole.said += source.said
        whole.hidden_rows += [f"{sheet.title}!{row}" for row in source.hidden_rows]
        for column, (row, problem) in source.faults.items():
            whole.faults.setdefault(column, (f"{sheet.title}!{row}", problem))
    return whole


def _refuse_copies(name: str, taken: list, frames: list[pd.DataFrame]) -> None:
    """Stop where a sheet repeats rows of another one: a copy would count people twice."""
    seen: dict[tuple, str] = {}
    for sheet, frame in zip(taken, frames, strict=True):
        rows = list(frame.itertuples(index=False, name=None))
        again = [seen[row] for row in rows if row in seen]
        if len(again) > COPIED * len(rows):
            raise InputError("{name}: {number} of {rows} rows of the sheet '{second}' stand in "
                             "'{first}' too; is it a copy? Say sheet=NAME, or sheet=all to count "
                             "both", name=name, number=len(again), rows=len(rows),
                             first=again[0], second=sheet.title)
        seen.update((row, sheet.title) for row in rows)


def _with_parent(name: str, source: Source, taken, filled: list, known: Callable,
                 wanted: str | None) -> Source:
    """A repeat group with the columns of its submissions; several rows a submission are asked
    about."""
    for child, parent in PARENTS:
        if child not in source.cells:
            continue
        for sheet in filled:
            if sheet is taken or parent not in sheet.rows[0]:
                continue
            above = from_rows(sheet.rows, name, 1, known).cells
            keys = source.cells[child]
            counts = keys.value_counts()
            if above[parent].duplicated().any() or not set(keys) <= set(above[parent]):
                continue
            if counts.max() > 1 and wanted is None:
                raise InputError("{name}: the items stand in the repeat group '{group}', up to "
                                 "{most} times a submission; say sheet={group} to count each as a "
                                 "respondent", name=name, group=taken.title, most=int(counts.max()))
            columns = [column for column in above if column not in source.cells]
            joined_on = above.set_index(parent)[[c for c in columns if c != parent]]
            more = joined_on.loc[keys].set_axis(source.cells.index)
            source.cells = pd.concat([source.cells, more], axis=1)
            source.said.append(
                Message("{path}: the items stand in the repeat group '{group}'; its rows were "
                        "joined to the submissions of '{parent}' by {column}", path=name,
                        group=taken.title, parent=sheet.title, column=child))
            return source
    return source
