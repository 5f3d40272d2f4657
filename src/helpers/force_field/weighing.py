"""From urgency, support and linkage to the total weight of each factor and its rank."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.force_field.checks import AGGREGATES, check_choice, check_factors, check_keys
from helpers.force_field.ratings import expert_ratings, linkage_matrix

WEIGHTINGS = ("separate", "joint")
DIVISORS = ("n_minus_1", "n")

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
    check_choice("aggregate", aggregate, AGGREGATES)
    check_keys(keys)
    check_factors(factors)
    nu, nd = (rating.to_numpy() for _, rating in expert_ratings(factors, ratings, aggregate).items())
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
    check_choice("weighting", weighting, WEIGHTINGS)
    check_choice("divisor", divisor, DIVISORS)
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
