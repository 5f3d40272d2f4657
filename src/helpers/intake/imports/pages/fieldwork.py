"""How fieldwork stands, from a partial export: interviews against the quota, and those to look at.

Rows are named by their number in the file, never by a person.
"""

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.answers import to_measure
from helpers.intake.imports.answers.table import folded
from helpers.intake.imports.columns import words
from helpers.intake.imports.consistency import twins, varied
from helpers.intake.imports.instrument import Instrument
from helpers.intake.imports.pages import Part
from helpers.intake.imports.readers import read
from helpers.intake.imports.source import Source, last_part, shown
from helpers.messages import Message, joined, some
from helpers.study import parameters

# An interview is looked at that took less than this share of the median, or lacks this share.
FAST, LACKING = 1 / 3, 0.5
LONGEST = 24 * 60


def parts(made, instrument: Instrument, quota: str | None, interviewer: str | None) -> list[Part]:
    """Tables of the page of a questionnaire as `convert` made it; `quota` is the file of a person,
    `interviewer` the column with the interviewers."""
    answers = made.responses[list(instrument.items["item"])].set_axis(made.source.cells.index)
    codes = made.responses["code"].set_axis(answers.index)
    minutes, timed = _minutes(made.source)
    looks = pd.DataFrame({
        "straight": ~varied(answers) & (answers.notna().sum(axis=1) > 2),
        "lacking": answers.isna().mean(axis=1), "minutes": minutes,
        "same": twins(answers, codes, instrument.items).reindex(answers.index)})
    found = [_by_area(codes, instrument, _quota(quota, instrument)),
             _to_look_at(looks, codes, timed), _by_item(answers)]
    if interviewer is not None:
        found.insert(1, _by_interviewer(made.source, interviewer, looks))
    return found


def _quota(file: str | None, instrument: Instrument) -> tuple[pd.Series | None, Message]:
    """Respondents wanted by area, and where that is from."""
    if file is not None:
        given = read(file, lambda cell: cell.strip() in ("code", "n"), option="quota")
        if missing := [name for name in ("code", "n") if name not in given.cells]:
            raise InputError("{source}: the column '{column}' is missing; a quota has the columns "
                             "code and n, as sample_allocation.csv of stage 1", source=given.name,
                             column=missing[0])
        wanted, _ = to_measure(given, "n", None)
        wanted.index = pd.Index(given.cells["code"])
        if strange := sorted(set(wanted.index) - set(instrument.areas["code"])):
            raise InputError("{source}: column 'code': {code} is not an area of {areas}; correct "
                             "the cell or say areas=FILE", source=given.name,
                             code=shown(strange[0]), areas=instrument.names["areas"])
        if (twice := wanted.index[wanted.index.duplicated()]).size:
            raise InputError("{source}: code {code} stands twice; a quota has one row an area: add "
                             "its numbers up", source=given.name, code=shown(twice[0]))
        if (broken := wanted.index[~(wanted >= 0) | (wanted % 1 != 0)]).size:
            raise InputError("{source}: column 'n': {code} has no whole number; correct the cell",
                             source=given.name, code=shown(broken[0]))
        return wanted, Message("The quota is that of {source}.", source=given.name)
    if instrument.frame is None:
        return None, Message("There is no quota: give one with quota=FILE (columns code and n).")
    from helpers.chain import Analysis

    chosen = {name: value for name, value in parameters.load().items() if isinstance(value, dict)}
    chain = Analysis({"areas": instrument.areas, "frame": instrument.frame}, chosen, 1)
    table = chain.table("sample_allocation")
    return table.set_index("code")["n"], Message(
        "The quota is that of stage 1 with the parameters of params.yml: {n} respondents in "
        "proportion to the frame.", n=int(table["n"].sum()))


def _by_area(codes: pd.Series, instrument: Instrument, quota: tuple) -> Part:
    wanted, lead = quota
    done = codes.value_counts().reindex(instrument.areas["code"], fill_value=0)
    wish = done * 0 if wanted is None else wanted.reindex(done.index).fillna(0).astype(int)
    lacking = (wish - done).clip(lower=0)
    rows = [[*row, f"{row[2] / row[3]:.0%}" if row[3] else "–"] for row in (
        *zip(done.index, instrument.areas["name"], done, wish, lacking, strict=True),
        ("", Message("All"), len(codes), int(wish.sum()), int(lacking.sum())))]
    head = [Message("Code"), Message("Area"), Message("Interviews"), Message("Quota"),
            Message("Still to do"), Message("Done")]
    marked = {number for number, row in enumerate(rows[:-1]) if row[2] > row[3]
              or row[3] and not row[2]}
    if wanted is None:
        head, rows, marked = head[:3], [row[:3] for row in rows], set()
    return Part(Message("Interviews by area"), lead, head=head, rows=rows, marked=marked)


def _to_look_at(looks: pd.DataFrame, codes: pd.Series, timed: Message) -> Part:
    usual = looks["minutes"].median()
    rows = []
    for row, one in looks.iterrows():
        why = [Message("one answer throughout")] * bool(one["straight"])
        if one["lacking"] >= LACKING:
            why.append(Message("{share:.0%} of the answers are missing", share=one["lacking"]))
        if one["minutes"] < FAST * usual:
            why.append(Message("{minutes:.1f} minutes; half of the interviews took {usual:.1f} or "
                               "more", minutes=one["minutes"], usual=usual))
        if pd.notna(one["same"]):
            why.append(Message("the same answers as row {row}, in the same area", row=one["same"]))
        if why:
            rows.append([row, codes[row], why])
    if not np.isnan(usual):
        timed = joined([timed, Message("Half of the interviews took {usual:.1f} minutes or more.",
                                       usual=usual)], " ")
    return Part(Message("Interviews to look at: {number}", number=len(rows)), timed,
                head=[Message("Row"), Message("Area"), Message("Why")], rows=rows)


def _by_interviewer(source: Source, named: str, looks: pd.DataFrame) -> Part:
    column = source.column(named, "interviewer")
    cells = source.cells[column].where(source.cells[column] != "", "–")
    table = looks.groupby(cells.to_numpy(), sort=True)
    rows = [[name, len(part), int(part["straight"].sum()), f"{part['lacking'].mean():.0%}",
             "–" if part["minutes"].isna().all() else f"{part['minutes'].median():.1f}"]
            for name, part in table]
    return Part(Message("By interviewer (column {column})", column=shown(column)),
                Message("Names of interviewers are personal data: do not publish this page."),
                head=[Message("Interviewer"), Message("Interviews"),
                      Message("One answer throughout"), Message("Missing answers"),
                      Message("Minutes (median)")], rows=rows)


def _by_item(answers: pd.DataFrame) -> Part:
    missing = answers.isna().sum()
    rows = [[item, missing[item], f"{missing[item] / len(answers):.0%}"]
            for item in missing.sort_values(ascending=False, kind="stable").index if missing[item]]
    return Part(Message("Missing answers by item"),
                Message("{missing} of {answers} answers are missing", missing=int(missing.sum()),
                        answers=answers.size),
                head=[Message("Item"), Message("Missing"), Message("Share")], rows=rows)


def _minutes(source: Source) -> tuple[pd.Series, Message]:
    """Length of every interview, as the survey program measured it; empty where it is not known."""
    names = {folded(last_part(column)): column for column in source.cells}
    for name, seconds in words()["duration"].items():
        if name in names:
            numbers = pd.to_numeric(source.cells[names[name]].str.replace(",", "."),
                                    errors="coerce")
            return _plausible(numbers * seconds / 60, Message(
                "Durations are those of the column {column}.", column=shown(names[name])))
    for begin, end in words()["times"]:
        if begin in names and end in names:
            first, last = (_moments(source.cells[names[name]]) for name in (begin, end))
            return _plausible((last - first).dt.total_seconds() / 60, Message(
                "Durations are from {begin} to {end}.", begin=shown(names[begin]),
                end=shown(names[end])))
    return pd.Series(np.nan, source.cells.index), Message(
        "The file has no durations (such as the columns start and end).")


def _moments(cells: pd.Series) -> pd.Series:
    found = pd.to_datetime(cells, format="ISO8601", utc=True, errors="coerce")
    if found.isna().all():
        # The day first or the month first: the difference within an interview is the same.
        found = pd.to_datetime(cells, format="mixed", dayfirst=True, utc=True, errors="coerce")
    return found


def _plausible(minutes: pd.Series, said: Message) -> tuple[pd.Series, Message]:
    wrong = minutes.index[~minutes.between(0, LONGEST) & minutes.notna()]
    unread = int(minutes.isna().sum())
    parts = [said]
    if len(wrong):
        parts.append(Message("Below 0 or above 24 hours, so not counted: rows {rows}.",
                             rows=some(wrong)))
    if unread:
        parts.append(Message("{number} rows have none that can be read.", number=unread))
    return minutes.where(minutes.between(0, LONGEST)), joined(parts, " ")
