"""The course's concepts, labs, tasks, lesson plan and small data: they run, they are whole, their
answers are right."""

import ast
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import pandas as pd
import pytest
import yaml
from browser import Browser

from helpers import disparity, force_field, messages, sampling, scoring
from helpers.course import plan
from helpers.course.concepts import pictures
from helpers.publish.texts import Texts

COURSE = Path(__file__).resolve().parents[1] / "course"
METHODS = ("sampling", "scoring", "disparity", "force_field")
VOICES = ("concepts", "lab", "diy")
PYTHON = COURSE / "python" / "python.ipynb"
NOTEBOOKS = [PYTHON, *(COURSE / method / f"{voice}.ipynb" for method in METHODS
                       for voice in VOICES),
             *(COURSE / "answers" / f"{method}.ipynb" for method in METHODS)]
KNOWN = yaml.safe_load((COURSE / "data" / "known.yml").read_text(encoding="utf-8"))
WORDS = {
    "id": {"yang", "dan", "dengan", "untuk", "tidak", "adalah"},
    "en": {"the", "and", "with", "for", "not", "is"}
}


def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


def small(name):
    return pd.read_csv(COURSE / "data" / name)


def formulas(cell):
    """The formulas of a text, without the words in them."""
    return [
        re.sub(r"\\text\{[^}]*\}", "", found)
        for found in re.findall(r"\$\$.*?\$\$", source(cell), re.DOTALL)
    ]


def run(path, monkeypatch, **changed):
    """Run the code cells in one namespace, in the notebook's folder; return the names that are
    left."""
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(path.parent)
    names = {}
    for cell in cells_of(path):
        if cell["cell_type"] == "code":
            with redirect_stdout(io.StringIO()):
                exec(compile(source(cell), f"{path.parent.name}/{path.stem}, {cell['id']}", "exec"),
                     names)
            if "parameters" in cell["metadata"].get("tags", []):
                names.update(changed)
    return names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_notebooks_run_and_are_whole(path, monkeypatch):
    run(path, monkeypatch)
    cells = cells_of(path)
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)
    texts = [cell for cell in cells if cell["cell_type"] == "markdown"]
    assert texts[0]["id"] == "title-id" and len(texts) >= 10
    for first, second in zip(texts[::2], texts[1::2], strict=True):
        assert first["id"].removesuffix("-id") == second["id"].removesuffix("-en")
        assert first["metadata"]["tags"] == ["lang-id"
                                             ] and second["metadata"]["tags"] == ["lang-en"]
        assert formulas(first) == formulas(second), first["id"]
        for text, other in ((first, "en"), (second, "id")):
            words = set(re.findall(r"[a-z]+", re.sub(r"\*[^*]+\*", "", source(text).lower())))
            assert not words & WORDS[other], (text["id"], words & WORDS[other])
    code = [source(cell) for cell in cells if cell["cell_type"] == "code"]
    assert all(len(part.splitlines()) <= 8 for part in code)


def python_of(code):
    """Methods, functions and forms of Python that code uses."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif not isinstance(node, ast.Name | ast.Constant | ast.expr_context | ast.Module):
            found.add(type(node).__name__)
    return found


def test_the_first_meeting_teaches_the_python_that_the_exercises_need():
    taught = python_of("\n".join(source(cell) for cell in cells_of(PYTHON)
                                 if cell["cell_type"] == "code"))
    needed, own = set(), set()
    for path in COURSE.glob("assignments/*/*.ipynb"):
        for cell in cells_of(path):
            if cell["metadata"].get("nbgrader", {}).get("solution") and \
                    cell["cell_type"] == "code":
                needed |= python_of(source(cell))
                own |= {node.name for node in ast.walk(ast.parse(source(cell)))
                        if isinstance(node, ast.FunctionDef)}
    assert sorted(needed - taught - own) == []


@pytest.mark.parametrize("method", METHODS)
def test_own_work_is_tasks_only(method):
    code = [
        source(cell) for cell in cells_of(COURSE / method / "diy.ipynb")
        if cell["cell_type"] == "code"
    ]
    assert code[0] and not any(code[1:]) and len(code) >= 4


def test_the_lecturers_answers_are_what_their_texts_say(monkeypatch):
    sample, score, space, force = (run(COURSE / "answers" / f"{method}.ipynb", monkeypatch)
                                   for method in METHODS)
    assert sample["taken"].sum() == sample["n"] == KNOWN["market.csv"]["slovin_at_0.05"]
    assert sample["margins"].idxmax() == "south" and sample["sixty"].sum() == 60
    assert sample["margin"](sample["each"], sample["each"]) <= 0.1 and \
        2 * sample["each"] < sample["whole"]
    assert sampling.margin_of_error(37, 3000) > 0.15
    known = KNOWN["answers.csv"]
    assert score["alphas"].tolist() == pytest.approx(
        [known["alpha_before_turning"], known["alpha_after_turning"]])
    assert score["means"]["nothing missing"] == pytest.approx(known["mean_weighted"])
    moved = (score["means"] - known["mean_weighted"]).abs()
    assert moved.idxmax() == "complete only"
    assert score["means"]["person mean"] == pytest.approx(score["means"]["as it is"])
    same = space["table"]["together"].round(9) == space["table"]["scattered"].round(9)
    assert same.to_dict() == {"gini": True, "williamson": True, "theil": True, "between": False,
                              "moran": False}
    changed = space["change"].abs() > 1e-9
    assert changed.loc[["gini", "williamson", "theil"]].all(axis=None)
    assert changed.loc["between"].tolist() == [False, True] and not changed.loc["moran"].any()
    between = disparity.theil_decomposition(space["half"], space["zones"], space["people"])
    assert between["between_share"] == pytest.approx(0.5, abs=0.002)
    assert space["morans"]["rook"] == pytest.approx(-1) and -0.9 < space["morans"]["queen"] < 0
    for name in ("separate", "joint"):
        known = KNOWN["ffa_factors.csv"][f"tnb_{name}"]
        assert force["both"][name].to_dict() == pytest.approx(known)
    assert force["turned"] and force["shift"]["joint"] > force["shift"]["separate"]
    assert force["ranked"]["strategy"].iloc[0] == "D1-H1"


def test_labs_run_with_other_parameters_too(monkeypatch):
    scattered = run(COURSE / "disparity" / "lab.ipynb", monkeypatch, pattern="scattered",
                    permutations=99)
    assert disparity.gini(scattered["values"]) == pytest.approx(KNOWN["grid.csv"]["gini"])
    assert run(COURSE / "sampling" / "lab.ipynb", monkeypatch,
               margin=0.05)["n"] == KNOWN["market.csv"]["slovin_at_0.05"]
    joint = run(COURSE / "force_field" / "lab.ipynb", monkeypatch, weighting="joint")["analysed"]
    assert joint.set_index("factor")["tnb"].to_dict() == pytest.approx(
        KNOWN["ffa_factors.csv"]["tnb_joint"])
    run(COURSE / "scoring" / "lab.ipynb", monkeypatch, classes=5)


def test_known_answers_of_the_market():
    units, known = small("market.csv").set_index("kecamatan")["units"], KNOWN["market.csv"]
    assert units.sum() == known["units"]
    assert [sampling.sample_size(3000, margin=margin)
            for margin in (0.05, 0.1)] == [known["slovin_at_0.05"], known["slovin_at_0.1"]]
    assert sampling.allocate(units, 97).to_dict() == known["allocation_of_97"]
    assert (97 * units / 3000).round().sum() == known["quotas_of_97_rounded_one_by_one"]


def test_known_answers_of_the_answers():
    answers, items, known = small("answers.csv"), small("items.csv"), KNOWN["answers.csv"]
    names = list(items["item"])
    turned = scoring.align(answers, items)[names]
    assert scoring.cronbach_alpha(answers[names]) == pytest.approx(known["alpha_before_turning"])
    assert scoring.cronbach_alpha(turned) == pytest.approx(known["alpha_after_turning"])
    scored = answers.assign(score=turned.mean(axis=1))
    assert scored["score"].mean() == pytest.approx(known["mean_plain"])
    whole = scoring.estimate_means(scored, ["score"], "weight", "zone", "population")
    assert whole["mean"].tolist() == pytest.approx([known["mean_weighted"]])
    zones = scoring.estimate_means(scored, ["score"], "weight", "zone", "population",
                                   by="zone").set_index("level")["mean"]
    assert zones.to_dict() == pytest.approx(known["mean_by_zone"])


def test_known_answers_of_the_grid():
    import geopandas as gpd
    from shapely.geometry import box

    grid, known = small("grid.csv").set_index("area"), KNOWN["grid.csv"]
    squares = [
        box(column, row, column + 1, row + 1)
        for row, column in zip(grid["row"], grid["column"], strict=True)
    ]
    shapes = gpd.GeoDataFrame({"code": grid.index}, geometry=squares, crs=32749)
    for pattern in ("together", "scattered"):
        values = grid[pattern]
        theil = disparity.theil_decomposition(values, grid["zone"])
        assert disparity.gini(values) == pytest.approx(known["gini"])
        assert disparity.williamson(values,
                                    grid["population"]) == pytest.approx(known["williamson"])
        assert disparity.share_ratio(values) == pytest.approx(known["share_ratio_20_20"])
        assert theil["total"] == pytest.approx(known["theil"])
        assert theil["between_share"] == pytest.approx(known["between_share"][pattern], abs=1e-12)
        moran = disparity.moran(values, shapes, 99, 1, disparity.neighbourhood("rook", 4))
        assert moran["moran_i"] == pytest.approx(known["moran_rook"][pattern])


def test_known_answers_of_the_force_field():
    known = KNOWN["ffa_factors.csv"]
    factors, ratings, linkages, strategies = (small(f"ffa_{name}.csv")
                                              for name in ("factors", "ratings", "linkages",
                                                           "strategies"))
    verdicts = force_field.balance(factors, ratings, linkages).set_index("weighting")["verdict"]
    for weighting in ("separate", "joint"):
        analysed = force_field.analyse(factors, ratings, linkages, weighting)
        assert analysed.set_index("factor")["tnb"].to_dict() == pytest.approx(
            known[f"tnb_{weighting}"])
        assert verdicts[weighting] == known[f"balance_{weighting}"]
    separate = force_field.analyse(factors, ratings, linkages)
    assert force_field.rank_strategies(
        strategies, separate)["strategy"].tolist() == known["strategies_in_order"]


def test_tables_of_blitar_in_the_exercises_are_the_projects_own():
    raw, given = COURSE.parent / "data" / "raw", COURSE / "assignments"
    areas = pd.read_csv(raw / "areas.csv").set_index("code")
    frame = pd.read_csv(raw / "frame.csv").set_index("code")["units"]
    batik = pd.read_csv(given / "sampling" / "blitar.csv").set_index("kecamatan")["self_employed"]
    assert batik.to_dict() == {areas["name"][code]: units for code, units in frame.items()}
    rows = pd.read_csv(raw / "indicators.csv").query("indicator == 'nightlight_mean'")
    light = pd.read_csv(given / "disparity" / "blitar.csv").set_index("kecamatan")
    last = rows[rows["year"] == rows["year"].max()].set_index("code")["value"]
    assert light["light"].to_dict() == {areas["name"][code]: last[code] for code in areas.index}
    assert light["zone"].tolist() == areas["zone"].tolist()
    series = pd.read_csv(raw / "series.csv")
    series = series.query("indicator == 'poor_percent' and source == 'T02'")
    for _, row in pd.read_csv(given / "synthesis" / "blitar.csv").iterrows():
        year = series[series["year"] == row["year"]].set_index("area")["value"]
        assert row.drop("year").to_dict() == year.to_dict()
    own = pd.read_csv(given / "force_field" / "blitar.csv").set_index("factor")
    table = pd.read_csv(COURSE.parent / "reference" / "tables" / "ffa_factors.csv")
    pd.testing.assert_frame_equal(own, table.set_index("factor")[own.columns], atol=1e-4, rtol=0)
    page = json.loads((COURSE.parent / "tests" / "examples" / "reliability_wrong_k_slip.json")
                      .read_text(encoding="utf-8"))
    counted = pd.read_csv(given / "scoring" / "page.csv").set_index("statement")
    assert counted.T.to_dict("list") == page["inputs"]["item_sum_sumsq"]
    variances = counted["squares"] / 30 - (counted["total"] / 30) ** 2
    total = 133897 / 30 - (1995 / 30) ** 2
    assert variances[:3].sum() == pytest.approx(2.85, abs=0.02)
    assert total == pytest.approx(40.98, abs=0.005)
    assert 17 / 16 * (1 - variances.sum() / total) == pytest.approx(0.7092, abs=1e-4)
    assert 30 / 29 * (1 - 2.85 / total) > 0.95 > 0.71


def test_every_small_data_set_is_described_with_its_status():
    files = {path.name for path in (COURSE / "data").glob("*.csv")}
    for name, status in (("README.md", "illustrative"), ("README.id.md", "ilustratif")):
        text = (COURSE / "data" / name).read_text(encoding="utf-8")
        assert f"**{status}**" in text and set(re.findall(r"`(\w+\.csv)`", text)) == files
    assert set(KNOWN) <= files


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_notebooks_use_the_small_data_and_public_functions_only(path):
    code = "\n".join(source(cell) for cell in cells_of(path) if cell["cell_type"] == "code")
    assert ("../data/" in code) == (path != PYTHON)
    assert not re.search(r"helpers\.(build|study|publish)|\._[a-z]", code)


PLANS = {"id": COURSE / "lesson-plan.id.md", "en": COURSE / "lesson-plan.md"}


def meetings(lang):
    """The parts of a lesson plan that tell of a meeting."""
    return re.split(
        r"(?m)^## (?:Pertemuan|Meeting) \d+ · ", PLANS[lang].read_text(
            encoding="utf-8").split("\n## Bacaan")[0].split("\n## Reading list")[0])[1:]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_lesson_plan_has_fourteen_whole_meetings(lang):
    root = COURSE.parent
    assert len(meetings(lang)) == 14
    for meeting in meetings(lang):
        assert len(re.findall(r"(?m)^\*\*.+?\*\*",
                              meeting)) == 5 and 2 <= len(re.findall(r"(?m)^- ", meeting)) <= 4
        assert sum(map(int, re.findall(r"(?m)^\| (\d+) \|", meeting))) == 100
        assert len(meeting.split()) < 350
    named = set(
        re.findall(r"`((?:course|notebooks|docs)/[\w./-]+|multiverse\.yml)`",
                   PLANS[lang].read_text(encoding="utf-8")))
    assert len(named) > 15 and [name for name in named if not (root / name).exists()] == []


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_notebook_of_the_course_has_its_goals(lang):
    for path in [*NOTEBOOKS[:-len(METHODS)], *COURSE.glob("assignments/*/*.ipynb")]:
        assert 3 <= len(plan.goals(path, lang)) <= 9, path
        assert all(goal in PLANS[lang].read_text(encoding="utf-8")
                   for goal in plan.goals(path, lang))


def test_the_semester_plan_has_what_the_form_asks_for():
    """Sixteen weeks with both examinations; every goal; weights that add up to a hundred."""
    page = plan.semester_plan()
    assert page.count("Sub-CPMK ") - 1 == sum(len(one.goals) for one in plan.meetings("id"))
    weights = [float(share.replace(",", ".")) for share in re.findall(r"<td>([\d,]+) %</td></tr>",
                                                                      page)]
    weekly, parts = weights[:16], weights[16:]
    assert sum(weekly) == pytest.approx(100, abs=0.5) and sum(parts) == 100 and len(parts) == 5
    assert weekly[7] == weekly[15] == 20 and page.index("UTS") < page.index("UAS")
    given = yaml.safe_load(plan.RPS.read_text(encoding="utf-8"))
    taught = [number for one in given["cpmk"].values() for number in one["pertemuan"]]
    assert sorted(taught) == list(range(1, 15))
    assert {one["cpl"] for one in given["cpmk"].values()} == set(given["cpl"])
    assert "*" not in re.sub(r"<style>.*?</style>", "", page) and "`" not in page


def test_every_assignment_has_its_meeting():
    named = set(re.findall(r"`course/assignments/(\w+)`", PLANS["en"].read_text(encoding="utf-8")))
    assert named == {path.name for path in (COURSE / "assignments").iterdir()}


def test_both_lesson_plans_are_one():
    for own, other in zip(meetings("id"), meetings("en"), strict=True):
        assert re.findall(r"(?m)^\| (\d+) \|", own) == re.findall(r"(?m)^\| (\d+) \|", other)
        assert set(re.findall(r"`[^`]*/[^`]*`", own)) == set(re.findall(r"`[^`]*/[^`]*`", other))
    works = [
        re.findall(r"(?m)^- (.+?) \*\(", PLANS[lang].read_text(encoding="utf-8"))
        for lang in ("id", "en")
    ]
    assert works[0] == works[1] and len(works[0]) == 21
    rubrics = [
        re.findall(r"\| (\d+) % \|", PLANS[lang].read_text(encoding="utf-8"))
        for lang in ("id", "en")
    ]
    assert rubrics[0] == rubrics[1] and sum(map(int, rubrics[0])) == 200


@pytest.mark.parametrize("lang, said", [("en", "30 of 3,000 (1%)"), ("id", "30 dari 3.000 (1%)")])
def test_the_picture_of_a_sample_colours_the_share_that_is_asked(lang, said):
    units = pd.Series({"Hulu": 1200, "Tengah": 900, "Hilir": 600, "Bukit": 200, "Pesisir": 100})
    t = Texts(lang, "course")
    figure, values = pictures.drawn(units, sampling.allocate(units, 30), t=t)
    for axes in figure.axes:  # grey and coloured dots in turn
        dots = [len(one.get_offsets()) for one in axes.collections]
        assert (sum(dots[0::2]), sum(dots[1::2])) == (2970, 30)
    assert said in t("concepts.drawn.said", **values)


@pytest.fixture
def shown(monkeypatch):
    """What a concepts notebook shows in a language, as HTML."""
    from helpers.course.concepts import board as pictures

    def shown(method, lang):
        found = []
        monkeypatch.setattr(pictures, "show", lambda forms: found.append(forms["text/html"]))
        real = pictures.Board
        monkeypatch.setattr(pictures, "Board", lambda stage, _: real(stage, lang))
        run(COURSE / method / "concepts.ipynb", monkeypatch)
        monkeypatch.setattr(pictures, "Board", real)
        return found
    return shown


SAID = {
    "sampling": ["2.500", "2%, 100 usaha memerlukan 97 orang dan 1.000.000 usaha memerlukan 2.494"],
    "scoring": ["-2,500", "0,900", "Dengan 3 butir, alpha mencapai 0,7 mulai dari korelasi 0,44."],
    "disparity": ["Gini 0,25; bagian Theil antara utara dan selatan 100%; Moran I 0,71.",
                  "Gini 0,25; bagian Theil antara utara dan selatan 0%; Moran I -1,00."],
    "force_field": ["(jumlah TNB 6,25) berhadapan dengan faktor penghambat dari kanan (6,50)",
                    "Bobot terpisah: penghambat lebih kuat. Bobot bersama: pendorong lebih kuat."],
}


@pytest.mark.parametrize("method", METHODS)
def test_concepts_have_pictures_that_say_what_they_show_and_one_that_moves(shown, method):
    found = shown(method, "id")
    assert [part for part in SAID[method] if part not in "".join(found)] == []
    moving = [html for html in found if 'type="range"' in html]
    pictures = [html for html in found if "<img" in html and html not in moving]
    assert len(moving) == 1 and pictures
    said = re.findall(r'<img [^>]*alt="([^"]+)"', moving[0])
    assert len(said) == len(set(said)) or method == "force_field"
    assert len(said) == int(re.search(r'max="(\d+)"', moving[0])[1]) + 1 >= 5
    headings = re.findall(r"<th [^>]*>([^<]+)<", "".join(found))
    assert headings and [name for name in headings if re.search(
        r"_", name.replace("capital_", ""))] == []


def test_the_guide_names_the_command_that_lets_a_saved_slider_move():
    guide = (COURSE.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
    menus = Path(messages.LOCALE, "id", "LC_MESSAGES", "jupyterlab.po")
    english, _, own = guide.partition("## Bahasa Indonesia")
    assert "*Trust Notebook*" in english
    assert f"*{messages.entries(menus)['Trust Notebook']}*" in own


@pytest.fixture
def browser():
    page = Browser()
    yield page
    page.close()


def test_a_slider_shows_the_picture_of_its_place_without_a_kernel(shown, browser, tmp_path):
    [figure] = [html for html in shown("force_field", "en") if 'type="range"' in html]
    page = tmp_path / "slider.html"
    page.write_text(f"<!doctype html><title>x</title><body>{figure}", encoding="utf-8")
    browser.open(page)
    visible = ("[...document.querySelectorAll('[data-place]')].filter(one => "
               "getComputedStyle(one).display !== 'none').map(one => one.dataset.place + "
               "(one.alt || one.textContent))")
    browser.run("document.querySelector('input').focus()")
    for keys, urgency, joint in ((0, 1, "driving"), (2, 3, "restraining")):
        for _ in range(keys):
            browser.press("ArrowRight")
        place = urgency - 1
        seen = browser.run(visible)
        assert len(seen) == 3 and seen[0] == f"{place}{urgency}"
        saying = ("Separate weights: restraining forces are stronger. Joint weights: "
                  f"{joint} forces are stronger.")
        assert seen[1:] == [f"{place}{saying}"] * 2
    assert browser.run("document.querySelector('input').getAttribute('aria-valuetext')") == "3"
    assert browser.complaints() == []


NUMBERED = {"assignments": {"id": "Soal", "en": "Exercise"}, "diy": {"id": "Latihan", "en": "Task"}}


@pytest.mark.parametrize("path", sorted([*COURSE.glob("assignments/*/*.ipynb"),
                                         *COURSE.glob("*/diy.ipynb"),
                                         *COURSE.glob("answers/*.ipynb")]),
                         ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_assignment_exercise_and_task_mean_one_thing_each(path):
    """One word for a numbered part of an assignment, another for one of a do-it-yourself one."""
    kind = "assignments" if "assignments" in path.parts else "diy"
    other = NUMBERED["diy" if kind == "assignments" else "assignments"]
    for cell in cells_of(path):
        if cell["cell_type"] == "markdown":
            lang, text = cell["id"][-2:], source(cell)
            numbered = set(re.findall(r"(?m)^#+ (\w+) \d", text))
            assert numbered <= {NUMBERED[kind][lang]}, cell["id"]
            assert not re.search(rf"\b(?:{other[lang]}|Tugas|Assignment) \d", text), cell["id"]
    titles = [source(cell).partition(" ·")[0] for cell in cells_of(path)[:2]]
    if kind == "assignments":
        assert titles == ["# Tugas", "# Assignment"]
