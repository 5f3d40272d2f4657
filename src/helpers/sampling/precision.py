"""Precision and power: margins of error, and the differences between zones that can be shown."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error
from helpers.sampling.arguments import check_size, z_value


def margin_of_error(n: ArrayLike, population: int, confidence: float = 0.95,
                    proportion: float = 0.5) -> Any:
    r"""Margin of error of a share: half the width of its interval in a simple random sample.

    .. math:: e = z \sqrt{\frac{p (1-p)}{n} \cdot \frac{N - n}{N - 1}}

    It turns Cochran's formula round: the size that Cochran asks for has exactly this margin. It is
    a share, in the shape of `n`. Raises ValueError if a value is out of its range.

    Parameters
    ----------
    n : int or array of int
        Units asked, from 1 to `population`.
    population : int
        N; at least 1. A population of one that is asked has margin 0.

    Examples
    --------
    1.96 x sqrt(0.25 / 399 x 128,552 / 128,950):

    >>> round(float(margin_of_error(399, 128_951)), 4)
    0.049
    """
    check_size(population, confidence, proportion)
    asked = np.asarray(n, dtype=float)
    if ((asked < 1) | (asked > population)).any():
        raise Error("n has values outside 1 to {population}, the size of the population",
                    population=population)
    correction = (population - asked) / max(population - 1, 1)
    result = z_value(confidence) * np.sqrt(proportion * (1 - proportion) / asked * correction)
    return float(result) if result.ndim == 0 else result


def size_range(n: int, population: int, steps: int = 80) -> list[int]:
    """Sample sizes from an eighth of `n` to twelve times it, evenly spaced on a logarithmic scale.

    Parameters
    ----------
    n : int
        The chosen size; it is always in the list.
    population : int
        No size is larger.
    steps : int
        About how many sizes.

    Examples
    --------
    >>> size_range(80, 100, steps=3)
    [10, 32, 80, 100]
    """
    ends = max(n / 8, 1), min(12 * n, population)
    return sorted({int(round(size)) for size in np.geomspace(*ends, steps)} | {int(n)})


def precision_curves(frame: pd.DataFrame, sizes: Iterable[int], confidence: float = 0.95,
                     proportion: float = 0.5) -> pd.DataFrame:
    r"""Margin of error over a range of sample sizes, allocated in proportion.

    .. math:: n_d = n \frac{N_d}{N}

    Parameters
    ----------
    frame : DataFrame
        zone, units; one row a stratum.
    sizes : sequence of int
        Sizes of the whole sample; those above the population are left out.

    Returns
    -------
    DataFrame
        n (whole sample), domain (all, zone, area), level (`all`, the zone, `median` for the area of
        median size), asked (n_d, not rounded), margin; rows where less than one unit would be asked
        are left out.

    Examples
    --------
    Half of 200 is asked in a zone with half of the units: 1.96 x sqrt(0.25 / 100 x 4,900 / 4,999):

    >>> frame = pd.DataFrame({"zone": ["x", "y"], "units": [5000, 5000]})
    >>> precision_curves(frame, [200])["margin"].round(4).tolist()
    [0.0686, 0.097, 0.097, 0.097]
    """
    total = int(frame["units"].sum())
    wholes = np.asarray([size for size in sizes if size <= total], dtype=float)
    zones = frame.groupby("zone", sort=False)["units"].sum()
    domains = [("all", "all", total),
               *(("zone", zone, int(units)) for zone, units in zones.items()),
               ("area", "median", int(frame["units"].median()))]
    parts = []
    for domain, level, units in domains:
        asked = wholes * units / total
        kept = asked >= 1
        margin = margin_of_error(asked[kept], units, confidence, proportion) if kept.any() else []
        parts.append(pd.DataFrame({"n": wholes[kept].astype(int), "domain": domain, "level": level,
                                   "asked": asked[kept], "margin": margin}))
    return pd.concat(parts, ignore_index=True)


def zone_precision(allocation: pd.DataFrame, confidence: float = 0.95,
                   proportion: float = 0.5) -> pd.DataFrame:
    """Margin of error of an allocation in the whole, in every zone and in every area.

    Each row is read as a simple random sample of its own, which proportional allocation allows. The
    table has domain (all, zone, area), level, units, n, margin (empty where nobody is asked). The
    columns of `allocation` are code, zone, units, n, as `allocation_table` gives them.

    Examples
    --------
    >>> table = pd.DataFrame({"code": ["a", "b"], "zone": ["x", "x"], "units": [900, 100],
    ...                       "n": [90, 10]})
    >>> zone_precision(table)["margin"].round(3).tolist()
    [0.093, 0.093, 0.098, 0.295]
    """
    parts = [allocation.assign(domain=domain, level=allocation[column] if column else "all")
             for domain, column in (("all", None), ("zone", "zone"), ("area", "code"))]
    groups = pd.concat(parts).groupby(["domain", "level"], sort=False)
    sums = groups[["units", "n"]].sum().reset_index()
    sums["margin"] = [margin_of_error(n, units, confidence, proportion) if n else np.nan
                      for units, n in zip(sums["units"], sums["n"])]
    return sums


def difference_margins(precision: pd.DataFrame) -> pd.DataFrame:
    r"""Margin of error of the difference between two zones.

    .. math:: e_{a-b} = \sqrt{e_a^2 + e_b^2}

    The table has zone_a, zone_b, margin: one row a pair of zones, none where there is one zone. The
    columns of `precision` are domain, level, margin, as `zone_precision` gives them.

    Examples
    --------
    >>> precision = pd.DataFrame({"domain": "zone", "level": ["x", "y"], "margin": [0.06, 0.08]})
    >>> difference_margins(precision).values.tolist()
    [['x', 'y', 0.1]]
    """
    zones = precision[precision["domain"] == "zone"]
    pairs = combinations(zip(zones["level"], zones["margin"]), 2)
    rows = [(a, b, float(np.hypot(of_a, of_b))) for (a, of_a), (b, of_b) in pairs]
    return pd.DataFrame(rows, columns=["zone_a", "zone_b", "margin"])


def detectable_differences(precision: pd.DataFrame, power: float = 0.8, confidence: float = 0.95,
                           proportion: float = 0.5) -> pd.DataFrame:
    r"""Smallest true difference between two zones that a two-sided test finds with a given power.

    .. math::

        \delta = (z_{(1+c)/2} + z_{\text{power}})\, \text{se}, \qquad
        \text{se}^2 = \sum_{d \in \{a, b\}} \frac{p(1-p)}{n_d} \frac{N_d - n_d}{N_d - 1}

    Raises ValueError if a value is out of its range.

    Parameters
    ----------
    precision : DataFrame
        domain, level, units, n, as `zone_precision` gives them.
    power : float
        Chance of finding the difference where it is there, between 0.5 and 1.

    Returns
    -------
    DataFrame
        zone_a, zone_b, n_a, n_b, margin (of the difference), difference (share), effect (the same
        in standard deviations, for mean scores); one row a pair of zones in which somebody is
        asked.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 2.

    Examples
    --------
    Half a standard deviation needs 63 in each group: (1.960 + 0.842) x sqrt(2 / 63) = 0.499:

    >>> zones = pd.DataFrame({"domain": "zone", "level": ["x", "y"], "units": 10**9, "n": 63})
    >>> detectable_differences(zones)[["difference", "effect"]].round(3).values.tolist()
    [[0.25, 0.499]]
    """
    if not 0.5 <= power < 1:
        raise Error("power is {power}; give a share from 0.5 to below 1, such as 0.8", power=power)
    check_size(1, confidence, proportion)
    zones = precision[(precision["domain"] == "zone") & (precision["n"] > 0)]
    z = z_value(confidence)
    # The margin at p is z sd sqrt(...); without sd it is that of a mean in standard deviations.
    spread = np.sqrt(proportion * (1 - proportion))
    rows = []
    for a, b in combinations(zones.itertuples(), 2):
        margins = [margin_of_error(zone.n, zone.units, confidence, proportion) for zone in (a, b)]
        margin = float(np.hypot(*margins))
        difference = (1 + z_value(2 * power - 1) / z) * margin
        rows.append((a.level, b.level, int(a.n), int(b.n), margin, difference, difference / spread))
    columns = ["zone_a", "zone_b", "n_a", "n_b", "margin", "difference", "effect"]
    return pd.DataFrame(rows, columns=columns)


def power_of_difference(difference: ArrayLike, margin: float, confidence: float = 0.95) -> Any:
    r"""Power of a two-sided test: its chance of finding a true difference of a given size.

    .. math:: \Phi\left(\frac{|\delta|}{\text{se}} - z\right)
        + \Phi\left(-\frac{|\delta|}{\text{se}} - z\right), \qquad \text{se} = \text{margin} / z

    Raises ValueError if the margin is not above zero or the confidence out of range.

    Parameters
    ----------
    difference : float or array of float
        True difference of two shares; the result has its shape.
    margin : float
        Margin of error of the difference, as `difference_margins` gives it; above 0.

    Examples
    --------
    A difference as large as its margin is found half of the time; no difference in 5 % of cases:

    >>> [round(float(power_of_difference(size, 0.1)), 3) for size in (0.1, 0)]
    [0.5, 0.05]
    """
    from scipy.stats import norm

    check_size(1, confidence, 0.5)
    if not margin > 0:
        raise Error("margin is {margin}; give the margin of error of the difference, above zero",
                    margin=margin)
    z = z_value(confidence)
    steps = np.abs(np.asarray(difference, dtype=float)) * z / margin
    return norm.cdf(steps - z) + norm.cdf(-steps - z)


def power_curves(differences: pd.DataFrame, confidence: float = 0.95,
                 steps: int = 60) -> pd.DataFrame:
    """Power of the test of two zones over a range of true differences.

    The table has zone_a, zone_b, difference, power.

    Parameters
    ----------
    differences : DataFrame
        zone_a, zone_b, margin, as `difference_margins` gives them.
    steps : int
        How many differences, from none to twice the widest margin.

    Examples
    --------
    >>> pair = pd.DataFrame({"zone_a": ["x"], "zone_b": ["y"], "margin": [0.1]})
    >>> power_curves(pair, steps=3)["power"].round(3).tolist()
    [0.05, 0.5, 0.975]
    """
    grid = np.linspace(0, 2 * differences["margin"].max(), steps)
    parts = [pd.DataFrame({"zone_a": row.zone_a, "zone_b": row.zone_b, "difference": grid,
                           "power": power_of_difference(grid, row.margin, confidence)})
             for row in differences.itertuples()]
    return pd.concat(parts, ignore_index=True)
