"""What the multiverse costs: the project's own, and a larger one with one and with two workers."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from helpers import multiverse
from helpers.run import universes
from helpers.run.inputs import Inputs
from helpers.run.project import Project
from tools.benchmarks.measuring import as_rows

# More years, levels, gaps and confidences than are of interest, so that the work outlasts the start
# of a worker.
MORE = {
    "disparity.year": list(range(2018,
                                 2025)), "scoring.missing_share": [0.5, 0.0, 0.25, 0.4, 0.75, 1.0],
    "scoring.confidence": [0.95, 0.8, 0.85, 0.9, 0.92, 0.97, 0.98, 0.99, 0.995],
    "synthesis.strong_need": [round(3 + step / 50, 2) for step in range(70)] + [3.67],
    "synthesis.alpha": [0.05, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1]
}


def measure(project: Project, inputs: Inputs, more: Mapping[str, list] = MORE) -> list[dict]:
    """Time the universes of a data package.

    Parameters
    ----------
    project : Project
    inputs : Inputs
    more : mapping
        Choice or threshold to further values of the larger multiverse.

    Returns
    -------
    list of dict
        name, value, unit, goal (at most), against.
    """
    work = universes.prepare(project, inputs)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        small = replace(project, out=Path(folder) / "out", processed=Path(folder) / "processed")
        start = perf_counter()
        written = universes.run(small, inputs, [].append)
        whole = perf_counter() - start
        larger = replace(work, key=f"{work.key}-larger", choices=replace(
            work.choices, exclude=(), alternatives=_with(work.choices.alternatives, more),
            thresholds=_with(work.choices.thresholds, more)))
        times = {}
        for jobs in (1, 2):
            start = perf_counter()
            found = universes.evaluate(larger, Path(folder) / str(jobs), jobs, say=[].append)
            times[jobs] = perf_counter() - start
    combinations = sum(map(len, found.values()))
    return as_rows([
        ("multiverse", whole, "s", 60,
         f"{work.choices.count:,} of {multiverse.size(work.choices):,} universes, "
         f"{written:,} rows, {project.jobs} processes, Parquet included"),
        ("two workers over one", times[2] / times[1], "", 0.6,
         f"{combinations:,} combinations in {times[1]:.1f} s by one, the start of the workers "
         f"included"
         ),
    ])


def _with(alternatives, more) -> dict[str, list]:
    return {
        name: list(dict.fromkeys([*values, *more.get(name, [])]))
        for name, values in alternatives.items()
    }
