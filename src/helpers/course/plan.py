"""Lesson plan as data: learning goals of each notebook, and the semester plan (RPS) that Indonesian
universities ask for. Both are read from ``course/lesson-plan*.md``, so each goal is written once.
"""

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from helpers.languages import ENGLISH
from helpers.run.project import ROOT

COURSE = ROOT / "course"
RPS = COURSE / "rps.yml"
FILE = "rps.html"
STYLE = ("body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem}table{border-collapse:collapse;"
         "width:100%;margin:0 0 1rem}td,th{border:1px solid #777;padding:.25rem .5rem;"
         "vertical-align:top;text-align:left}th{background:#eee}ul{margin:0;padding-left:1.1rem}"
         "@page{size:A4 landscape;margin:12mm}tr{break-inside:avoid}")


@dataclass(frozen=True)
class Meeting:
    """Meeting of the lesson plan.

    Attributes
    ----------
    goals : tuple of str
        What students can do afterwards.
    parts : dict
        Heading of a paragraph to its text: before class, activity, exercise, assessment.
    minutes : tuple
        Pairs of minutes and what is done.
    """

    number: int
    title: str
    goals: tuple[str, ...]
    parts: dict[str, str]
    minutes: tuple[tuple[int, str], ...]


@cache
def meetings(lang: str) -> tuple[Meeting, ...]:
    """Meetings of the lesson plan in a language, English where there is none."""
    path = COURSE / f"lesson-plan.{lang}.md"
    text = (path if path.is_file() else COURSE / "lesson-plan.md").read_text(encoding="utf-8")
    found = []
    for number, title, body in re.findall(r"(?ms)^## \w+ (\d+) · (.+?)\n(.*?)(?=^## |\Z)", text):
        parts = dict(re.findall(r"(?m)^\*\*(.+?)\.\*\* (.+)$", body))
        minutes = [(int(long), what) for long, what in re.findall(r"(?m)^\| (\d+) \| (.+) \|$",
                                                                  body)]
        goals = [goal.rstrip(";.") for goal in re.findall(r"(?m)^- (.+)$", body)]
        found.append(Meeting(int(number), title, tuple(goals), parts, tuple(minutes)))
    return tuple(found)


def goals(notebook: Path, lang: str) -> list[str]:
    """Learning goals of a notebook of the course: those of the meetings that use it.

    >>> goals(COURSE / "sampling" / "concepts.ipynb", "en")[0]
    'tell the population from the frame, and say who is missing from the frame'
    """
    folder = notebook.parent.relative_to(ROOT).as_posix()
    return [goal for own, english in zip(meetings(lang), meetings(ENGLISH), strict=True)
            if f"`{folder}" in f"{english.parts}{english.minutes}" for goal in own.goals]


def semester_plan() -> str:
    """Semester plan (RPS) in Indonesian, as a page to print or to open in a word processor."""
    given = yaml.safe_load(RPS.read_text(encoding="utf-8"))
    rows = [_row(meeting, given) for meeting in meetings("id")]
    weeks = {one["minggu"]: (name, one["bobot"]) for name, one in given["ujian"].items()}
    for week in sorted(weeks):
        name, share = weeks[week]
        rows.insert(week - 1, f"<td colspan=5>{name}</td><td>{share} %</td>")
    outcomes = "".join(f"<tr><td>{name}</td><td>{_text(one['isi'])}</td><td>{one['cpl']}</td></tr>"
                       for name, one in given["cpmk"].items())
    plan = (COURSE / "lesson-plan.id.md").read_text(encoding="utf-8")
    books = re.search(r"(?ms)^## Bacaan\n(.*?)(?=^## )", plan)
    return (
        f"<!doctype html><html lang=id><meta charset=utf-8><title>RPS</title>"
        f"<style>{STYLE}</style><h1>Rencana Pembelajaran Semester (RPS)</h1>"
        f"{_table(given['identitas'])}<h2>Capaian pembelajaran lulusan (CPL)</h2>"
        f"{_table(given['cpl'])}<h2>Capaian pembelajaran mata kuliah (CPMK)</h2>"
        f"<table><tr><th>CPMK<th>Isi<th>CPL</tr>{outcomes}</table>"
        "<h2>Rencana mingguan</h2><table><tr><th>Minggu<th>CPMK<th>Sub-CPMK (indikator)"
        "<th>Bahan kajian<th>Bentuk, metode, dan waktu<th>Penilaian<th>Bobot</tr>"
        + "".join(f"<tr><td>{week}</td>{row}</tr>" for week, row in enumerate(rows, start=1))
        + f"</table><h2>Bobot nilai akhir</h2>{_table(_shares(given))}<h2>Pustaka</h2>"
        f"{_listed(re.findall(r'(?m)^- (.+)$', books[1]))}</html>\n")


def _row(meeting: Meeting, given: dict) -> str:
    own = [name for name, one in given["cpmk"].items() if meeting.number in one["pertemuan"]]
    weight = sum(one["persen"] / len(one["pertemuan"]) for one in given["bobot"].values()
                 if meeting.number in one["pertemuan"])
    ways = [f"{what} ({long} menit)" for long, what in meeting.minutes]
    cells = [", ".join(own), _listed(f"Sub-CPMK {meeting.number}.{place}: {goal}"
                                     for place, goal in enumerate(meeting.goals, start=1)),
             _text(meeting.title), _listed(ways), _text(meeting.parts["Penilaian"]),
             f"{weight:.1f} %".replace(".", ",")]
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _shares(given: dict) -> dict[str, str]:
    parts = {name: one["persen"] for name, one in given["bobot"].items()}
    parts |= {name: one["bobot"] for name, one in given["ujian"].items()}
    return {name: f"{share} %" for name, share in parts.items()}


def _text(text: str) -> str:
    """Text with the marks of Markdown as HTML."""
    text = html.escape(text, quote=False)
    for mark, tag in ((r"\*\*(.+?)\*\*", "b"), (r"\*(.+?)\*", "i"), (r"`(.+?)`", "code")):
        text = re.sub(mark, rf"<{tag}>\1</{tag}>", text)
    return text


def _listed(items) -> str:
    return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"


def _table(rows: dict[str, str]) -> str:
    return "<table>" + "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>"
                               for name, value in rows.items()) + "</table>"
