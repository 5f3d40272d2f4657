"""Allocation of a sample to strata: proportional, equal and optimal."""

import heapq
import math
from collections.abc import Callable

import pandas as pd

from helpers.errors import Error
from helpers.sampling.arguments import whole, whole_units


def allocate(units: pd.Series, n: int, minimum: int = 0) -> pd.Series:
    r"""Proportional allocation of a sample by largest remainder.

    .. math:: q_h = n \frac{N_h}{N}

    Every stratum gets the whole part of its quota; what is left goes, one by one, to the largest
    remainders. Equal remainders: the larger stratum first, then the one that stands first in the
    index. A stratum that ends below the minimum gets the minimum, and the rest is shared out anew
    among the others.

    A larger `n` can take a unit away from a stratum (the Alabama paradox). The numbers keep the
    index, sum to `n` and are never more than `units`. Without a minimum each is its quota rounded
    up or down. Raises ValueError if units are negative, missing or broken numbers, or if `n` cannot
    be reached.

    Parameters
    ----------
    units : Series of int, shape (strata,)
        N_h, number of units in each stratum; the index holds the strata.
    n : int
        Size of the whole sample, from 0 to the sum of `units`.
    minimum : int
        Units that each stratum gets at least; a stratum with fewer is taken whole.

    References
    ----------
    Balinski, M. L. & Young, H. P. (2001). Fair Representation, 2nd ed., method of Hamilton.

    Examples
    --------
    Quotas 9.66, 14.97, 35.79, 25.58; the three seats left go to .97, .79 and .66:

    >>> firms = pd.Series({"Utara": 71, "Timur": 110, "Barat": 263, "Selatan": 188})
    >>> allocate(firms, 86).to_dict()
    {'Utara': 10, 'Timur': 15, 'Barat': 36, 'Selatan': 25}
    """
    sizes = whole_units(units)
    n, minimum = whole(n, "n", 0), whole(minimum, "minimum", 0)
    least = [min(minimum, size) for size in sizes]
    _check_reachable(n, sizes, least, minimum)
    shares = dict.fromkeys(range(len(sizes)), 0)
    open_strata, left = list(shares), n
    while open_strata:
        shares.update(_largest_remainder({h: sizes[h] for h in open_strata}, left))
        short = [h for h in open_strata if shares[h] < least[h]]
        if not short:
            break
        shares.update({h: least[h] for h in short})
        left -= sum(least[h] for h in short)
        open_strata = [h for h in open_strata if h not in short]
    return pd.Series(list(shares.values()), index=units.index, dtype="int64", name="n")


def allocation_table(frame: pd.DataFrame, n: int, minimum: int = 0) -> pd.DataFrame:
    """Proportional allocation with quota, sampling fraction and weight of every stratum.

    The table has code, name, zone, units, quota (n N_h / N), n, fraction (n_h / N_h), weight (N_h /
    n_h; empty where nobody is asked). Errors are those of `allocate`.

    Parameters
    ----------
    frame : DataFrame
        code, name, zone, units; one row a stratum.
    n, minimum : int
        As in `allocate`.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a", "b"], "name": ["A", "B"], "zone": "z",
    ...                       "units": [30, 10]})
    >>> allocation_table(frame, 4)[["quota", "n", "weight"]].values.tolist()
    [[3.0, 3.0, 10.0], [1.0, 1.0, 10.0]]
    """
    table = frame[["code", "name", "zone", "units"]].reset_index(drop=True)
    table["quota"] = n * table["units"] / table["units"].sum()
    table["n"] = allocate(table["units"], n, minimum)
    table["fraction"] = (table["n"] / table["units"]).where(table["units"] > 0, 0.0)
    table["weight"] = (table["units"] / table["n"]).where(table["n"] > 0)
    return table


def equal_allocation(units: pd.Series, n: int) -> pd.Series:
    """Equal allocation: the same number in every stratum, as far as its units reach.

    It serves those who compare areas with each other; the whole is then estimated less well,
    because respondents of small strata stand for few people and those of large ones for many. The
    numbers keep the index, sum to `n` and are never more than `units`. What does not divide goes to
    the larger strata, then to those that come first. Errors are those of `allocate`.

    Parameters
    ----------
    units : Series of int, shape (strata,)
        N_h by stratum.
    n : int
        Size of the whole sample, from 0 to the sum of `units`.

    Examples
    --------
    The stratum of 2 is taken whole; 8 are left for two strata:

    >>> equal_allocation(pd.Series({"a": 2, "b": 50, "c": 90}), 10).to_dict()
    {'a': 2, 'b': 4, 'c': 4}
    """
    sizes = whole_units(units)
    _check_reachable(n, sizes, [0] * len(sizes), 0)
    shares = _one_by_one(n, [0] * len(sizes), sizes, lambda h, taken: (taken, -sizes[h], h))
    return pd.Series(shares, index=units.index, dtype="int64", name="n")


def neyman_allocation(units: pd.Series, spread: pd.Series, n: int, minimum: int = 1) -> pd.Series:
    r"""Neyman's allocation, which gives the mean of the whole the smallest variance.

    .. math:: n_h \propto N_h S_h

    The whole numbers are the exact optimum and not a rounded quota: one unit after the other goes
    to the stratum where it lowers the variance most, that with the largest
    :math:`N_h S_h / \sqrt{n_h (n_h + 1)}`. The numbers keep the index, sum to `n` and are never
    more than `units`. Raises ValueError if a spread is missing or negative, or as `allocate` does.

    Parameters
    ----------
    units : Series of int, shape (strata,)
        N_h by stratum.
    spread : Series of float
        S_h, the standard deviation inside each stratum; same index. It is not known before the
        survey: it comes from an earlier one, a pilot, or a related figure.
    n : int
        Size of the whole sample.
    minimum : int
        Units that each stratum gets at least (1 or more); a stratum with fewer is taken whole.

    References
    ----------
    Neyman, J. (1934). Journal of the Royal Statistical Society 97, 558-625.
    Wright, T. (2012). The American Statistician 66, 217-224.

    Examples
    --------
    N S is 200 and 100, so two to one:

    >>> units, spread = pd.Series({"a": 100, "b": 100}), pd.Series({"a": 2.0, "b": 1.0})
    >>> neyman_allocation(units, spread, 30).to_dict()
    {'a': 20, 'b': 10}
    """
    sizes, minimum = whole_units(units), whole(minimum, "minimum", 1)
    spread = spread.reindex(units.index)
    wrong = spread[~(spread >= 0)]
    if len(wrong):
        raise Error("spread of {stratum!r} is {spread}; give a standard deviation, zero or more",
                    stratum=wrong.index[0], spread=wrong.iloc[0])
    least = [min(minimum, size) for size in sizes]
    _check_reachable(n, sizes, least, minimum)
    gain = [size * value for size, value in zip(sizes, spread)]
    shares = _one_by_one(n, least, sizes,
                         lambda h, taken: (-gain[h] / math.sqrt(taken * (taken + 1)), -sizes[h], h))
    return pd.Series(shares, index=units.index, dtype="int64", name="n")


def compare_allocations(frame: pd.DataFrame, n: int, means: pd.Series,
                        spread: pd.Series) -> pd.DataFrame:
    r"""Proportional, equal and Neyman's allocation of one sample, and the precision of each.

    .. math::

        \text{weight\_effect} = n \sum_h \frac{W_h^2}{n_h}, \qquad
        \text{design\_effect} = \frac{\sum_h W_h^2 (1 - f_h) S_h^2 / n_h}{(1 - f) S^2 / n}, \qquad
        W_h = N_h / N

    Every stratum with units gets at least one respondent here, since a stratum without any has no
    variance. Errors are those of `neyman_allocation`.

    Parameters
    ----------
    frame : DataFrame
        code (unique), units.
    n : int
        Size of the whole sample, at least the number of strata with units.
    means, spread : Series of float, by code
        Mean and standard deviation of the variable inside each stratum, as they are expected.

    Returns
    -------
    DataFrame
        allocation (proportional, equal, neyman), n, smallest, largest (respondents of a stratum),
        weight_effect (Kish: what unequal weights cost where the strata are alike), design_effect
        (variance of the mean against a simple random sample of n), effective_n (n over the design
        effect).

    References
    ----------
    Kish, L. (1965). Survey Sampling, section 11.7.
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., chapter 5.

    Examples
    --------
    Strata of 900 and 100 units that are alike inside: equal shares cost 64 % more variance,
    0.9^2 / 0.5 + 0.1^2 / 0.5 = 1.64:

    >>> frame = pd.DataFrame({"code": ["a", "b"], "units": [900, 100]})
    >>> alike = pd.Series({"a": 0.0, "b": 0.0}), pd.Series({"a": 1.0, "b": 1.0})
    >>> compare_allocations(frame, 20, *alike)["weight_effect"].round(2).tolist()
    [1.0, 1.64, 1.0]
    """
    units = frame.set_index("code")["units"]
    units = units[units > 0]
    shares = units / units.sum()
    means, spread = means.reindex(units.index), spread.reindex(units.index)
    whole_mean = (shares * means).sum()
    variance = (shares * (spread**2 + (means - whole_mean) ** 2)).sum()
    alone = (1 - n / units.sum()) * variance / n
    chosen = {"proportional": allocate(units, n, 1), "equal": equal_allocation(units, n),
              "neyman": neyman_allocation(units, spread, n)}
    rows = []
    for name, asked in chosen.items():
        own = (shares**2 * (1 - asked / units) * spread**2 / asked).sum()
        effect = own / alone if alone > 0 else math.nan
        rows.append((name, int(asked.sum()), int(asked.min()), int(asked.max()),
                     float(n * (shares**2 / asked).sum()), float(effect),
                     float(n / effect) if effect else math.nan))
    columns = ["allocation", "n", "smallest", "largest", "weight_effect", "design_effect",
               "effective_n"]
    return pd.DataFrame(rows, columns=columns)


def _one_by_one(n: int, start: list[int], sizes: list[int],
                order: Callable[[int, int], tuple]) -> list[int]:
    """Units handed out one by one, each to the stratum first in `order(stratum, taken so far)`."""
    taken = list(start)
    queue = [(order(h, taken[h]), h) for h in range(len(sizes)) if taken[h] < sizes[h]]
    heapq.heapify(queue)
    for _ in range(n - sum(taken)):
        _, h = heapq.heappop(queue)
        taken[h] += 1
        if taken[h] < sizes[h]:
            heapq.heappush(queue, (order(h, taken[h]), h))
    return taken


def _check_reachable(n: int, sizes: list[int], least: list[int], minimum: int) -> None:
    whole(n, "n", 0)
    if n > sum(sizes):
        raise Error("n is {n}, more than the {units} units of all strata; lower n", n=n,
                    units=sum(sizes))
    if n < sum(least):
        raise Error("n is {n}, but a minimum of {minimum} in each of {strata} strata needs "
                    "{least}; raise n or lower the minimum", n=n, minimum=minimum,
                    strata=len(sizes), least=sum(least))


def _largest_remainder(sizes: dict[int, int], n: int) -> dict[int, int]:
    total = sum(sizes.values())
    if total == 0:
        return dict.fromkeys(sizes, 0)
    # Whole-number division keeps ties exact: the stated rule decides them, no binary digit.
    shares = {h: n * size // total for h, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda h: (-(n * sizes[h] % total), -sizes[h], h))
    for h in by_remainder[: n - sum(shares.values())]:
        shares[h] += 1
    return shares
