"""What made what: the facts are right, change when what they are about changes, and say nothing of
the machine."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import shared_build
from small_project import SmallProject
from test_site import Loads

from helpers.publish.cell import cell_of_code, running_cell
from helpers.run import documents, provenance, runner
from helpers.run.bring_up import glance, nothing_to_do
from helpers.run.inputs import read_inputs
from helpers.run.provenance import git_state


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> SmallProject:
    """A clean checkout, built."""
    return shared_build.small_project(tmp_path_factory)


@pytest.fixture
def small(built, tmp_path) -> SmallProject:
    """A copy, to be changed."""
    return built.moved(tmp_path / "moved")


def test_facts_about_a_stage_can_be_computed_again_from_the_files(built):
    facts = built.provenance()
    assert facts["build"] == {"commit": built.head, "tree": "clean"}
    assert list(facts["stages"]) == ["sampling", "synthesis"]
    for name, stage in facts["stages"].items():
        assert (stage["commit"], stage["tree"]) == (built.head, "clean"), name
        assert stage["notebook"]["sha256"] == sha256(built.root / stage["notebook"]["path"])
        assert stage["lock"]["sha256"] == sha256(built.root / "requirements.lock")
        assert stage["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
        assert len(stage["helpers"]) > 10 and "helpers/publish/publisher.py" in stage["helpers"]
        assert all(value == sha256(built.root / path) for path, value in stage["helpers"].items())
    sampling = facts["stages"]["sampling"]
    assert sampling["parameters"]["seed"] == 7 and sampling["parameters"]["sampling.margin"] == 0.05
    assert list(sampling["resources"]) == ["areas", "frame", "sources"]
    for resource in sampling["resources"].values():
        assert resource["sha256"] == sha256(
            built.project.raw / resource["path"]) and resource["status"] == "published"
    assert "helpers/publish/locale/en/LC_MESSAGES/scoring.po" not in sampling["helpers"]
    assert facts["stages"]["synthesis"]["reads_results_of"] == ["sampling"]


def test_every_product_is_there_with_the_hashes_of_its_files(built):
    products = built.provenance()["products"]
    assert {name: product["kind"] for name, product in products.items()} == {
        "notebooks/1_sampling": "notebook", "processed/sizes": "hand-over",
        "tables/sample_size": "table", "notebooks/5_synthesis": "notebook",
        "figures/claims": "figure"
    }
    hashes = {
        file: value for product in products.values() for file, value in product["files"].items()
    }
    assert hashes == {
        file: hashlib.sha256(content).hexdigest() for file, content in built.outputs().items()
        if not file.startswith(("site/", "provenance"))
    }


@pytest.mark.parametrize("product, cell, notebook",
                         [("tables/sample_size", "make-sampling", "1_sampling"),
                                                     ("figures/claims", "make-synthesis",
                                                      "5_synthesis")])
def test_the_cell_is_the_one_that_publishes(built, product, cell, notebook):
    fact = built.provenance()["products"][product]
    assert (fact["cell"], fact["cell_number"]) == (cell, 5)
    written = json.loads((built.root / "notebooks"
                          / f"{notebook}.ipynb").read_text())["cells"][fact["cell_number"] - 1]
    assert written["id"] == cell and f'out.{fact["kind"]}("{Path(product).name}"' in written[
        "source"]


def test_a_result_is_traced_through_the_tables_of_others_to_the_data(built):
    figure = built.provenance()["products"]["figures/claims"]
    assert figure["made_from"] == ["sample_size", "claims"]
    assert (figure["tables"], figure["resources"]) == (["sample_size"],
                                                       ["frame", "areas", "claims"])


def test_nothing_tells_where_when_or_by_whom(built):
    text = json.dumps(built.provenance())
    assert str(built.root) not in text and str(
        Path.home()) not in text and "/tmp" not in text and sys.prefix not in text
    assert "time" not in [
        key for product in built.provenance()["products"].values() for key in product
    ]


def test_one_stage_run_again_leaves_the_facts_of_the_others(small):
    before = small.provenance()
    (small.root / "params.yml").write_text("seed: 7\nsampling: {margin: 0.1}\n")
    assert small.build(["sampling"], with_site=False).ran == ["sampling"]
    after = small.provenance()
    assert after["stages"]["sampling"]["parameters"]["sampling.margin"] == 0.1
    assert after["stages"]["sampling"]["tree"] == after["build"]["tree"] == "changed"
    assert after["stages"]["synthesis"] == before["stages"]["synthesis"]
    changed = {
        name for name in after["products"] if after["products"][name] != before["products"][name]
    }
    assert changed == {"tables/sample_size", "processed/sizes", "notebooks/1_sampling"}
    table = after["products"]["tables/sample_size"]["files"]["tables/sample_size.csv"]
    assert table == sha256(small.project.out / "tables" / "sample_size.csv")


def test_changed_code_data_and_lock_show_in_the_facts_of_the_stages_that_read_them(small):
    before = small.work().facts
    texts = "helpers/publish/locale/id/LC_MESSAGES/synthesis.po"
    for name in (texts, "requirements.lock", "raw/sources.csv"):
        path = small.root / name
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    after = small.work().facts
    assert before["synthesis"]["helpers"][texts] != after["synthesis"]["helpers"][texts]
    assert before["sampling"]["helpers"] == after["sampling"]["helpers"]
    differing = [name for name, about in after["sampling"]["resources"].items()
                 if about != before["sampling"]["resources"][name]]
    assert differing == ["sources"]
    assert before["sampling"]["lock"] != after["sampling"]["lock"]


def test_two_builds_of_one_commit_in_two_places_give_the_same_bytes(built, small):
    small.into("out-again")
    small.build()
    assert small.outputs() == built.outputs()
    assert "site/provenance.html" in built.outputs()


def test_another_commit_makes_the_pages_again_and_no_stage(small):
    (small.root / "README").write_text("new")
    head = small.commit()
    reasons = small.work().reasons()
    assert (reasons["sampling"], reasons["synthesis"], reasons["site"]) == ([], [],
                                                                            ["the commit changed"])
    assert small.build().ran == ["site"]
    facts = small.provenance()
    assert facts["build"] == {"commit": head, "tree": "clean"
                              } and facts["stages"]["sampling"]["commit"] == head
    assert head in small.outputs()["site/provenance.html"].decode()


PRINTED = replace(documents.REPORT, module="helpers.documents.site", domains=("site",),
                  make=lambda *given: (given[-1] / "report.pdf").write_text("printed"))


def make(small, document) -> str:
    """Bring a document up to date as the command line does; return the record."""
    work = runner.Build(small.project, read_inputs(small.project), ["sampling", "synthesis"],
                        [document], say=[].append)
    assert not work.run().errors
    work.record(glance(small.project))
    return (small.project.out / "provenance.json").read_text()


def test_the_report_is_there_with_what_made_it_and_the_hashes_of_its_files(small):
    alone = small.provenance()
    assert "documents" not in alone, ("the site holds the record, so the record cannot hold its "
                                      "hashes")
    facts = json.loads(make(small, PRINTED))
    [(name, report)] = facts.pop("documents").items()
    assert facts == alone and name == "report"
    assert report["files"] == {"report.pdf": hashlib.sha256(b"printed").hexdigest()}
    assert "helpers/documents/site/pages.py" in report[
        "helpers"] and "helpers/documents/report/pdf.py" not in report["helpers"]
    assert all(value == sha256(small.root / path) for path, value in report["helpers"].items())
    assert report["lock"] == {
        "path": "requirements.lock", "sha256": sha256(small.root / "requirements.lock")
    }


def test_the_report_keeps_its_facts_as_long_as_it_is_there(small):
    make(small, PRINTED)
    before = small.provenance()["documents"]
    small.build(["sampling"], with_site=False)
    assert small.provenance()["documents"] == before
    runner.Products(small.project, "report").remove()
    small.build(["sampling"], with_site=False)
    assert "documents" not in small.provenance()


def test_two_documents_in_turn_settle_on_one_record(small):
    """What was built for the one target must not keep the other from being up to date."""
    make(small, documents.SITE)
    both = make(small, PRINTED)
    assert make(small, documents.SITE) == both
    assert all(nothing_to_do(small.project, name, glance(small.project))
               for name in ("site", "report"))
    runner.remove_made(small.project)
    assert small.outputs() == {} and provenance.read(small.project.out) == {}


def test_clean_removes_it_and_a_stage_that_is_gone_leaves_it(small):
    runner.Products(small.project, "synthesis").remove()
    small.build(["sampling"], with_site=False)
    assert list(small.provenance()["stages"]) == ["sampling"]
    runner.remove_made(small.project)
    assert small.outputs() == {} and provenance.read(small.project.out) == {}


def test_an_unreadable_record_is_written_anew(small):
    (small.project.out / "provenance.json").write_text("{")
    assert provenance.read(small.project.out) == {}
    small.build(with_site=False)
    assert list(small.provenance()["stages"]) == ["sampling", "synthesis"]


def test_a_record_that_says_the_same_is_not_touched(small):
    path = small.project.out / "provenance.json"
    before = path.stat().st_mtime_ns
    small.build(with_site=False)
    assert path.stat().st_mtime_ns == before


def test_the_site_says_the_same_and_every_link_of_it_leads_somewhere(built):
    site = built.project.out / "site"
    pages = {path.name: Loads(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for url in [*page.links, *(url for url in page.loaded if not url.startswith("data:"))]:
            target, _, anchor = url.partition("#")
            if url.startswith(("https:", "http:")) and name == "provenance.html":
                continue  # where a source was published
            assert (site / (target or name)).is_file(), f"{name}: {url}"
            assert not anchor or anchor in pages[target or name].ids, f"{name}: {url}"
    assert "1_sampling.html#cell-make-sampling" in pages["tables.html"].links
    assert {"figures/claims.csv", "figures.html#claims"} <= set(pages["5_synthesis.html"].links)
    assert "provenance.html#resource-frame" in pages["figures.html"].links
    text = (site / "provenance.html").read_text(encoding="utf-8")
    assert (built.head in text and "keadaan proyek yang sudah di-commit" in text
            and "Batas galat yang diterima." in text)
    assert (site / "provenance.json").read_bytes() == (built.project.out
                                                       / "provenance.json").read_bytes()


def test_a_checkout_is_clean_changed_or_unknown(tmp_path):
    small = SmallProject(tmp_path)
    assert git_state.state(tmp_path) == {"commit": "unknown", "tree": "unknown"}
    (tmp_path / "file").write_text("1")
    head = small.commit()
    assert git_state.state(tmp_path) == {"commit": head, "tree": "clean"}
    (tmp_path / "new").write_text("")
    assert git_state.state(tmp_path)["tree"] == "changed"
    (tmp_path / "new").unlink()
    (tmp_path / "file").write_text("2")
    assert git_state.state(tmp_path) == {"commit": head, "tree": "changed"}
    assert git_state.date(tmp_path, head).endswith("+00:00") and git_state.date(
        tmp_path, "unknown") is None


@pytest.mark.parametrize("arguments", [["checkout", "-q", "--detach"], ["pack-refs", "--all"]])
def test_the_commit_is_found_however_git_keeps_it(tmp_path, arguments):
    small = SmallProject(tmp_path)
    head = small.commit()
    small.git(*arguments)
    assert git_state.commit(tmp_path) == head


def test_a_worktree_and_a_folder_inside_another_checkout(tmp_path):
    small = SmallProject(tmp_path / "main")
    small.root.mkdir()
    head = small.commit()
    small.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    assert git_state.state(tmp_path / "tree") == {"commit": head, "tree": "clean"}
    (small.root / "inner").mkdir()
    assert git_state.commit(small.root / "inner") is None


def test_without_git_the_commit_is_still_known(tmp_path, monkeypatch):
    head = SmallProject(tmp_path).commit()
    monkeypatch.setattr(
        subprocess, "run", lambda *arguments, **options:
        (_ for _ in ()).throw(FileNotFoundError("git")))
    assert git_state.state(tmp_path) == {"commit": head, "tree": "unknown"}


@pytest.mark.parametrize("metadata, found", [
    ({"cellId": "lorenz"}, "lorenz"),
    ({"cellId": "vscode-notebook-cell:/home/name/1.ipynb#X"}, "make-sampling"),
    ({}, "make-sampling"),
])
def test_the_running_cell_is_known_in_every_front_end(built, monkeypatch, metadata, found):
    notebook = built.root / "notebooks" / "1_sampling.ipynb"
    code = json.loads(notebook.read_text())["cells"][-1]["source"]
    shell = SimpleNamespace(kernel=True,
                            get_parent=lambda: {"metadata": metadata, "content": {"code": code}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert running_cell(notebook) == found


def test_code_that_stands_nowhere_or_twice_names_no_cell(built, tmp_path):
    content = json.loads((built.root / "notebooks" / "1_sampling.ipynb").read_text())
    code = content["cells"][-1]["source"]
    content["cells"].append(content["cells"][-1] | {"id": "again"})
    (tmp_path / "twice.ipynb").write_text(json.dumps(content))
    assert cell_of_code(code, tmp_path / "twice.ipynb") is None
    assert cell_of_code("edited()", tmp_path / "twice.ipynb") is None
    assert running_cell(None) is None


def test_the_quick_check_notices_a_commit_and_a_lost_record(small):
    def up_to_date() -> bool:
        return nothing_to_do(small.project, "all", glance(small.project))

    assert up_to_date(), "also in another place"
    (small.project.out / "provenance.json").rename(small.root / "kept")
    assert not up_to_date()
    (small.root / "kept").rename(small.project.out / "provenance.json")
    small.commit()
    assert not up_to_date()
