"""The notebooks are written in one dialect, in short cells that a page shows without wrapping."""

import ast
import importlib
import json
import math
import re
import shutil
import statistics
import subprocess
import sysconfig

import pytest
from conftest import ROOT

from helpers.files import settings
from helpers.publish import tables

STAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
COURSE = sorted((ROOT / "course").rglob("*.ipynb"))
LONGEST, PAGE = 100, 79
MAGIC = re.compile(r"(?m)^%.*$")


def cells(path, kind="code"):
    """Return id, tags and source of the cells of a kind."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], cell["metadata"].get("tags", []), "".join(cell["source"]))
            for cell in found if cell["cell_type"] == kind]


def lines_on_a_page(code):
    """Count the lines of a cell where the page has room for 79 signs."""
    return sum(math.ceil(len(line) / PAGE) for line in code.splitlines() if line.strip())


def calls(code):
    """Count the calls in a cell."""
    tree = ast.parse(MAGIC.sub("", code))
    return sum(isinstance(node, ast.Call) for node in ast.walk(tree))


def named(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_no_line_is_longer_than_a_hundred_signs(path):
    sources = cells(path) + cells(path, "markdown")
    assert not [(name, line) for name, _, source in sources
                for line in source.splitlines() if len(line) > LONGEST]


@pytest.mark.parametrize("path", COURSE, ids=named)
def test_no_line_of_code_of_the_course_is_longer_than_a_hundred_signs(path):
    assert not [(name, line) for name, _, source in cells(path)
                for line in source.splitlines() if len(line) > LONGEST]


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_half_of_the_cells_have_at_most_three_lines_and_two_calls(path):
    sources = [source for _, _, source in cells(path) if source.strip()]
    assert statistics.median(map(lines_on_a_page, sources)) <= 3
    assert statistics.median(map(calls, sources)) <= 2


@pytest.mark.parametrize("path", [*STAGES, *COURSE], ids=named)
def test_what_is_asked_of_a_module_is_there(path):
    """A function that was renamed is found here, not after minutes of a build."""
    trees = [ast.parse(MAGIC.sub("", code)) for _, _, code in cells(path)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers"):
            package = importlib.import_module(node.module)
            for one in node.names:
                if not hasattr(package, one.name):
                    importlib.import_module(f"{node.module}.{one.name}")
                modules[one.asname or one.name] = getattr(package, one.name)
    stored = {node.id for node in nodes if isinstance(node, ast.Name)
              and isinstance(node.ctx, ast.Store)}
    asked = [(node.value.id, node.attr) for node in nodes if isinstance(node, ast.Attribute)
             and isinstance(node.value, ast.Name) and node.value.id in modules.keys() - stored]
    assert [name for name in asked if not hasattr(modules[name[0]], name[1])] == []


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_what_is_published_shows_itself(path):
    code = "\n".join(source for _, _, source in cells(path))
    assert "display(" not in code and "out.say(" not in code and "out.t(" not in code
    assert not re.search(r"out\..*else None", code)


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_parameters_and_set_up_have_one_form(path):
    sources = {name: source for name, _, source in cells(path)}
    assert list(sources)[:2] == ["parameters", "set-up"]
    first, second = sources["parameters"].splitlines()[:2]
    assert first == "seed = 1759  # whole number: every random stream is a named child of it"
    assert second == 'lang = "id"  # id | en: language of the texts; the numbers are the same'
    for node in ast.parse(sources["parameters"]).body:
        line = sources["parameters"].splitlines()[node.lineno - 1]
        assert re.fullmatch(r"\w+ = \S.*?  # \w.*[^.]", line), line
    stage = path.stem.partition("_")[2]
    assert sources["set-up"].endswith(
        f'\n\nst = study.open("{stage}", globals())\nout = publish.open(st)')


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_texts_are_named_after_the_cells_that_they_announce(path):
    markdown = {name: tags for name, tags, _ in cells(path, "markdown")}
    texts = [name for name, tags in markdown.items() if not {"other", "plain"} & {*tags}]
    # What stands in another package, or for another questionnaire, instead of a text is named
    # after it.
    for instead, usual in (("other", "own"), ("plain", "paired")):
        assert {name for name, tags in markdown.items() if instead in tags} <= {
            re.sub("-(id|en)$", rf"-{instead}-\1", name)
            for name, tags in markdown.items() if usual in tags}
    assert texts[:2] == ["title-id", "title-en"] and texts[2:4] == ["you-need-id", "you-need-en"]
    assert texts[4:8] == ["parameters-id", "parameters-en", "set-up-id", "set-up-en"]
    ids = [name for name, _, _ in cells(path)] + texts
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ids) and not [
        name for name in ids if re.search("-text(-|$)", name)]


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_every_shown_table_is_used_and_declared(path):
    stage = path.stem.partition("_")[2]
    tree = ast.parse("\n".join(MAGIC.sub("", source) for _, _, source in cells(path)))
    used = {ast.literal_eval(node.args[1]) for node in ast.walk(tree) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute) and node.func.attr == "show"}
    declared = set(settings(tables.__file__, "shown.yml").get(stage, ()))
    assert used - declared == set() and declared - used <= {"field_list"}


@pytest.mark.parametrize("path", STAGES, ids=named)
def test_no_name_is_imported_in_vain_or_unknown(path, tmp_path):
    """Cells that begin with ``%%when`` are passed over where the notebook itself is checked."""
    ruff = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    assert ruff, "ruff is locked, and yet it is not in the environment"
    code = "\n\n".join(MAGIC.sub("", source) for _, _, source in cells(path))
    file = tmp_path / f"{path.stem}.py"
    file.write_text(code + "\n", encoding="utf-8")
    done = subprocess.run([ruff, "check", "--isolated", "--select=F,I,A", "--ignore=F811", file],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", [*STAGES, *COURSE], ids=lambda path: path.stem)
def test_a_row_of_a_table_in_a_text_is_one_line(path):
    """A row that goes on in a next line ends the table: the rest is shown with its bars."""
    broken = [(name, line) for name, _, text in cells(path, "markdown")
              for line in text.splitlines() if line.startswith("| ") and not line.endswith("|")]
    assert broken == []
