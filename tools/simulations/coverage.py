"""Coverage of the intervals that choose words in stage 3: how often they hold what is true.

    python -m tools.simulations.coverage [FOLDER]

simulates worlds with the zones, the people and the first values of a data package (``data/raw``),
in which nothing is there: values without a difference between zones, growth that has nothing to do
with level or zone. It writes ``coverage.csv`` beside the data; ``python3 src/helpers describe
FOLDER`` then renews its hash. The same seed gives the same bytes.

Methods: ``permutation`` (the intervals in use: `zone_gap`, `gap_change`), ``dealt`` (what
`inequality_change` calls no rise and no fall), ``hc3`` (`beta_convergence` of all areas, within
zones, and of the two zones alone), and, to compare, ``percentile``: the bootstrap that was in use
before, areas drawn again inside their zone.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd

from helpers import disparity
from helpers.disparity import bootstrap
from helpers.study import Study, parameters

Held = dict[tuple[str, str], bool]  # by statistic and scope
COLUMNS = ["method", "statistic", "areas", "distribution", "nominal", "coverage", "draws"]
SEED, PERMUTATIONS, NOMINAL = 1759, 399, 0.95
# Worlds of each kind: as many as bring Wilson's lower limit of what is in use above 93 %.
DRAWS = {"hc3": 10_000, "dealt": 4_000, "permutation": 4_000, "percentile": 1_000}
DISTRIBUTIONS: dict[str, Callable] = {
    "normal": lambda rng, size: rng.normal(1.3, 0.1, size),
    "lognormal_0.5": lambda rng, size: rng.lognormal(0, 0.5, size),
    "lognormal_1": lambda rng, size: rng.lognormal(0, 1, size)}


class World(NamedTuple):
    """A world in which nothing is there, by code: values, and both ends of growth."""

    values: pd.Series
    start: pd.Series
    end: pd.Series
    zones: pd.Series
    people: pd.Series
    pair: tuple[str, str]
    seed: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, distribution: Callable, start: pd.Series,
              zones: pd.Series, people: pd.Series) -> "World":
        seed = int(rng.integers(2**31))
        values = pd.Series(distribution(rng, len(zones)), zones.index)
        end = start * pd.Series(distribution(rng, len(zones)), zones.index)
        return cls(values, start, end, zones, people, disparity.main_pair(zones), seed)


def coverage(folder: Path, draws: int | None = None) -> pd.DataFrame:
    """Coverage of every method by statistic and distribution; columns as in ``COLUMNS``.

    `draws` are the simulated worlds of each kind; else those of `DRAWS`.
    """
    own = parameters.load()["disparity"]
    study = Study("disparity", own | {"seed": SEED, "lang": "en"}, folder, checked=True)
    indicators, areas = study.indicators(), study.table("areas").set_index("code")
    by_year = disparity.by_year(indicators, own["reference_indicator"])
    first = disparity.window(by_year, own["first_year"])[0]
    people = disparity.people(indicators, own["population_indicator"], first)
    if people is None:
        people = pd.Series(1.0, areas.index)
    counts = dict.fromkeys(DRAWS, draws) if draws else DRAWS
    rows = []
    for name, distribution in DISTRIBUTIONS.items():
        stream = crc32(name.encode())
        held = pd.DataFrame([
            _held(World.drawn(np.random.default_rng([SEED, stream, draw]), distribution,
                              by_year[first], areas["zone"], people),
                  [kind for kind in METHODS if draw < counts[kind]])
            for draw in range(max(counts.values()))]).astype(float)
        sizes = {scope: "/".join(str(size) for size in part.value_counts(sort=False))
                 for scope, part in _scopes(areas["zone"]).items()}
        rows += [(method, statistic, sizes[scope], name, NOMINAL, round(share, 4), counts[method])
                 for (method, statistic, scope), share in held.mean().items()]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(COLUMNS[:4], kind="stable")


def _scopes(zones: pd.Series) -> dict[str, pd.Series]:
    return {"pair": zones[zones.isin(disparity.main_pair(zones))], "all": zones}


def _held(world: World, kinds: list[str]) -> dict[tuple[str, str, str], bool]:
    """What one world's intervals of some kinds hold, by method, statistic and scope."""
    return {(kind, *what): inside for kind in kinds
            for what, inside in METHODS[kind](world).items()}


def _permutation(world: World) -> Held:
    options = world.pair, world.people, PERMUTATIONS, world.seed, NOMINAL
    gap = disparity.zone_gap(world.values, world.zones, *options)
    changes = disparity.gap_change(world.start, world.end, world.zones, *options)
    change = changes.set_index("measure").loc["ratio"]
    return {("difference", "pair"): _holds(gap["difference_low"], gap["difference_high"], 0),
            ("ratio", "pair"): _holds(gap["ratio_low"], gap["ratio_high"], 1),
            ("ratio_change", "pair"): _holds(change["ci_low"], change["ci_high"], 1)}


def _dealt(world: World) -> Held:
    shifts = disparity.inequality_change(world.start, world.end, world.zones, world.people,
                                         PERMUTATIONS, world.seed, NOMINAL)
    sides = shifts.set_index("measure")["side"]
    return {(f"{measure}_change", "all"): sides[measure] == "unclear"
            for measure in ("gini", "theil")}


def _hc3(world: World) -> Held:
    found = disparity.convergence_table(pd.DataFrame({0: world.start, 1: world.end}), world.zones,
                                        world.pair, NOMINAL)
    return {("beta_zones" if row.scope == "zones" else "beta",
             "pair" if row.scope == "pair" else "all"): _holds(row.ci_low, row.ci_high, 0)
            for row in found.itertuples()}


def _percentile(world: World) -> Held:
    both = _scopes(world.zones)["pair"]
    groups = (both == world.pair[1]).to_numpy().astype(int)
    places = next(bootstrap.redrawn(groups, PERMUTATIONS, world.seed))
    weights = world.people[both.index].to_numpy(float)[places]

    def means(part: pd.Series) -> list[np.ndarray]:
        y = part[both.index].to_numpy(float)[places]
        return [(y * weights * (groups == zone)).sum(axis=1) / (weights * (groups == zone)).sum(
            axis=1) for zone in (0, 1)]

    (a, b), (a0, b0), (a1, b1) = means(world.values), means(world.start), means(world.end)
    drawn = pd.DataFrame({"difference": a - b, "ratio": a / b, "ratio_change": a1 / b1 / a0 * b0})
    before, after = (
        bootstrap.replicate(part, world.zones, world.people, PERMUTATIONS, world.seed)
        for part in (world.start, world.end))
    found, moved = (bootstrap.limits(part, NOMINAL) for part in (drawn, after - before))
    held = {(name, "pair"): _holds(*found.loc[name], truth)
            for name, truth in (("difference", 0), ("ratio", 1), ("ratio_change", 1))}
    return held | {(f"{name}_change", "all"): _holds(*moved.loc[name], 0)
                   for name in ("gini", "theil")}


METHODS: dict[str, Callable[[World], Held]] = {
    "permutation": _permutation, "dealt": _dealt, "hc3": _hc3, "percentile": _percentile}


def _holds(low: float, high: float, truth: float) -> bool:
    return bool(low <= truth <= high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("data/raw"))
    given = parser.parse_args()
    coverage(given.folder).to_csv(given.folder / "coverage.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
