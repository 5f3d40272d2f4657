"""Tables of a graded folder: points, written answers to mark, and what Moodle and Canvas read."""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.files import write
from helpers.publish.policy import policy
from helpers.publish.tables import csv_for_people, to_csv

TABLE, ESSAYS, PAGE = "grades.csv", "essays.csv", "essays.html"
MOODLE, CANVAS = "moodle.csv", "canvas.csv"
MAXIMUM = "(maximum)"


@dataclass
class Result:
    """Result of one student.

    Attributes
    ----------
    points : dict
        Exercise to points; empty where nothing could be graded.
    number : str
        Student number that the notebook gives; own numbers come from it.
    remark : str
        What a lecturer has to know, or why nothing was graded.
    """

    student: str
    identifier: str = ""
    points: dict[str, int] = field(default_factory=dict)
    essay: str = ""
    remark: str = ""
    number: str = ""


def given_points(results: Path, most: int) -> dict[str, float]:
    """Points for written answers that a person filled into ``essays.csv``.

    Raises InputError, naming the row, where one is no number between 0 and `most`.
    """
    path = results / ESSAYS
    if not path.is_file():
        return {}
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    found = {}
    for number, row in enumerate(table.to_dict("records"), start=2):
        text = row.get("points", "").strip().replace(",", ".")
        value = pd.to_numeric(text, errors="coerce") if text else None
        if value is not None and not 0 <= value <= most:
            raise InputError("{file}: row {row}, column 'points': {value!r} is no number from 0 to "
                             "{most}; correct it, or leave the cell empty", file=ESSAYS,
                             row=number, value=row["points"], most=most)
        if value is not None:
            # `csv_for_people` wrote the apostrophe.
            found[re.sub(r"^'(?=[=+@\t\r-])", "", row["student"])] = float(value)
    return found


def table_of(results: list[Result], most: dict[str, int], written: int,
             by_hand: dict[str, float]) -> pd.DataFrame:
    """Table of points: a row of maxima, then a row a student.

    Columns: student, number (student number), the exercises, points (their sum), written (given by
    hand), to_grade (points still to be given), total, remark.
    """
    rows = [{"student": MAXIMUM} | most | {"points": sum(most.values()), "written": written,
                                           "to_grade": 0, "total": sum(most.values()) + written,
                                           "remark": ""}]
    for one in results:
        row = {"student": one.student, "number": one.number, "remark": one.remark}
        if one.points:
            marked = by_hand.get(one.student) if one.essay else 0
            points = sum(one.points.values())
            row |= one.points | {"points": points, "written": marked,
                                 "to_grade": 0 if marked is not None else written,
                                 "total": None if marked is None else points + marked}
        rows.append(row)
    columns = ["student", "number", *most, "points", "written", "to_grade", "total", "remark"]
    table = pd.DataFrame(rows, columns=columns)
    numbers = [*most, "points", "to_grade"]
    return table.astype(dict.fromkeys(numbers, "Int64"))


def write_tables(folder: Path, results: list[Result], table: pd.DataFrame, assignment: str,
                 by_hand: dict[str, float]) -> None:
    """Write the tables of points and of written answers, and those for Moodle and Canvas."""
    _write(folder / TABLE, table)
    essays = pd.DataFrame([(one.student, _plain(by_hand.get(one.student)), one.essay)
                           for one in results if one.essay],
                          columns=["student", "points", "text"])
    _write(folder / ESSAYS, essays)
    own = table.iloc[1:]
    known = [one.identifier for one in results]
    moodle = pd.DataFrame({"Identifier": [f"Participant {one}" if one else "" for one in known],
                           "Full name": own["student"].tolist(),
                           "Grade": _known(own),
                           "Maximum grade": [table["total"].iloc[0]] * len(own)})
    _write(folder / MOODLE, moodle)
    canvas = pd.DataFrame({"Student": ["    Points Possible", *own["student"]], "ID": "",
                           "SIS User ID": "", "SIS Login ID": "", "Section": "",
                           assignment: _known(table)})
    _write(folder / CANVAS, canvas)


def _write(path: Path, table: pd.DataFrame) -> None:
    """Write a table in which nothing that a student wrote is a formula of a spreadsheet."""
    write(path, csv_for_people(to_csv(table)))


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def essay_page(results: list[Result], rubric: str, t) -> str:
    """Page with all written answers below the task and its rubric (HTML)."""
    parts = [f"<article><h2>{html.escape(one.student)}</h2>"
             f"<p class=text>{html.escape(one.essay)}</p></article>"
             for one in results if one.essay]
    style = ("body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;"
             "padding:0 1rem}.text{white-space:pre-wrap}article{border-top:1px solid #aaa}"
             "table{border-collapse:collapse}td,th{border:1px solid #aaa;padding:.2rem .6rem}"
             ".anchor-link{display:none}.text{overflow-wrap:anywhere}")
    return (f"<!doctype html><html lang={t.lang}><meta charset=utf-8>"
            f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'
            f"<meta name=viewport content='width=device-width'>"
            f"<title>{t('essays.title')}</title><style>{style}</style>"
            f"<h1>{t('essays.title')}</h1><p>{t('essays.how', file=ESSAYS)}</p>{rubric}"
            f"{''.join(parts)}</html>\n")


def _known(table: pd.DataFrame) -> list:
    """Total where written answers are marked, else the points."""
    return table["total"].astype("Float64").fillna(table["points"].astype("Float64")).tolist()
