"""Lesson plan as data: learning goals of each notebook, and the semester plan (RPS) that Indonesian
universities ask for. Both are read from ``course/lesson-plan*.md``, so each goal is written once.
"""

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from helpers.files import templates
from helpers.languages import ENGLISH
from helpers.publish.policy import policy
from helpers.run.project import ROOT

COURSE = ROOT / "course"
RPS = COURSE / "rps.yml"
FILE = "rps.html"


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
    plan = yaml.safe_load(RPS.read_text(encoding="utf-8"))
    weeks = [_week(meeting, plan) for meeting in meetings("id")]
    exams = {one["minggu"]: {"exam": name, "share": one["bobot"]}
             for name, one in plan["ujian"].items()}
    for week in sorted(exams):
        weeks.insert(week - 1, exams[week])
    shares = {name: f"{one['persen']} %" for name, one in plan["bobot"].items()}
    shares |= {name: f"{one['bobot']} %" for name, one in plan["ujian"].items()}
    text = (COURSE / "lesson-plan.id.md").read_text(encoding="utf-8")
    reading = re.search(r"(?ms)^## Bacaan\n(.*?)(?=^## )", text)[1]
    made = templates(Path(__file__).parent)
    made.filters["marked"], made.globals["policy"] = _marked, policy
    return made.get_template(f"{FILE}.jinja").render(
        plan, weeks=weeks, shares=shares, books=re.findall(r"(?m)^- (.+)$", reading)) + "\n"


def _week(meeting: Meeting, plan: dict) -> dict:
    weight = sum(one["persen"] / len(one["pertemuan"]) for one in plan["bobot"].values()
                 if meeting.number in one["pertemuan"])
    return {"meeting": meeting, "share": f"{weight:.1f}".replace(".", ","),
            "outcomes": [name for name, one in plan["cpmk"].items()
                         if meeting.number in one["pertemuan"]],
            "goals": [f"Sub-CPMK {meeting.number}.{place}: {goal}"
                      for place, goal in enumerate(meeting.goals, start=1)],
            "ways": [f"{what} ({long} menit)" for long, what in meeting.minutes]}


def _marked(text: str):
    """Text with the marks of Markdown as HTML."""
    from markupsafe import Markup

    text = html.escape(text, quote=False)
    for mark, tag in ((r"\*\*(.+?)\*\*", "b"), (r"\*(.+?)\*", "i"), (r"`(.+?)`", "code")):
        text = re.sub(mark, rf"<{tag}>\1</{tag}>", text)
    return Markup(text)
