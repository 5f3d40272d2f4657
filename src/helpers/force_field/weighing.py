"""Total weight and rank of each factor from urgency, support and linkage."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error, check_choice
from helpers.force_field.arguments import AGGREGATES, RANGES, check_factors, check_keys
from helpers.force_field.ratings import expert_ratings, linkage_matrix

WEIGHTINGS = ("separate", "joint")
DIVISORS = ("n_minus_1", "n", "rated")
LINKAGE_SCOPES = ("all", "own")
WEIGHT_SCALES = {"fraction": 1, "percent": 100}

# Sums of fractions that are equal on paper differ in the last bits: ties are those of the rounded.
TIE_DECIMALS = 10


def analyse(factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame,
            weighting: str = "separate", divisor: str = "n_minus_1", aggregate: str = "mean",
            keys: int = 3, linkage_scope: str = "all", weight_scale: str = "fraction",
            urgency: pd.Series | None = None,
            urgency_shift: pd.Series | None = None) -> pd.DataFrame:
    r"""Weight and rank of every factor within its force.

    With :math:`N` factors in all,

    .. math:: BF_i = \frac{NU_i}{\sum_j NU_j}, \quad NBD_i = BF_i \, ND_i, \quad
              NRK_i = \frac{\sum_j NK_{ij}}{N - 1}, \quad NBK_i = BF_i \, NRK_i, \quad
              TNB_i = NBD_i + NBK_i

    Raises ValueError if a force has no factor, a factor has no rating, a linkage names an unknown
    factor or the factor itself, one expert gives a pair two values, a value is out of range or an
    option is unknown.

    Parameters
    ----------
    factors : DataFrame
        One row a factor: ``factor`` (key), ``force`` (driving or restraining), ``aspect``.
    ratings : DataFrame
        One row an expert and factor: ``expert``, ``factor``, ``urgency`` 1-5, ``support`` 1-5.
        An expert may leave out a factor; the others' answers are then aggregated.
    linkages : DataFrame
        One row an expert and pair: ``expert``, ``factor_a``, ``factor_b``, ``linkage`` 0-5. Linkage
        is symmetric. A pair that nobody rated counts as 0, no relation: see :func:`unrated_pairs`.
    weighting : {"separate", "joint"}
        Whether the weights BF add to 1 within each force or over all factors. Joint favours the
        force with more factors.
    divisor : {"n_minus_1", "n", "rated"}
        What the sum of linkages is divided by; `rated` is the number of linkages above 0.
    aggregate : {"mean", "median", "mode"}
        How several experts become one number. Of several equally frequent values the mode is their
        mean.
    keys : int
        How many factors of each force are key factors.
    linkage_scope : {"all", "own"}
        Whether a factor is linked with all others or only with those of its own force, whose number
        is then :math:`N`.
    weight_scale : {"fraction", "percent"}
        Whether BF adds to 1 or to 100; with percent, NBD, NBK and TNB are 100 times as large and no
        rank changes.
    urgency : Series, optional
        NU by factor from elsewhere, in place of the experts' ratings: see :func:`compared_urgency`.
    urgency_shift : Series, optional
        Points by factor that move the rated NU, which stays on its scale: see
        :func:`urgency_shift`.

    Returns
    -------
    DataFrame
        ``factor, force, aspect, nu, bf, nd, nbd, tnk, nrk, nbk, tnb, rank, key`` in the order of
        `factors`. Ranks are within the force; a tie in TNB goes to the larger BF, then NBD, then
        NBK, then to the factor listed first.

    References
    ----------
    The sequence follows the training material of Lembaga Administrasi Negara (2008) and Sianipar &
    Entang (2003, 84-95), as quoted by Indonesian theses; not verified, as neither was seen.

    Examples
    --------
    Urgencies 3 and 1 against 2: the first driver weighs 3/4, its TNB is 3/4 x 4 + 3/4 x (2 + 4)/2 =
    5.25.

    >>> factors = pd.DataFrame({"factor": ["D1", "D2", "R1"], "aspect": "market",
    ...                         "force": ["driving", "driving", "restraining"]})
    >>> ratings = pd.DataFrame({"expert": "E1", "factor": ["D1", "D2", "R1"], "urgency": [3, 1, 2],
    ...                         "support": [4, 2, 5]})
    >>> linkages = pd.DataFrame({"expert": "E1", "factor_a": ["D1", "D1", "D2"],
    ...                          "factor_b": ["D2", "R1", "R1"], "linkage": [2, 4, 0]})
    >>> analyse(factors, ratings, linkages).set_index("factor")["tnb"].to_dict()
    {'D1': 5.25, 'D2': 0.75, 'R1': 7.0}
    """
    check_choice("aggregate", aggregate, AGGREGATES)
    check_keys(keys)
    check_factors(factors)
    merged = merged_judgements(factors, ratings, linkages, aggregate, urgency, urgency_shift)
    driving = (factors["force"] == "driving").to_numpy()
    weighed = weigh(*merged, driving, weighting, divisor, linkage_scope, weight_scale)
    result = factors[["factor", "force", "aspect"]].reset_index(drop=True).assign(**weighed)
    result["rank"] = rank_within(result)
    result["key"] = result["rank"] <= keys
    return result


def merged_judgements(factors: pd.DataFrame, ratings: pd.DataFrame, linkages: pd.DataFrame,
                      aggregate: str = "mean", urgency: pd.Series | None = None,
                      urgency_shift: pd.Series | None = None,
                      ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merged ratings of the experts, as :func:`weigh` takes them.

    Returns
    -------
    tuple of arrays
        NU and ND of shape (N,), NK of shape (N, N), in the order of `factors`.

    Examples
    --------
    >>> factors = pd.DataFrame({"factor": ["D1", "R1"]})
    >>> ratings = pd.DataFrame({"expert": ["E1", "E1", "E2"], "factor": ["D1", "R1", "D1"],
    ...                         "urgency": [3, 4, 4], "support": [1, 2, 2]})
    >>> linkages = pd.DataFrame({"expert": ["E1"], "factor_a": ["D1"], "factor_b": ["R1"],
    ...                          "linkage": [5]})
    >>> [merged.tolist() for merged in merged_judgements(factors, ratings, linkages)]
    [[3.5, 4.0], [1.5, 2.0], [[0.0, 5.0], [5.0, 0.0]]]
    """
    rated = expert_ratings(factors, ratings, aggregate)
    nu = settled_urgency(rated["urgency"].to_numpy(), factors["factor"], urgency, urgency_shift)
    return nu, rated["support"].to_numpy(), linkage_matrix(factors, linkages, aggregate).to_numpy()


def weigh(nu: ArrayLike, nd: ArrayLike, nk: ArrayLike, driving: ArrayLike,
          weighting: str = "separate", divisor: str = "n_minus_1", linkage_scope: str = "all",
          weight_scale: str = "fraction") -> dict[str, np.ndarray]:
    """Columns of the analysis from arrays; leading dimensions (draws, variants) are kept.

    Parameters
    ----------
    nu, nd : array of shape (..., N)
        Urgency and support of each factor.
    nk : array of shape (..., N, N)
        Linkages, the diagonal is ignored. A matrix that is not symmetric is taken as it is, row by
        row.
    driving : bool array of shape (N,)
        True for driving factors.
    weighting, divisor, linkage_scope, weight_scale
        As in :func:`analyse`.

    Returns
    -------
    dict of arrays of shape (..., N)
        ``nu, bf, nd, nbd, tnk, nrk, nbk, tnb``

    Examples
    --------
    >>> nk, driving = [[0, 2, 4], [2, 0, 0], [4, 0, 0]], [True, True, False]
    >>> weighed = weigh([3, 1, 2], [4, 2, 5], nk, driving, "joint")
    >>> weighed["bf"].tolist()[0], weighed["tnb"].tolist()[0]
    (0.5, 3.5)

    The second factor has one linkage above 0, a 2, and the third a 4.

    >>> weigh([3, 1, 2], [4, 2, 5], nk, driving, divisor="rated")["nrk"].tolist()
    [3.0, 2.0, 4.0]
    """
    mask = scope_mask(np.asarray(driving, dtype=bool), linkage_scope)
    counted = np.asarray(nk, dtype=float) * mask
    return weigh_sums(nu, nd, counted.sum(axis=-1), (counted > 0).sum(axis=-1), driving, weighting,
                      divisor, linkage_scope, weight_scale)


def weigh_sums(nu: ArrayLike, nd: ArrayLike, tnk: ArrayLike, rated: ArrayLike, driving: ArrayLike,
               weighting: str = "separate", divisor: str = "n_minus_1", linkage_scope: str = "all",
               weight_scale: str = "fraction") -> dict[str, np.ndarray]:
    """Columns of the analysis as :func:`weigh`, from sums of linkages that are known.

    A factor without a divisor (alone in its force, or without any linkage above 0) has NRK 0.

    Parameters
    ----------
    tnk, rated : array of shape (..., N)
        Sum of the linkages of each factor within the scope, and how many of them are above 0.
    nu, nd, driving, weighting, divisor, linkage_scope, weight_scale
        As in :func:`weigh`.

    Examples
    --------
    >>> weigh_sums([3, 1, 2], [4, 2, 5], [6, 2, 4], [2, 1, 1], [True, True, False])["nrk"].tolist()
    [3.0, 1.0, 2.0]
    """
    check_choice("weighting", weighting, WEIGHTINGS)
    check_choice("weight_scale", weight_scale, WEIGHT_SCALES)
    urgency, support, sums = (np.asarray(values, dtype=float) for values in (nu, nd, tnk))
    drives = np.asarray(driving, dtype=bool)
    if weighting == "joint":
        total = urgency.sum(axis=-1, keepdims=True)
    else:
        total = np.where(drives, urgency[..., drives].sum(axis=-1, keepdims=True),
                         urgency[..., ~drives].sum(axis=-1, keepdims=True))
    bf = urgency / total * WEIGHT_SCALES[weight_scale]
    divisors = _divisors(np.asarray(rated), drives, divisor, linkage_scope)
    nrk = np.divide(sums, divisors, out=np.zeros_like(sums), where=divisors > 0)
    nbd, nbk = bf * support, bf * nrk
    return {"nu": urgency, "bf": bf, "nd": support, "nbd": nbd, "tnk": sums, "nrk": nrk, "nbk": nbk,
            "tnb": nbd + nbk}


def scope_mask(driving: np.ndarray, linkage_scope: str) -> np.ndarray:
    """Mask of the pairs of factors whose linkage counts; none with itself.

    Examples
    --------
    >>> scope_mask(np.array([True, True, False]), "own").astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    check_choice("linkage_scope", linkage_scope, LINKAGE_SCOPES)
    others = ~np.eye(len(driving), dtype=bool)
    return others if linkage_scope == "all" else others & (driving[:, None] == driving)


def _divisors(rated: np.ndarray, driving: np.ndarray, divisor: str,
              linkage_scope: str) -> np.ndarray:
    check_choice("divisor", divisor, DIVISORS)
    if divisor == "rated":
        return rated
    others = scope_mask(driving, linkage_scope).sum(axis=1)
    return others if divisor == "n_minus_1" else others + 1


def settled_urgency(nu: np.ndarray, names: pd.Series, urgency: pd.Series | None = None,
                    urgency_shift: pd.Series | None = None) -> np.ndarray:
    """Rated NU, or its replacement, moved by the shift; leading dimensions (draws) are kept.

    Examples
    --------
    >>> names, shift = pd.Series(["D1", "R1"]), pd.Series({"D1": 1.0})
    >>> settled_urgency(np.array([4.5, 3.0]), names, urgency_shift=shift).tolist()
    [5.0, 3.0]
    """
    if urgency is not None:
        given = pd.to_numeric(urgency).reindex(names)
        wrong = given[~(given >= 0)]
        if len(wrong):
            raise Error("urgency: factor {factor!r} has {value:g}; it needs a value of 0 or more",
                        factor=wrong.index[0], value=wrong.iloc[0])
        nu = np.broadcast_to(given.to_numpy(dtype=float), nu.shape)
    if urgency_shift is not None:
        nu = np.clip(nu + urgency_shift.reindex(names, fill_value=0).to_numpy(), *RANGES["urgency"])
    return nu


def rank_within(weighed: pd.DataFrame) -> pd.Series:
    """Ranks of factors within their force by TNB, ties by BF, NBD, NBK and then their order.

    Examples
    --------
    >>> rank_within(pd.DataFrame({"force": ["driving", "driving", "restraining"], "tnb": [1, 1, 1],
    ...                           "bf": [0.1, 0.3, 0.2], "nbd": 0, "nbk": 0})).tolist()
    [2, 1, 1]
    """
    criteria = ["tnb", "bf", "nbd", "nbk"]
    rounded = weighed.round(dict.fromkeys(criteria, TIE_DECIMALS))
    ordered = rounded.sort_values(criteria, ascending=False, kind="stable")
    return (ordered.groupby("force").cumcount() + 1).reindex(weighed.index).rename("rank")
