"""What the draws of the force field cost, on one core, against a loop over the analysis."""

from itertools import combinations
from time import perf_counter

import numpy as np
import pandas as pd

from helpers import force_field
from tools.benchmarks.measuring import alone, as_rows, highest_memory

EXPERTS, SIDE = 7, 9
LOOPS = 10
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def measure(draws: int = 100_000) -> list[dict]:
    """Time and memory of drawing and of counting the ranks of factors, strategies and the verdict.

    Parameters
    ----------
    draws : int

    Returns
    -------
    list of dict
        name, value, unit, goal (at most), against; the goals are for 100,000 draws.
    """
    seconds, loop, memory = alone(run_once, draws, variables=ONE_CORE)
    size = f"{EXPERTS} experts, {2 * SIDE} factors, {SIDE} strategies, one core"
    return as_rows(
        [(f"{draws:,} draws of the force field", seconds, "s", 2,
          f"{size}, ranks and verdict counted, fastest of 3"),
         ("draws over a loop of analyses", seconds /
          (loop * draws), "", 0.01, f"one analysis after the other, {LOOPS} timed"),
         ("memory of the draws", memory / 2**20, "MiB", 500, "its highest, libraries included"),],
        digits=6)


def run_once(draws: int) -> tuple[float, float, int]:
    """Return the seconds of all draws, the seconds of one analysis, and the highest memory in
    bytes."""
    factors, ratings, linkages, strategies = panel()
    times = []
    for seed in range(3):
        start = perf_counter()
        drawn = force_field.draw_tnb(factors, ratings, linkages, draws, np.random.default_rng(seed))
        force_field.factor_acceptability(drawn)
        force_field.strategy_acceptability(drawn, strategies)
        force_field.verdict_shares(drawn)
        times.append(perf_counter() - start)
    memory = highest_memory()
    start = perf_counter()
    for _ in range(LOOPS):
        force_field.rank_strategies(strategies, force_field.analyse(factors, ratings, linkages))
    return min(times), (perf_counter() - start) / LOOPS, memory


def panel(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make up factors, the ratings and linkages of experts, and one strategy for each pair of
    factors."""
    rng = np.random.default_rng(seed)
    names = [f"{letter}{number}" for letter in "DH" for number in range(1, SIDE + 1)]
    experts = [f"E{number}" for number in range(1, EXPERTS + 1)]
    factors = pd.DataFrame({
        "factor": names, "force": ["driving"] * SIDE + ["restraining"] * SIDE, "aspect": "capital"
    })
    ratings = pd.DataFrame([(expert, name) for expert in experts for name in names],
                           columns=["expert", "factor"])
    ratings[["urgency", "support"]] = rng.integers(1, 6, (len(ratings), 2))
    linkages = pd.DataFrame([(expert, *pair) for expert in experts
                             for pair in combinations(names, 2)],
                            columns=["expert", "factor_a", "factor_b"])
    linkages["linkage"] = rng.integers(0, 6, len(linkages))
    strategies = pd.DataFrame(
        {"strategy": range(SIDE), "driving": names[:SIDE], "restraining": names[SIDE:]})
    return factors, ratings, linkages, strategies
