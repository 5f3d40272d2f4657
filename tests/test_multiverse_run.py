"""``make multiverse``: the same bytes by one process, several, and a cluster; stopped, killed and
gone on with."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import pandas as pd
import pytest
from conftest import FEW, PackageCopy

from helpers import multiverse
from helpers.cli.commands import main
from helpers.run import universes
from helpers.run.inputs import read_inputs
from helpers.run.project import Project
from helpers.study import InputError
from helpers.study.paths import ROOT
from tools.checks import multiverse_notebooks


@pytest.fixture(scope="module")
def project(few_universes, tmp_path_factory):
    return elsewhere(few_universes, tmp_path_factory.mktemp("multiverse"))


@pytest.fixture(scope="module")
def inputs(project):
    return read_inputs(project)


@pytest.fixture(scope="module")
def made(project, inputs):
    """The file by one process, and what was said."""
    lines = []
    universes.run(project, inputs, lines.append)
    return project.out / universes.FILE, lines


@pytest.fixture(scope="module")
def work(project, inputs):
    return universes.prepare(project, inputs)


def elsewhere(project, tmp_path, **changes) -> Project:
    return replace(project, out=tmp_path / "out", processed=tmp_path / "out" / "processed",
                   **changes)


def test_one_row_a_universe_and_claim(made, work):
    path, lines = made
    rows = pd.read_parquet(path)
    assert list(rows.columns) == [
        "universe", *work.choices.alternatives, *work.choices.thresholds, "claim", "verdict",
        "statistic", "value", "low", "high"
    ]
    mine = multiverse.at_thresholds(work.choices, rows)
    assert len(mine) == work.choices.count * len(work.wanted) == work.choices.count * 14
    assert not mine[["universe", "claim"]].duplicated().any()
    # Of c06 the limit of a strong need and the confidence are moved, one at a time.
    one = rows[(rows["universe"] == 1) & (rows["claim"] == "c06")]
    found = list(zip(one["scoring.confidence"], one["synthesis.strong_need"]))
    assert found[0] == (0.95, 3.67) and sorted(found[1:]) == [
        (0.9, 3.67), (0.95, 3.4), (0.95, 4.0), (0.95, 4.2), (0.99, 3.67)]
    assert set(rows["verdict"]) <= {"supported", "mixed", "not_supported", "not_testable"}
    total = len(work.pieces)
    assert lines[0] == f"multiverse   0 of {total} pieces are there"
    assert lines[-2] == f"multiverse   {total} of {total} pieces, 100 %"
    assert lines[-1].startswith(f"multiverse: {work.choices.count:,} universes of ")


def test_a_second_call_does_nothing_and_a_lost_file_comes_back(project, inputs, made):
    path, _ = made
    before, lines = path.read_bytes(), []
    assert universes.run(project, inputs, lines.append) == 0
    assert "nothing to do" in lines[0]
    path.unlink()
    universes.run(project, inputs, lines.append)
    assert path.read_bytes() == before


def test_two_processes_give_the_same_bytes(project, inputs, made, tmp_path):
    other = elsewhere(project, tmp_path, jobs=2)
    universes.run(other, inputs, [].append)
    assert (other.out / universes.FILE).read_bytes() == made[0].read_bytes()


def test_a_stopped_run_goes_on_with_what_is_missing(project, inputs, made, tmp_path, monkeypatch):
    other, judged = elsewhere(project, tmp_path), []
    whole = universes._judge

    def stopping(work, number):
        if len(judged) == 5:
            raise KeyboardInterrupt
        judged.append(number)
        return whole(work, number)

    monkeypatch.setattr(universes, "_judge", stopping)
    with pytest.raises(KeyboardInterrupt):
        universes.run(other, inputs, [].append)
    assert not (other.out / universes.FILE).exists()
    cut, other_table, *_ = sorted((other.state / "multiverse").rglob("*.parquet"))
    cut.write_bytes(cut.read_bytes()[:100])
    other_table.write_bytes(universes.to_parquet(pd.DataFrame({"a": [1]})))
    again = []
    monkeypatch.setattr(universes, "_judge",
                        lambda work, number: again.append(number) or whole(work, number))
    lines = []
    universes.run(other, inputs, lines.append)
    assert lines[0].startswith("multiverse   3 of ")
    assert {*judged} & {*again} == {int(cut.stem), int(other_table.stem)}
    assert (other.out / universes.FILE).read_bytes() == made[0].read_bytes()
    assert not (other.state / "multiverse").exists()




def test_a_process_that_is_killed_loses_nothing(project, inputs, made, tmp_path, monkeypatch):
    other, lines = elsewhere(project, tmp_path, jobs=2), []
    whole = universes._in_processes

    def killing(work, numbers, jobs):
        for done, (number, judged) in enumerate(whole(work, numbers, jobs)):
            yield number, judged
            if done == 3 and not lines.count("killed"):
                lines.append("killed")
                for child in children():
                    os.kill(child, signal.SIGKILL)

    monkeypatch.setattr(universes, "_in_processes", killing)
    universes.run(other, inputs, lines.append)
    assert any("a worker was killed; continuing" in line for line in lines)
    assert (other.out / universes.FILE).read_bytes() == made[0].read_bytes()


def children() -> list[int]:
    """The worker processes that the fork server of this process started."""
    from psutil import NoSuchProcess, Process

    found = []
    for child in Process().children(recursive=True):
        with suppress(NoSuchProcess):  # which a process that has just ended raises too
            if "forkserver" in " ".join(child.cmdline()) and child.parent().pid != os.getpid():
                found.append(child.pid)
    return found


def test_workers_that_always_die_are_told_of(work, tmp_path, monkeypatch):
    def broken(*arguments):
        raise universes.BrokenProcessPool("ended")
        yield

    monkeypatch.setattr(universes, "_judged", broken)
    with pytest.raises(
            InputError,
            match="workers were ended 3 times .*; what they found is kept, call again to go on"):
        universes.evaluate(work, tmp_path / "pieces", 2, None, [].append)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A scheduler and two workers, each a process of its own; returns its address and the
    workers."""
    folder = tmp_path_factory.mktemp("dask")
    python, where = sys.executable, folder / "scheduler.json"
    start = [
        python, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
        "--no-dashboard", "--scheduler-file",
        str(where)
    ]
    processes = [subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    try:
        wait_for(where.is_file)
        address = pd.read_json(where, typ="series")["address"]
        for number in range(2):
            worker = [
                python, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
                "--no-dashboard", "--no-nanny", "--local-directory",
                str(folder / str(number))
            ]
            processes.append(
                subprocess.Popen(worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def wait_for(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_cluster_gives_the_same_bytes_and_a_killed_worker_loses_nothing(
        project, inputs, made, tmp_path, scheduler, monkeypatch):
    address, workers = scheduler
    other, lines = elsewhere(project, tmp_path), []
    monkeypatch.setenv("SCHEDULER", address)
    whole = universes._on_cluster

    def killing(*arguments):
        for done, pair in enumerate(whole(*arguments)):
            yield pair
            if done == 5:
                workers[0].kill()

    monkeypatch.setattr(universes, "_on_cluster", killing)
    universes.run(other, inputs, lines.append)
    assert workers[0].wait() == -signal.SIGKILL and workers[1].poll() is None
    assert (other.out / universes.FILE).read_bytes() == made[0].read_bytes()


def test_a_universe_run_through_the_notebooks_agrees(project, tmp_path):
    """Of a package without geometry, so that no map is drawn: no claim rests on one."""
    package = PackageCopy(tmp_path / "raw")
    package.keep(*(set(multiverse.RESOURCES) | {"claims", "sources"}))
    (package.folder / "multiverse.yml").write_text(FEW, encoding="utf-8")
    other, lines = elsewhere(project, tmp_path, raw=package.folder, jobs=2), []
    inputs = read_inputs(other)
    universes.run(replace(other, jobs=1), inputs, [].append)
    assert multiverse_notebooks.run(other, inputs, lines.append, count=1)
    assert len(lines) == 1 and lines[0].endswith("the notebooks say the same")


def test_a_difference_is_named(made, work):
    rows = multiverse.at_thresholds(work.choices, pd.read_parquet(made[0]))
    one = rows[rows["universe"] == 1].set_index("claim")
    assert multiverse_notebooks.differences(one, one) == []
    other = one.copy()
    other.loc["c03", "verdict"] = "not_testable"
    other.loc["c06", "value"] += 1e-6
    assert multiverse_notebooks.differences(one, other) == ["c03", "c06"]
    assert multiverse_notebooks.differences(one, one.drop("c09")) == ["c09"]


# The command line.

def test_the_command_line_names_what_is_wrong(tmp_path, capsys):
    package = PackageCopy(tmp_path / "raw")
    package.keep("areas", "frame", "sources")
    assert main(["multiverse", f"RAW={package.folder}", f"OUT={tmp_path / 'out'}"]) == 2
    assert "multiverse: this package has no claims" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "message"), [
    ("choices: {sampling.margin: [0.05]}",
     "multiverse.yml: no stage reads the choice 'sampling.margin' for a claim"),
    ("universes: 3",
     "multiverse: there are no choices with alternatives; name some in multiverse.yml"),
    ("universes: 3\nchoices: {scoring.missing: [listwise, pairwise], scoring.weights: [none, "
     "design]}",
     "multiverse.yml: 3 universes are too few: scoring.missing, scoring.weights alone have 6 "
     "combinations"),
])
def test_wrong_choices_end_the_call_in_one_line(tmp_path, capsys, text, message):
    package = PackageCopy(tmp_path / "raw")
    package.keep("areas", "items", "responses", "frame", "claims", "sources")
    (package.folder / "multiverse.yml").write_text(text, encoding="utf-8")
    assert main(["multiverse", f"RAW={package.folder}", f"OUT={tmp_path / 'out'}"]) == 2
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1


def test_comparisons_that_are_not_there_end_the_call_in_one_line(tmp_path, capsys):
    package = PackageCopy(tmp_path / "raw")
    package.keep("areas", "factors", "ratings", "linkages", "strategies", "claims", "sources")
    (package.folder / "multiverse.yml").write_text(
        "choices: {force_field.urgency_source: [ratings, wins]}", encoding="utf-8")
    assert main(["multiverse", f"RAW={package.folder}", f"OUT={tmp_path / 'out'}"]) == 2
    told = capsys.readouterr().err
    assert ("multiverse.yml: 'force_field.urgency_source' has the alternative 'wins'" in told
            and told.count("\n") == 1)


def test_a_package_whose_claims_no_universe_decides_is_told_so(tmp_path, capsys):
    package = PackageCopy(tmp_path / "raw")
    package.keep("areas", "factors", "ratings", "linkages", "strategies", "claims", "sources")
    claims = pd.read_csv(package.path("claims"))
    package.edit_text(
        "claims", lambda text: claims[claims["test"] == "strategy_priority"].to_csv(index=False))
    (tmp_path / "gaps.yml").write_text("force_field: {evidence: gaps}", encoding="utf-8")
    assert main([
        "multiverse", f"RAW={package.folder}", f"OUT={tmp_path / 'out'}",
        f"PARAMS={tmp_path / 'gaps.yml'}"
    ]) == 2
    told = capsys.readouterr().err
    assert "multiverse: no universe can decide a claim of this package" in told and told.count(
        "\n") == 1


def test_other_libraries_or_another_python_make_other_work(project, inputs, tmp_path, monkeypatch):
    """What they find may differ, so neither the file nor kept pieces are taken for up to date."""
    for name in ("requirements.lock", "multiverse.yml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    moved, key = replace(project, root=tmp_path), universes.prepare(project, inputs).key
    assert universes.prepare(moved, inputs).key == key
    (tmp_path / "requirements.lock").write_text("numpy==9", encoding="utf-8")
    assert universes.prepare(moved, inputs).key != key
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert universes.prepare(project, inputs).key != key


def test_the_target_is_cleaned_like_any_other(project, made):
    assert main(["clean", f"OUT={project.out}"]) == 0
    assert not project.out.exists()
    assert (ROOT / "multiverse.yml").is_file()
