"""How many to ask, how many in each area, and whom: sample size, allocation, draw.

Everything here is pure: numbers and data frames in, numbers and data frames out.
Sizes are computed with exact fractions and rounded once, at the end,
because a floating-point 400.00000000000006 would be rounded up to 401.
"""

import hashlib
import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd

METHODS = ("slovin", "cochran", "krejcie_morgan")
ROUNDINGS = ("up", "nearest", "down")


def sample_size(
    population: int,
    method: str = "slovin",
    margin: float = 0.05,
    confidence: float = 0.95,
    proportion: float = 0.5,
    rounding: str = "up",
) -> int:
    r"""Number of units to ask in a population of `population` units.

    .. math::

        \text{slovin: } \frac{N}{1 + N e^2} \qquad
        \text{cochran: } \frac{n_0}{1 + (n_0 - 1)/N},\; n_0 = \frac{z^2 p (1-p)}{e^2} \qquad
        \text{krejcie\_morgan: } \frac{\chi^2 N p (1-p)}{e^2 (N-1) + \chi^2 p (1-p)}

    Parameters
    ----------
    population : int
        N, the number of units in the frame; at least 1.
    method : {"slovin", "cochran", "krejcie_morgan"}
    margin : float
        e, half the width of the interval, as a share between 0 and 1.
    confidence : float
        Between 0 and 1; gives z (exact normal quantile) and chi2 (three decimals, as the table of 1970 has it).
        Slovin's formula does not read it: it has z = 2 built in.
    proportion : float
        p, the share that is to be estimated; 0.5 is the most demanding. Slovin's formula does not read it.
    rounding : {"up", "nearest", "down"}
        Nearest takes halves up. Krejcie-Morgan is always rounded to nearest, as its table is.

    Returns
    -------
    int
        Between 1 and `population`.

    Raises
    ------
    ValueError
        If a value is out of its range or a name is unknown.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 4.4.
    Krejcie, R. V. & Morgan, D. W. (1970). Educational and Psychological Measurement 30, 607-610.

    Examples
    --------
    128,951 / (1 + 128,951 x 0.0025) = 398.76:

    >>> sample_size(128_951)
    399
    >>> sample_size(528, "cochran")
    223
    >>> sample_size(1000, "krejcie_morgan")
    278

    400 / (1 + 400 x 0.0025) is 200 exactly and stays 200:

    >>> sample_size(400)
    200
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding is {rounding!r}; use one of {', '.join(ROUNDINGS)}")
    exact = _exact_size(population, method, margin, confidence, proportion)
    rule = "nearest" if method == "krejcie_morgan" else rounding
    return min(max(_rounded(exact, rule), 1), int(population))


def n_exact(
    population: int, method: str = "slovin", margin: float = 0.05, confidence: float = 0.95, proportion: float = 0.5
) -> float:
    """Sample size before rounding, by the formulas of `sample_size`.

    Parameters, errors and references are those of `sample_size`.

    Returns
    -------
    float

    Examples
    --------
    632 / (1 + 632 x 0.01) = 632 / 7.32:

    >>> round(n_exact(632, margin=0.1), 3)
    86.339
    """
    return float(_exact_size(population, method, margin, confidence, proportion))


def compare_sizes(
    population: int,
    chosen: str = "slovin",
    margin: float = 0.05,
    confidence: float = 0.95,
    proportion: float = 0.5,
    rounding: str = "up",
    manual_n: int | None = None,
) -> pd.DataFrame:
    """Sizes by every method side by side, the chosen one in the first row.

    Parameters
    ----------
    population, margin, confidence, proportion, rounding
        As in `sample_size`.
    chosen : {"slovin", "cochran", "krejcie_morgan", "manual"}
        The method that the study uses.
    manual_n : int, optional
        The size that was set by hand; needed where `chosen` is "manual".

    Returns
    -------
    DataFrame
        method, population, margin, confidence, n_exact, n.

    Raises
    ------
    ValueError
        If `chosen` is unknown, or is "manual" without a size between 1 and the population.

    Examples
    --------
    >>> compare_sizes(632, "cochran", margin=0.1)[["method", "n"]].values.tolist()
    [['cochran', 84], ['slovin', 87], ['krejcie_morgan', 83]]
    """
    if chosen not in (*METHODS, "manual"):
        raise ValueError(f"method is {chosen!r}; use one of {', '.join((*METHODS, 'manual'))}")
    rows = [
        (
            method,
            int(population),
            margin,
            confidence,
            n_exact(population, method, margin, confidence, proportion),
            sample_size(population, method, margin, confidence, proportion, rounding),
        )
        for method in METHODS
    ]
    if chosen == "manual":
        if manual_n is None or not 1 <= manual_n <= population:
            raise ValueError(
                f"method is 'manual' but the size set by hand is {manual_n}; give a whole number from 1 to {population}"
            )
        achieved = margin_of_error(manual_n, population, confidence, proportion)
        rows.append(("manual", int(population), achieved, confidence, float(manual_n), int(manual_n)))
    table = pd.DataFrame(rows, columns=["method", "population", "margin", "confidence", "n_exact", "n"])
    return table.sort_values("method", key=lambda names: names != chosen, kind="stable", ignore_index=True)


def margin_of_error(n, population: int, confidence: float = 0.95, proportion: float = 0.5):
    r"""Half the width of the interval of a share estimated from a simple random sample.

    .. math:: e = z \sqrt{\frac{p (1-p)}{n} \cdot \frac{N - n}{N - 1}}

    It turns Cochran's formula round: the size that Cochran asks for has exactly this margin.

    Parameters
    ----------
    n : int or array of int
        Units asked, from 1 to `population`.
    population : int
        N; at least 1. A population of one that is asked has margin 0.
    confidence, proportion : float
        Between 0 and 1.

    Returns
    -------
    float or array
        A share, in the shape of `n`.

    Raises
    ------
    ValueError
        If a value is out of its range.

    Examples
    --------
    1.96 x sqrt(0.25 / 399 x 128,552 / 128,950):

    >>> round(float(margin_of_error(399, 128_951)), 4)
    0.049
    """
    _check_size(population, confidence, proportion)
    n = np.asarray(n, dtype=float)
    if ((n < 1) | (n > population)).any():
        raise ValueError(f"n has values outside 1 to {population}, the size of the population")
    correction = (population - n) / max(population - 1, 1)
    result = _z(confidence) * np.sqrt(proportion * (1 - proportion) / n * correction)
    return float(result) if result.ndim == 0 else result


def allocate(units: pd.Series, n: int, minimum: int = 0) -> pd.Series:
    r"""Share out a sample in proportion to size, by largest remainder.

    .. math:: q_h = n \frac{N_h}{N}

    Every stratum gets the whole part of its quota; what is left goes, one by one, to the largest remainders.
    Equal remainders: the larger stratum first, then the one that stands first in the index.
    A stratum that ends below the minimum gets the minimum, and the rest is shared out anew among the others.

    Parameters
    ----------
    units : Series of int, shape (strata,)
        N_h, number of units in each stratum; the index holds the strata.
    n : int
        Size of the whole sample, from 0 to the sum of `units`.
    minimum : int
        Units that each stratum gets at least; a stratum with fewer is taken whole.

    Returns
    -------
    Series of int
        Same index; sums to `n`; never more than `units`. Without a minimum each value is its quota rounded up or down.

    Raises
    ------
    ValueError
        If units are negative, missing or broken numbers, or if `n` can not be reached.

    Notes
    -----
    A larger `n` can take a unit away from a stratum (the Alabama paradox).

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
    sizes = _whole_units(units)
    n, minimum = _whole(n, "n", 0), _whole(minimum, "minimum", 0)
    least = [min(minimum, size) for size in sizes]
    if n > sum(sizes):
        raise ValueError(f"n is {n}, more than the {sum(sizes)} units of all strata; lower n")
    if n < sum(least):
        raise ValueError(
            f"n is {n}, but a minimum of {minimum} in each of {len(sizes)} strata needs {sum(least)}; "
            "raise n or lower the minimum"
        )
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


def draw(frame: pd.DataFrame, allocation: pd.Series, seed: int) -> pd.DataFrame:
    r"""Draw a simple random sample without replacement in every stratum.

    Each stratum has a random stream of its own, named by the seed and its code:
    adding, leaving out or reordering strata does not change what is drawn in the others.

    .. math:: w_h = N_h / n_h

    Parameters
    ----------
    frame : DataFrame
        Columns `code` (unique) and `units` (N_h, whole numbers).
    allocation : Series of int
        n_h by code, as `allocate` gives it; a code that is not in it gets nobody.
    seed : int
        Not negative.

    Returns
    -------
    DataFrame
        code, unit (number on the list of its stratum, 1 to N_h), weight; in the order of the frame, then by unit.

    Raises
    ------
    ValueError
        If codes repeat, the allocation names a code that is not in the frame, or asks for more units than there are.

    Examples
    --------
    >>> sample = draw(pd.DataFrame({"code": ["a", "b"], "units": [10, 4]}), pd.Series({"a": 2, "b": 4}), seed=1)
    >>> sample.groupby("code")["weight"].sum().to_dict()
    {'a': 10.0, 'b': 4.0}
    >>> sample.loc[sample["code"] == "b", "unit"].tolist()
    [1, 2, 3, 4]
    """
    _check_draw(frame, allocation, seed)
    sizes = dict(zip(frame["code"], _whole_units(frame.set_index("code")["units"])))
    parts = []
    for code, size in sizes.items():
        n = int(allocation.get(code, 0))
        if n > size:
            raise ValueError(f"allocation asks for {n} units in {code!r}, which has {size}")
        chosen = np.sort(_stream(seed, code).choice(size, n, replace=False)) + 1
        parts.append(pd.DataFrame({"code": code, "unit": chosen, "weight": size / n if n else np.nan}))
    return pd.concat(parts, ignore_index=True).astype({"unit": "int64", "weight": "float64"})


def allocation_table(frame: pd.DataFrame, n: int, minimum: int = 0) -> pd.DataFrame:
    """Allocation with what a reader wants to see beside it.

    Parameters
    ----------
    frame : DataFrame
        code, name, zone, units; one row a stratum.
    n, minimum : int
        As in `allocate`.

    Returns
    -------
    DataFrame
        code, name, zone, units, quota (n N_h / N), n, fraction (n_h / N_h), weight (N_h / n_h; empty where nobody
        is asked).

    Raises
    ------
    ValueError
        As `allocate` does.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a", "b"], "name": ["A", "B"], "zone": "z", "units": [30, 10]})
    >>> allocation_table(frame, 4)[["quota", "n", "weight"]].values.tolist()
    [[3.0, 3.0, 10.0], [1.0, 1.0, 10.0]]
    """
    table = frame[["code", "name", "zone", "units"]].reset_index(drop=True)
    table["quota"] = n * table["units"] / table["units"].sum()
    table["n"] = allocate(table["units"], n, minimum)
    table["fraction"] = (table["n"] / table["units"]).where(table["units"] > 0, 0.0)
    table["weight"] = (table["units"] / table["n"]).where(table["n"] > 0)
    return table


def size_range(n: int, population: int, steps: int = 80) -> list[int]:
    """Sample sizes around `n`, evenly spaced on a logarithmic scale, from an eighth of it to twelve times it.

    Parameters
    ----------
    n : int
        The chosen size; it is always in the list.
    population : int
        No size is larger.
    steps : int
        About how many sizes.

    Returns
    -------
    list of int

    Examples
    --------
    >>> size_range(80, 100, steps=3)
    [10, 32, 80, 100]
    """
    ends = max(n / 8, 1), min(12 * n, population)
    return sorted({int(round(size)) for size in np.geomspace(*ends, steps)} | {int(n)})


def precision_curves(frame: pd.DataFrame, sizes, confidence: float = 0.95, proportion: float = 0.5) -> pd.DataFrame:
    r"""Margin of error over a range of sizes of the whole sample, allocated in proportion.

    .. math:: n_d = n \frac{N_d}{N}

    Parameters
    ----------
    frame : DataFrame
        zone, units; one row a stratum.
    sizes : sequence of int
        Sizes of the whole sample; those above the population are left out.
    confidence, proportion
        As in `margin_of_error`.

    Returns
    -------
    DataFrame
        n (whole sample), domain (all, zone, area), level (`all`, the zone, `median` for the area of median size),
        asked (n_d, not rounded), margin; rows where less than one unit would be asked are left out.

    Examples
    --------
    Half of 200 is asked in a zone that has half of the units: 1.96 x sqrt(0.25 / 100 x 4,900 / 4,999):

    >>> frame = pd.DataFrame({"zone": ["x", "y"], "units": [5000, 5000]})
    >>> precision_curves(frame, [200])["margin"].round(4).tolist()
    [0.0686, 0.097, 0.097, 0.097]
    """
    total = int(frame["units"].sum())
    sizes = np.asarray([size for size in sizes if size <= total], dtype=float)
    zones = frame.groupby("zone", sort=False)["units"].sum()
    domains = [("all", "all", total), *(("zone", zone, int(units)) for zone, units in zones.items())]
    domains.append(("area", "median", int(frame["units"].median())))
    parts = []
    for domain, level, units in domains:
        asked = sizes * units / total
        kept = asked >= 1
        margin = margin_of_error(asked[kept], units, confidence, proportion) if kept.any() else []
        parts.append(
            pd.DataFrame({"n": sizes[kept].astype(int), "domain": domain, "level": level, "asked": asked[kept],
                          "margin": margin})
        )
    return pd.concat(parts, ignore_index=True)


def zone_precision(allocation: pd.DataFrame, confidence: float = 0.95, proportion: float = 0.5) -> pd.DataFrame:
    """Margin of error that an allocation reaches in the whole, in every zone and in every area.

    Each row is read as a simple random sample of its own, which proportional allocation allows.

    Parameters
    ----------
    allocation : DataFrame
        code, zone, units, n, as `allocation_table` gives it.
    confidence, proportion
        As in `margin_of_error`.

    Returns
    -------
    DataFrame
        domain (all, zone, area), level, units, n, margin (empty where nobody is asked).

    Examples
    --------
    >>> table = pd.DataFrame({"code": ["a", "b"], "zone": ["x", "x"], "units": [900, 100], "n": [90, 10]})
    >>> zone_precision(table)["margin"].round(3).tolist()
    [0.093, 0.093, 0.098, 0.295]
    """
    parts = [
        allocation.assign(domain=domain, level=allocation[column] if column else "all")
        for domain, column in (("all", None), ("zone", "zone"), ("area", "code"))
    ]
    sums = pd.concat(parts).groupby(["domain", "level"], sort=False)[["units", "n"]].sum().reset_index()
    sums["margin"] = [
        margin_of_error(n, units, confidence, proportion) if n else np.nan for units, n in zip(sums["units"], sums["n"])
    ]
    return sums


def difference_margins(precision: pd.DataFrame) -> pd.DataFrame:
    r"""Margin of error of the difference between two zones.

    .. math:: e_{a-b} = \sqrt{e_a^2 + e_b^2}

    Parameters
    ----------
    precision : DataFrame
        domain, level, margin, as `zone_precision` gives them.

    Returns
    -------
    DataFrame
        zone_a, zone_b, margin; one row a pair of zones, none where there is one zone.

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


def _exact_size(population, method, margin, confidence, proportion) -> Fraction:
    _check_size(population, confidence, proportion)
    if not 0 < margin < 1:
        raise ValueError(f"margin is {margin}; give a share between 0 and 1, such as 0.05 for five per cent")
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; use one of {', '.join(METHODS)}")
    # Decimal notation is what the user means: 0.05 is one twentieth, not the nearest binary fraction.
    size, error, share = Fraction(int(population)), Fraction(str(margin)), Fraction(str(proportion))
    if method == "slovin":
        return size / (1 + size * error**2)
    spread = share * (1 - share)
    if method == "cochran":
        unlimited = Fraction(_z(confidence)) ** 2 * spread / error**2
        return unlimited / (1 + (unlimited - 1) / size)
    chi2 = Fraction(str(round(_z(confidence) ** 2, 3)))
    return chi2 * size * spread / (error**2 * (size - 1) + chi2 * spread)


def _rounded(value: Fraction, rule: str) -> int:
    if rule == "up":
        return math.ceil(value)
    if rule == "down":
        return math.floor(value)
    return math.floor(value + Fraction(1, 2))


def _z(confidence: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + confidence) / 2))


def _check_size(population, confidence, proportion) -> None:
    _whole(population, "population", 1)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; give a share between 0 and 1, such as 0.95")
    if not 0 < proportion < 1:
        raise ValueError(f"proportion is {proportion}; give a share between 0 and 1, such as 0.5")


def _whole(value, name: str, least: int) -> int:
    try:
        whole = not isinstance(value, (bool, np.bool_)) and float(value).is_integer() and value >= least
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise ValueError(f"{name} is {value}; give a whole number of at least {least}")
    return int(value)


def _whole_units(units: pd.Series) -> list[int]:
    if len(units) == 0:
        raise ValueError("units is empty; give at least one stratum")
    numbers = pd.to_numeric(units, errors="coerce")
    wrong = units[~(numbers.ge(0) & numbers.mod(1).eq(0))]
    if len(wrong):
        raise ValueError(f"units of {wrong.index[0]!r} are {wrong.iloc[0]}; give whole numbers, zero or more")
    return [int(number) for number in numbers]


def _largest_remainder(sizes: dict[int, int], n: int) -> dict[int, int]:
    total = sum(sizes.values())
    if total == 0:
        return dict.fromkeys(sizes, 0)
    # Whole-number division keeps ties exact, so that the stated rule decides them and not the last binary digit.
    shares = {h: n * size // total for h, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda h: (-(n * sizes[h] % total), -sizes[h], h))
    for h in by_remainder[: n - sum(shares.values())]:
        shares[h] += 1
    return shares


def _check_draw(frame: pd.DataFrame, allocation: pd.Series, seed: int) -> None:
    _whole(seed, "seed", 0)
    repeated = frame["code"][frame["code"].duplicated()]
    if len(repeated):
        raise ValueError(f"frame has code {repeated.iloc[0]!r} more than once; give one row a stratum")
    if allocation.index.has_duplicates:
        raise ValueError("allocation has a code more than once; give one value a stratum")
    unknown = allocation.index.difference(frame["code"])
    if len(unknown):
        raise ValueError(f"allocation names {unknown[0]!r}, which is not a code of the frame")
    for code, n in allocation.items():
        _whole(n, f"allocation of {code!r}", 0)


def _stream(seed: int, name) -> np.random.Generator:
    key = int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8], "big")
    return np.random.default_rng(np.random.SeedSequence(int(seed), spawn_key=(key,)))
