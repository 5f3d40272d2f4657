"""Measures of inequality between areas.

One value per area, and, where people are to count instead of areas, its population. All measures
take values that are zero or more with a positive sum. Areas without a value must be left out by the
caller, so that nobody overlooks it. An area with a population of zero has no weight. With a single
area, or equal values, every measure is zero.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error
from helpers.messages import Message, term


def gini(values: ArrayLike, population: ArrayLike | None = None) -> float:
    r"""Gini coefficient: half the mean absolute difference between two areas, relative to the mean.

    .. math:: G = \frac{\sum_i \sum_j p_i p_j |y_i - y_j|}{2 \bar y}, \qquad \bar y = \sum_i p_i y_i

    with p the shares of the population, or 1/n without one (population form: n, not n - 1, in the
    divisor).

    Without weights this is ``inequality.gini.Gini``. With weights it is one minus twice the area
    under the `lorenz` curve, which needs no comparison of all pairs. It runs from 0 (all equal) to
    1 - 1/n (one area has everything; more with weights). Raises ValueError for missing, negative or
    all-zero values and for weights that do not fit.

    Parameters
    ----------
    values : array-like, shape (n,)
        y, for example a value per head.
    population : array-like, shape (n,), optional
        Weights. When both are Series they are matched by their index.

    Examples
    --------
    Shares 0.1, 0.2, 0.2 and 0.5 of the sales of four firms (Doersam 2004, in the R package REAT)
    give 0.3.

    >>> round(gini([20, 50, 20, 10]), 12)
    0.3
    >>> round(gini([1, 3], population=[3, 1]), 12)
    0.25
    """
    y, p = _checked(values, population)
    if population is None:
        from inequality.gini import Gini

        return float(Gini(y).g)
    people, income = _lorenz_points(y, p)
    return float(1 - np.sum(np.diff(people) * (income[1:] + income[:-1])))


def lorenz(values: ArrayLike, population: ArrayLike | None = None) -> pd.DataFrame:
    """Lorenz curve: the share of the total that the poorest share of the population holds.

    The table has population_share and value_share, both from 0 to 1, one row an area from the
    lowest value up, after a first row of zeros. Parameters are those of `gini`.

    Examples
    --------
    >>> lorenz([3, 1]).to_numpy().tolist()
    [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]
    """
    people, income = _lorenz_points(*_checked(values, population))
    return pd.DataFrame({"population_share": people, "value_share": income})


def theil(values: ArrayLike, population: ArrayLike | None = None) -> float:
    r"""Theil's T.

    .. math:: T = \sum_i s_i \ln \frac{s_i}{p_i}, \qquad s_i = \frac{p_i y_i}{\sum_j p_j y_j}

    with p the shares of the population, or 1/n without one. An area with the value zero adds zero
    (0 ln 0 = 0). Parameters and errors are those of `gini`.

    Without weights this is ``inequality.theil.Theil``; the formula with weights gives the same for
    equal weights. It runs from 0 (all equal) to ln n (one of n equally large areas has everything).

    Examples
    --------
    Half of the areas have everything, equally (PySAL's own test): T = ln 2.

    >>> round(theil([0, 0, 0, 10, 10, 10]), 6)
    0.693147
    """
    y, p = _checked(values, population)
    if population is None:
        from inequality.theil import Theil

        return max(float(Theil(y / y.sum()).T), 0.0)
    return _relative_entropy(p * y / (p * y).sum(), p)


def mld(values: ArrayLike, population: ArrayLike | None = None) -> float:
    r"""Mean log deviation (Theil's L, GE(0)).

    .. math:: L = \sum_i p_i \ln \frac{\bar y}{y_i}

    with p the shares of the population, or 1/n without one. It answers to what is low more than
    `theil` does, and is infinite where people live in an area with the value zero. (R's ``ineq``
    leaves out zeros.) Parameters and errors are those of `gini`.

    Examples
    --------
    Mean 2: (ln 2 + ln 2/3) / 2 = ln(4/3) / 2.

    >>> round(mld([1, 3]), 6)
    0.143841
    """
    y, p = _checked(values, population)
    with np.errstate(divide="ignore"):
        return max(float(p[p > 0] @ np.log((p @ y) / y[p > 0])), 0.0)


def atkinson(values: ArrayLike, population: ArrayLike | None = None,
             epsilon: float = 0.5) -> float:
    r"""Atkinson's index: the share of the mean that equality would be worth.

    .. math:: A_\epsilon = 1 - \frac{1}{\bar y}
        \left( \sum_i p_i\, y_i^{1 - \epsilon} \right)^{1 / (1 - \epsilon)}, \qquad
        A_1 = 1 - \frac{1}{\bar y} \prod_i y_i^{p_i}

    with p the shares of the population, or 1/n without one. The larger epsilon, the more a low
    value weighs. Raises ValueError as in `gini`, and for an epsilon that is not above zero.

    Parameters
    ----------
    values, population
        As in `gini`.
    epsilon : float
        Aversion to inequality, above 0.

    Examples
    --------
    Mean 2: 1 - ((1 + sqrt(3)) / 2)^2 / 2, and 1 - sqrt(3) / 2.

    >>> round(atkinson([1, 3]), 6), round(atkinson([1, 3], epsilon=1), 6)
    (0.066987, 0.133975)
    """
    if not epsilon > 0:
        raise Error("epsilon of Atkinson's index is {epsilon:g}; it must be above 0",
                    epsilon=epsilon)
    y, p = _checked(values, population)
    y, p = y[p > 0] / (p @ y), p[p > 0]
    with np.errstate(divide="ignore"):
        if epsilon == 1:
            return max(float(1 - np.exp(p @ np.log(y))), 0.0)
        return max(float(1 - (p @ y ** (1 - epsilon)) ** (1 / (1 - epsilon))), 0.0)


def theil_decomposition(values: ArrayLike, groups: ArrayLike,
                        population: ArrayLike | None = None) -> pd.Series:
    r"""Theil's T decomposed into inequality between and within groups, without remainder.

    .. math:: T = \underbrace{\sum_g S_g \ln \frac{S_g}{P_g}}_{between} + \underbrace{\sum_g S_g
    T_g}_{within}

    with S and P the groups' shares of the total and of the population, and T_g Theil's T inside
    group g.

    Without weights this is ``inequality.theil.TheilD``. The row has total, between, within, and
    between_share = between / total (missing when the total is zero). Raises ValueError as in
    `gini`, and for areas without a group.

    Parameters
    ----------
    values, population
        As in `gini`.
    groups : array-like, shape (n,)
        Name of each area's group; a group of one area has no inequality within.

    Examples
    --------
    Equal inside each half, so that all inequality is between the halves.

    >>> theil_decomposition([0, 0, 0, 10, 10, 10], list("aaabbb")).round(6).to_dict()
    {'total': 0.693147, 'between': 0.693147, 'within': 0.0, 'between_share': 1.0}
    """
    y, p = _checked(values, population)
    labels = np.asarray(_matched(groups, values, "group"), dtype=object)
    if pd.isna(labels).any():
        raise Error("an area has no group; give every area its zone")
    member = pd.factorize(labels, sort=True)[0]
    if population is None:
        from inequality.theil import TheilD

        parts = TheilD(y / y.sum(), member)
        total, between = max(float(parts.T), 0.0), float(parts.bg[0])
    else:
        share = p * y / (p * y).sum()
        total = _relative_entropy(share, p)
        between = _relative_entropy(np.bincount(member, weights=share),
                                    np.bincount(member, weights=p))
    # Rounding can leave 1e-17 where nothing is left; a negative part would be no part.
    between = min(max(between, 0.0), total)
    ratio = between / total if total > 0 else np.nan
    return pd.Series({"total": total, "between": between, "within": total - between,
                      "between_share": ratio})


def williamson(values: ArrayLike, population: ArrayLike) -> float:
    r"""Williamson's index: the population-weighted coefficient of variation.

    .. math:: V_w = \frac{\sqrt{\sum_i p_i (y_i - \bar y)^2}}{\bar y}, \qquad \bar y = \sum_i p_i
    y_i

    The mean is weighted as well. (Some software takes the plain mean of the areas, which gives
    another index.) Indonesian reports call values above 0.5 high; the index has no fixed upper
    limit of 1. The population is required. Errors are those of `gini`.

    Examples
    --------
    Mean (3 x 1 + 1 x 5) / 4 = 2, variance (3 x 1 + 1 x 9) / 4 = 3.

    >>> round(williamson([1, 5], [3, 1]), 6) == round(3 ** 0.5 / 2, 6)
    True
    """
    y, p = _checked(values, population)
    mean = p @ y
    return float(np.sqrt(p @ (y - mean) ** 2) / mean)


def bonet(values: ArrayLike, population: ArrayLike) -> pd.Series:
    r"""Bonet's index of each area: its distance from the mean, relative to the mean.

    .. math:: IB_i = \left| \frac{y_i}{\bar y} - 1 \right|

    with the population-weighted mean, the value per head of the whole region. The population is
    required.

    Returns
    -------
    Series
        With the index of ``values``.

    Examples
    --------
    >>> bonet([1, 5], [3, 1]).tolist()
    [0.5, 1.5]
    """
    y, p = _checked(values, population)
    return pd.Series(np.abs(y / (p @ y) - 1),
                     index=values.index if isinstance(values, pd.Series) else None)


def coefficient_of_variation(values: ArrayLike) -> float:
    r"""Coefficient of variation of the areas, each counted once (divisor n).

    Equal to `williamson` with equal populations.

    Examples
    --------
    >>> coefficient_of_variation([1, 3])
    0.5
    """
    y, _ = _checked(values, None)
    return float(y.std() / y.mean())


def share_ratio(values: ArrayLike, population: ArrayLike | None = None,
                share: float = 0.2) -> float:
    r"""20:20 ratio: what the highest fifth holds, relative to what the lowest fifth holds.

    .. math:: R = \frac{1 - L(1 - q)}{L(q)}

    with L the `lorenz` curve, drawn straight between its points, and q the share. An area on the
    border between two fifths is divided. It is 1 (all equal) or more; missing where the lowest have
    nothing. Raises ValueError as in `gini`, and for a share outside its range.

    Parameters
    ----------
    values, population
        As in `gini`.
    share : float
        q, above 0 and at most one half.

    Examples
    --------
    Five areas: the highest has 12, the lowest 2.

    >>> round(share_ratio([2, 4, 5, 7, 12]), 12)
    6.0
    """
    if not 0 < share <= 0.5:
        raise Error("the share of a share ratio is {share:g}; it must be above 0 and at most 0.5",
                    share=share)
    people, income = _lorenz_points(*_checked(values, population))
    lowest, rest = np.interp([share, 1 - share], people, income)
    return float((1 - rest) / lowest) if lowest > 0 else float("nan")


def _lorenz_points(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(y, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(p[order])])
    income = np.concatenate([[0.0], np.cumsum((p * y)[order])])
    return people / people[-1], income / income[-1]


def _relative_entropy(share: np.ndarray, base: np.ndarray) -> float:
    held = share > 0
    return max(float(np.sum(share[held] * np.log(share[held] / base[held]))), 0.0)


def _checked(values: Any, population: Any) -> tuple[np.ndarray, np.ndarray]:
    """Values and shares of the population as arrays, checked."""
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or not len(y):
        raise Error("inequality needs one value an area; there is none")
    if not np.isfinite(y).all():
        raise Error("{name} has no value; leave out areas without a value first",
                    name=_name(values, ~np.isfinite(y)))
    if (y < 0).any():
        raise Error("{name} has a negative value ({value:g}); inequality is measured on values of "
                    "zero or more", name=_name(values, y < 0), value=y[y < 0][0])
    p = np.ones(len(y))
    if population is not None:
        p = np.asarray(_matched(population, values, "population"), dtype=float)
    if not np.isfinite(p).all():
        raise Error("{name} has no population; leave out areas without one first",
                    name=_name(values, ~np.isfinite(p)))
    if (p < 0).any():
        raise Error("{name} has a negative population ({value:g})", name=_name(values, p < 0),
                    value=p[p < 0][0])
    if not (p * y).sum() > 0:
        raise Error("all values (or all populations) are zero: inequality has no meaning without "
                    "a total")
    return y, p / p.sum()


def _matched(other: Any, values: Any, what: str) -> Any:
    if isinstance(other, pd.Series) and isinstance(values, pd.Series):
        absent = values.index.difference(other.index)
        if len(absent):
            raise Error("area {area} has no {what}; every area needs one", area=absent[0],
                        what=term(what))
        return other.loc[values.index].to_numpy()
    if len(other) != len(values):
        raise Error("there are {number} values, but for {what} {other}; both need one an area",
                    number=len(values), what=term(what), other=len(other))
    return other


def _name(values: Any, where: np.ndarray) -> Message:
    labels = values.index if isinstance(values, pd.Series) else range(len(where))
    return Message("area {labels}", labels=labels[int(where.argmax())])
