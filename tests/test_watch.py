"""Undeclared reads fail the build with the file's name; everything that the environment needs may
be read."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import tell_run
from test_build import Bench

from helpers.run.execution import read_audit
from helpers.run.project import ROOT
from helpers.study import InputError, parameters
from helpers.study.session import Study

ADVICE = "which is not among its inputs; declare it in src/helpers/run/plan.py, or do not read it"
SQUARE = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "a"}, '
    '"geometry": '
    '{"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}}]}')


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "project").mkdir()
    made = Bench(tmp_path / "project").create()
    made.project.raw.mkdir()
    (tmp_path / "secret.csv").write_text("secret")
    for name in ("areas", "claims"):
        (made.project.raw / f"{name}.csv").write_text(name)
    (made.project.raw / "land.geojson").write_text(SQUARE)
    files = {name: [made.project.raw / f"{name}.csv"] for name in ("areas", "claims")}
    made.inputs = replace(made.inputs, files=files)
    return made


@pytest.fixture(params=["fork", "plain"])
def kinds(request, monkeypatch):
    """Kernels of both kinds, one after the other."""
    monkeypatch.setenv("KESENJANGAN_KERNELS", request.param)


def build(bench, code, names=("alpha",)):
    bench.break_alpha(code)
    return bench.work(names).run()


@pytest.mark.parametrize("path", ["../secret.csv", "raw/claims.csv", "requirements.lock"])
def test_an_undeclared_read_fails_the_stage_and_names_file_and_cure(bench, kinds, path):
    [message] = build(bench, f"put('tables/a.csv', open({path!r}).read())").errors
    assert message.startswith(
        f"1_alpha.ipynb, cell 5 (step-2), line 1: UndeclaredError: the stage alpha reads {path}, "
        f"{ADVICE}\n"
    )
    assert not bench.outputs().keys() & {"tables/a.csv"}


@pytest.mark.parametrize("weighs, ran", [((), []), (("beta.y",), ["alpha"])])
def test_only_a_stage_that_weighs_choices_may_read_them(bench, weighs, ran):
    """Another one would not be run again when they change."""
    (bench.project.root / "multiverse.yml").write_text("choices: {}")
    alpha, *others = bench.project.stages
    bench.project = replace(bench.project, stages=(replace(alpha, weighs=weighs), *others))
    outcome = build(bench, "put('tables/a.csv', open('multiverse.yml').read())")
    assert outcome.ran == ran
    assert all(f"the stage alpha reads multiverse.yml, {ADVICE}" in message
               for message in outcome.errors)


@pytest.mark.parametrize("read", [
    "import pandas\npandas.read_csv('../secret.csv')", "pathlib.Path('../secret.csv').read_bytes()",
    "os.read(os.open('../secret.csv', os.O_RDONLY), 9)",
    "os.symlink(os.path.abspath('../secret.csv'), 'raw/areas2.csv')\nopen('raw/areas2.csv')",
    "open(os.open('../secret.csv', os.O_RDWR))",
    "import numpy\nnumpy.loadtxt('../secret.csv', dtype=str)"])
def test_every_way_of_python_to_a_file_is_seen(bench, read):
    [message] = build(bench, read).errors
    assert "UndeclaredError: the stage alpha reads" in message and ADVICE in message


def test_a_refusal_that_is_swallowed_fails_the_stage_all_the_same(bench):
    code = ("try:\n    open('../secret.csv')\nexcept Exception:\n    pass\nput('tables/a.csv', "
            "'without')")
    [message] = build(bench, code).errors
    assert f"the stage alpha reads ../secret.csv, {ADVICE}" in message
    assert not bench.outputs().keys() & {"tables/a.csv"}


def test_a_read_through_gdal_is_seen_where_pyogrio_takes_its_path(bench, kinds):
    code = "import geopandas\ngeopandas.read_file('raw/land.geojson')"
    [message] = build(bench, code).errors
    assert f"UndeclaredError: the stage alpha reads raw/land.geojson, {ADVICE}" in message
    bench.inputs.files["areas"].append(bench.project.raw / "land.geojson")
    assert build(bench,code + "\nput('tables/a.csv', 'read')").ran == ["alpha"]


def test_what_is_declared_made_here_or_of_the_environment_may_be_read(bench):
    code = """
import json, tempfile, matplotlib.font_manager, email.mime.text
put('tables/a.csv', open('raw/areas.csv').read())
open(staging / 'tables/a.csv').read()
open(matplotlib.font_manager.findfont('DejaVu Sans'), 'rb').read(4)
open(json.__file__).read(), open('/etc/passwd').read()
with tempfile.NamedTemporaryFile('w+') as own:
    open(own.name).read()
[path for path in ('nowhere.csv', '../nowhere.csv') if os.path.exists(path)]"""
    outcome = build(bench, code)
    assert (outcome.ran, outcome.errors) == (["alpha"], [])


def test_compiled_modules_that_a_person_keeps_elsewhere_may_be_read(tmp_path, monkeypatch):
    given = {"stage": "alpha", "files": [], "guarded": [str(tmp_path)], "folders": []}
    private, compiled = tmp_path / "private", tmp_path / "compiled" / "module.pyc"
    for folder in (private, compiled.parent):
        folder.mkdir()
    compiled.write_bytes(b"code")
    with pytest.raises(read_audit.UndeclaredError, match="module.pyc"):
        read_audit.Audit(given, str(private)).check(str(compiled))
    monkeypatch.setattr(sys, "pycache_prefix", str(compiled.parent))
    read_audit.Audit(given, str(private)).check(str(compiled))


def test_results_of_the_stages_before_may_be_read_and_those_of_others_not(bench):
    assert sorted(
        build(bench, 'put("tables/alpha.csv", "1")',
              ("alpha", "beta", "gamma")).ran) == ["alpha", "beta", "gamma"]
    [message
     ] = build(bench,
               "open(pathlib.Path(run['out'], 'figures/beta.csv'))").errors
    assert f"reads out/figures/beta.csv, {ADVICE}" in message


def test_of_its_own_earlier_results_a_stage_may_read_the_pictures_alone(bench):
    """What it made before would come into what it makes, and no build would know."""
    made = ["figures/a.png", "figures/a.svg", "figures/a.csv", "tables/a.csv", "tables/a.json"]
    assert build(bench, "\n".join(f"put('{path}', '1')" for path in made)).ran == ["alpha"]
    reads = "".join(f"open(pathlib.Path(run['out'], '{path}')).read()\n" for path in made[:2])
    for path in made[2:]:
        [message] = build(bench, f"{reads}open(pathlib.Path(run['out'], '{path}'))").errors
        assert f"reads out/{path}, {ADVICE}" in message


def test_a_kernel_that_is_not_told_to_watch_does_not():
    before = list(sys.meta_path)
    read_audit.start()
    assert sys.meta_path == before


def audit(tmp_path, **given):
    rules = read_audit.rules("alpha", [given.get("project", ROOT)], given.get("files", []), [])
    return read_audit.Audit(rules, str(tmp_path))


@pytest.mark.parametrize("event",
                         [("open", (3, "r", os.O_RDONLY)), ("open", ("secret", "w", os.O_WRONLY)),
                                   ("os.listdir", ("secret",)),
                                   ("open", ("nowhere", "r", os.O_RDONLY))])
def test_only_opening_a_file_for_reading_is_looked_at(tmp_path, monkeypatch, event):
    monkeypatch.chdir(tmp_path)
    Path("secret").write_text("x")
    audit(tmp_path / "private").on_event(*event)


def test_a_project_below_a_system_folder_is_still_guarded(tmp_path, monkeypatch):
    monkeypatch.setattr(read_audit, "SYSTEM", (str(tmp_path),))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    inside, beside = tmp_path / "project" / "data.csv", tmp_path / "system.csv"
    inside.parent.mkdir()
    for path in (inside, beside):
        path.write_text("x")
    (tmp_path / "private").mkdir()
    looking = audit(tmp_path / "private", project=inside.parent)
    looking.check(str(beside))
    with pytest.raises(read_audit.UndeclaredError, match="the stage alpha reads .*data.csv"):
        looking.check(str(inside))
    audit(tmp_path / "private", project=inside.parent, files=[inside]).check(str(inside))


def test_a_stage_may_only_ask_for_the_resources_that_it_declares(tmp_path, monkeypatch):
    tell_run(monkeypatch, tmp_path, reads=["areas", "frame", "sources"])
    chosen = parameters.load()
    study = Study("sampling", {**chosen["sampling"], "seed": 1, "lang": "en"})
    assert len(study.table("frame")) and study.has("areas") and not study.has("nothing")
    for ask in (study.table, study.has, study.status):
        with pytest.raises(InputError) as caught:
            ask("responses")
        assert str(caught.value) == f"the stage sampling reads the resource 'responses', {ADVICE}"
