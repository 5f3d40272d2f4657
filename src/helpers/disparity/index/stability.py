"""Stability of the index's ranks under other scales, other weights, and one indicator less."""

import numpy as np
import pandas as pd

from helpers.disparity.development import NORMALISATIONS, development_index, differing
from helpers.disparity.index.weights import FROM_DATA, RULES, can_decide, index_weights


def rank_variants(parts: pd.DataFrame, direction: pd.Series, themes: pd.Series, normalisation: str,
                  rule: str) -> pd.DataFrame:
    """Ranks under all scales and weights, and under the chosen ones without each indicator.

    Raises ValueError as in `development_index` and `index_weights` for the chosen variant.

    Parameters
    ----------
    direction, themes : Series
        By indicator.
    normalisation, rule : str
        The chosen variant, see `development_index` and `index_weights`.

    Returns
    -------
    DataFrame
        Ranks (missing without an index), areas in the columns, one row a variant, named by
        normalisation, weights and left_out (an indicator, or empty). The first row is the chosen
        variant. Weights that the data cannot give are left out.

    Examples
    --------
    Scaled to 0-1, b has 1/3 and 1, c has 1 and 1/2.

    >>> areas = pd.DataFrame({"light": [1.0, 2.0, 4.0], "school": [1.0, 3.0, 2.0]},
    ...                      index=list("abc"))
    >>> one = pd.Series(1, areas.columns)
    >>> rank_variants(areas, one, pd.Series("x", areas.columns), "min_max",
    ...               "equal").iloc[0].to_dict()
    {'a': 3.0, 'b': 2.0, 'c': 1.0}
    """
    chosen = (normalisation, rule, "")
    ranks = {chosen: _ranks(parts, direction, themes, *chosen)}
    whole = [(scale, load, "") for scale in NORMALISATIONS for load in RULES]
    telling = parts.columns[differing(parts)]
    without = [(normalisation, rule, name) for name in telling] if len(telling) > 1 else []
    for variant in whole + without:
        kept = parts.columns.drop(variant[2], errors="ignore")
        if variant not in ranks and (variant[1] not in FROM_DATA or can_decide(parts[kept])):
            ranks[variant] = _ranks(parts, direction, themes, *variant)
    names = ["normalisation", "weights", "left_out"]
    return pd.DataFrame(ranks).T.rename_axis(names)


def rank_ranges(variants: pd.DataFrame) -> pd.DataFrame:
    """Rank of each area in the chosen variant, and its best, median and worst rank in all.

    The table has, by area, rank, best, median, worst; missing where an area has no rank in the
    chosen variant. `variants` is as from `rank_variants`.

    Examples
    --------
    >>> rank_ranges(pd.DataFrame({"a": [1, 3, 2]})).loc["a"].tolist()
    [1.0, 1.0, 2.0, 3.0]
    """
    table = pd.DataFrame({"rank": variants.iloc[0], "best": variants.min(),
                          "median": variants.median(), "worst": variants.max()})
    return table.where(table["rank"].notna())


def rank_agreement(variants: pd.DataFrame) -> pd.DataFrame:
    """Agreement of every variant's order with the chosen one.

    `variants` is as from `rank_variants`.

    Returns
    -------
    DataFrame
        normalisation, weights, left_out, kendall (tau-b: 1 the same order, 0 no relation, -1 turned
        round; missing with fewer than two ranked areas) and largest_move (places; missing where no
        area is ranked in both).

    Examples
    --------
    Of three pairs of areas one is turned round: (2 - 1) / 3.

    >>> ways = pd.MultiIndex.from_tuples([("z", "equal", ""), ("rank", "equal", "")],
    ...                                  names=["normalisation", "weights", "left_out"])
    >>> found = rank_agreement(pd.DataFrame({"a": [1, 1], "b": [2, 3], "c": [3, 2]}, index=ways))
    >>> found[["kendall", "largest_move"]].round(4).values.tolist()
    [[0.3333, 1.0]]
    """
    from scipy.stats import kendalltau

    rows = []
    for variant, other in variants.iloc[1:].iterrows():
        both = pd.DataFrame({"own": variants.iloc[0], "other": other}).dropna()
        order = kendalltau(both["own"], both["other"]).statistic if len(both) > 1 else np.nan
        rows.append({**dict(zip(variants.index.names, variant, strict=True)),
                     "kendall": float(order),
                     "largest_move": (both["own"] - both["other"]).abs().max()})
    return pd.DataFrame(rows)


def _ranks(parts: pd.DataFrame, direction: pd.Series, themes: pd.Series, normalisation: str,
           rule: str, left_out: str) -> pd.Series:
    kept = parts.drop(columns=left_out, errors="ignore")
    signs = direction[kept.columns]
    weights = index_weights(kept, signs, themes[kept.columns], rule)
    return development_index(kept, signs, weights, normalisation)["rank"].astype(float)
