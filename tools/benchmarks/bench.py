"""How fast the build is, against the ways in which people run notebooks, all in one run on one
machine.

The same notebooks, in one language and with the same parameters, are run by the build, by
papermill's command line one after the other, and by one Python process that imports everything
once. Each number stands beside its goal; goals are reported, never enforced, because a busy machine
misses them.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from helpers.run.execution import private
from helpers.run.execution.kernel import environment
from helpers.run.execution.kernels import PRELOADS
from helpers.run.inputs import Inputs, read_inputs
from helpers.run.plan import Stage
from helpers.run.project import Project
from tools.benchmarks import (
    explorer_speed,
    force_field_speed,
    geography_speed,
    grading_speed,
    multiverse_speed,
    regions_speed,
    survey_speed,
)
from tools.benchmarks.measuring import as_rows

MEBIBYTE = 2**20
CHANGED = ("scoring", "confidence", 0.9)
# the stage that reads it, and those that read what it changes
READERS = {"scoring", "force_field", "synthesis"}


def run(project: Project) -> list[dict]:
    """Measure, write ``bench.json``, print one line a number.

    Returns
    -------
    list of dict
        name, value, unit, goal (the most that is good enough, or None), against (what it is
        compared with).
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        inputs = read_inputs(project)
        found = measure(project, inputs, Path(folder)) + multiverse_speed.measure(project, inputs)
        found += explorer_speed.measure(project, inputs)
    found += survey_speed.measure() + geography_speed.measure() + force_field_speed.measure()
    found += grading_speed.measure()
    found += regions_speed.measure(os.environ.get("MIRROR"))
    project.out.mkdir(parents=True, exist_ok=True)
    (project.out / "bench.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for entry in found:
        print(line(entry))
    return found


def line(entry: dict) -> str:
    """Say one number in a line.

    Examples
    --------
    >>> line({"name": "site", "value": 7.25, "unit": "s", "goal": 15,
    ...       "against": "the notebooks' part"})
    "site: 7.25 s (goal: at most 15, met; the notebooks' part)"
    """
    goal = entry["goal"]
    verdict = [] if goal is None else [
        f"goal: at most {goal}, {'met' if entry['value'] <= goal else 'missed'}"
    ]
    return (f"{entry['name']}: {entry['value']:g} {entry['unit']} "
            f"({'; '.join([*verdict, entry['against']])})")


def measure(project: Project, inputs: Inputs, folder: Path) -> list[dict]:
    """Return the numbers; everything that is made goes below ``folder``."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    stages = [stage for stage in project.stages if not stage.missing(inputs.resources)]
    ours = timed(_build(project, "figures", folder / "ours"))
    site = timed(_build(project, "all", folder / "ours"))
    again = min(timed(_build(project, "all", folder / "ours")) for _ in range(5))
    make = min(timed(["make", "--version"]) for _ in range(5))
    changed, ran = _changed(project, folder)
    stock = sum(timed(*call) for call in _papermill(project, inputs, stages, folder / "stock"))
    plain = timed(*_one_process(project, inputs, stages, folder / "plain"))
    one = timed(_build(project, "all", folder / "one"))
    both = timed(_build(project, "all", folder / "both", "lang=both"))
    # In a build of its own: looking at the memory takes time.
    peaks = [0]
    whole = timed(_build(project, "all", folder / "all"), peaks=peaks)
    overhead = max((times["wall"] - times["cells"] for times in ran.values()), default=0.0)
    return as_rows([
        ("load when it began", load, "processes", None, "the last minute"),
        ("cold build", whole, "s", None, "make all, its memory being watched"),
        ("notebooks' part of a cold build", ours, "s", None, "make figures, validation included"),
        ("papermill's command line", stock, "s", None,
         "plain kernels, one after the other, nothing validated"),
        ("one plain Python process", plain, "s", None,
         "imports once, the same cells, nothing validated"),
        ("build over papermill", ours / stock, "", 0.2, "papermill's command line"),
        ("build over one process", ours / plain, "", 0.6, "one plain Python process"),
        ("site", site, "s", 5, "make all when the notebooks are up to date"),
        ("nothing changed", again, "s", 0.1, "make all, fastest of 5"),
        ("nothing changed over make", again / make, "", 10, "make --version, fastest of 5"),
        ("stages run in vain by one changed parameter", len(set(ran) - READERS), "stages", 0,
         f"{'.'.join(CHANGED[:2])}: ran {', '.join(ran)}"),
        ("one changed parameter", changed, "s", None, "make all"),
        ("one changed parameter over a cold build", changed / one, "", 0.35, "make all"),
        ("both languages over one", both / one, "", 1.3, f"make all, {one:.1f} s in one"),
        ("overhead of a stage", overhead, "s", 0.3, "its time without the time of its cells"),
        ("peak memory", max(peaks) / MEBIBYTE, "MiB", 900, "all processes of a cold make all"),
    ])


def timed(command: list[str], variables: dict[str, str] | None = None, cwd: Path | None = None,
          peaks: list[int] | None = None) -> float:
    """Return the seconds that a command took; note the memory of it and its children together in
    ``peaks``, in bytes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=variables, cwd=cwd, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    if peaks is not None:
        threading.Thread(target=_sample, args=(process, peaks), daemon=True).start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(
            f"{' '.join(command[:4])} ended with {process.returncode}: {errors.strip()[-400:]}")
    return seconds


def _sample(process: subprocess.Popen, peaks: list[int]) -> None:
    """Note the memory of a tree of processes until it ends; pages that they share count once."""
    import psutil

    while process.poll() is None:
        with suppress(psutil.Error):
            top = psutil.Process(process.pid)
            peaks.append(sum(_memory(one) for one in [top, *top.children(recursive=True)]))
        time.sleep(0.25)


def _memory(process) -> int:
    import psutil

    try:
        full = process.memory_full_info()
        return getattr(full, "pss", 0) or full.rss
    except psutil.Error:
        return 0


def _build(project: Project, target: str, out: Path, *more: str) -> list[str]:
    return [sys.executable, str(project.source), target, f"RAW={project.raw}", f"OUT={out}", *more]


def _changed(project: Project, folder: Path) -> tuple[float, dict]:
    """Return how long one changed parameter takes, and what ran."""
    stage, name, value = CHANGED
    chosen = folder / "params.yml"
    chosen.write_text(json.dumps({stage: {name: value}}), encoding="utf-8")
    seconds = timed(_build(project, "all", folder / "ours", f"PARAMS={chosen}"))
    return seconds, json.loads(
        (folder / "ours" / ".build" / "times.json").read_text(encoding="utf-8"))


def _papermill(project: Project, inputs: Inputs, stages: list[Stage], folder: Path):
    import nbformat

    from helpers.run.execution.execute import one_language

    folder.mkdir()
    for stage in stages:
        notebook = folder / f"{stage.notebook}.ipynb"
        nbformat.write(
            one_language(nbformat.read(project.notebooks / notebook.name, 4),
                         inputs.parameters["lang"]), notebook)
        values = folder / f"{stage.name}.yml"
        values.write_text(json.dumps(_values(inputs, stage)), encoding="utf-8")
        command = [
            sys.executable, "-m", "papermill",
            str(notebook),
            str(folder / f"{stage.name}.out.ipynb"), "-f",
            str(values), "-k", "python3", "--no-progress-bar"
        ]
        yield command, environment() | _folders(project, folder, inputs, stage), project.root


def _one_process(project: Project, inputs: Inputs, stages: list[Stage], folder: Path):
    import nbformat

    folder.mkdir()
    programs = []
    for stage in stages:
        cells = []
        for cell in nbformat.read(project.notebooks / f"{stage.notebook}.ipynb", 4).cells:
            if cell.cell_type == "code":
                cells.append(cell.source)
            if "parameters" in cell.metadata.get("tags", []):
                cells.append("\n".join(f"{name} = {value!r}"
                                       for name, value in _values(inputs, stage).items()))
        programs.append({"variables": _folders(project, folder, inputs, stage), "cells": cells})
    work = folder / "programs.json"
    work.write_text(json.dumps(programs), encoding="utf-8")
    return [sys.executable, "-P", "-m", "tools.benchmarks.bench",
            str(work)], environment() | {
        "PYTHONPATH": os.pathsep.join([str(project.root),
                                       environment()["PYTHONPATH"]])}, project.root


def in_one_process(work: Path) -> None:
    """Import everything once, then run the code cells of one notebook after the other."""
    import importlib

    from IPython.display import display

    from helpers.publish.cell import answered

    importlib.import_module(PRELOADS)
    for program in json.loads(work.read_text(encoding="utf-8")):
        os.environ.update(program["variables"])
        names = {"__name__": "__main__", "display": display, "In": [""]}
        for cell in program["cells"]:
            texts = getattr(names.get("out"), "t", None)
            names["In"].append(answered(cell, names, texts))
            exec(compile(names["In"][-1], "cell", "exec"), names)


def _values(inputs: Inputs, stage: Stage) -> dict:
    return {name: inputs.parameters[name]
            for name in ("seed", "lang")} | inputs.parameters.get(stage.name, {})


def _folders(project: Project, out: Path, inputs: Inputs, stage: Stage) -> dict[str, str]:
    facts = {"raw": str(project.raw), "out": str(out), "reads": stage.reads(inputs.resources)}
    return private.run_variables(facts, str(out / ".build" / stage.name))


if __name__ == "__main__":
    in_one_process(Path(sys.argv[1]))
