"""Fixtures that several test modules share."""

import gc
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from browser import NO_BROWSER

from helpers.run.project import Project
from helpers.study import Study, parameters
from helpers.study.jsonschema_fast import validator_class
from tools.checks.remembered import remember

# Compiled modules are kept, also by the processes that tests start: each of these would compile the
# helpers anew (0.2 s), and pytest the tests (5 s a worker).
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# As kernels have it: threads of several workers on few cores wait for each other, which took a
# fifth of the time.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"),
                                "1"))
# Before any test imports jsonschema, whose grammars take more than a second of every process.
validator_class()

ROOT = Path(__file__).resolve().parents[1]
# It hides libraries from the process that imports it: a fork server, not these tests.
collect_ignore = ["light_preloads.py"]
# Modules that take long, in seconds of one core: whoever begins one of them last lets all others
# wait.
LONG = {
    "test_whole": 170, "test_grading": 45, "test_other_packages": 60, "test_disparity_notebook": 45,
    "test_multiverse_run": 40, "test_lint": 35, "test_chain": 30, "test_faults": 25,
    "test_explorer_page": 22, "test_mutated_inputs": 20, "test_error_rates": 20, "test_bench": 20,
    "test_synthesis_notebook": 19, "test_scoring_notebook": 18, "test_universe": 18,
    "test_accessibility": 17, "test_watch": 17, "test_report": 16, "test_kernels": 16,
    "test_force_field_notebook": 15, "test_course": 15,
    "test_data_as_text": 14, "test_third_language": 14, "test_disclosure": 14,
    "test_imports": 13, "test_explorer": 13, "test_build": 12, "test_light_and_people": 11,
    "test_course_material": 11,
    "test_bad_input": 10, "test_verify": 10, "test_parts": 10, "test_scoring": 9,
    "test_data_package": 9, "test_provenance": 7, "test_bad_geography": 7,
    "test_charts_strategy": 7
}

QUICK = """
disparity: {permutations: 99, bootstrap: 99}
scoring: {replicates: 50}
force_field: {draws: 1000}
synthesis: {permutations: 99}
"""
FEW = """
universes: 800
choices:
  scoring.missing: [person_mean, listwise, pairwise]
  scoring.weights: [design, none]
  disparity.year: [2024, 2021, 2018]
  disparity.city_zone: [own, north]
  disparity.normalisation: [min_max, z, rank]
  disparity.index_weights: [equal, pca]
  disparity.index_leave_out: [none, no_school_share]
  synthesis.series_rule: [trend, most_steps]
  synthesis.period: [thesis, all]
  force_field.weighting: [separate, joint]
  force_field.divisor: [n_minus_1, rated]
thresholds:
  synthesis.alpha: [0.05, 0.01, 0.1]
  scoring.confidence: [0.95, 0.9, 0.99]
  synthesis.strong_need: [3.67, 3.4, 4.0, 4.2]
  synthesis.easy_access: [3.67, 3.0, 3.4, 4.0]
"""


def pytest_collection_modifyitems(items):
    """Begin with the modules that take longest; within a module nothing changes its place."""
    items.sort(key=lambda item: -LONG.get(item.path.stem, 0))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    """Say in the last line what was not run for want of a browser."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and (told := without_browser(reporter.stats.get("skipped", ()))):
        reporter.write_line(told)


def without_browser(skipped) -> str:
    """Return how many tests were not run without a browser, of which modules, and the remedy."""
    names = [report.nodeid for report in skipped if NO_BROWSER in str(report.longrepr)]
    modules = sorted({name.partition("::")[0].rpartition("/")[2] for name in names})
    return (f"{len(names)} tests of pages were not run, {NO_BROWSER} ({', '.join(modules)}); "
            "install one (Debian: apt-get install chromium) and call again") if names else ""


def pytest_collection_finish():
    """Leave the modules of all tests out of every later search for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def tell_run(monkeypatch, folder: Path, **facts) -> None:
    """Tell this process what a run tells its kernels; the file lies beside the folder."""
    path = folder.with_name(f"{folder.name}.run") / "run.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, default=str), encoding="utf-8")
    monkeypatch.setenv("KESENJANGAN_RUN", str(path))


remember()


class PackageCopy:
    """A writable copy of the project's data package, to be broken on purpose."""

    def __init__(self, folder: Path):
        shutil.copytree(ROOT / "data" / "raw", folder)
        folder.chmod(0o755)
        self.folder = folder
        self.edit_descriptor(
            lambda descriptor: [entry.pop("hash", None) for entry in descriptor["resources"]])

    def path(self, name: str) -> Path:
        """Return the file of a resource."""
        return self.folder / self.entry(name)["path"]

    def entry(self, name: str) -> dict:
        """Return a resource's descriptor."""
        descriptor = json.loads((self.folder / "datapackage.json").read_text(encoding="utf-8"))
        return next(entry for entry in descriptor["resources"] if entry["name"] == name)

    def edit_descriptor(self, change) -> None:
        """Apply a function to the descriptor."""
        file = self.folder / "datapackage.json"
        descriptor = json.loads(file.read_text(encoding="utf-8"))
        change(descriptor)
        file.write_text(json.dumps(descriptor), encoding="utf-8")

    def edit_entry(self, name: str, change) -> None:
        """Apply a function to one resource's descriptor."""
        self.edit_descriptor(lambda descriptor: change(
            next(entry for entry in descriptor["resources"] if entry["name"] == name)))

    def keep(self, *names: str) -> None:
        """Take all other resources out of the package."""
        self.edit_descriptor(lambda descriptor: descriptor.update(
            resources=[entry for entry in descriptor["resources"] if entry["name"] in names]))

    def edit_text(self, name: str, change) -> None:
        """Apply a function to the text of a resource's file."""
        file = self.path(name)
        file.chmod(0o644)
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")

    def edit_row(self, name: str, row: int, change) -> None:
        """Apply a function to one line of a file; row 1 is the header, as in a spreadsheet."""
        def edit(text: str) -> str:
            lines = text.split("\n")
            lines[row - 1] = change(lines[row - 1])
            return "\n".join(lines)

        self.edit_text(name, edit)

    def edit_cell(self, name: str, row: int, column: str, value: str) -> None:
        """Replace one cell; row 2 is the first below the header."""
        import csv
        import io

        def edit(text: str) -> str:
            rows = list(csv.reader(io.StringIO(text)))
            rows[row - 1][rows[0].index(column)] = value
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows(rows)
            return out.getvalue()

        self.edit_text(name, edit)


@pytest.fixture
def package_copy(tmp_path) -> PackageCopy:
    """A copy of the data package without hashes."""
    return PackageCopy(tmp_path / "raw")


@pytest.fixture(scope="session")
def few_universes(tmp_path_factory) -> Project:
    """The project's own data with few choices, all its limits and few draws: a multiverse in a
    second."""
    folder = tmp_path_factory.mktemp("few")
    package = PackageCopy(folder / "raw")
    (package.folder / "multiverse.yml").write_text(FEW, encoding="utf-8")
    (folder / "quick.yml").write_text(QUICK, encoding="utf-8")
    return Project(package.folder, folder / "out", folder / "out" / "processed",
                   folder / "quick.yml")


@pytest.fixture(scope="module")
def in_force():
    """Parameters in force, by section."""
    return {name: values for name, values in parameters.load().items() if isinstance(values, dict)}


@pytest.fixture(scope="module")
def study(in_force):
    """Open synthesis of the project's own data."""
    return Study("synthesis", parameters.load() | in_force["synthesis"], checked=True)
