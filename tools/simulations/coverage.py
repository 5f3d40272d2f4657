"""Coverage of the intervals that choose words in stage 3: how often they hold what is true.

    python -m tools.simulations.coverage [FOLDER] [--draws 1000]

simulates worlds with the zones, the people and the first values of a data package (``data/raw``),
in which nothing is there: values without a difference between zones, growth that has nothing to do
with level or zone. It writes ``coverage.csv`` beside the data; ``python3 src/helpers describe
FOLDER`` then renews its hash. The same seed gives the same bytes.

Methods: ``permutation`` (the intervals in use: `zone_gap`, `gap_change`), ``dealt`` (what
`inequality_change` calls no rise and no fall), ``hc3`` (`beta_convergence`), and, to compare,
``percentile``: the bootstrap that was in use before, areas drawn again inside their zone.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd

from helpers import disparity
from helpers.disparity import bootstrap
from helpers.study import Study, parameters

COLUMNS = ["method", "statistic", "areas", "distribution", "nominal", "coverage", "draws"]
SEED, DRAWS, PERMUTATIONS, NOMINAL = 1759, 1000, 399, 0.95
WORLDS: dict[str, Callable] = {
    "normal": lambda rng, size: rng.normal(1.3, 0.1, size),
    "lognormal_0.5": lambda rng, size: rng.lognormal(0, 0.5, size),
    "lognormal_1": lambda rng, size: rng.lognormal(0, 1, size)}


def coverage(folder: Path, draws: int = DRAWS) -> pd.DataFrame:
    """Coverage of every method by statistic and distribution; columns as in ``COLUMNS``."""
    own = parameters.load()["disparity"]
    study = Study("disparity", own | {"seed": SEED, "lang": "en"}, folder, checked=True)
    indicators, areas = study.indicators(), study.table("areas").set_index("code")
    by_year = disparity.by_year(indicators, own["reference_indicator"])
    first = disparity.window(by_year, own["first_year"])[0]
    people = disparity.people(indicators, own["population_indicator"], first)
    if people is None:
        people = pd.Series(1.0, areas.index)
    rows = []
    for name, world in WORLDS.items():
        stream = crc32(name.encode())
        held = [_held(np.random.default_rng([SEED, stream, draw]), world, areas["zone"],
                      by_year[first], people) for draw in range(draws)]
        sizes = {scope: "/".join(str(size) for size in part.value_counts(sort=False))
                 for scope, part in _scopes(areas["zone"]).items()}
        for (method, statistic, scope), share in pd.DataFrame(held).mean().items():
            rows.append((method, statistic, sizes[scope], name, NOMINAL, round(share, 4), draws))
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(COLUMNS[:4], kind="stable")


def _scopes(zones: pd.Series) -> dict[str, pd.Series]:
    return {"pair": zones[zones.isin(disparity.main_pair(zones))], "all": zones}


def _held(rng: np.random.Generator, world: Callable, zones: pd.Series, start: pd.Series,
          people: pd.Series) -> dict[tuple[str, str, str], bool]:
    """What one world's intervals hold, by method, statistic and scope."""
    pair, seed = disparity.main_pair(zones), int(rng.integers(2**31))
    both = _scopes(zones)["pair"]
    values = pd.Series(world(rng, len(zones)), zones.index)
    gap = disparity.zone_gap(values, zones, pair, people, PERMUTATIONS, seed, NOMINAL)
    end = start * pd.Series(world(rng, len(zones)), zones.index)
    change = disparity.gap_change(start, end, zones, pair, people, PERMUTATIONS, seed,
                                  NOMINAL).set_index("measure").loc["ratio"]
    beta = disparity.beta_convergence(pd.DataFrame({0: start, 1: end}), None, NOMINAL)
    drawn = _percentiles(values[both.index], start, end, both, pair, people, seed)
    shifts = disparity.inequality_change(start, end, zones, people, PERMUTATIONS, seed, NOMINAL)
    before, after = (bootstrap.replicate(part, zones, people, PERMUTATIONS, seed)
                     for part in (start, end))
    moved = bootstrap.limits(after - before, NOMINAL)
    held = {("permutation", "difference", "pair"): _holds(gap["difference_low"],
                                                          gap["difference_high"], 0),
            ("permutation", "ratio", "pair"): _holds(gap["ratio_low"], gap["ratio_high"], 1),
            ("permutation", "ratio_change", "pair"): _holds(change["ci_low"], change["ci_high"], 1),
            ("hc3", "beta", "all"): _holds(beta["ci_low"], beta["ci_high"], 0)}
    held |= {("percentile", name, "pair"): inside for name, inside in drawn.items()}
    for measure in ("gini", "theil"):
        side = shifts.set_index("measure").loc[measure, "side"]
        held["dealt", f"{measure}_change", "all"] = side == "unclear"
        held["percentile", f"{measure}_change", "all"] = _holds(*moved.loc[measure], 0)
    return held


def _percentiles(values: pd.Series, start: pd.Series, end: pd.Series, zones: pd.Series,
                 pair: tuple[str, str], people: pd.Series, seed: int) -> dict[str, bool]:
    """Whether the percentile bootstrap holds the truth, by statistic."""
    groups = (zones == pair[1]).to_numpy().astype(int)
    places = next(bootstrap.redrawn(groups, PERMUTATIONS, seed))
    weights = people[zones.index].to_numpy(float)[places]

    def means(part: pd.Series) -> list[np.ndarray]:
        y = part[zones.index].to_numpy(float)[places]
        return [(y * weights * (groups == zone)).sum(axis=1) / (weights * (groups == zone)).sum(
            axis=1) for zone in (0, 1)]

    (a, b), (a0, b0), (a1, b1) = means(values), means(start), means(end)
    drawn = pd.DataFrame({"difference": a - b, "ratio": a / b, "ratio_change": a1 / b1 / a0 * b0})
    found = bootstrap.limits(drawn, NOMINAL)
    return {name: _holds(*found.loc[name], truth)
            for name, truth in (("difference", 0), ("ratio", 1), ("ratio_change", 1))}


def _holds(low: float, high: float, truth: float) -> bool:
    return bool(low <= truth <= high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("data/raw"))
    parser.add_argument("--draws", type=int, default=DRAWS)
    given = parser.parse_args()
    coverage(given.folder, given.draws).to_csv(given.folder / "coverage.csv", index=False)


if __name__ == "__main__":
    main()
