"""The verdict: what it compares, with which tolerance, and that no change passes unseen."""

import io
import json
import re
import shutil
import subprocess

import pytest

from helpers.cli import commands
from helpers.documents import site
from helpers.publish.texts import Texts, catalogue
from helpers.run import products
from helpers.run.execution import libraries
from helpers.run.project import ROOT, Project
from helpers.run.provenance import git_state
from helpers.verdict import drawing, reading, snapshot, verdict
from tools.checks import full, mutation_checks, posters, reproducibility, verify
from tools.checks.clean_build import Tree

CLAIMS = """claim,text_id,verdict,basis,evidence,value,robustness,status
c1,Utara maju.,supported,published,scores,0.4,1.0,published
c2,Akses mudah.,mixed,simulated,scores,2.5,0.75,simulated
"""
SCORES = "zone,n,mean,status\nnorth,15,0.12345678901234,published\nsouth,7,0.5,published\n"
DECLARED = verdict.Declared(("claims", "scores"), ("c1", "c2"), ("1_alpha",))


def picture(bar=40, size=(720, 480), dpi=100, form="png", colours=("#1f77b4", "#1f77b4")):
    """Draw a figure with text and one bar."""
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=dpi)
    axes = figure.subplots()
    axes.bar(["utara", "selatan"], [bar, 25], color=colours, label=["utara", "selatan"])
    axes.set_ylim(0, 50)
    axes.legend()
    axes.set_title("Nilai menurut zona")
    out = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "x"}):
        figure.savefig(out, format=form, metadata={"Date": None} if form == "svg" else None)
    return out.getvalue()


def snapped(folder):
    """The snapshot of a build, as a reference keeps it."""
    return snapshot.of(snapshot.files_of(folder))


def put(folder, contents):
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def png():
    return picture()


@pytest.fixture(scope="module")
def svg():
    return picture(form="svg")


@pytest.fixture
def pair(tmp_path, png, svg):
    """A small build in two copies, and its reference."""
    code = {
        "cell_type": "code", "id": "gap", "metadata": {}, "source": "gap()", "execution_count": 1,
        "outputs": [{
            "output_type": "execute_result", "metadata": {}, "execution_count": 1,
            "data": {"text/markdown": "Selisihnya **0,38** poin.", "text/plain": "x"}
        }, {
            "output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": {
                "text/html": "<table><tr><th>zona</th></tr><tr><td>utara</td><td>15</td></tr></"
                             "table>"
            }
        }]
    }
    prose = {
        "cell_type": "markdown", "id": "title-id", "metadata": {},
        "source": "# Nilai\n\nSkala 1 sampai 5."
    }
    about = json.dumps({
        "title": "Nilai", "caption": "Nilai per zona.", "alt": "Batang.", "source": "S1",
        "status": "published", "made_from": ["scores"]
    })
    contents = {
        "tables/claims.csv": CLAIMS, "tables/scores.csv": SCORES, "figures/scores.csv": SCORES,
        "figures/scores.png": png, "figures/scores.svg": svg, "processed/design.csv": SCORES,
        "notebooks/1_alpha.ipynb": json.dumps(
            {"cells": [prose, code], "metadata": {}, "nbformat": 4}), "site/site.css": "x"
    }
    contents |= {f"{folder}/{name}.json": about for folder, name in
                 (("tables", "claims"), ("tables", "scores"), ("figures", "scores"))}
    contents |= {f"tables/{name}.html": "<table></table>" for name in ("claims", "scores")}
    contents |= {
        f"site/{name}.html": f"<h1>{name}</h1>"
        for name in ("index", "figures", "tables", "1_alpha")
    }
    for name in ("first", "second"):
        put(tmp_path / name, contents)
    return tmp_path / "first", tmp_path / "second", snapped(tmp_path / "first")


def judged(pair, declared=DECLARED):
    return verdict.judge(*pair, declared)


def both(pair, change):
    """Apply a change to both copies: stable, but not what the reference says."""
    for folder in pair[:2]:
        change(folder)


def edit(name, old, new):
    def change(folder):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return change


def wrong(items):
    return {(item.kind, item.name): item for item in items if not item.good}


def test_an_equal_build_is_complete_stable_and_consistent(pair):
    items = judged(pair)
    assert not wrong(items)
    kinds = [item.kind for item in items]
    assert {kind: kinds.count(kind) for kind in verdict.KINDS} == {
        "claim": 2, "table": 2, "figure": 1, "notebook": 1, "prose": 3, "hand_over": 1, "page": 4,
        "other": 1
    }


@pytest.mark.parametrize("name, old, new, expected, where", [
    ("tables/scores.csv", "0.5", "0.6", {("table", "scores")},
     "row 3, column mean: expected 0.5, found 0.6"),
    ("tables/scores.csv", "0.12345678901234", "0.123456790", {("table", "scores")},
     "row 2, column mean: expected 0.12345678901234, found 0.123456790"),
    ("tables/scores.csv", "north,15", "south,15", {("table", "scores")},
     "row 2, column zone: expected north, found south"),
    ("tables/scores.csv", ",7,", ",8,", {("table", "scores")},
     "row 3, column n: expected 7, found 8"),
    ("tables/scores.csv", "zone,n", "zone,units", {("table", "scores")},
     "columns: expected zone, n, mean, status, found zone, units, mean, status"),
    ("tables/scores.csv", "south,7,0.5,published\n", "", {("table", "scores")},
     "number of rows: expected 2, found 1"),
    ("figures/scores.csv", "0.5", "0.6", {("figure", "scores")},
     "row 3, column mean: expected 0.5, found 0.6"),
    ("processed/design.csv", "0.5", "0.6", {("hand_over", "design")},
     "row 3, column mean: expected 0.5, found 0.6"),
    ("notebooks/1_alpha.ipynb", "sampai 5", "sampai 7", {("prose", "1_alpha")},
     "line 3: expected “Skala 1 sampai 5.”, found “Skala 1 sampai 7.”"),
    ("notebooks/1_alpha.ipynb", "0,38", "0,83", {("prose", "1_alpha")},
     "line 5: expected “Selisihnya **0,38** poin.”, found “Selisihnya **0,83** poin.”"),
    ("notebooks/1_alpha.ipynb", "<td>15", "<td>16", {("notebook", "1_alpha")},
     "line 6: expected “| utara | 15”, found “| utara | 16”"),
    ("notebooks/1_alpha.ipynb", "gap()", "gap(2)", {("notebook", "1_alpha")},
     "line 2: expected “gap()”, found “gap(2)”"),
    ("figures/scores.json", "Batang.", "Garis.", {("prose", "figures")},
     "line 4: expected “alt: Batang.”, found “alt: Garis.”"),
    ("site/index.html", "index", "depan", {("page", "index")},
     "site/index.html, part 1: it says “depan”, which the reference does not say there"),
])
def test_one_edit_is_noticed_and_named(pair, name, old, new, expected, where):
    both(pair, edit(name, old, new))
    found = wrong(judged(pair))
    assert set(found) == expected
    item = found[expected.pop()]
    assert (item.complete, item.stable, item.consistent) == (True, True, False)
    assert [verdict.sentence(difference) for difference in item.differences] == [where]


def test_fractions_may_differ_by_a_billionth(pair):
    both(pair, edit("tables/scores.csv", "0.12345678901234", "0.12345678901239"))
    assert not wrong(judged(pair))


def test_a_turned_claim_is_named_first_everywhere(pair, tmp_path):
    both(pair, edit("tables/scores.csv", "0.5", "0.6"))
    both(pair, edit("tables/claims.csv", "2.5", "2.6"))
    both(pair, edit("tables/claims.csv", "c2,Akses mudah.,mixed", "c2,Akses mudah.,not_supported"))
    both(pair, lambda folder: (folder / "figures/scores.svg").unlink())
    found = verdict.as_json(judged(pair), verify._facts(Tree(tmp_path, None, "unknown"), []),
                            [])
    assert [(item["kind"], item["name"]) for item in found["items"][:3]] == [
        ("claim", "c2"), ("table", "claims"), ("table", "scores")]
    assert found["items"][0]["detail"] == "the verdict changed: expected mixed, found not supported"
    assert verdict.summary(
        found)[0] == "claim c2: the verdict changed: expected mixed, found not supported"
    page = site.verdict_pages(found, "id", back=False)["verdict.html"]
    first = re.search(r"<code>(\w+)</code>: ([^<]*)", page[page.index('class="note turned"'):])
    assert first.groups() == ("c2", "putusan berubah: seharusnya beragam, ditemukan tidak didukung")


def test_values_of_a_claim_count_too(pair):
    both(pair, edit("tables/claims.csv", "0.75", "0.5"))
    item = wrong(judged(pair))["claim", "c2"]
    assert not item.turned and verdict.sentence(
        item.differences[0]) == "robustness: expected 0.75, found 0.5"


@pytest.mark.parametrize("text, complete", [("c2,Akses mudah.,mixed,simulated,scores,2.5,0.75,"
                                             "simulated\n", ""),
                                            ("mixed", "")])
def test_a_claim_without_verdict_is_not_complete(pair, text, complete):
    both(pair, edit("tables/claims.csv", text, complete))
    item = wrong(judged(pair))["claim", "c2"]
    assert not item.complete and not item.consistent


@pytest.mark.parametrize("name, key", [
    ("figures/scores.png", ("figure", "scores")), ("figures/scores.json", ("figure", "scores")),
    ("tables/scores.csv", ("table", "scores")), ("site/tables.html", ("page", "tables")),
    ("notebooks/1_alpha.ipynb", ("notebook", "1_alpha")),
    ("processed/design.csv", ("hand_over", "design"))])
def test_what_is_missing_is_named(pair, name, key):
    both(pair, lambda folder: (folder / name).unlink())
    item = wrong(judged(pair))[key]
    assert not item.complete
    assert verdict.sentence(item.differences[0]).startswith(f"not made: {name}")


def test_an_empty_build_is_missing_everything(pair, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    items = verdict.judge(empty, empty, pair[2], DECLARED)
    assert not any(item.complete for item in items if item.kind != "prose")
    assert not any(item.consistent for item in items)


def test_what_the_reference_does_not_know_is_not_consistent(pair):
    both(pair,
         lambda folder: shutil.copy(folder / "figures/scores.csv", folder / "figures/new.csv"))
    item = wrong(judged(pair))["figure", "new"]
    assert verdict.sentence(item.differences[-1]) == "not in the reference: figures/new.csv"


@pytest.mark.parametrize("name, key", [
    ("tables/scores.html", ("table", "scores")), ("figures/scores.svg", ("figure", "scores")),
    ("notebooks/1_alpha.ipynb", ("notebook", "1_alpha")), ("site/index.html", ("page", "index")),
    ("site/site.css", ("other", "site/site.css"))])
def test_one_other_byte_in_the_second_build_is_not_stable(pair, name, key):
    second = pair[1] / name
    second.write_bytes(second.read_bytes() + b" ")
    assert set(found := wrong(judged(pair))) == {key}
    assert not found[key].stable and found[key].consistent
    assert verdict.sentence(found[key].differences[0]) == f"two builds differ: {name}"


def test_a_claim_that_differs_between_builds_is_not_stable(pair):
    edit("tables/claims.csv", "2.5", "2.50000000000001")(pair[1])
    found = wrong(judged(pair))
    assert set(found) == {("claim", "c2"), ("table", "claims")} and not found["claim", "c2"].stable


def redraw(svg, png):
    """Both forms of a figure drawn anew."""
    return lambda folder: put(folder, {"figures/scores.svg": svg, "figures/scores.png": png})


def test_a_figure_drawn_differently_is_noticed(pair, svg):
    both(pair, redraw(picture(bar=34, form="svg"), picture(bar=34)))
    item = wrong(judged(pair))["figure", "scores"]
    assert item.differences[0]["kind"] == "picture" and item.differences[0][
        "worst"] > drawing.WORST
    assert drawing.compared(svg, picture(size=(720, 500), form="svg"))["kind"] == "size"


def test_what_another_machine_draws_is_accepted_and_said(pair, svg, png):
    moved = svg.replace(b"stroke-width: 0.8", b"stroke-width: 0.81")
    assert moved != svg
    both(pair, redraw(moved, png))
    items = judged(pair)
    assert not wrong(items)
    left = verdict.not_compared(items, pair[2], "id", None)
    assert {"kind": "near", "names": ["scores"]} in left


def test_words_of_a_drawing_are_read_from_its_letters(svg):
    assert drawing.words(svg)[:2] == ["fill: #000000 | utara", "fill: #000000 | selatan"]
    said = svg.replace(b"<!-- utara -->", b"<!-- barat -->")
    assert said != svg and drawing.words(said) == drawing.words(svg)
    two = drawing.words(picture(form="svg", colours=("#d73027", "#1a9850")))
    assert [line for line in two if line.startswith("legend")][1:] == [
        "legend fill: #d73027", "legend fill: #1a9850"]
    assert drawing.words(b"nothing") == ["not a drawing"]


def test_the_picture_is_compared_in_colours(pair, svg, png):
    both(pair, redraw(svg, picture(colours=("#b41f77", "#b41f77"))))
    item = wrong(judged(pair))["figure", "scores"]
    assert verdict.sentence(item.differences[0]) == (
        "figures/scores.png does not show what figures/scores.svg shows")


@pytest.mark.parametrize("name", mutation_checks.IN_OUTPUTS)
def test_changed_outputs_are_noticed(pair, name, png, svg):
    declared = verdict.Declared(("inequality",), (), ())
    both(
        pair, lambda folder: put(
            folder, {
                "tables/inequality.csv": "gini\n0.1234\n", "figures/lorenz.png": png,
                "figures/lorenz.svg": svg, "figures/lorenz.csv": SCORES
            }))
    kept = snapped(pair[0])
    assert not [item for item in verdict.judge(*pair[:2], kept, declared) if not item.consistent]
    both(pair, mutation_checks.IN_OUTPUTS[name])
    assert [(item.kind, item.name) for item in verdict.judge(*pair[:2], kept, declared)
            if not item.consistent] == [("table", "inequality") if name == "one edited table" else
                                        ("figure", "lorenz")]


@pytest.mark.parametrize("name", mutation_checks.IN_SOURCES)
def test_changes_of_the_sources_change_one_file_and_pass_the_checks(tmp_path, name):
    from helpers.study.package import Package
    from helpers.study.validation import validate

    copy = tmp_path / "project"
    for part in ("data/raw", "notebooks"):
        shutil.copytree(ROOT / part, copy / part)
    shutil.copy(ROOT / "params.yml", copy)
    mutation_checks.IN_SOURCES[name](copy)
    changed = [path.name for path in copy.rglob("*") if path.is_file()
               and path.read_bytes() != (ROOT / path.relative_to(copy)).read_bytes()]
    assert len(set(changed) - {"datapackage.json"}) == 1
    validate(Package(copy / "data" / "raw"))


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@y", *arguments],
                   check=True, capture_output=True)


def test_the_committed_tree_is_verified_and_changes_are_named(tmp_path):
    project = tmp_path / "project"
    put(project, {"a.txt": "one\n", "b ü.txt": "two\n"})
    assert Tree.of(project).state == "unknown"
    assert Tree.of(
        project).sentence() == "not a git checkout: the folder is verified as it stands"
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "x")
    tree = Tree.of(project)
    assert tree.state == "clean" and len(
        tree.commit) == 40 and tree.sentence().endswith("the tree is clean")
    (project / "b ü.txt").write_text("three\n")
    (project / "new.txt").write_text("")
    tree = Tree.of(project)
    assert (tree.state, sorted(tree.dirty)) == ("dirty", ["b ü.txt", "new.txt"])
    assert "NOT verified are uncommitted changes in " in tree.sentence()
    laid = tree.check_out_to(tmp_path / "laid")
    assert (laid / "b ü.txt").read_text() == "two\n" and not (laid / "new.txt").exists()
    assert Tree.of(laid).state == "clean" and Tree.of(laid).commit == tree.commit


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_is_told_to_overlook_are_looked_at(tmp_path, mark):
    put(tmp_path, {"params.yml": "seed: 1\n", "b.txt": "x"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    git(tmp_path, "update-index", mark, "params.yml")
    assert git_state.state(tmp_path)["tree"] == "clean"
    (tmp_path / "params.yml").write_text("seed: 2\n")
    assert git_state.changed(tmp_path) == ["params.yml"]
    assert git_state.state(tmp_path)["tree"] == "changed"
    assert Tree.of(tmp_path).dirty == ("params.yml",)


def test_versions_that_are_not_the_locked_ones_are_named(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("pandas==0.1 \\\n    --hash=sha256:1\nno-such-library==2.0\n")
    installed = libraries.libraries(lock)
    assert set(installed) == {"pandas"}
    assert libraries.not_as_locked(lock) == [
        f"pandas {installed['pandas']} (locked: 0.1)"]
    assert not libraries.not_as_locked(lock, {"pandas": "0.1"})
    assert not libraries.not_as_locked(ROOT / "requirements.lock")


def told(state, **more):
    return {"state": state, "lang": "en", "files": 9, "differences": [], "beside": []} | more


def test_the_verdict_does_not_hold_beside_other_results(pair, tmp_path):
    facts = verify._facts(Tree(tmp_path, None, "unknown"), [])
    moved = [{"kind": "missing", "names": "tables/x.csv"}]
    said = {}
    for there in (told("none"), told("same"), told("language"), told("other", differences=moved)):
        found = verdict.as_json(judged(pair), facts | {"outputs": there, "not_compared": (
            verdict.not_compared([], pair[2], "en", there | {"beside": ["report.pdf"]}))}, [])
        assert verdict.holds(found) == (there["state"] != "other")
        said[there["state"]] = "\n".join(verdict.summary(found))
        for lang in ("id", "en"):
            page = site.verdict_pages(found, lang, back=False)["verdict.html"]
            assert Texts(lang, "site")("verdict.not_compared") in page and "report.pdf" in page
    assert ("NOT what was verified: 1 differences on this disk, first not made: tables/x.csv"
            in said["other"])
    assert "the 9 files on this disk are what was verified" in said["same"]


def test_a_folder_without_git_is_copied_without_what_was_made(tmp_path):
    project = tmp_path / "project"
    put(
        project, {
            "params.yml": "x", "data/raw/a.csv": "a", "data/processed/b.csv": "b",
            "outputs/tables/c.csv": "c", ".venv/bin/python": "", "src/helpers/a.py": "",
            "reference/tables/scores.csv": "x"
        })
    laid = Tree.of(project).check_out_to(tmp_path / "laid")
    assert sorted(snapshot.read(laid)) == [
        "data/raw/a.csv", "reference/tables/scores.csv", "src/helpers/a.py"
    ]
    assert (laid / "params.yml").is_file()


def test_the_verdict_is_a_product_of_its_own(pair, tmp_path):
    project = Project(out=tmp_path / "out", processed=tmp_path / "out" / "processed")
    found = verdict.as_json(judged(pair), verify._facts(Tree(ROOT, "0" * 40, "clean"), []),
                            [])
    verify._publish(project, found, "en")
    assert json.loads((project.out / "verdict.json").read_text(encoding="utf-8")) == found
    page = (project.out / "site" / "verdict.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>\n<html lang=\"en\">") and "index.html" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page) and "://" not in page
    with products.Products(project, "site").making() as staging:
        put(staging, {"site/index.html": "x"})
    assert (project.out / "site" / "verdict.html").is_file()
    verify._publish(project, found, "id")
    page = (project.out / "site" / "verdict.html").read_text(encoding="utf-8")
    assert "dua kali pembuatan dari nol" in page and 'href="index.html"' in page
    twin = (project.out / "site" / "verdict-en.html").read_text(encoding="utf-8")
    assert ('<html lang="en">' in twin and 'href="verdict.html"' in twin
            and 'href="verdict-en.html"' in page)
    assert not (project.out / "site" / "verdict-id.html").exists()
    assert [made.stage for made in products.known(project)] == ["site", "verdict"]


def test_nothing_in_the_page_becomes_markup(pair):
    nasty = "<script>alert(1)</script>"
    both(pair, edit("tables/scores.csv", "south", nasty))
    checks = [{"kind": "fault", "name": nasty, "ok": None, "detail": nasty}]
    found = verdict.as_json(judged(pair),
                            verify._facts(Tree(ROOT, None, "dirty", (nasty,)), [nasty]),
                            checks)
    for lang in ("id", "en"):
        page = site.verdict_pages(found, lang, back=True)["verdict.html"]
        assert nasty not in page and "&lt;script&gt;" in page
    assert verdict.holds({**found, **dict.fromkeys(verdict.WORDS, True)})


def test_every_difference_can_be_said_in_both_languages():
    said = {
        kind for lang in ("id", "en") for kind in catalogue("site", lang)
        if kind.startswith("verdict.difference.")
    }
    assert {key.rpartition(".")[2] for key in said} == {
        "cell", "columns", "rows", "line", "size", "picture", "verdict", "column", "missing",
        "undecided", "unstable", "no_reference", "said", "not_said", "copy", "untraced", "poster"
    }


def test_the_reference_is_small_and_complete():
    kept = snapshot.read(ROOT / "reference")
    declared = verdict.Declared.of(ROOT)
    assert sum(map(len, kept.values())) < 2_000_000
    assert snapshot.known(kept) == ["id", "en"]
    prints = snapshot.prints_of(kept, "id")
    assert {f"tables/{name}.csv" for name in declared.tables} <= set(kept) | set(prints)
    assert {f"site/{name}.html" for name in declared.notebooks} <= set(prints)
    assert {f"{folder}.{ending}" for name in declared.notebooks for folder, ending in (
        (f"prose/{name}", "md"), (f"notebooks/{name}", "txt"))} <= set(kept)
    drawn = {path for path in kept if path.startswith("drawings/") and path.endswith(".png")}
    assert len(drawn) >= 20 and {path.replace(".png", ".txt") for path in drawn} <= set(kept)


def test_the_pictures_of_the_readmes_are_those_of_the_reference():
    """Whoever moves a number and makes no new pictures is told by `verify`; whoever edits a
    picture or the reference alone, here."""
    kept = reading.load((ROOT / "reference" / posters.CODES).read_bytes())
    assert kept == {path: [drawing.pixels((ROOT / path).read_bytes())]
                    for path in posters.PLACES.values()}


@pytest.mark.parametrize("call, message", [
    (["verify", "RAW=x"],
     "verify takes OUT=, lang=, FULL=, not RAW=x"),
    (["reference", "OUT=x"],
     "reference takes jobs=, not OUT=x"),
    (["verify", "lang=fr"], "lang=fr: allowed is id or en"),
])
def test_variables_that_would_not_be_heeded_are_refused(call, message, capsys):
    assert commands.main(call) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_every_variation_of_the_surroundings_is_there():
    found = reproducibility.variations()
    assert [variation.name for variation in found] == [
        "path", "user", "home", "time zone", "locale", "locale", "locale", "date", "hash seed",
        "jobs", "kernels", "umask", "CPUs"
    ]
    assert [variation.what.split(",")[0] for variation in found if variation.name == "locale"] == [
        "C", "id_ID.UTF-8", "tr_TR.UTF-8"]


def test_changes_of_the_surroundings_that_share_a_build_are_told_apart(monkeypatch, tmp_path):
    """Where a shared build differs each of its changes is built alone; where only all of them
    together differ, that is said of them together."""
    built = []

    def files(tree, say, folder, variation):
        built.append(variation)
        names = {*variation.name.split(", ")}
        wrong = names & {"date"} or {"hash seed", "CPUs"} <= names
        return {"a": b"2" if wrong else b"1"}, ""

    monkeypatch.setattr(reproducibility, "_files", files)
    chosen = reproducibility.variations()
    put(tmp_path / "built", {"a": "1"})
    checks = reproducibility.run(None, tmp_path, lambda line: None, tmp_path / "built")
    possible = [one for one in chosen if not one.not_here]
    shared = {one.shared for one in possible}
    assert len(built) - len(shared) == sum(one.shared in (1, 2) for one in possible)
    failed = [check for check in checks if check["ok"] is False]
    assert failed[0]["name"] == "date" and failed[0]["detail"].endswith("first a")
    if not any(one.not_here for one in chosen if one.name == "CPUs"):
        assert failed[1]["detail"] == "different together, though not alone"
        assert {"hash seed", "CPUs"} <= {*failed[1]["name"].split(", ")}
    assert len(checks) == len(chosen) + len(failed) - 1


def test_a_mutation_counts_as_noticed_by_what_is_not_wrong_without_it():
    wrong = {("page", name): verdict.Item("page", name) for name in ("a", "b")}
    assert mutation_checks._noticed(wrong, wrong) == (False, "not noticed")
    assert mutation_checks._noticed(wrong, {("page", "a"): wrong["page", "a"]})[1].startswith(
        "noticed in 1 items, first page b")


def test_a_part_of_the_full_checks_runs_alone_and_ends_with_one_line(monkeypatch, tmp_path):
    said = []
    results = [{"kind": "fault", "name": str(ok), "ok": ok, "detail": ""}
               for ok in (True, None, False)]
    monkeypatch.setitem(full.PARTS, "faults", lambda given: results)
    given = full.Given(None, tmp_path / "work", said.append)
    assert full.run(given, ["faults"]) == results
    assert said == ["faults: 1 of 3, 0 s"]
    assert full.main(["nothing"]) == 2


def test_a_variation_names_the_first_file_that_differs():
    variation = reproducibility.Variation("jobs", "four jobs")
    compared = reproducibility._compared
    assert compared(variation, {"a": b"1", "b": b"2"}, {"a": b"1", "b": b"2"}, "") == (
        True, "four jobs: 2 files, the same bytes")
    assert compared(variation, {"a": b"1", "b": b"2"}, {"a": b"1", "c": b"2"}, "") == (
        False, "four jobs: 2 of 2 files differ, first b")
    assert compared(variation, {"a": b"1"}, {}, "error: x") == (False, "four jobs: error: x")


def test_the_other_date_reaches_every_clock(tmp_path):
    import os
    import sys

    from tools.checks import clock_shift

    clock_shift.install(tmp_path / "clock")
    code = (
        "import time, datetime as d, pandas; print(time.ctime()[-4:], time.strftime('%Y'), "
        "time.gmtime().tm_year, "
        "d.datetime.now().year, d.date.today().year, d.datetime.now(d.timezone.utc).year, "
        "pandas.Timestamp.now().year)"
    )
    years = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | more, capture_output=True,
                       text=True, check=True).stdout.split()
        for more in ({}, {"PYTHONPATH": str(tmp_path / "clock")})
    ]
    assert [len(set(found))
            for found in years] == [1, 1] and 5 <= int(years[1][0]) - int(years[0][0]) <= 6
