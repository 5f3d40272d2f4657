"""Sample size, computed with exact fractions and rounded once, at the end.

In floating point 400.00000000000006 would be rounded up to 401.
"""

import math
from fractions import Fraction

import pandas as pd

from helpers.errors import Error, check_choice, check_share
from helpers.sampling.arguments import check_size, z_value
from helpers.sampling.precision import margin_of_error

METHODS = ("slovin", "cochran", "krejcie_morgan")
ROUNDINGS = ("up", "nearest", "down")
# Chi-square behind each printed table; Sugiyono's 5 % column has two digits of 3.841 exchanged.
TABLES = {"krejcie_morgan": Fraction("3.841"), "sugiyono_1pct": Fraction("6.635"),
          "sugiyono_5pct": Fraction("3.481"), "sugiyono_10pct": Fraction("2.706")}


def sample_size(population: int, method: str = "slovin", margin: float = 0.05,
                confidence: float = 0.95, proportion: float = 0.5, rounding: str = "up") -> int:
    r"""Number of units to ask in a population.

    .. math::

        \text{slovin: } \frac{N}{1 + N e^2} \qquad
        \text{cochran: } \frac{n_0}{1 + (n_0 - 1)/N},\; n_0 = \frac{z^2 p (1-p)}{e^2} \qquad
        \text{krejcie\_morgan: } \frac{\chi^2 N p (1-p)}{e^2 (N-1) + \chi^2 p (1-p)}

    The number lies between 1 and `population`. Raises ValueError if a value is out of its range or
    a name is unknown.

    Parameters
    ----------
    population : int
        N, the number of units in the frame; at least 1.
    method : {"slovin", "cochran", "krejcie_morgan"}
    margin : float
        e, half the width of the interval, as a share between 0 and 1.
    confidence : float
        Between 0 and 1; gives z (exact normal quantile) and chi2 (three decimals, as the table of
        1970 has it). Slovin's formula does not read it: it has z = 2 built in.
    proportion : float
        p, the share that is to be estimated; 0.5 is the most demanding. Slovin's formula does not
        read it.
    rounding : {"up", "nearest", "down"}
        Nearest takes halves up. Krejcie-Morgan is always rounded to nearest, as its table is.

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
    check_choice("rounding", rounding, ROUNDINGS)
    exact = _exact_size(population, method, margin, confidence, proportion)
    return _rounded(exact, "nearest" if method == "krejcie_morgan" else rounding, population)


def n_exact(population: int, method: str = "slovin", margin: float = 0.05, confidence: float = 0.95,
            proportion: float = 0.5) -> float:
    """Sample size before rounding, by the formulas of `sample_size`.

    Parameters, errors and references are those of `sample_size`.

    Examples
    --------
    632 / (1 + 632 x 0.01) = 632 / 7.32:

    >>> round(n_exact(632, margin=0.1), 3)
    86.339
    """
    return float(_exact_size(population, method, margin, confidence, proportion))


def compare_sizes(population: int, chosen: str = "slovin", margin: float = 0.05,
                  confidence: float = 0.95, proportion: float = 0.5, rounding: str = "up",
                  manual_n: int | None = None) -> pd.DataFrame:
    """Sample sizes by every method, the chosen one in the first row.

    The table has method, population, margin, confidence, n_exact, n. Raises ValueError if `chosen`
    is unknown, or is "manual" without a size between 1 and the population.

    Parameters
    ----------
    population, margin, confidence, proportion, rounding
        As in `sample_size`.
    chosen : {"slovin", "cochran", "krejcie_morgan", "manual"}
        The method that the study uses.
    manual_n : int, optional
        The size that was set by hand; needed where `chosen` is "manual".

    Examples
    --------
    >>> compare_sizes(632, "cochran", margin=0.1)[["method", "n"]].values.tolist()
    [['cochran', 84], ['slovin', 87], ['krejcie_morgan', 83]]
    """
    check_choice("method", chosen, (*METHODS, "manual"))
    given = margin, confidence, proportion
    rows = [(method, int(population), margin, confidence, n_exact(population, method, *given),
             sample_size(population, method, *given, rounding)) for method in METHODS]
    if chosen == "manual":
        if manual_n is None or not 1 <= manual_n <= population:
            raise Error("method is 'manual' but the size set by hand is {manual_n}; give a whole "
                        "number from 1 to {population}", manual_n=manual_n, population=population,
                        parameter="method")
        achieved = margin_of_error(manual_n, population, confidence, proportion)
        n = int(manual_n)
        rows.append(("manual", int(population), achieved, confidence, float(n), n))
    columns = ["method", "population", "margin", "confidence", "n_exact", "n"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("method", key=lambda names: names != chosen, kind="stable",
                             ignore_index=True)


def size_from_z(population: int, z: float, margin: float = 0.05, proportion: float = 0.5,
                minus_one: bool = True) -> float:
    r"""Cochran's sample size for any z, of which the other formulas are cases.

    .. math:: n = \frac{n_0}{1 + (n_0 - c)/N}, \qquad n_0 = \frac{z^2 p (1-p)}{e^2}, \qquad c \in
    \{0, 1\}

    With z = 2, p = 0.5 and c = 0 it is Slovin's formula, for then n0 = 1 / e^2. With c = 1 it is
    that of Lemeshow and of Krejcie and Morgan, written in another order. Raises ValueError if a
    value is out of its range.

    Parameters
    ----------
    margin, proportion : float
        e and p, between 0 and 1.
    minus_one : bool
        c = 1 in the correction for a finite population; false is the other form in use, c = 0.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 4.4.

    Examples
    --------
    At 528 units the two corrections give 222.4 and 222.6:

    >>> [round(size_from_z(528, 1.959964, minus_one=form), 1) for form in (False, True)]
    [222.4, 222.6]
    """
    if not z > 0:
        raise Error("z is {z}; give a number above zero, such as 1.96", z=z)
    check_size(population, 0.5, proportion)
    squared = Fraction(str(z)) ** 2
    return float(_cochran(population, squared, _margin(margin), proportion, minus_one))


def table_size(population: int, table: str = "sugiyono_5pct") -> int:
    """Sample size by the tables that Indonesian textbooks print.

    They hold for a margin of 5 % and a proportion of one half. The number is rounded to nearest, as
    the tables are. Raises ValueError if the table is unknown or the population out of range.

    Parameters
    ----------
    table : {"krejcie_morgan", "sugiyono_1pct", "sugiyono_5pct", "sugiyono_10pct"}
        The three columns that Sugiyono's textbook prints after Isaac and Michael. Its 5 % column
        was computed with a chi-square of 3.481 where 3.841 is meant (two digits exchanged), so it
        asks for fewer people.

    References
    ----------
    Krejcie, R. V. & Morgan, D. W. (1970). Educational and Psychological Measurement 30, 607-610.

    Examples
    --------
    >>> [table_size(140, table) for table in TABLES]
    [103, 116, 100, 92]
    """
    check_choice("table", table, TABLES)
    check_size(population, 0.5, 0.5)
    exact = _cochran(population, TABLES[table], Fraction(1, 20), 0.5, minus_one=True)
    return _rounded(exact, "nearest", population)


def textbook_sizes(population: int, margin: float = 0.05, confidence: float = 0.95,
                   proportion: float = 0.5) -> pd.DataFrame:
    """Sample sizes by every formula and table that theses use, with the assumptions of each.

    The table has variant; z, proportion, margin and minus_one (1 or 0: the form of the finite
    population correction) that it uses; n_exact; rounding (up or nearest); n. Parameters are those
    of `sample_size`; a table reads the population only. Raises ValueError if a value is out of its
    range.

    Examples
    --------
    Cochran and Lemeshow are one formula, so they agree to the last digit:

    >>> sizes = textbook_sizes(1000).set_index("variant")["n_exact"]
    >>> sizes.round(2)[["slovin", "cochran_n0", "cochran", "lemeshow", "sugiyono_5pct"]].tolist()
    [285.71, 277.53, 277.73, 277.73, 258.41]
    """
    check_size(population, confidence, proportion)
    share, error, z = proportion, _margin(margin), z_value(confidence)
    variants = [("slovin", Fraction(4), 0.5, error, False, "up"),
                ("cochran_n0", Fraction(z) ** 2, share, error, False, "up"),
                ("cochran", Fraction(z) ** 2, share, error, True, "up"),
                ("lemeshow", Fraction(z) ** 2, share, error, True, "up"),
                ("krejcie_morgan", _three_decimals(z), share, error, True, "nearest")]
    variants += [(table, TABLES[table], 0.5, Fraction(1, 20), True, "nearest")
                 for table in list(TABLES)[1:]]
    rows = []
    for variant, z_squared, p, e, minus_one, rounding in variants:
        size = _cochran(population, z_squared, e, p, minus_one)
        rows.append((variant, math.sqrt(z_squared), p, float(e), int(minus_one), float(size),
                     rounding, _rounded(size, rounding, population)))
    columns = ["variant", "z", "proportion", "margin", "minus_one", "n_exact", "rounding", "n"]
    return pd.DataFrame(rows, columns=columns)


def roscoe_rules(groups: pd.Series) -> pd.DataFrame:
    """Roscoe's rules of thumb: 30 to 500 in all, and at least 30 in every group that is compared.

    The table has group (`all` first), n, least, most (empty for a group), met (true or false).

    References
    ----------
    Roscoe, J. T. (1975). Fundamental Research Statistics for the Behavioral Sciences, 2nd ed.

    Examples
    --------
    >>> roscoe_rules(pd.Series({"north": 40, "south": 29}))["met"].tolist()
    [True, True, False]
    """
    table = pd.DataFrame({"group": ["all", *groups.index], "n": [groups.sum(), *groups],
                          "least": 30, "most": [500.0] + [math.nan] * len(groups)})
    return table.assign(met=table["n"].ge(table["least"]) & ~table["n"].gt(table["most"]))


def _exact_size(population: int, method: str, margin: float, confidence: float,
                proportion: float) -> Fraction:
    check_size(population, confidence, proportion)
    error = _margin(margin)
    check_choice("method", method, METHODS)
    if method == "slovin":
        return _cochran(population, Fraction(4), error, 0.5, minus_one=False)
    z = z_value(confidence)
    z_squared = Fraction(z) ** 2 if method == "cochran" else _three_decimals(z)
    return _cochran(population, z_squared, error, proportion, minus_one=True)


def _three_decimals(z: float) -> Fraction:
    """Chi-square as the table of 1970 prints it."""
    return Fraction(str(round(z**2, 3)))


def _cochran(population: int, z_squared: Fraction, error: Fraction, proportion: float,
             minus_one: bool) -> Fraction:
    share = Fraction(str(proportion))
    unlimited = z_squared * share * (1 - share) / error**2
    return unlimited / (1 + (unlimited - minus_one) / Fraction(int(population)))


def _margin(margin: float) -> Fraction:
    check_share("margin", margin, 0.05)
    # Decimal notation is what is meant: 0.05 is one twentieth, not the nearest binary fraction.
    return Fraction(str(margin))


def _rounded(value: Fraction, rule: str, population: int) -> int:
    nearest = math.floor(value + Fraction(1, 2))
    number = {"up": math.ceil(value), "down": math.floor(value), "nearest": nearest}[rule]
    return min(max(number, 1), int(population))
