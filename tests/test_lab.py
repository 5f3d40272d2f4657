"""JupyterLab shows one language, and what is edited there goes back into the one source."""

import asyncio
import json
import re
import sys

import nbformat
import pytest
import test_plain_scales
from babel.messages.pofile import read_po
from jupyterlab_server import translation_utils

from helpers.cli import commands, jupyter_language, one_language
from helpers.messages import LOCALE
from helpers.run.execution import execute
from helpers.run.project import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
both_languages = pytest.mark.parametrize("lang", ["id", "en"])


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


@both_languages
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_view_holds_one_language_and_gives_the_file_back_as_it_was(path, lang):
    source = cells_of(path)
    view = one_language.shown(source, lang)
    other = {"id": "lang-en", "en": "lang-id"}[lang]
    assert not [cell.id for cell in view if other in cell.metadata.get("tags", [])]
    texts = sum(cell.cell_type == "markdown" for cell in source)
    assert sum(cell.cell_type == "markdown" for cell in view) <= texts / 2 + 1
    [parameters] = [cell for cell in view if "parameters" in cell.metadata.get("tags", [])]
    assert f'lang = "{lang}"' in parameters.source
    assert one_language.merged(source, view, lang) == source


@both_languages
def test_an_edit_goes_back_to_its_place(lang):
    source = cells_of(NOTEBOOKS[1])
    view = [nbformat.from_dict(dict(cell)) for cell in one_language.shown(source, lang)]
    number = next(n for n, cell in enumerate(view) if cell.cell_type == "code" and n > 8)
    text = next(n for n, cell in enumerate(view) if cell.id.endswith(f"-{lang}") and n > number)
    view[number].source = "edited = 1"
    gone = view[text].id.removesuffix(f"-{lang}")
    del view[text]
    view.insert(number + 1, nbformat.v4.new_code_cell("new = 2", id="new"))
    found = one_language.merged(source, view, lang)
    ids = [cell.id for cell in found]
    assert ids[ids.index(view[number].id) + 1] == "new"
    assert not {f"{gone}-id", f"{gone}-en"} & {*ids} and len(found) == len(source) - 1
    assert [cell.source for cell in found if cell.id == view[number].id] == ["edited = 1"]
    unchanged = {cell.id: cell for cell in source}
    assert all(cell == unchanged[cell.id] for cell in found if cell.id not in
               ("new", view[number].id))


def test_the_parameters_of_another_package_are_shown_and_not_written_into_the_file():
    source = cells_of(ROOT / "notebooks" / "3_disparity.ipynb")
    values = {"year": 2019, "map_indicators": ["income", "schools"], "k": 4}
    view = one_language.shown(source, "en", False, values)
    [cell] = [cell for cell in view if "parameters" in cell.metadata.get("tags", [])]
    for line in ("year = 2019", 'map_indicators = ["income", "schools"]', "\nk = 4 "):
        assert line in cell.source, line
    assert one_language.merged(source, view, "en", False, values) == source
    edited = [type(one)(one | {"source": one.source.replace("\nk = 4 ", "\nk = 6 ")})
              for one in view]
    [saved] = [one for one in one_language.merged(source, edited, "en", False, values)
               if "parameters" in one.metadata.get("tags", [])]
    [before] = [one for one in source if "parameters" in one.metadata.get("tags", [])]
    changed = set(saved.source.splitlines()) ^ set(before.source.splitlines())
    assert sorted(line[:5] for line in changed) == ["k = 5", "k = 6"]


@pytest.mark.parametrize("written", ["k = 2 * 3", "k =", "k = 6; maps = [", "k: int = 6"])
def test_a_statement_that_is_no_value_lets_no_other_value_into_the_file(written):
    source = cells_of(ROOT / "notebooks" / "3_disparity.ipynb")
    values = {"year": 2019, "map_indicators": ["income", "schools"], "k": 4}
    view = one_language.shown(source, "en", False, values)
    edited = [type(one)(one | {"source": re.sub("(?m)^k = 4", written, one.source)})
              for one in view]
    [[before], [saved]] = [[one.source.splitlines() for one in cells
                            if "parameters" in one.metadata.get("tags", [])]
                           for cells in (source, one_language.merged(source, edited, "en", False,
                                                                     values))]
    # A list of several lines is written on one, with the file's values.
    assert execute.literals("\n".join(saved)) | {"k": 5} == execute.literals("\n".join(before))
    assert [line for line in saved if line.startswith("k")][0].startswith(written)


def test_the_server_reads_and_saves_by_it(tmp_path, monkeypatch):
    [(name, value)] = one_language.told("en", True, {}).items()
    monkeypatch.setenv(name, value)
    notebook = nbformat.read(NOTEBOOKS[1], as_version=4)
    nbformat.write(notebook, tmp_path / "n.ipynb")
    manager = one_language.OneLanguage(root_dir=str(tmp_path))
    model = asyncio.run(manager.get("n.ipynb"))
    assert len(model["content"]["cells"]) < len(notebook.cells)
    model["content"]["cells"][0]["source"] = "# Another title"
    asyncio.run(manager.save(model, "n.ipynb"))
    saved = nbformat.read(tmp_path / "n.ipynb", as_version=4)
    assert saved.cells[1:] == notebook.cells[1:] or saved.cells[:1] == notebook.cells[:1]
    assert len(saved.cells) == len(notebook.cells) and sum(
        cell.source == "# Another title" for cell in saved.cells) == 1


@pytest.fixture
def asked(monkeypatch):
    """What ``make lab`` tells a server that is not started."""
    found = {}

    def call(command, cwd, env):
        found.update(json.loads(env[one_language.SHOWN]))
        return 0

    monkeypatch.setattr(commands.subprocess, "call", call)
    return found


def test_the_kind_of_questionnaire_decides_what_the_server_shows(package_copy, tmp_path, asked):
    plain = tmp_path / "imported"
    plain.mkdir()
    items = "item,text_en,reverse,lowest,highest\n" + "".join(
        f"q{n},Statement {n}.,false,1,5\n" for n in range(1, 5))
    _, imported = test_plain_scales.imported(plain, items, [["1", "5", "3", "2"]] * 24)
    source = cells_of(ROOT / "notebooks" / "2_scoring.ipynb")
    for folder, paired in ((package_copy.folder, True), (imported, False)):
        call = ["lab", f"RAW={folder}", f"OUT={tmp_path / 'out'}", "lang=en"]
        assert commands.main(call) == 0 and (asked["paired"], asked["own"]) == (paired, paired)
        view = one_language.shown(source, "en", False, paired=asked["paired"])
        tags = [tag for cell in view for tag in cell.metadata.get("tags", [])]
        assert ("paired" in tags, "plain" in tags) == (paired, not paired)
        assert one_language.merged(source, view, "en", False, paired=paired) == source


def test_no_folder_is_made_for_a_data_package_that_is_refused(package_copy, tmp_path, asked):
    (package_copy.folder / "areas.csv").unlink()
    assert commands.main(["lab", f"RAW={package_copy.folder}", f"OUT={tmp_path / 'out'}"]) == 2
    assert not asked and not (tmp_path / "out").exists()


def test_another_language_is_refused_before_a_server_starts(capsys):
    assert commands.main(["lab", "lang=fr"]) == 2
    assert "lang=fr: allowed is id or en or both" in capsys.readouterr().err


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """The pack of a language, on the path of modules as ``make lab`` puts it there."""
    [folder] = jupyter_language.write("id", tmp_path)
    monkeypatch.syspath_prepend(folder)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("jupyterlab_language_pack")]:
        del sys.modules[name]


def test_menus_and_buttons_are_in_the_language_of_the_notebooks(pack):
    data, complaints = translation_utils.get_language_pack("id")
    assert complaints == "" and len(data["jupyterlab"]) > 400
    assert [data["jupyterlab"][text] for text in ("menu\x04File", "menu\x04Run", "Run All Cells")
            ] == [["Berkas"], ["Jalankan"], ["Jalankan Semua Sel"]]
    # JupyterLab takes a text of one cell or several from entries with two forms only.
    assert data["jupyterlab"]["Cut Cell"] == ["Potong Sel", ""]
    assert {*data} == {"jupyterlab"}
    menus = ROOT / ".venv/share/jupyter/lab/schemas/@jupyterlab/mainmenu-extension/plugin.json"
    labels = {menu["label"] for menu in json.loads(menus.read_text(encoding="utf-8"))[
        "jupyter.lab.menus"]["main"] if "label" in menu}
    assert {"File", "Edit", "View", "Run", "Kernel", "Tabs", "Settings", "Help"} <= labels
    bundle = translation_utils.TranslationBundle("jupyterlab", "id")
    assert [label for label in labels if bundle.pgettext("menu", label) == label] == [
        label for label in labels if label in ("Edit", "Kernel")]
    overrides = json.loads(
        (pack / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert overrides == {translation_utils.L10N_SCHEMA_NAME: {"locale": "id"}}


def test_jupyterlab_asks_for_every_text_of_the_catalogue():
    asked: set[bytes] = set()
    for place, kind in (("static", "*.js"), ("schemas", "**/*.json")):
        for path in (ROOT / ".venv/share/jupyter/lab" / place).glob(kind):
            asked.update(re.findall(rb'[(,:?] ?"((?:[^"\\\n]|\\.){1,200})"', path.read_bytes()))
    with open(f"{LOCALE}/id/LC_MESSAGES/jupyterlab.po", "rb") as file:
        texts = [text.id if isinstance(text.id, str) else text.id[0]
                 for text in read_po(file) if text.id and '"' not in text.id]
    written = {text: {json.dumps(text, ensure_ascii=plain)[1:-1].encode() for plain in (0, 1)}
               for text in texts}
    assert [text for text, ways in written.items() if not ways & asked] == []


def test_a_language_without_menus_leaves_them_english(tmp_path):
    assert jupyter_language.write("en", tmp_path) == [] and list(tmp_path.iterdir()) == []
