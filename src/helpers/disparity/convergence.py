"""Convergence: whether low areas grow faster (beta), and whether areas come closer (sigma).

Both work on logarithms, so that they ask about ratios, and both need positive values.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from helpers.disparity.bootstrap import inequality_change, side
from helpers.disparity.gaps import gap_changes
from helpers.disparity.regression import check_lone, fitted
from helpers.errors import Error

FEWEST_AREAS = 5
STEPS = 5  # backgrounds above zero that are taken off
LEAP = 1.5  # times the largest other change of a year


def balanced(by_year: Mapping[int | None, pd.Series], first: int | None,
             last: int | None) -> pd.DataFrame:
    """Balanced panel: the areas with a positive value in every year of a window.

    The table has codes in the rows, years in the columns; areas with a gap, or with a value of zero
    or less, are left out.

    Parameters
    ----------
    by_year : mapping year -> Series
        Values by code, as from `helpers.disparity.by_year`.
    first, last : int or None
        The window; None where the values have no years.

    Examples
    --------
    >>> ends = {2018: pd.Series({"a": 1.0, "b": 0.0}), 2024: pd.Series({"a": 2.0, "b": 1.0})}
    >>> balanced(ends, 2018, 2024).shape
    (1, 2)
    """
    if first is None or last is None:
        return pd.DataFrame()
    table = pd.DataFrame({year: values
                          for year, values in by_year.items() if year in range(first, last + 1)})
    return table[(table > 0).all(axis=1)]


def beta_convergence(table: pd.DataFrame, zones: pd.Series | None = None,
                     confidence: float = 0.95) -> pd.Series:
    r"""Beta convergence: growth per year, regressed on the logarithm of the first value.

    .. math:: \frac{1}{T} \ln \frac{y_{i,T}}{y_{i,0}} = a + b \ln y_{i,0} + e_i

    A negative b means that areas that start low grow faster. Conditional on zones, every zone has
    its own a: do areas catch up with their own zone? The errors are robust (HC3), the interval is
    that of t with n - k degrees of freedom.

    Half-life: :math:`\ln 2` over the speed :math:`-\ln(1 + bT) / T`, the time in which half of the
    distance to the common level is gone. It is given only where the whole interval of b lies below
    zero (and :math:`1 + bT > 0`); otherwise areas might as well diverge and there is no such time.
    b is pushed below zero by errors of measurement in the first value, and by chance alone when
    single areas swing (Galton's fallacy; Quah 1993): read it with sigma. The row has areas, b, se,
    ci_low, ci_high, p_value, r_squared and half_life (years). Raises ValueError for one year only,
    too few areas, first values that are all equal, and an area that alone decides b.

    Parameters
    ----------
    table : DataFrame
        As from `balanced`; first and last column are the ends.
    zones : Series, optional
        Zone of each area, by code. An area that is alone in its zone tells nothing about b and is
        left out.

    References
    ----------
    Barro and Sala-i-Martin (1992), Convergence, Journal of Political Economy 100. MacKinnon and
    White (1985), Some heteroskedasticity-consistent covariance matrix estimators, Journal of
    Econometrics 29 (HC3).

    Examples
    --------
    Everyone moves half of the way to ln y = 2 in one year: b = -0.5, and the half-life is that
    year.

    >>> start = pd.Series([0.0, 1.0, 2.0, 3.0, 4.0])
    >>> found = beta_convergence(pd.DataFrame({2000: np.exp(start), 2001: np.exp((start + 2) / 2)}))
    >>> found[["b", "half_life"]].round(6).tolist()
    [-0.5, 1.0]
    """
    span, initial, growth = growth_points(table)
    dummies = pd.DataFrame({"all": 1.0}, index=table.index)
    if zones is not None:
        home = zones.loc[table.index]
        kept = home.map(home.value_counts()) > 1
        initial, growth, home = initial[kept], growth[kept], home[kept]
        dummies = pd.get_dummies(home, dtype=float)
    fewest = FEWEST_AREAS + dummies.shape[1] - 1
    if len(initial) < fewest:
        raise Error("convergence of {areas} areas cannot be judged; at least {fewest} with "
                    "positive values in all years are needed", areas=len(initial), fewest=fewest)
    design = dummies.loc[initial.index].assign(initial=initial)
    x, y = design.to_numpy(), growth.to_numpy()
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise Error("the first values are all equal (or equal inside every zone): nobody starts "
                    "lower than another")
    check_lone(design)
    terms = fitted(y, x, design.columns, confidence)
    line = terms.loc["initial"].rename({"coefficient": "b"})
    left, spread = 1 + line["b"] * span, ((y - y.mean()) ** 2).sum()
    shrinks = left > 0 and line["ci_high"] < 0
    unexplained = ((y - x @ terms["coefficient"]) ** 2).sum()
    return pd.Series({"areas": len(initial), **line,
                      "r_squared": 1 - unexplained / spread if spread > 0 else np.nan,
                      "half_life": -np.log(2) * span / np.log(left) if shrinks else np.nan})


def convergence_table(table: pd.DataFrame, zones: pd.Series, pair: tuple[str, str] | None,
                      confidence: float = 0.95) -> pd.DataFrame:
    """Beta convergence of all areas, within zones, and of two zones alone.

    The table has scope (all, zones, pair) and the results of `beta_convergence`. What cannot be
    judged has no row: fewer than two years, too few areas, first values that are all equal.

    Parameters
    ----------
    table : DataFrame
        As from `balanced`.
    pair : tuple of str, or None
        Two zones that are also looked at alone, where there are others.

    Examples
    --------
    >>> start = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> moved = pd.DataFrame({2000: start, 2001: start + 1})
    >>> convergence_table(moved, pd.Series("one", start.index), None)["scope"].tolist()
    ['all']
    """
    home = zones.loc[table.index]
    scopes: dict[str, tuple[pd.DataFrame, pd.Series | None]] = {"all": (table, None)}
    if home.nunique() > 1:
        scopes["zones"] = (table, home)
    if pair is not None and home.nunique() > 2:
        scopes["pair"] = (table[home.isin(pair)], None)
    rows = []
    for scope, (part, groups) in scopes.items():
        try:
            rows.append({"scope": scope, **beta_convergence(part, groups, confidence)})
        except ValueError:
            continue  # a scope that cannot be judged is no failure of the others
    return pd.DataFrame(rows)


def growth_points(table: pd.DataFrame) -> tuple[int, pd.Series, pd.Series]:
    """Years between the ends of a table, logarithm of the first values, and growth per year.

    Growth is the difference of logarithms over the years: 0.01 is about 1 % a year.

    Examples
    --------
    >>> span, initial, growth = growth_points(pd.DataFrame({2000: [1.0], 2002: [np.e]}))
    >>> span, initial.tolist(), growth.tolist()
    (2, [0.0], [0.5])
    """
    if table.shape[1] < 2:
        raise Error("convergence needs values of at least two years; there is one or none")
    span = int(table.columns[-1] - table.columns[0])
    initial, final = np.log(table.iloc[:, 0]), np.log(table.iloc[:, -1])
    return span, initial, (final - initial) / span


def sigma(table: pd.DataFrame) -> pd.Series:
    r"""Sigma: the standard deviation (divisor n) of the logarithms by year.

    A fall means that areas come closer together. A sigma of 0.5 says that a typical area lies a
    factor :math:`e^{0.5} = 1.65` above or below the (geometric) mean. `table` is as from
    `balanced`.

    Returns
    -------
    Series
        By year.

    Examples
    --------
    >>> sigma(pd.DataFrame({2000: [1.0, np.e ** 2], 2001: [1.0, np.e]})).round(6).to_dict()
    {2000: 1.0, 2001: 0.5}
    """
    return np.log(table).std(ddof=0).rename("sigma")


def trend(line: pd.Series, confidence: float = 0.95) -> pd.Series:
    """Straight line through a series by year.

    Years that follow each other are alike, so that the interval is too narrow: it is the least that
    is uncertain. The row has slope (per year), ci_low, ci_high, p_value; only the slope with two
    years. Raises ValueError for fewer than two years.

    Examples
    --------
    >>> float(trend(pd.Series({2000: 1.0, 2001: 2.0, 2003: 4.0}))["slope"])
    1.0
    """
    from scipy.stats import linregress, t

    if len(line) < 2:
        raise Error("a trend needs values of at least two years; there is one or none")
    straight = linregress(line.index.to_numpy(dtype=float), line.to_numpy(dtype=float))
    slope, sure = straight.slope, len(line) > 2
    reach = t.ppf((1 + confidence) / 2, len(line) - 2) * straight.stderr if sure else np.nan
    return pd.Series({"slope": slope, "ci_low": slope - reach, "ci_high": slope + reach,
                      "p_value": straight.pvalue if sure else np.nan})


def leaps(average: pd.Series) -> pd.DataFrame:
    """Years in which the average of all areas changed far more than in any other.

    The change of a leap is more than one and a half times the largest of the other steps; with
    fewer than four years nothing is called a leap. The table has start, end (years), growth, and
    least and most of the other steps. `average` is by year.

    Examples
    --------
    >>> leaps(pd.Series([100.0, 110.0, 120.0, 180.0], [2018, 2019, 2020, 2021])).round(
    ...     3).values.tolist()
    [[2020.0, 2021.0, 0.5, 0.091, 0.1]]
    """
    steps = average.astype(float).pct_change()
    rows = []
    for place in range(1, len(steps)):
        others = steps.iloc[1:].drop(steps.index[place])
        if len(others) > 1 and abs(steps.iloc[place]) > LEAP * others.abs().max():
            rows.append({"start": steps.index[place - 1], "end": steps.index[place],
                         "growth": steps.iloc[place], "least": others.min(),
                         "most": others.max()})
    return pd.DataFrame(rows, columns=["start", "end", "growth", "least", "most"])


def background_table(table: pd.DataFrame, scopes: Mapping[str, pd.Series],
                     pair: tuple[str, str] | None, pairs: Iterable[tuple[str, str]],
                     population: pd.Series | None, most: float, **options) -> pd.DataFrame:
    """What is said about change once a background is taken off all values.

    A background that is the same everywhere and always (stray light that a sensor sees, say) makes
    proportional growth look like a gap that widens, because the low values are mostly background.
    How large it is the values do not tell; which statements survive it can be computed.

    Parameters
    ----------
    table : DataFrame
        As from `balanced`.
    scopes : mapping
        Name (``all`` and perhaps ``pair``) to the zone of each area in it.
    pair, pairs
        The two main zones, and the pairs of zones whose ratio is followed.
    population : Series, optional
        Weights by code.
    most : float
        Largest background, in the unit of the values; it is tried with four equal steps below it
        and with none. Backgrounds that leave an area nothing are left out.
    **options
        permutations, seed and confidence of `gap_change`.

    Returns
    -------
    DataFrame
        background, measure (beta, ratio, gini, theil), about (scope, or the zones of a ratio),
        value, low, high (the interval, for gini and theil what growth dealt out at random does) and
        side: above, below or unclear.

    Examples
    --------
    Everything doubles above a background of 1: with it the ratio of the zones rises, without it it
    stays.

    >>> light = pd.DataFrame({2018: [2.0, 3.0, 4.0, 5.0, 6.0], 2024: [3.0, 5.0, 7.0, 9.0, 11.0]})
    >>> zones = pd.Series(list("ssnnn"))
    >>> found = background_table(light, {"all": zones}, ("n", "s"), [("n", "s")], None, 1.0,
    ...                          permutations=99)
    >>> found[found["measure"] == "ratio"]["value"].iloc[[0, -1]].tolist()
    [1.125, 1.0]
    """
    everyone = next(iter(scopes.values()))
    confidence, rows = options.get("confidence", 0.95), []
    first, last = (table.iloc[:, place] for place in (0, -1))
    for level in np.linspace(0, most, STEPS + 1).round(12):
        if not (table > level).all(axis=None):
            break
        betas = convergence_table(table - level, everyone, pair, confidence)
        betas = betas.assign(measure="beta", about=betas["scope"], value=betas["b"],
                             low=betas["ci_low"], high=betas["ci_high"], side=side(betas))
        moved = gap_changes(first - level, last - level, everyone, pairs, population, **options)
        moved = moved[moved["measure"] == "ratio"]
        moved = moved.assign(about=moved["zone_a"] + "/" + moved["zone_b"], value=moved["change"],
                             low=moved["ci_low"], high=moved["ci_high"], side=side(moved, 1))
        shifts = [inequality_change(first[part.index.intersection(first.index)] - level,
                                    last - level, part, population, **options).head(2)
                  .assign(about=scope) for scope, part in scopes.items()]
        drawn = pd.concat(shifts).rename(columns={"chance_low": "low", "chance_high": "high"})
        rows += [part.assign(background=level) for part in (betas, moved, drawn)]
    return pd.concat(rows, ignore_index=True)[
        ["background", "measure", "about", "value", "low", "high", "side"]]


def survival(table: pd.DataFrame) -> pd.DataFrame:
    """Background at which a statement about change is lost.

    The table has measure, about, side (without any background taken off) and lost: the smallest
    background with another side, missing where there is none. `table` is as from
    `background_table`.

    Examples
    --------
    >>> table = pd.DataFrame({"measure": "beta", "about": "all", "background": [0.0, 0.1, 0.2],
    ...                       "side": ["above", "above", "unclear"]})
    >>> survival(table).values.tolist()
    [['beta', 'all', 'above', 0.2]]
    """
    rows = []
    for (measure, about), part in table.groupby(["measure", "about"], sort=False):
        own = part["side"].iloc[0]
        rows.append({"measure": measure, "about": about, "side": own,
                     "lost": part.loc[part["side"] != own, "background"].min()})
    return pd.DataFrame(rows, columns=["measure", "about", "side", "lost"])


def doubted(rows: pd.DataFrame, survived: pd.DataFrame) -> pd.DataFrame:
    """Rows whose side is called in doubt where a background would take it away.

    `rows` has measure, about and side, `survived` is as from `survival`. The side becomes
    above_lost or below_lost, and the rows get the column lost.

    Examples
    --------
    >>> rows = pd.DataFrame({"measure": ["beta"], "about": ["all"], "side": ["above"]})
    >>> doubted(rows, rows.assign(lost=0.1))["side"].tolist(), doubted(
    ...     rows, rows.assign(lost=np.nan))["side"].tolist()
    (['above_lost'], ['above'])
    """
    found = rows.merge(survived[["measure", "about", "lost"]], on=["measure", "about"], how="left")
    lost = found["lost"].notna() & (found["side"] != "unclear")
    return found.assign(side=found["side"].where(~lost, found["side"] + "_lost"))
