"""A third language, added to a copy of the project by the lines of docs/translating.md: everything
that speaks is built in it, and what has no text in it falls back."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, PackageCopy, tell_run

from helpers import claims, force_field
from helpers.documents.report.results import in_one_language
from helpers.languages import in_language
from helpers.publish import exports, tables
from helpers.publish.publisher import Publisher
from helpers.publish.texts import Texts
from helpers.study import Study, parameters

LANG, MARK, OWN_CELL = "jv", "†", "# Tahap kapisan"
OWN_CLAIM = "Pratelan kapisan"
# Enough for two stages and all documents; one claim alone has a text in the language.
RESOURCES = ("areas", "frame", "sources", "claims")
WORK = """
import contextlib, io, json, os
from pathlib import Path
from helpers.cli import commands
from helpers.explorer.session import Explorer
from helpers.run.execution import private
from helpers.study.package import Package

for target in ("sampling", "site", "report", "slides", "course"):
    given = [] if target == "course" else ["RAW=raw", "PARAMS=small.yml"]
    assert commands.main([target, "OUT=out", "lang=jv", *given]) == 0, target
with contextlib.redirect_stderr(io.StringIO()) as errors:
    assert commands.main(["site", "RAW=raw", "OUT=out", "lang=xx"]) == 2
Path("unknown.txt").write_text(errors.getvalue())
raw = Path("data/raw").resolve()
os.environ.update(private.run_variables({"checked": Package(raw).fingerprint}))
explorer = Explorer(raw, lang="jv")
answers = {tab: explorer.answer({"tab": tab, "lang": "jv", "changed": {}}) for tab in explorer.tabs}
shown = {"form": explorer.form("jv"), "first": explorer.first_answer(), "answers": answers}
Path("explorer.json").write_text(json.dumps(shown, ensure_ascii=False, default=str))
"""


def documented() -> list[str]:
    """The lines that copy the catalogues, as the guide has them."""
    text = (ROOT / "docs" / "translating.md").read_text(encoding="utf-8")
    [block] = re.findall(r"### A third language.*?```sh\n(.*?)```", text, re.DOTALL)
    return [line for line in block.splitlines() if line.startswith("cp ")]


def speak(package: PackageCopy, resource: str, stem: str, first: str) -> None:
    """Give a resource a text in the language; only its first row has one."""
    def edit(text: str) -> str:
        head, one, *rest = text.splitlines()
        return "\n".join([f"{head},{stem}_{LANG}", f"{one},{first}", *(f"{row}," for row in rest)])

    package.edit_text(resource, edit)
    package.edit_entry(resource, lambda entry: entry["schema"]["fields"].append(
        {"name": f"{stem}_{LANG}", "type": "string"}))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project that speaks Javanese: marked English, and one cell of its own."""
    root = tmp_path_factory.mktemp("third") / "project"
    root.mkdir()
    for name in ("src", "notebooks", "course", "data/raw"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yml", "multiverse.yml", "Makefile", "requirements.lock",
                 "pyproject.toml"):
        shutil.copyfile(ROOT / name, root / name)
    for line in documented():
        subprocess.run(line, shell=True, check=True, cwd=root)
    for path in (root / "src/helpers/publish/locale" / LANG).rglob("*.po"):
        head, rest = path.read_text(encoding="utf-8").split("\n\n", 1)
        marked = re.sub(r'(?m)^msgstr "(?=[A-Za-z])', f'msgstr "{MARK}', rest)
        path.write_text(f"{head}\n\n{marked}", encoding="utf-8")
    common = root / "src/helpers/publish/locale" / LANG / "LC_MESSAGES/common.po"
    text = common.read_text(encoding="utf-8")
    common.write_text(text.replace(f"{MARK}English", "Basa Jawa").replace(f"{MARK}en-GB", "jv-ID"),
                      encoding="utf-8")
    notebook = root / "notebooks" / "1_sampling.ipynb"
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["cells"].insert(2, content["cells"][1] | {
        "id": f"title-{LANG}", "source": f"{OWN_CELL}\n\nPitakon.",
        "metadata": content["cells"][1]["metadata"] | {"tags": [f"lang-{LANG}"]}
    })
    notebook.write_text(json.dumps(content), encoding="utf-8")
    package = PackageCopy(root / "raw")
    package.keep(*RESOURCES)
    speak(package, "claims", "text", OWN_CLAIM)
    (root / "small.yml").write_text("synthesis: {permutations: 99}\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", WORK], cwd=root, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(root / "src"), "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def texts(folder: Path, pattern: str) -> dict[str, str]:
    """Files below a folder by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob(pattern)}


def test_stages_take_their_texts_from_the_new_catalogues(project):
    about = json.loads((project / "out/tables/sample_size.json").read_text(encoding="utf-8"))
    assert about["lang"] == LANG and about["title"].startswith(MARK)
    cells = json.loads((project / "out/notebooks/1_sampling.ipynb").read_text())["cells"]
    spoken = [cell["id"] for cell in cells if cell["cell_type"] == "markdown"]
    assert spoken[0] == "title-jv" and all(name.endswith("-id") for name in spoken[1:])


def test_pages_speak_it_and_show_claims_without_a_text_in_the_default_language(project):
    pages = texts(project / "out/site", "*.html")
    for name in ("index", "figures", "tables", "glossary", "provenance", "1_sampling"):
        assert f'<html lang="{LANG}">' in pages[f"{name}.html"]
        assert pages[f"{name}.html"].count(MARK) > 3, name
    first, second = pd.read_csv(project / "raw" / "claims.csv")["text_id"].head(2)
    assert OWN_CLAIM in pages["index.html"] and first not in pages["index.html"]
    assert second in pages["index.html"]
    assert OWN_CELL[2:] in pages["1_sampling.html"]
    assert 'hreflang="id" href="index.html#languages">Bahasa Indonesia<' in pages["index.html"]


def test_report_and_slides_speak_it(project):
    assert (project / "out/report.pdf").read_bytes().startswith(b"%PDF")
    with zipfile.ZipFile(project / "out/report.docx") as file:
        document = file.read("word/document.xml").decode()
        assert 'w:val="jv-ID"' in file.read("word/styles.xml").decode()
    # One summary a language: that of the report first.
    assert document.count(MARK) > 20 and 'w:val="id-ID"' in document and 'w:val="en-GB"' in document
    deck = (project / "out/slides/sampling.html").read_text(encoding="utf-8")
    assert OWN_CELL[2:] in deck and MARK in deck


def test_the_course_speaks_it(project):
    path = project / "out/course/student/sampling/sampling.ipynb"
    assert f'lang = \\"{LANG}\\"' in path.read_text(encoding="utf-8")


def test_the_explorer_speaks_it(project):
    shown = json.loads((project / "explorer.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in shown["form"]["languages"]
            ] == ["Bahasa Indonesia", "English", "Basa Jawa"]
    assert shown["form"]["words"]["title"].startswith(MARK)
    assert shown["first"]["lang"] == LANG and shown["first"]["problems"] == []
    assert all(MARK in answer["html"] for answer in shown["answers"].values())
    controls = [control for section in shown["form"]["sections"] for control in section["controls"]]
    assert all(control["help"] for control in controls)


def test_an_unknown_language_is_told_the_known_ones(project):
    refusal = (project / "unknown.txt").read_text(encoding="utf-8")
    assert "allowed is id or en or jv or both" in refusal


def published(package_copy, tmp_path, monkeypatch) -> dict[str, pd.DataFrame]:
    """Tables that carry the package's texts, published with one row in the language each."""
    for resource, stem in (("claims", "text"), ("strategies", "label"), ("findings", "differs")):
        speak(package_copy, resource, stem, f"{MARK}{resource}")
    tell_run(monkeypatch, tmp_path, raw=package_copy.folder, out=tmp_path / "out")
    values = parameters.load()
    st = Study("synthesis", values | values["synthesis"], raw=package_copy.folder)
    rows = {name: st.table(name, beside=True) for name in ("claims", "strategies", "findings",
                                                           "factors")}
    analysed = rows["factors"][["factor", "force"]].assign(tnb=1.0)
    made = {"claims": claims.evaluate(rows["claims"], {}, {}),
            "strategies": force_field.rank_strategies(rows["strategies"], analysed),
            "published_comparison": claims.published_comparison(rows["claims"], rows["findings"])}
    for name, frame in made.items():
        Publisher(st).table(name, frame, made_from=["claims", "strategies", "findings"])
    return made


def test_published_tables_carry_a_third_language_with_its_fallback(package_copy, tmp_path,
                                                                   monkeypatch):
    made = published(package_copy, tmp_path, monkeypatch)
    for name, stem, mark in (("claims", "text", "claims"), ("strategies", "label", "strategies"),
                             ("published_comparison", "differs", "findings")):
        found = tables.read(tmp_path / "out/tables" / f"{name}.csv")
        assert [one for one in found if one.startswith(stem)] == [
            f"{stem}_id", f"{stem}_en", f"{stem}_{LANG}"]
        own = found[f"{stem}_{LANG}"] == MARK + mark
        assert own.sum() == 1 and found.loc[~own, f"{stem}_{LANG}"].isna().all()
        shown = in_language(found, stem, LANG)
        assert shown[own].tolist() == [MARK + mark]
        assert shown[~own].tolist() == found.loc[~own, f"{stem}_id"].tolist()
        assert list(found) == [*made[name], "status"]
        paper = in_one_language(found, LANG)
        assert paper[f"{stem}_{LANG}"].equals(shown) and f"{stem}_id" not in paper
        t = Texts("en", "synthesis")
        assert exports.to_xlsx(name, found, t) and MARK in exports.to_latex(
            name, found.drop(columns="status"), t, "x", "simulated")


def test_an_unknown_text_column_is_no_language():
    found = claims.evaluate(pd.DataFrame({
        "claim": ["c"], "text_id": "i", "text_en": "e", "text_source": "s", "test": "poor_rise",
        "options": None}), {}, {})
    assert list(found)[:4] == ["claim", "text_id", "text_en", "verdict"]
