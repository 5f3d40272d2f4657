"""What a reviewer asks for beside the verdict: two builds compared, one ZIP to deposit, and builds
that follow edits."""

import csv
import hashlib
import http.client
import io
import json
import os
import socket
import struct
import threading
import time
import zipfile
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from small_site import PIXEL

from helpers import messages
from helpers.cli import commands, watch
from helpers.errors import InputError
from helpers.explorer.serve import free_port
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
    assert line == ("compare: 1 verdicts, 2 tables, 1 figures and 0 other files differ; "
                    "open page/compare.html\n")
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
    assert line.startswith("compare: 0 verdicts, 0 tables, 0 figures and 0 other files differ")
    assert "Nothing differs" in page
    for name, text in {"a/site/index.html": "mixed", "b/site/index.html": "supported",
                       "b/figures/dot.svg": "<svg/>"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "b/figures/dot.png").unlink()
    _, line, page = compared(tmp_path, monkeypatch, capsys)
    assert line.startswith("compare: 0 verdicts, 0 tables, 0 figures and 3 other files differ")
    assert "Nothing differs" not in page and "<code>site/index.html</code>" in page, \
        "an edited page, a drawing that one side has, a picture that one side lacks"
    assert "<code>figures/dot.svg</code>" in page and "Only in a: figures/dot.png" in page
    (tmp_path / "b/figures/dot.svg").unlink()
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


def changed_packages(tmp_path, about, one, other):
    """Findings for two packages with one resource of these files: suffix to bytes."""
    for folder, contents in (("a", one), ("b", other)):
        (tmp_path / folder).mkdir()
        resource = {"name": "areas", "status": "published"} | about
        (tmp_path / folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
        for suffix, content in contents.items():
            (tmp_path / folder / f"areas.{suffix}").write_bytes(content)
    return two_builds.compare(tmp_path / "a", tmp_path / "b", ("a", "b"))


def told(content):
    return hashlib.sha256(content).hexdigest()[:12]


@pytest.mark.parametrize(("about", "one", "other"), [
    ({"path": "areas.gpkg"}, {"gpkg": b"\xff1"}, {"gpkg": b"\xff2"}),
    ({"path": "areas.csv"}, {"csv": b"code,x\n1,\xe9\n"}, {"csv": b"code,x\n1,\xe8\n"}),
    ({"path": "areas.csv"}, {"csv": b"code,x\n1,2\n"}, {"csv": b"code,x\r\n1,2\r\n"})])
def test_files_that_are_no_text_differ_by_their_hash(tmp_path, about, one, other):
    found = changed_packages(tmp_path, about, one, other)
    assert found.causes == [{"name": "areas", "values": [told(*one.values()),
                                                         told(*other.values())]}]
    assert not found.tables and not found.nothing


def test_of_a_shapefile_all_files_are_compared(tmp_path):
    found = changed_packages(tmp_path, {"path": "areas.shp"}, {"shp": b"1", "dbf": b"\xff"},
                             {"shp": b"1", "dbf": b"\xfe"})
    assert [cause["name"] for cause in found.causes] == ["areas"]


def test_tables_are_read_as_the_descriptor_declares(tmp_path):
    about = {"path": "areas.csv", "encoding": "cp1252", "dialect": {"delimiter": ";"}}
    [table] = changed_packages(tmp_path, about, {"csv": b"code;x\n1;\xe9\n"},
                               {"csv": b"code;x\n1;\xe8\n"}).tables
    assert table.cells == [{"row": "1", "column": "x", "values": ["é", "è"]}]


def test_quoted_headers_and_keys_that_repeat_on_one_side():
    found = two_builds.tables("t", 'code,"x, y"\na,1\nb,2\n', 'code,"x, y"\na,1\na,3\n',
                              ("A", "B"))
    assert found.cells == [{"row": "3", "column": "code", "values": ["b", "a"]},
                           {"row": "3", "column": "x, y", "values": ["2", "3"]}]
    assert found.number == 2 and not found.only and not found.rows


def test_choices_plan_lock_python_and_status_are_causes(tmp_path):
    for folder, mark in (("a", "1"), ("b", "2")):
        facts = json.loads((results(tmp_path / folder) / "provenance.json").read_text())
        stage = facts["stages"]["synthesis"]
        stage |= {kind: {"path": path, "sha256": mark * 64} for kind, path in (
            ("choices", "multiverse.yml"), ("plan", "analysis-plan.md"),
            ("lock", "requirements.lock"))} | {"python": f"3.1{mark}"}
        stage["resources"]["areas"]["status"] = "published" if mark == "1" else "simulated"
        (tmp_path / folder / "provenance.json").write_text(json.dumps(facts))
    found = two_builds.compare(tmp_path / "a", tmp_path / "b", ("a", "b"))
    assert {cause["name"]: cause["values"] for cause in found.causes} == {
        "data areas": [f"published {'c' * 12}", f"simulated {'c' * 12}"],
        "Python version": ["3.11", "3.12"]} | {
        name: ["1" * 12, "2" * 12] for name in (
            "choices multiverse.yml", "plan analysis-plan.md", "lock requirements.lock")}


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
             "data/raw/linkages.csv": "expert\nsecret\n", "data/raw/import.en.html": "secret",
             "data/raw/x-field.en.html": "secret", "data/raw/README.md": "about",
             "data/raw/datapackage.json": json.dumps({"resources": [
                 {"name": name, "path": f"{name}.csv", "status": "published"}
                 for name in ("areas", "responses", "linkages")]}),
             "notebooks/5_synthesis.ipynb": "{}", "src/helpers/a.py": "x = 1\n",
             ".env": "no", "survey.xlsx": "no", "survey-package/x.md": "no",
             "old/provenance.json": "no",
             "run.sh": "#!/bin/sh\n", ".venv/x": "no", "outputs/x": "no"}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    os.chmod(root / "run.sh", 0o755)
    project = Project(raw=root / "data" / "raw", out=out, processed=out / "processed", root=root)
    with Products(project, "synthesis").making() as staging:
        results(staging)
    return project


@pytest.fixture
def facts(built):
    """What the build would say of its own files."""
    facts = json.loads(json.dumps(FACTS))
    stage = facts["stages"]["synthesis"]
    stage["helpers"] = {"helpers/a.py": hashlib.sha256(b"x = 1\n").hexdigest()}
    for path, about in [(built.root / stage["notebook"]["path"], stage["notebook"]), *(
            (built.raw / about["path"], about) for about in stage["resources"].values())]:
        about["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return facts


def test_the_archive_has_everything_with_hash_and_status_and_the_same_bytes(built, facts):
    path, count = archive.make(built, facts)
    first = path.read_bytes()
    with zipfile.ZipFile(path) as made:
        content = {name: made.read(name) for name in made.namelist()}
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in made.infolist()}
    assert len(content) == count and [*content] == sorted(content)
    assert {name for name in content if not name.startswith("results/")} == {
        "data/raw/areas.csv", "data/raw/datapackage.json", "data/raw/README.md", "params.yml",
        "run.sh", "CITATION.cff", "notebooks/5_synthesis.ipynb", "README.txt", "SHA256SUMS",
        "status.csv", ".zenodo.json", "codecheck.yml", "src/helpers/a.py"}
    assert "results/tables/claims.csv" in content
    left_out = content["README.txt"].decode().partition("Left out")[2]
    assert all(f"data/raw/{name}" in left_out for name in (
        "responses.csv", "linkages.csv", "import.en.html", "x-field.en.html"))
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
    assert archive.make(built, facts)[0].read_bytes() == first


def test_metadata_of_a_deposit_say_what_the_citation_does_and_nothing_else():
    citation = {"title": "T", "version": "1", "date-released": "2026-01-01", "license": "MIT",
                "authors": [{"family-names": "Sari", "given-names": "A.",
                             "orcid": "https://orcid.org/0000-0001-2345-6789"}]}
    before = json.loads(archive._zenodo(citation, FACTS))
    assert before["creators"] == [{"name": "Sari, A.", "orcid": "0000-0001-2345-6789"}]
    assert not {"doi", "related_identifiers"} & {*before}
    after = json.loads(archive._zenodo(citation | {"doi": "10.5281/zenodo.1", "repository-code":
                                                   "https://x.org/kb"}, FACTS))
    assert after == before | {"doi": "10.5281/zenodo.1", "related_identifiers": [
        {"identifier": "https://x.org/kb", "relation": "isIdenticalTo"}]}


@pytest.mark.parametrize(("place", "text", "named"), [
    ("data/raw/areas.csv", "code\n2\n", "areas.csv"),
    ("notebooks/5_synthesis.ipynb", "[]", "notebooks/5_synthesis.ipynb"),
    ("src/helpers/a.py", "x = 2\n", "src/helpers/a.py"),
    ("data/raw/datapackage.json", None, "datapackage.json")])
def test_an_archive_of_inputs_that_were_changed_is_refused(place, text, named, built, facts):
    path = built.root / place
    path.write_text(text or path.read_text().replace("published", "simulated"))
    with pytest.raises(InputError) as refused:
        archive.make(built, facts)
    for lang, said in (("en", "is not what the build used or made; run make all first"), (
            "id", "bukan yang dipakai atau dihasilkan pembuatan; jalankan dahulu make all")):
        assert messages.translate(refused.value, lang) == f"{named} {said}"
    assert not (built.out / "archive.zip").exists()


def test_an_archive_of_results_that_were_changed_is_refused(built):
    (built.out / "tables" / "claims.csv").write_text("forged")
    with pytest.raises(ValueError, match="synthesis: its outputs were changed; run make all first"):
        archive.make(built, FACTS)
    assert not (built.out / "archive.zip").exists()


def test_watch_goes_on_where_a_file_vanishes_between_two_looks(tmp_path):
    class Vanishing(type(tmp_path)):
        def is_file(self):
            return True

    project = SimpleNamespace(raw=tmp_path, notebooks=tmp_path, source=tmp_path, root=tmp_path,
                              plan_files=[Vanishing(tmp_path / "gone.md")], parameters_file=None)
    (tmp_path / "params.yml").write_text("seed: 1")
    assert [path.name for path in watch.stamps(project)] == ["params.yml"]


def test_a_watched_page_may_be_closed_or_renamed_while_it_is_answered(
        tmp_path, monkeypatch, capsys):
    (tmp_path / "index.html").write_text("<head></head>")
    monkeypatch.setattr(watch, "STILL", 0.02)
    port, others = free_port(None), {*threading.enumerate()}
    waiting = f"GET {watch.CHANGES}?0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    with watch.served(tmp_path, port):
        for asked in ("GET /", waiting):
            with socket.create_connection(("127.0.0.1", port)) as page:
                page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                page.sendall(asked.encode())
                time.sleep(0.05)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", lambda path: path.with_name("gone").open("rb"))
            ask = http.client.HTTPConnection("127.0.0.1", port)
            ask.request("GET", "/index.html")
            assert ask.getresponse().status == 404
        end = time.monotonic() + 5
        while len({*threading.enumerate()} - others) > 1 and time.monotonic() < end:
            time.sleep(0.02)
        assert len({*threading.enumerate()} - others) == 1, "the server; no page waits any more"
    assert capsys.readouterr().err == ""


def test_watch_builds_again_after_an_edit_and_only_then(built, capsys):
    notebook = built.root / "notebooks" / "1_sampling.ipynb"
    project = SimpleNamespace(raw=built.raw, notebooks=notebook.parent, plan_files=[],
                              source=built.root / "src" / "helpers", root=built.root,
                              parameters_file=None, shown=lambda path: path.name)
    notebook.write_text("1")
    edits = iter([lambda: None, lambda: notebook.write_text("12"), lambda: None,
                  (built.root / "params.yml").unlink, lambda: None])
    builds = []
    assert watch.run(project, "scoring", lambda: builds.append(1), repeat(None, 5),
                     lambda pause: next(edits)()) == 0
    assert len(builds) == 3
    assert [line.partition(":")[2].strip() for line in capsys.readouterr().out.splitlines()[1:]] \
        == ["1_sampling.ipynb changed", "params.yml changed"]
    assert commands.main(["watch", "stage=nothing"]) == 2
    assert "stage=nothing: allowed is all" in capsys.readouterr().err
