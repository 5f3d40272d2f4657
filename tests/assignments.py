"""The course's assignments as students hand them in: right, empty and wrong, and how they are
graded in one process."""

import contextlib
import io
import os
from dataclasses import dataclass
from functools import cache

import nbformat

from helpers.course import assignments
from helpers.course.checks import Checks, Wrong
from helpers.publish.texts import Texts

LANGUAGES = ("id", "en")
NUMBER = "210403"  # of the student whose notebooks these are
# Stage and exercise: what a student writes instead of a piece of the solution, the mistake that it
# is known as, and the other exercises that build on this one.
WRONG = {
    ("sampling", "slovin"): ("margin**2", "margin", "margin_not_squared", ["people"]),
    ("sampling", "people"): ("math.ceil(round(slovin(population, margin), 9))",
                             "int(slovin(population, margin)) + 1", "one_too_many", []),
    ("sampling", "quota"): ("n * units / units.sum()",
                            "units * 0 + n / len(units)", "equal_parts", ["allocate", "draw"]),
    ("sampling", "allocate"): (
        "    seats[luckiest] += 1\n    return seats.astype(int)",
        "    return (share + 0.5).astype(int)", "rounded_one_by_one", ["draw"]),
    ("sampling", "weight"): ("units / taken", "taken / units", "chance_of_being_drawn", []),
    ("sampling", "margin"): (" * (population - n) / (population - 1)", "", "no_correction", []),
    ("sampling", "difference"): ("math.hypot(first, second)", "first + second", "margins_added",
                                 []),
    ("sampling", "draw"): ("allocate(mine, my_n)", "mine * 0 + my_n / 5", "equal_parts", []),
    ("scoring", "page"): ('["a", "b", "e"]', '["a", "e"]', "k_only", []),
    ("disparity", "read"): ('"doubled": "difference"', '"doubled": "gini"', "gini_changes", []),
    ("force_field", "change"): ('weights(mine["nu"], mine["force"])',
                                'mine["nu"] / mine["nu"].sum()', "joint_for_both", []),
    ("synthesis", "window"): ("mine.iloc[-1] - mine.iloc[0]", "mine.iloc[0] - mine.iloc[-1]",
                              "sign_reversed", []),
    ("scoring", "turn"): ("lowest + highest - given", "highest - given", "shifted", []),
    ("scoring", "mean"): ("counts.sum()", "len(counts)", "divided_by_answers", []),
    ("scoring", "alpha"): ("items.shape[1]", "len(items)", "respondents_counted", []),
    ("scoring", "corrected"): ("total - items[name]", "total", "item_in_its_total", []),
    ("scoring", "class"): ("<=", "<", "lower_limit_held", []),
    ("scoring", "weighted"): ("(weights * scores).sum() / weights.sum()", "scores.mean()",
                              "unweighted", []),
    ("scoring", "gap"): ("need - access", "access - need", "sign_reversed", []),
    ("disparity", "mean"): ("(population * values).sum() / population.sum()",
                            "values.mean()", "each_region_once", ["williamson"]),
    ("disparity", "williamson"): ("regional_mean(values, population)", "values.mean()",
                                  "plain_mean", []),
    ("disparity", "gini"): ("len(values) ** 2",
                            "len(values) * (len(values) - 1)", "divided_by_n_minus_one", []),
    ("disparity", "theil"): ("share[share > 0]", "share", "zero_income", []),
    ("disparity", "between"): ("income * np.log(income / areas)",
                               "areas * np.log(areas / income)", "theil_l", []),
    ("disparity", "moran"): (" - np.mean(values)", "", "mean_left_in", []),
    ("force_field", "weights"): ('nu.groupby(force).transform("sum")', "nu.sum()", "joint",
                                 ["change"]),
    ("force_field", "support"): ("bf * nd", "bf + nd", "added", []),
    ("force_field", "linkage"): ("(len(nk) - 1)", "len(nk)", "divided_by_n", []),
    ("force_field", "total"): ("bf * (nd + nrk)", "bf * nd + nrk", "linkage_not_weighted", []),
    ("force_field", "keys"): ("idxmax", "max", "values_not_names", []),
    ("force_field", "verdict"): ("abs(net) < 1e-9", "net == 0", "digits_of_the_computer", []),
    ("force_field", "agreement"): ("m**2", "m", "experts_not_squared", []),
    ("synthesis", "decide"): ('else "mixed"', 'else "not_supported"', "unclear_is_no", []),
    ("synthesis", "basis"): ("max(statuses, key=order.index)", "max(statuses)", "by_alphabet", []),
    ("synthesis", "growth"): ("100 * (math.prod(1 + rate / 100 for rate in rates) - 1)",
                              "sum(rates)", "rates_added", []),
    ("synthesis", "course"): ("later > earlier", "later >= earlier", "equal_is_a_rise", []),
    ("synthesis", "universes"): ("math.prod(len(values) for values in alternatives.values())",
                                 "sum(map(len, alternatives.values()))", "alternatives_added", []),
    ("synthesis", "robustness"): (" / len(verdicts)", "", "counted", []),
    ("synthesis", "effect"): ("share.max() - share.min()", "share.max()", "largest_share", []),
}


@cache
def source(stage: str):
    """Return the source of an assignment; nobody changes it."""
    return nbformat.read(assignments.ASSIGNMENTS / stage / f"{stage}.ipynb", as_version=4)


@cache
def versions(stage: str, lang: str) -> dict:
    """Return both versions of an assignment and what they come from; nobody changes them."""
    given = assignments.lecturers(stage, lang)
    return {"source": assignments.in_language(source(stage), lang), "lecturer": given,
            "student": assignments.student(given, lang)}


def about(cell) -> dict:
    """Return what nbgrader knows of a cell."""
    return cell.metadata.get("nbgrader", {})


def submission(stage: str, lang: str, answered: bool = True, wrong: str | None = None):
    """Return the students' notebook with the solutions filled in, one of them wrong."""
    notebook = nbformat.from_dict(versions(stage, lang)["student"])
    parameters = next(cell for cell in notebook.cells if cell.id == "parameters")
    parameters.source = parameters.source.replace('student = ""', f'student = "{NUMBER}"')
    right = {
        about(cell)["grade_id"]: cell.source for cell in versions(stage, lang)["lecturer"].cells
        if about(cell).get("solution")
    }
    for cell in notebook.cells if answered else ():
        if about(cell).get("solution"):
            cell.source = right[about(cell)["grade_id"]]
            if about(cell)["grade_id"] == wrong:
                before, after, *_ = WRONG[stage, wrong]
                assert before in cell.source
                cell.source = cell.source.replace(before, after)
    return notebook


class Told(Checks):
    """Checks that note what they would say."""

    def __init__(self, stage, lang="en"):
        super().__init__(stage, Texts(lang, "course"))
        self.keys = []

    def _wrong(self, exercise, key, given=None, **values):
        self.keys.append(key)
        return Wrong(self.t(key, **values))


@dataclass
class Graded:
    """Points of every test, and what the tests that failed said."""

    points: dict[str, int]
    said: dict[str, str]


def grade(stage: str, lang: str, handed_in, tests_of: str = "lecturer") -> Graded:
    """Grade in this process as nbgrader does: with the lecturer's tests; one that fails gives
    nothing."""
    tests = {
        about(cell)["grade_id"]: cell.source for cell in versions(stage, lang)[tests_of].cells
        if about(cell).get("locked")
    }
    found, names, here = Graded({}, {}), {}, os.getcwd()
    os.chdir(assignments.ASSIGNMENTS / stage)
    try:
        for cell in handed_in.cells:
            if cell.cell_type != "code":
                continue
            name = about(cell).get("grade_id")
            error = _run(tests.get(name, cell.source), names)
            if about(cell).get("grade"):
                found.points[name] = 0 if error else about(cell)["points"]
                if error:
                    found.said[name] = str(error)
    finally:
        os.chdir(here)
    return found


def _run(code: str, names: dict) -> Exception | None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "cell", "exec"), names)
    except Exception as error:
        return error
    return None
