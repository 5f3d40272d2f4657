"""What checks say of wrong answers is true: of slips of the pen, and of every known mistake."""

import ast
import contextlib
import io
import json
import math
import os
import re
from functools import cache

import assignments
import pandas as pd
import pytest
from assignments import Told, about, source
from mutants import mutants

from helpers import course, disparity
from helpers.course.assignments import ASSIGNMENTS
from helpers.course.checks import Wrong
from helpers.publish.texts import catalogue
from helpers.run.project import ROOT

REVIEWED = ROOT / "tests" / "examples" / "course_mistakes.json"
STAGES = list(course.NOTEBOOKS)


@cache
def names(stage):
    """What the lecturer's notebook defines, right answers among it."""
    found, here = {}, os.getcwd()
    os.chdir(ASSIGNMENTS / stage)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in source(stage).cells:
                if cell.cell_type == "code":
                    text = cell.source.replace('student = ""', f"student = {assignments.NUMBER!r}")
                    exec(compile(text, cell.id, "exec"), found)
    finally:
        os.chdir(here)
    return found


def told(stage, exercise, code, lang="en"):
    """Keys of what the checks say of an answer, a list for those that students see and one for the
    hidden ones."""
    test = next(cell.source for cell in source(stage).cells if cell.id == f"{exercise}-test")
    found = []
    own = names(stage) | {"check": None}
    exec(compile(code, "answer", "exec"), own)
    for part in test.split("### BEGIN HIDDEN TESTS"):
        own["check"] = Told(stage, lang)
        for line in ast.parse(part).body:
            with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                exec(compile(ast.Module([line], []), "test", "exec"), own)
        found.append(own["check"].keys)
    return found


def exercises(stage):
    return [(about(cell)["grade_id"], cell.source) for cell in source(stage).cells
            if cell.cell_type == "code" and about(cell).get("solution")]


def shortened(code):
    """Body of a function in one line."""
    body = ast.parse(code).body[0].body[1:]
    return "; ".join(" ".join(ast.unparse(line).split()) for line in body)


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_said_of_a_slip_of_the_pen_was_looked_at(stage):
    """Each answer with one change that passes, or that is told a known mistake: the list was read
    line by line. A new line here is to be read, not to be copied."""
    found = {}
    for exercise, code in exercises(stage):
        if "():" in code:
            continue  # an answer, no formula: it changes with the student's own numbers
        said = found.setdefault(exercise, {"passes": []})
        for answer in mutants(code):
            visible, hidden = told(stage, exercise, answer)
            known = [key.split(".")[-1] for key in visible or hidden
                     if not key.startswith("check.")]
            for key in dict.fromkeys(known or ([] if visible + hidden else ["passes"])):
                said.setdefault(key, []).append(shortened(answer))
    assert found == json.loads(REVIEWED.read_text(encoding="utf-8"))[stage]


# What is written instead of a piece of the solution, for mistakes that no single slip leads to.
MISTAKES = {
    "sampling.slovin.brackets": ("(1 + population * margin**2)", "1 + population * margin**2"),
    "sampling.slovin.margin_in_percent": ("margin**2", "(100 * margin)**2"),
    "sampling.people.rounded_down": ("math.ceil(round(slovin(population, margin), 9))",
                                     "round(slovin(population, margin))"),
    "sampling.people.floating_point": ("round(slovin(population, margin), 9)",
                                       "slovin(population, margin)"),
    "sampling.allocate.fractions": ("return seats.astype(int)", "return share"),
    "sampling.weight.one_for_all": ("units / taken", "units * 0 + units.sum() / taken.sum()"),
    "sampling.margin.correction_outside_the_root": (
        " * (population - n) / (population - 1))", ") * (population - n) / (population - 1)"),
    "sampling.difference.margins_subtracted": ("math.hypot(first, second)", "second - first"),
    "sampling.difference.squares_only": ("math.hypot(first, second)", "first**2 + second**2"),
    "sampling.difference.larger_of_the_two": ("math.hypot(first, second)", "max(first, second)"),
    "scoring.turn.sign_only": ("lowest + highest - given", "-given"),
    "scoring.mean.people_forgotten": ("(counts * counts.index).sum() / counts.sum()",
                                      "counts.index.to_series().mean()"),
    "scoring.mean.divided_by_scores": ("counts.sum()", "counts.index.to_series().sum()"),
    "scoring.alpha.items_by_n": ("items.var()", "items.var(ddof=0)"),
    "scoring.alpha.total_by_n": ("axis=1).var()", "axis=1).var(ddof=0)"),
    "scoring.alpha.deviations": (".var()", ".std()"),
    "scoring.class.limits_from_zero": ("width = (highest - lowest) / 3",
                                       "width, lowest = highest / 3, 0"),
    "scoring.gap.fulfilment": ("need - access", "access / need"),
    "scoring.gap.always_positive": ("need - access", "abs(need - access)"),
    "disparity.williamson.people_forgotten": (
        "regional_mean(values, population)\n    share = population / population.sum()",
        "values.mean()\n    share = 1 / len(values)"),
    "disparity.theil.zeros_dropped": ("len(share)", "len(some)"),
    "disparity.between.theil_of_all": (
        "return (income", "s = values / values.sum(); return (s * np.log(len(s) * s)).sum(); (inc"),
    "disparity.moran.global_weights": ("touching.sum(axis=1, keepdims=True)",
                                       "touching.sum() * len(touching)"),
    "force_field.weights.divided_by_count": ('transform("sum")', 'transform("count")'),
    "force_field.support.rounded_weights": ("bf *", "bf.round(1) *"),
    "force_field.linkage.zeros_dropped": ("(len(nk) - 1)", "(nk > 0).sum(axis=1)"),
    "force_field.linkage.upper_half_only": ("nk.sum(axis=1)", "nk.where(np.triu(nk) > 0)"
                                                              ".sum(axis=1)"),
    "force_field.total.multiplied": ("bf * (nd + nrk)", "bf * nd * nrk"),
    "force_field.keys.weakest_restrainer": (
        "tnb.groupby(force).idxmax().to_dict()",
        '{"driving": tnb[force == "driving"].idxmax(), '
        '"restraining": tnb[force == "restraining"].idxmin()}'),
    "force_field.verdict.more_factors": (".sum()", ".count()"),
    "synthesis.decide.middle_only": (
        "if low >= limit", "low = high = (low + high) / 2\n    if low >= limit"),
    "sampling.draw.fractions": ("allocate(mine, my_n)", "quota(mine, my_n)"),
    "scoring.page.sum_only": ('"a", ', ""),
    "scoring.page.direction_reversed": ('"e"', '"d"'),
    "disparity.read.theil_changes": ('"difference"', '"theil"'),
    "force_field.change.sign_reversed": ("* worth).sum()", "* -worth).sum()"),
    "synthesis.window.rises_counted": ("< -my_fall", "> my_fall"),
    "synthesis.decide.upper_end_only": ("low >= limit", "high >= limit"),
    "synthesis.course.one_step_is_enough": ("all(steps)", "any(steps)"),
    "synthesis.course.ends_only": ("zip(numbers, numbers[1:])", "[(numbers[0], numbers[-1])]"),
    "synthesis.basis.first_only": ("max(statuses, key=order.index)", "statuses[0]"),
    "synthesis.basis.strongest": ("max(", "min("),
    "synthesis.basis.last_only": ("max(statuses, key=order.index)", "statuses[-1]"),
    "synthesis.growth.mean_of_rates": (
        "100 * (math.prod(1 + rate / 100 for rate in rates) - 1)", "sum(rates) / len(rates)"),
    "synthesis.universes.always_two": ("math.prod(len(values) for values in alternatives.values())",
                                       "2 ** len(alternatives)"),
    "synthesis.universes.choices_counted": (
        "math.prod(len(values) for values in alternatives.values())", "len(alternatives)"),
    "synthesis.robustness.untestable_left_out": (
        "len(verdicts)", 'len([one for one in verdicts if one != "not_testable"])'),
    "synthesis.robustness.mixed_counted": (
        'count("supported")', 'count("supported") / len(verdicts) + list(verdicts).count("mixed")'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_known_mistake_leads_to_the_number_that_the_check_has(mistake):
    stage, exercise, name = mistake.split(".")
    code = dict(exercises(stage))[exercise]
    before, after = MISTAKES[mistake]
    assert before in code
    assert mistake in sum(told(stage, exercise, code.replace(before, after)), [])


def test_every_known_mistake_was_made_here():
    reviewed = json.loads(REVIEWED.read_text(encoding="utf-8"))
    slips = {f"{stage}.{exercise}.{name}" for stage in STAGES
             for exercise, said in reviewed[stage].items() for name in said if name != "passes"}
    made = {f"{stage}.{exercise}.{mistake}"
            for (stage, exercise), (*_, mistake, _) in assignments.WRONG.items()}
    texts = {key for key in catalogue("course", "en") if key.split(".")[0] in STAGES}
    assert texts == slips | made | set(MISTAKES)


# Cases of the review, and their kind: the answer by its body, and what is said of it.
@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("stage, exercise, body, key", [
    ("sampling", "slovin", "return population / (1 + population * (margin * 100)**2)",
     "sampling.slovin.margin_in_percent"),
    ("sampling", "slovin", "return math.ceil(population / (1 + population * margin**2))",
     "check.rounded"),
    ("sampling", "slovin", "return round(population / (1 + population * margin**2), 2)",
     "check.rounded"),
    ("sampling", "quota", "return (n * units / units.sum()).round(2)", "check.rounded"),
    ("sampling", "people", "return int(slovin(population, margin))",
     "sampling.people.rounded_down"),
    ("scoring", "class", "w = (highest - lowest) / 3\n    return 'rendah' if score <= lowest + w "
     "else 'Sedang' if score <= lowest + 2 * w else 'tinggi'", "check.own_words"),
    ("scoring", "class", "return 'rendah' if score < 2 else 'medium'", "check.own_words"),
    ("synthesis", "decide", "return 'didukung' if low >= limit else 'tidak didukung'",
     "check.own_words"),
    ("synthesis", "basis", "return 'simulation'", "check.other"),
    ("scoring", "alpha", "return [0.8635]", "check.no_number"),
    ("sampling", "slovin", "return population / (1 + population * margin) ** 2",
     "check.too_small")])
def test_a_mistake_is_named_only_where_it_is_that_one(stage, exercise, body, key, lang):
    head = dict(exercises(stage))[exercise].split("\n")[0]
    visible, _ = told(stage, exercise, f"{head}\n    {body}", lang)
    assert visible[0] == key


def test_what_was_found_is_named():
    check = course.open("scoring", "id")
    with pytest.raises(Wrong, match=r"kunci seperti yang tertulis di soal \(low, high\).*"
                                    r"ditemukan: rendah, tinggi"):
        check.same("class", lambda: ["rendah", "tinggi"], ["low", "high"])
    for given, kind in ((None, "tidak ada apa-apa"), ("87", "sebuah kata"), ([1], "beberapa nilai"),
                        ({"a": 1}, "dict dengan")):
        with pytest.raises(Wrong, match=f"fungsi Anda mengembalikan {kind}"):
            check.number("alpha", lambda given=given: given, 0.8635)


def light():
    """Night light of the project's areas in its last year, and their zones."""
    areas = pd.read_csv(ROOT / "data" / "raw" / "areas.csv").set_index("code")
    rows = pd.read_csv(ROOT / "data" / "raw" / "indicators.csv")
    rows = rows[rows["indicator"] == "nightlight_mean"]
    last = rows[rows["year"] == rows["year"].max()].set_index("code")["value"]
    return last.reindex(areas.index), areas["zone"]


def of_the_city():
    values, zones = light()
    own, joined = (disparity.theil_decomposition(values, found)
                   for found in (zones, zones.replace("city", "north")))
    city = disparity.theil_decomposition(values, zones == "city")
    mean = values.groupby(zones).mean()
    return (values[zones == "city"].min() > values[zones != "city"].max()
            and own["between_share"] > 0.5 and city["between"] > 0.5 * own["between"]
            and joined["between"] < own["between"]
            and joined["total"] == pytest.approx(own["total"])
            and values[zones != "south"].mean() > mean["north"] > mean["south"])


def of_the_force_field():
    here = names("force_field")
    joint = here["nu"] / here["nu"].sum()
    sums = {weighting: total.groupby(here["force"]).sum() for weighting, total in (
        ("separate", here["tnb"]), ("joint", joint * (here["nd"] + here["nrk"])))}
    share = joint.groupby(here["force"]).sum()
    keys = here["key_factors"](joint * (here["nd"] + here["nrk"]), here["force"])
    means = (here["bf"] * (here["nd"] + here["nrk"])).groupby(here["force"]).sum()
    return (sums["separate"]["restraining"] > sums["separate"]["driving"]
            and sums["joint"]["driving"] > sums["joint"]["restraining"]
            and means.to_dict() == pytest.approx(sums["separate"].to_dict(), abs=1e-3)
            and abs(sums["separate"].diff().iloc[-1]) < 0.1 * sums["separate"].max()
            and share["driving"] > share["restraining"]
            and keys == {"driving": "D3", "restraining": "H2"}
            and (here["force"] == "driving").sum() == 4 and len(here["force"]) == 7)


def of_the_batik_firms():
    here = names("sampling")
    of, units = here["margin_of_error"], here["batik"]
    allocated = here["allocate"](units, 100)
    equal = math.sqrt(sum((n / units.sum() * of(25, n)) ** 2 for n in units))
    proportional = math.sqrt(sum((n / units.sum() * of(allocated[name], n)) ** 2
                                 for name, n in units.items()))
    return (units["Pekalongan Utara"] == 71 and allocated["Pekalongan Utara"] == 11
            and of(25, 71) < 0.65 * of(11, 71) and proportional < equal < 1.3 * proportional
            and all(abs(of(25, n) - 1 / 6) < 0.03 for n in units))


def of_williamson():
    here = names("disparity")
    plain = here["product"].mean()
    share = here["people"] / here["people"].sum()
    index = math.sqrt((share * (here["product"] - plain) ** 2).sum()) / plain
    return 0.05 < 1 - index / here["williamson"](here["product"], here["people"]) < 0.1


def of_the_universes():
    here = names("synthesis")
    moved = here["effects"](here["universes"])
    return (here["universes"]["supported"].sum() == 5 and len(here["universes"]) == 8
            and moved.idxmax() == "centre"
            and set(here["universes"]["centre"]) == {"mean", "median"})


CLAIMS = {
    ("sampling", "people-hint"): ("slovin(1600, 0.175)", lambda: names("sampling")["slovin"](
        1600, 0.175) > names("sampling")["people"](1600, 0.175) == 32),
    ("sampling", "defend"): ("about one sixth", of_the_batik_firms),
    ("scoring", "alpha-hint"): ("too low wherever", lambda: all(
        (n / (n - 1) < k / (k - 1)) == (n > k) for n in range(2, 40) for k in range(2, 20))),
    ("scoring", "class-hint"): ("1.755", lambda: 1.75 < 1.755 < 1.76),
    ("disparity", "williamson-hint"): ("by almost a tenth", of_williamson),
    ("disparity", "defend"): ("that part shrinks", of_the_city),
    ("force_field", "linkage-hint"): ("divides by seven",
                                      lambda: len(names("force_field")["linkages"]) == 7),
    ("force_field", "total-hint"): ("ten times its weight", lambda: 5 + 5 == 10),
    ("force_field", "defend"): ("nearly in balance", of_the_force_field),
    ("synthesis", "growth-hint"): ("does not lead back",
                                   lambda: names("synthesis")["compound"]([10, -10]) < 0),
    ("synthesis", "defend"): ("five of the eight", of_the_universes),
}
NUMBER = re.compile(r"\d\.\d|\b(?:sixth|tenth|eight|nearly|seven|ten times)\b")


@pytest.mark.parametrize("stage, cell", CLAIMS)
def test_what_hints_and_examples_say_of_numbers_is_so(stage, cell):
    said, holds = CLAIMS[stage, cell]
    text = next(one.source for one in source(stage).cells if one.id == f"{cell}-en")
    assert said in text and holds()


def test_no_hint_tells_a_number_that_is_not_recomputed_here():
    cells = {(stage, cell.id.removesuffix("-en"))
             for stage in STAGES for cell in source(stage).cells
             if cell.id.endswith("-en") and ("-hint" in cell.id or about(cell))
             and NUMBER.search(re.sub(r"\$[^$]*\$|`margin[^`]*`|`0.1`|0\.5", "", cell.source))}
    assert cells <= set(CLAIMS)
