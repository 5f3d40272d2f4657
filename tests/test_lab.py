"""JupyterLab shows one language, and what is edited there goes back into the one source."""

import asyncio

import nbformat
import pytest

from helpers.cli import commands, one_language
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


def test_the_server_reads_and_saves_by_it(tmp_path, monkeypatch):
    monkeypatch.setenv(one_language.LANG, "en")
    monkeypatch.setenv(one_language.OWN, "1")
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


def test_another_language_is_refused_before_a_server_starts(capsys):
    assert commands.main(["lab", "lang=fr"]) == 2
    assert "lang=fr: allowed is id or en or both" in capsys.readouterr().err
