"""What a reviewer asks for beside the verdict: two builds compared, one ZIP to deposit, and builds
that follow edits."""

import csv
import hashlib
import io
import json
import os
import zipfile
from itertools import repeat
from types import SimpleNamespace

import pytest
import yaml
from small_site import PIXEL

from helpers import messages
from helpers.cli import commands, watch
from helpers.run.products import Products
from helpers.run.project import Project
from helpers.run.provenance import archive
from helpers.verdict import two_builds

CLAIMS = ("claim,text_id,text_en,verdict,basis,statistic,value,low,high,p_value,robustness,status\n"
          'c01,Utara <maju>.,The north is ahead.,{},published,difference,{},0.1,0.3,0.01,1.0,x\n')
FACTS = {"build": {"commit": "c" * 40, "tree": "clean"}, "package": {"title": "Kesenjangan"},
         "stages": {"synthesis": {
             "parameters": {"synthesis.alpha": 0.05}, "helpers": {"helpers/a.py": "a" * 64},
             "notebook": {"path": "notebooks/5_synthesis.ipynb", "sha256": "b" * 64},
             "resources": {"areas": {"path": "areas.csv", "status": "published",
                                     "sha256": "c" * 64},
                           "responses": {"path": "responses.csv", "status": "published",
                                         "sha256": "d" * 64}}}},
         "products": {"tables/claims": {"kind": "table", "status": "published"}}}


def results(folder, verdict="supported", value="0.2", alpha=0.05, lang="en", rows=""):
    """Write a folder of results with one claim, one table and one figure."""
    import base64

    facts = json.loads(json.dumps(FACTS))
    facts["stages"]["synthesis"]["parameters"]["synthesis.alpha"] = alpha
    about = json.dumps({"lang": lang, "title": "Claims", "status": "published"})
    picture = base64.b64decode(PIXEL)
    if value != "0.2":
        from PIL import Image

        drawn = io.BytesIO()
        Image.new("RGB", (3, 3), "red").save(drawn, "PNG")
        picture = drawn.getvalue()
    contents = {"provenance.json": json.dumps(facts), "tables/claims.json": about,
                "tables/claims.csv": CLAIMS.format(verdict, value), "figures/dot.png": picture,
                "tables/gini.csv": f"indicator,year,gini\nidm,2024,{value}\n{rows}"}
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def compared(tmp_path, monkeypatch, capsys, one="a", other="b", **more):
    monkeypatch.chdir(tmp_path)
    status = commands.main(["compare", f"A={one}", f"B={other}", "OUT=page", "lang=en"])
    page = tmp_path / "page" / "compare.html"
    told = capsys.readouterr()
    return status, told.out + told.err, page.read_text(encoding="utf-8") if page.exists() else ""


def test_two_builds_differ_in_verdict_cell_figure_and_the_parameter_that_explains_it(
        tmp_path, monkeypatch, capsys):
    results(tmp_path / "a")
    results(tmp_path / "b", "mixed", "0.25", alpha=0.1, rows="ikl,2024,0.5\n")
    status, line, page = compared(tmp_path, monkeypatch, capsys)
    assert status == 0
    assert line == "compare: 1 verdicts, 2 tables and 1 figures differ; open page/compare.html\n"
    assert "The north is ahead." in page and "supported" in page and "mixed" in page
    found = two_builds.compare(tmp_path / "a", tmp_path / "b", ("a", "b"))
    assert found.causes == [{"name": "parameter synthesis.alpha", "values": ["0.05", "0.1"]}]
    [claims, gini] = sorted(found.tables, key=lambda table: table.name)
    assert gini.cells == [{"row": "idm · 2024", "column": "gini", "values": ["0.2", "0.25"]}]
    assert gini.rows == {"b": ["ikl · 2024"]} and gini.number == 2 and claims.number == 2
    assert page.count("data:image/webp;base64,") == 2 and 'type="range"' in page
    assert not [address for address in ("http:", "https:") if address in page]


def test_two_equal_builds_say_so_and_other_languages_are_named(tmp_path, monkeypatch, capsys):
    results(tmp_path / "a")
    results(tmp_path / "b")
    _, line, page = compared(tmp_path, monkeypatch, capsys)
    assert line.startswith("compare: 0 verdicts, 0 tables and 0 figures differ")
    assert "Nothing differs" in page
    results(tmp_path / "b", value="0.3", lang="id")
    _, _, page = compared(tmp_path, monkeypatch, capsys)
    assert "different languages" in page and "data:image" not in page


def package(folder, answer, value):
    folder.mkdir()
    resources = [{"name": "responses", "path": "responses.csv", "status": "published"},
                 {"name": "areas", "path": "areas.csv", "status": "published"}]
    (folder / "datapackage.json").write_text(json.dumps({"name": "x", "resources": resources}))
    (folder / "responses.csv").write_text(f"respondent,a\nr1,{answer}\n")
    (folder / "areas.csv").write_text(f"code,x\n1,{value}\n")


def test_of_two_packages_no_answer_of_a_person_is_shown(tmp_path, monkeypatch, capsys):
    package(tmp_path / "a", "secret-4", "7")
    package(tmp_path / "b", "secret-5", "8")
    status, line, page = compared(tmp_path, monkeypatch, capsys)
    assert status == 0 and "2 tables" in line and "secret" not in page
    assert "responses: 1 differences" in page and "<td>7</td><td>8</td>" in page


@pytest.mark.parametrize(("one", "other", "en", "id_"), [
    ("a", "nowhere", "nowhere is no folder of results", "nowhere bukan folder hasil"),
    ("a", "p", "A=a is provenance.json and B=p is datapackage.json",
     "A=a berisi provenance.json dan B=p berisi datapackage.json")])
def test_what_cannot_be_compared_is_one_line(one, other, en, id_, tmp_path, monkeypatch, capsys):
    results(tmp_path / "a")
    package(tmp_path / "p", 1, 2)
    for lang, said in (("en", en), ("id", id_)):
        monkeypatch.setenv(messages.CHOSEN, lang)
        status, line, page = compared(tmp_path, monkeypatch, capsys, one, other)
        assert status == 2 and said in line and line.count("\n") == 1 and not page
    assert commands.main(["compare", "A=a"]) == 2


@pytest.fixture
def built(tmp_path):
    """A project outside of git with one finished stage."""
    root, out = tmp_path / "project", tmp_path / "out"
    files = {"CITATION.cff": "title: T\nversion: 1\nlicense: MIT\ndate-released: 2026-11-24\n"
                             "authors: [{name: N}]\n", "params.yml": "seed: 1\n",
             "data/raw/areas.csv": "code\n1\n", "data/raw/responses.csv": "respondent\nr1\n",
             "run.sh": "#!/bin/sh\n", ".venv/x": "no", "outputs/x": "no"}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    os.chmod(root / "run.sh", 0o755)
    project = Project(raw=root / "data" / "raw", out=out, processed=out / "processed", root=root)
    made = Products(project, "synthesis")
    results(made.start())
    made.accept()
    return project


def test_the_archive_has_everything_with_hash_and_status_and_the_same_bytes(built):
    path, count = archive.make(built, FACTS)
    first = path.read_bytes()
    with zipfile.ZipFile(path) as made:
        content = {name: made.read(name) for name in made.namelist()}
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in made.infolist()}
    assert len(content) == count and [*content] == sorted(content)
    assert {"results/tables/claims.csv", "data/raw/areas.csv", "params.yml", "run.sh",
            "CITATION.cff"} <= {*content}
    assert not [name for name in content if "responses.csv" in name or ".venv" in name
                or "outputs/" in name]
    assert "data/raw/responses.csv" in content["README.txt"].decode()
    sums = dict(line.split("  ")[::-1] for line in content["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in content.items()
                    if name != "SHA256SUMS"}
    assert [*csv.reader(io.StringIO(content["status.csv"].decode()))][1:] == [
        ["resource", "areas", "published"], ["resource", "responses", "published"],
        ["table", "tables/claims", "published"]]
    manifest = yaml.safe_load(content["codecheck.yml"])
    assert {"file": "results/tables/claims.csv", "comment": "Claims"} in manifest["manifest"]
    assert manifest["summary"] == "make verify: not verified yet: make verify"
    assert json.loads(content[".zenodo.json"])["creators"] == [{"name": "N"}]
    assert modes["run.sh"] == 0o755 and modes["params.yml"] == 0o644
    assert archive.make(built, FACTS)[0].read_bytes() == first


def test_an_archive_of_results_that_were_changed_is_refused(built):
    (built.out / "tables" / "claims.csv").write_text("forged")
    with pytest.raises(ValueError, match="synthesis: its outputs were changed; run make all first"):
        archive.make(built, FACTS)
    assert not (built.out / "archive.zip").exists()


def test_watch_builds_again_after_an_edit_and_only_then(built, capsys):
    notebook = built.root / "notebooks" / "1_sampling.ipynb"
    (built.root / "src" / "helpers").mkdir(parents=True)
    project = SimpleNamespace(raw=built.raw, notebooks=notebook.parent, plan_files=[],
                              source=built.root / "src" / "helpers", root=built.root,
                              parameters_file=None, shown=lambda path: path.name)
    notebook.parent.mkdir()
    notebook.write_text("1")
    edits = iter([lambda: None, lambda: notebook.write_text("12"), lambda: None,
                  (built.root / "params.yml").unlink, lambda: None])
    builds = []
    assert watch.run(project, "all", lambda: builds.append(1), repeat(None, 5),
                     lambda pause: next(edits)()) == 0
    assert len(builds) == 3
    assert [line.partition(":")[2].strip() for line in capsys.readouterr().out.splitlines()[1:]] \
        == ["1_sampling.ipynb changed", "params.yml changed"]
    assert commands.main(["watch", "stage=nothing"]) == 2
    assert "stage=nothing: allowed is all" in capsys.readouterr().err
