"""Force field analysis as Indonesian administration training teaches it, and Lewin's plain totals.

Driving and restraining factors are judged by experts on three things: urgency (NU), support for the goal (ND) and
linkage with every other factor (NK). The total weight of a factor (TNB) decides its place; the strongest drivers
paired with the strongest restrainers give the strategies.

No complete published table of this procedure was found. The formulas are a reconstruction from how it is commonly
described, so every step that practice does in more than one way is an option here and not a hidden choice.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

FORCES = ("driving", "restraining")
WEIGHTINGS = ("separate", "joint")
DIVISORS = ("n_minus_1", "n")
AGGREGATES = ("mean", "median", "mode")

URGENCY_RANGE = SUPPORT_RANGE = (1, 5)
LINKAGE_RANGE = (0, 5)

# Sums of fractions that are equal on paper differ in the last bits; ties are looked for after this many decimals.
TIE_DECIMALS = 10


def analyse(
    factors: pd.DataFrame,
    ratings: pd.DataFrame,
    linkages: pd.DataFrame,
    weighting: str = "separate",
    divisor: str = "n_minus_1",
    aggregate: str = "mean",
    keys: int = 3,
) -> pd.DataFrame:
    r"""Weigh every factor and rank it within its force.

    With :math:`N` factors in all,

    .. math::
        BF_i = \frac{NU_i}{\sum_j NU_j}, \quad NBD_i = BF_i \, ND_i, \quad NRK_i = \frac{\sum_j NK_{ij}}{N - 1}, \quad
        NBK_i = BF_i \, NRK_i, \quad TNB_i = NBD_i + NBK_i

    Parameters
    ----------
    factors : DataFrame
        One row a factor: ``factor`` (key), ``force`` (driving or restraining), ``aspect``.
    ratings : DataFrame
        One row an expert and factor: ``expert``, ``factor``, ``urgency`` 1-5, ``support`` 1-5.
        An expert may leave out a factor; the others' answers are then aggregated.
    linkages : DataFrame
        One row an expert and pair: ``expert``, ``factor_a``, ``factor_b``, ``linkage`` 0-5. Linkage is symmetric.
        A pair that nobody rated counts as 0, no relation: see :func:`unrated_pairs`.
    weighting : {"separate", "joint"}
        Whether the weights BF add to 1 within each force or over all factors. Joint favours the force with more
        factors.
    divisor : {"n_minus_1", "n"}
        What the sum of linkages is divided by.
    aggregate : {"mean", "median", "mode"}
        How several experts become one number. Of several equally frequent values the mode is their mean.
    keys : int
        How many factors of each force are key factors.

    Returns
    -------
    DataFrame
        ``factor, force, aspect, nu, bf, nd, nbd, tnk, nrk, nbk, tnb, rank, key`` in the order of `factors`. Ranks are
        within the force; a tie in TNB goes to the larger BF, then NBD, then NBK, then to the factor listed first.

    Raises
    ------
    ValueError
        If a force has no factor, a factor has no rating, a linkage names an unknown factor or the factor itself, one
        expert gives a pair two values, a value is out of range or an option is unknown.

    References
    ----------
    The sequence follows the training material of Lembaga Administrasi Negara (2008) and Sianipar & Entang
    (2003, 84-95), as quoted by Indonesian theses.

    Examples
    --------
    Urgencies 3 and 1 against 2: the first driver weighs 3/4, its TNB is 3/4 x 4 + 3/4 x (2 + 4)/2 = 5.25.

    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"], "aspect": "market",
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [3, 1, 2],
    ...                         "support": [4, 2, 5]})
    >>> linkages = pd.DataFrame({"expert": "E1", "factor_a": ["D1", "D1", "D2"], "factor_b": ["D2", "R1", "R1"],
    ...                          "linkage": [2, 4, 0]})
    >>> analyse(factors, ratings, linkages).set_index("factor")["tnb"].to_dict()
    {'D1': 5.25, 'D2': 0.75, 'R1': 7.0}
    """
    _check_choice("aggregate", aggregate, AGGREGATES)
    _check_keys(keys)
    _check_factors(factors)
    nu, nd = (rating.to_numpy() for _, rating in _expert_ratings(factors, ratings, aggregate).items())
    nk = linkage_matrix(factors, linkages, aggregate).to_numpy()
    driving = (factors["force"] == "driving").to_numpy()
    result = factors[["factor", "force", "aspect"]].reset_index(drop=True)
    result = result.assign(**weigh(nu, nd, nk, driving, weighting, divisor))
    result["rank"] = rank_within(result)
    result["key"] = result["rank"] <= keys
    return result


def weigh(nu, nd, nk, driving, weighting: str = "separate", divisor: str = "n_minus_1") -> dict[str, np.ndarray]:
    """Compute all columns of the analysis from arrays; leading dimensions (draws, variants) are kept.

    Parameters
    ----------
    nu, nd : array of shape (..., N)
        Urgency and support of each factor.
    nk : array of shape (..., N, N)
        Linkages, the diagonal is ignored. A matrix that is not symmetric is taken as it is, row by row.
    driving : bool array of shape (N,)
        True for driving factors.
    weighting, divisor : str
        As in :func:`analyse`.

    Returns
    -------
    dict of arrays of shape (..., N)
        ``nu, bf, nd, nbd, tnk, nrk, nbk, tnb``

    Examples
    --------
    >>> weighed = weigh([3, 1, 2], [4, 2, 5], [[0, 2, 4], [2, 0, 0], [4, 0, 0]], [True, True, False], "joint")
    >>> weighed["bf"].tolist()[0], weighed["tnb"].tolist()[0]
    (0.5, 3.5)
    """
    _check_choice("weighting", weighting, WEIGHTINGS)
    _check_choice("divisor", divisor, DIVISORS)
    nu, nd, nk = (np.asarray(values, dtype=float) for values in (nu, nd, nk))
    driving = np.asarray(driving, dtype=bool)
    count = nu.shape[-1]
    if weighting == "joint":
        total = nu.sum(axis=-1, keepdims=True)
    else:
        total = np.where(
            driving,
            nu[..., driving].sum(axis=-1, keepdims=True),
            nu[..., ~driving].sum(axis=-1, keepdims=True),
        )
    bf = nu / total
    tnk = (nk * ~np.eye(count, dtype=bool)).sum(axis=-1)
    nrk = tnk / (count - 1 if divisor == "n_minus_1" else count)
    nbd, nbk = bf * nd, bf * nrk
    return {"nu": nu, "bf": bf, "nd": nd, "nbd": nbd, "tnk": tnk, "nrk": nrk, "nbk": nbk, "tnb": nbd + nbk}


def rank_within(weighed: pd.DataFrame) -> pd.Series:
    """Rank factors within their force by TNB, ties by BF, NBD, NBK and then their order.

    Examples
    --------
    >>> rank_within(pd.DataFrame({"force": ["driving", "driving", "restraining"], "tnb": [1, 1, 1],
    ...                           "bf": [0.1, 0.3, 0.2], "nbd": 0, "nbk": 0})).tolist()
    [2, 1, 1]
    """
    criteria = ["tnb", "bf", "nbd", "nbk"]
    ordered = weighed.round({name: TIE_DECIMALS for name in criteria}).sort_values(
        criteria, ascending=False, kind="stable"
    )
    return (ordered.groupby("force").cumcount() + 1).reindex(weighed.index).rename("rank")


def balance(
    factors: pd.DataFrame,
    ratings: pd.DataFrame,
    linkages: pd.DataFrame,
    divisor: str = "n_minus_1",
    aggregate: str = "mean",
) -> pd.DataFrame:
    """Compare the two forces under both weightings, because the weighting alone can turn the verdict.

    Returns
    -------
    DataFrame
        ``weighting, driving, restraining, net, verdict``: sums of TNB, driving minus restraining, and
        driving_stronger, restraining_stronger or balanced.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"], "aspect": "market",
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [3, 1, 2],
    ...                         "support": [4, 2, 5]})
    >>> linkages = pd.DataFrame({"expert": "E1", "factor_a": ["D1", "D1", "D2"], "factor_b": ["D2", "R1", "R1"],
    ...                          "linkage": [2, 4, 0]})
    >>> balance(factors, ratings, linkages)["verdict"].tolist()
    ['restraining_stronger', 'driving_stronger']
    """
    rows = []
    for weighting in WEIGHTINGS:
        analysed = analyse(factors, ratings, linkages, weighting, divisor, aggregate)
        rows.append({"weighting": weighting, **force_totals(analysed, "tnb")})
    return pd.DataFrame(rows)


def lewin(factors: pd.DataFrame, ratings: pd.DataFrame, aggregate: str = "mean") -> pd.Series:
    """Compare plain totals after Lewin: the sums of support by force, without weights or linkages.

    Returns
    -------
    Series
        ``driving, restraining, net, verdict``

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"], "force": ["driving", "driving", "restraining"],
    ...                         "aspect": "market"})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [3, 1, 2],
    ...                         "support": [4, 2, 5]})
    >>> lewin(factors, ratings).to_dict()
    {'driving': 6.0, 'restraining': 5.0, 'net': 1.0, 'verdict': 'driving_stronger'}
    """
    _check_choice("aggregate", aggregate, AGGREGATES)
    _check_factors(factors)
    support = _expert_ratings(factors, ratings, aggregate)["support"]
    return pd.Series(force_totals(factors.assign(support=support.to_numpy()), "support"))


def force_totals(table: pd.DataFrame, column: str) -> dict[str, float | str]:
    """Sum a column by force and say in words which force is the stronger one.

    Examples
    --------
    >>> force_totals(pd.DataFrame({"force": ["driving", "restraining"], "tnb": [1.5, 1.5]}), "tnb")
    {'driving': 1.5, 'restraining': 1.5, 'net': 0.0, 'verdict': 'balanced'}
    """
    driving, restraining = (float(table.loc[table["force"] == force, column].sum()) for force in FORCES)
    net = driving - restraining
    if round(net, TIE_DECIMALS) == 0:
        verdict = "balanced"
    else:
        verdict = "driving_stronger" if net > 0 else "restraining_stronger"
    return {"driving": driving, "restraining": restraining, "net": net, "verdict": verdict}


def rank_strategies(strategies: pd.DataFrame, analysed: pd.DataFrame) -> pd.DataFrame:
    """Rank strategies, each of which uses one driving factor to overcome one restraining factor.

    The score is TNB of the driver plus TNB of the restrainer. Equal scores share the best of their ranks (1, 2, 2, 4).

    Parameters
    ----------
    strategies : DataFrame
        ``strategy`` (key), ``driving``, ``restraining`` and, if there, ``label_id``, ``label_en``.
    analysed : DataFrame
        What :func:`analyse` returns.

    Returns
    -------
    DataFrame
        ``rank, strategy, driving, restraining, score`` and the labels, best first; equal scores in the order given.

    Raises
    ------
    ValueError
        If a strategy names an unknown factor or takes a factor for the other force.

    Examples
    --------
    >>> analysed = pd.DataFrame({"factor": ["D1", "D2", "R1"], "force": ["driving", "driving", "restraining"],
    ...                          "tnb": [2.0, 1.0, 3.0]})
    >>> strategies = pd.DataFrame({"strategy": ["S1", "S2"], "driving": ["D2", "D1"], "restraining": ["R1", "R1"]})
    >>> rank_strategies(strategies, analysed)[["rank", "strategy", "score"]].values.tolist()
    [[1, 'S2', 5.0], [2, 'S1', 4.0]]
    """
    _check_columns("strategies", strategies, ["strategy", "driving", "restraining"])
    _check_unique("strategies", strategies, "strategy")
    force = analysed.set_index("factor")["force"]
    for role in FORCES:
        for strategy, factor in zip(strategies["strategy"], strategies[role]):
            if factor not in force.index:
                raise ValueError(
                    f"strategies: strategy {strategy!r} names {factor!r} as its {role} factor, "
                    f"which is not in factors; known factors are {_listed(force.index)}"
                )
            if force[factor] != role:
                raise ValueError(
                    f"strategies: strategy {strategy!r} names {factor!r} as its {role} factor, but that factor is "
                    f"{force[factor]}; a strategy pairs one driving with one restraining factor"
                )
    tnb = analysed.set_index("factor")["tnb"]
    score = strategies["driving"].map(tnb).astype(float) + strategies["restraining"].map(tnb).astype(float)
    rank = score.round(TIE_DECIMALS).rank(method="min", ascending=False).astype(int)
    labels = [name for name in ("label_id", "label_en") if name in strategies]
    ranked = strategies.assign(rank=rank, score=score).sort_values("rank", kind="stable", ignore_index=True)
    return ranked[["rank", "strategy", "driving", "restraining", "score", *labels]]


def strategy_variants(
    strategies: pd.DataFrame, factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame
) -> pd.DataFrame:
    """Rank the strategies under every combination of weighting, divisor and aggregate.

    Returns
    -------
    DataFrame
        ``weighting, divisor, aggregate, strategy, rank, score``, one row a variant and strategy
    """
    tables = []
    for weighting, divisor, aggregate in product(WEIGHTINGS, DIVISORS, AGGREGATES):
        analysed = analyse(factors, ratings, linkages, weighting, divisor, aggregate)
        ranked = rank_strategies(strategies, analysed)[["strategy", "rank", "score"]]
        choice = {"weighting": weighting, "divisor": divisor, "aggregate": aggregate}
        tables.append(pd.DataFrame(choice, index=ranked.index).join(ranked))
    return pd.concat(tables, ignore_index=True)


def linkage_matrix(factors: pd.DataFrame, linkages: pd.DataFrame, aggregate: str = "mean") -> pd.DataFrame:
    """Mirror the rated pairs into a symmetric matrix, experts aggregated, 0 where nobody rated the pair.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "R1"], "force": ["driving", "restraining"], "aspect": "market"})
    >>> linkages = pd.DataFrame({"expert": ["E1", "E2"], "factor_a": ["D1", "R1"], "factor_b": ["R1", "D1"],
    ...                          "linkage": [2, 5]})
    >>> linkage_matrix(factors, linkages).to_numpy().tolist()
    [[0.0, 3.5], [3.5, 0.0]]
    """
    _check_choice("aggregate", aggregate, AGGREGATES)
    names = list(factors["factor"])
    pairs = _checked_pairs(factors, linkages)
    position = {name: place for place, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for (first, second), values in pairs.groupby(["first", "second"])["linkage"]:
        value = _aggregate(values, aggregate)
        matrix[position[first], position[second]] = matrix[position[second], position[first]] = value
    return pd.DataFrame(matrix, index=names, columns=names)


def unrated_pairs(factors: pd.DataFrame, linkages: pd.DataFrame) -> pd.DataFrame:
    """List the pairs of factors whose linkage nobody rated; :func:`analyse` counts them as 0.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"]})
    >>> linkages = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["R1"], "linkage": [2]})
    >>> unrated_pairs(factors, linkages).values.tolist()
    [['D1', 'D2'], ['D2', 'R1']]
    """
    names = list(factors["factor"])
    rated = {frozenset(pair) for pair in zip(linkages["factor_a"], linkages["factor_b"])}
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1:] if frozenset((a, b)) not in rated]
    return pd.DataFrame(pairs, columns=["factor_a", "factor_b"])


def _expert_ratings(factors: pd.DataFrame, ratings: pd.DataFrame, aggregate: str) -> pd.DataFrame:
    """Urgency and support of each factor over the experts, in the order of `factors`."""
    _check_columns("ratings", ratings, ["expert", "factor", "urgency", "support"])
    known = set(factors["factor"])
    for expert, factor in zip(ratings["expert"], ratings["factor"]):
        if factor not in known:
            raise ValueError(
                f"ratings: expert {expert!r} rates {factor!r}, which is not in factors; "
                f"known factors are {_listed(factors['factor'])}"
            )
    twice = ratings[ratings.duplicated(["expert", "factor"])]
    if len(twice):
        row = twice.iloc[0]
        raise ValueError(f"ratings: expert {row['expert']!r} rates factor {row['factor']!r} twice; keep one row")
    _check_range("ratings", ratings, "urgency", URGENCY_RANGE, "factor")
    _check_range("ratings", ratings, "support", SUPPORT_RANGE, "factor")
    columns = {}
    for name in ("urgency", "support"):
        groups = ratings.dropna(subset=[name]).groupby("factor")[name]
        columns[name] = groups.agg(lambda values: _aggregate(values, aggregate))
    joined = pd.DataFrame(columns).reindex(factors["factor"])
    for factor, row in joined.iterrows():
        if row.isna().any():
            missing = " and ".join(row.index[row.isna()])
            raise ValueError(
                f"ratings: factor {factor!r} has no {missing} from any expert; rate it or remove the factor"
            )
    return joined.astype(float)


def _checked_pairs(factors: pd.DataFrame, linkages: pd.DataFrame) -> pd.DataFrame:
    """Linkages with each pair in one direction, one row an expert and pair."""
    _check_columns("linkages", linkages, ["expert", "factor_a", "factor_b", "linkage"])
    order = {name: place for place, name in enumerate(factors["factor"])}
    rows = []
    for expert, a, b in zip(linkages["expert"], linkages["factor_a"], linkages["factor_b"]):
        for factor in (a, b):
            if factor not in order:
                raise ValueError(
                    f"linkages: expert {expert!r} links {factor!r}, which is not in factors; "
                    f"known factors are {_listed(factors['factor'])}"
                )
        if a == b:
            raise ValueError(f"linkages: expert {expert!r} links factor {a!r} with itself; remove the row")
        rows.append((expert, a, b) if order[a] < order[b] else (expert, b, a))
    pairs = pd.DataFrame(rows, columns=["expert", "first", "second"])
    pairs["linkage"] = pd.to_numeric(linkages["linkage"]).to_numpy()
    _check_range("linkages", pairs.rename(columns={"first": "factor_a"}), "linkage", LINKAGE_RANGE, "factor_a")
    pairs = pairs.dropna(subset=["linkage"]).drop_duplicates()
    asymmetric = pairs[pairs.duplicated(["expert", "first", "second"], keep=False)]
    if len(asymmetric):
        expert, first, second = asymmetric.iloc[0][["expert", "first", "second"]]
        same = (asymmetric["expert"] == expert) & (asymmetric["first"] == first) & (asymmetric["second"] == second)
        values = " and ".join(f"{value:g}" for value in asymmetric.loc[same, "linkage"])
        raise ValueError(
            f"linkages: expert {expert!r} gives the pair {first!r} and {second!r} two values, {values}; "
            "linkage is symmetric, keep one row a pair"
        )
    return pairs


def _aggregate(values: pd.Series, how: str) -> float:
    if how == "mean":
        return float(values.mean())
    if how == "median":
        return float(values.median())
    return float(values.mode().mean())


def _check_factors(factors: pd.DataFrame) -> None:
    _check_columns("factors", factors, ["factor", "force", "aspect"])
    _check_unique("factors", factors, "factor")
    for factor, force in zip(factors["factor"], factors["force"]):
        if force not in FORCES:
            raise ValueError(f"factors: factor {factor!r} has the force {force!r}; allowed are {_listed(FORCES)}")
    for force in FORCES:
        if not (factors["force"] == force).any():
            raise ValueError(f"factors: there is no {force} factor; a force field needs at least one of each force")


def _check_columns(name: str, table: pd.DataFrame, needed: list[str]) -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise ValueError(f"{name}: column {_listed(missing)} is missing; it has {_listed(table.columns)}")


def _check_unique(name: str, table: pd.DataFrame, column: str) -> None:
    twice = table.loc[table[column].duplicated(), column]
    if len(twice):
        raise ValueError(f"{name}: {column} {twice.iloc[0]!r} appears twice; every {column} needs a name of its own")


def _check_range(name: str, table: pd.DataFrame, column: str, allowed: tuple[int, int], key: str) -> None:
    lowest, highest = allowed
    values = pd.to_numeric(table[column])
    outside = table[values.notna() & ~values.between(lowest, highest)]
    if len(outside):
        row = outside.iloc[0]
        raise ValueError(
            f"{name}: expert {row['expert']!r} gives {column} {row[column]:g} to factor {row[key]!r}; "
            f"allowed is {lowest} to {highest}"
        )


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; allowed are {_listed(allowed)}")


def _check_keys(keys: int) -> None:
    if keys < 1:
        raise ValueError(f"keys is {keys}; at least one key factor of each force is needed")


def _listed(names) -> str:
    return ", ".join(repr(str(name)) for name in names)
