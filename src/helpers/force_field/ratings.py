"""Ratings of several experts, checked and merged into one number a factor and a pair."""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import Error, check_choice
from helpers.force_field.arguments import AGGREGATES, check_columns, check_range
from helpers.messages import both, listed


def expert_ratings(factors: pd.DataFrame, ratings: pd.DataFrame, aggregate: str) -> pd.DataFrame:
    """Urgency and support of each factor over the experts, in the order of `factors`."""
    check_columns("ratings", ratings, ["expert", "factor", "urgency", "support"])
    known = set(factors["factor"])
    for expert, factor in zip(ratings["expert"], ratings["factor"]):
        if factor not in known:
            raise Error("ratings: expert {expert!r} rates {factor!r}, which is not in factors; "
                        "known factors are {known}", expert=expert, factor=factor,
                        known=listed(factors["factor"]), resource="ratings")
    twice = ratings[ratings.duplicated(["expert", "factor"])]
    if len(twice):
        row = twice.iloc[0]
        raise Error("ratings: expert {expert!r} rates factor {factor!r} twice; keep one row",
                    expert=row["expert"], factor=row["factor"], resource="ratings")
    check_range("ratings", ratings, "urgency")
    check_range("ratings", ratings, "support")
    merged = {name: merge_groups(ratings.dropna(subset=[name]).groupby("factor")[name], aggregate)
              for name in ("urgency", "support")}
    joined = pd.DataFrame(merged).reindex(factors["factor"])
    for factor, row in joined[joined.isna().any(axis=1)].iterrows():
        missing = both(row.index[row.isna()])
        raise Error("ratings: factor {factor!r} has no {missing} from any expert; rate it or "
                    "remove the factor", factor=factor, missing=missing, resource="ratings")
    return joined.astype(float)


def linkage_matrix(factors: pd.DataFrame, linkages: pd.DataFrame,
                   aggregate: str = "mean") -> pd.DataFrame:
    """Symmetric matrix of the rated pairs, experts aggregated; 0 for unrated pairs.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"],
    ...                         "aspect": "market"})
    >>> linkages = pd.DataFrame({"expert": ["E1", "E2"], "factor_a": ["D1", "R1"],
    ...                          "factor_b": ["R1", "D1"], "linkage": [2, 5]})
    >>> linkage_matrix(factors, linkages).to_numpy().tolist()
    [[0.0, 3.5], [3.5, 0.0]]
    """
    check_choice("aggregate", aggregate, AGGREGATES)
    names = pd.Index(factors["factor"].rename(None))
    pairs = checked_pairs(factors, linkages)
    merged = merge_groups(pairs.groupby(["first", "second"])["linkage"], aggregate)
    first, second = (names.get_indexer(merged.index.get_level_values(end))
                     for end in ("first", "second"))
    matrix = np.zeros((len(names), len(names)))
    matrix[first, second] = matrix[second, first] = merged.to_numpy()
    return pd.DataFrame(matrix, index=names, columns=names)


def unrated_pairs(factors: pd.DataFrame, linkages: pd.DataFrame) -> pd.DataFrame:
    """Pairs of factors whose linkage nobody rated; :func:`analyse` counts them as 0.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"]})
    >>> linkages = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["R1"],
    ...                          "linkage": [2]})
    >>> unrated_pairs(factors, linkages).values.tolist()
    [['D1', 'D2'], ['D2', 'R1']]
    """
    rated = {frozenset(pair) for pair in zip(linkages["factor_a"], linkages["factor_b"])}
    pairs = [pair for pair in combinations(factors["factor"], 2) if frozenset(pair) not in rated]
    return pd.DataFrame(pairs, columns=["factor_a", "factor_b"])


def strongest_pairs(matrix: pd.DataFrame, share: float = 0.2) -> pd.DataFrame:
    """Strongest linkages, for a drawing that all of them would make unreadable.

    The table has ``factor_a, factor_b, linkage``, the strongest first. They are the `share` of all
    pairs; pairs as strong as the last one are listed too, pairs without linkage never.

    Examples
    --------
    >>> names = ["D1", "D2", "R1"]
    >>> matrix = pd.DataFrame([[0, 2, 4], [2, 0, 4], [4, 4, 0]], index=names, columns=names,
    ...                       dtype=float)
    >>> strongest_pairs(matrix, share=1 / 3).values.tolist()
    [['D1', 'R1', 4.0], ['D2', 'R1', 4.0]]
    """
    first, second = np.triu_indices(len(matrix), k=1)
    names = matrix.index.to_numpy()
    pairs = pd.DataFrame({"factor_a": names[first], "factor_b": names[second],
                          "linkage": matrix.to_numpy()[first, second]})
    ordered = pairs.sort_values("linkage", ascending=False, kind="stable", ignore_index=True)
    last = ordered["linkage"].iloc[max(round(share * len(ordered)), 1) - 1]
    return ordered[(ordered["linkage"] >= last) & (ordered["linkage"] > 0)]


def checked_pairs(factors: pd.DataFrame, linkages: pd.DataFrame) -> pd.DataFrame:
    """Linkages with each pair in one direction, one row an expert and pair."""
    check_columns("linkages", linkages, ["expert", "factor_a", "factor_b", "linkage"])
    order = {name: place for place, name in enumerate(factors["factor"])}
    rows = []
    for expert, a, b in zip(linkages["expert"], linkages["factor_a"], linkages["factor_b"]):
        for factor in (a, b):
            if factor not in order:
                raise Error("linkages: expert {expert!r} links {factor!r}, which is not in "
                            "factors; known factors are {known}", expert=expert, factor=factor,
                            known=listed(factors["factor"]), resource="linkages")
        if a == b:
            raise Error("linkages: expert {expert!r} links factor {factor!r} with itself; remove "
                        "the row", expert=expert, factor=a, resource="linkages")
        rows.append((expert, a, b) if order[a] < order[b] else (expert, b, a))
    pairs = pd.DataFrame(rows, columns=["expert", "first", "second"])
    pairs["linkage"] = pd.to_numeric(linkages["linkage"]).to_numpy()
    check_range("linkages", pairs, "linkage", "first")
    pairs = pairs.dropna(subset=["linkage"]).drop_duplicates()
    asymmetric = pairs[pairs.duplicated(["expert", "first", "second"], keep=False)]
    if len(asymmetric):
        (expert, first, second), same = next(iter(
            asymmetric.groupby(["expert", "first", "second"], sort=False)["linkage"]))
        values = both(f"{value:g}" for value in same)
        raise Error("linkages: expert {expert!r} gives the pair {first!r} and {second!r} two "
                    "values, {values}; linkage is symmetric, keep one row a pair", expert=expert,
                    first=first, second=second, values=values, resource="linkages")
    return pairs


def merge_groups(groups, how: str) -> pd.Series:
    """One number a group of ratings; the mode of several equally frequent values is their mean."""
    if how == "mean":
        return groups.mean()
    if how == "median":
        return groups.median()
    return groups.agg(lambda values: values.mode().mean())
