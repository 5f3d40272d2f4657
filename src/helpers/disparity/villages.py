"""Zone means from published means, spreads and numbers of villages."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.disparity.panel import by_year, nearest
from helpers.errors import Error
from helpers.messages import Message

SURFACE = "area_big_polygon"  # indicator of the surface, in km2


def pooled_means(means: pd.Series, spreads: pd.Series, counts: pd.Series, zones: pd.Series,
                 confidence: float = 0.95) -> pd.DataFrame:
    r"""Mean over the villages of each zone, pooled from the means, spreads and counts of its areas.

    .. math:: \bar y_z = \frac{\sum_i n_i \bar y_i}{N_z}, \qquad
        s_z^2 = \frac{\sum_i (n_i - 1) s_i^2 + \sum_i n_i (\bar y_i - \bar y_z)^2}{N_z - 1}, \qquad
        N_z = \sum_i n_i

    which is what the single villages would give. Two standard errors: the *plain* one takes
    villages as independent, :math:`s_z / \sqrt{N_z}`; the *clustered* one takes whole areas as the
    units,

    .. math:: se = \frac{1}{N_z} \sqrt{\frac{k}{k - 1} \sum_i n_i^2 (\bar y_i - \bar y_z)^2}

    with k areas. Villages of one area are alike, so that the interval rests on the clustered one (t
    with k - 1 degrees of freedom). Where all villages were measured, it tells about a process that
    could have given other villages. `means`, `spreads` and `counts` have, by code, the mean, the
    sample standard deviation (divisor n - 1) and the number of villages. Areas without a mean are
    left out; of a single village the spread may be missing. Raises ValueError for areas without a
    count or a spread, counts below 1 and negative spreads.

    Returns
    -------
    DataFrame
        zone (in alphabetical order), areas, villages, mean, sd, se, se_clustered, ci_low, ci_high
        (missing with one area), and between_share: the part of the villages' sum of squares that
        lies between areas (missing when all villages are equal).

    Examples
    --------
    Villages 1, 3 in one area and 5, 7 in another: mean 4, sum of squares 20, of which 16 between
    the areas.

    >>> two = pd.Series([2.0, 6.0]), pd.Series([2.0 ** 0.5] * 2), pd.Series([2, 2]), pd.Series([
    ...     "n", "n"])
    >>> pooled_means(*two)[["mean", "sd", "se_clustered", "between_share"]].round(6).values.tolist()
    [[4.0, 2.581989, 2.0, 0.8]]
    """
    by_zone = _checked(means, spreads, counts, zones).groupby("zone", sort=True)
    return pd.DataFrame([_pooled(zone, part, confidence) for zone, part in by_zone])


def village_table(indicators: pd.DataFrame, names: Iterable[str], zones: pd.Series,
                  year: int | None, confidence: float = 0.95, spread: str = "_sd_between_desa",
                  count: str = "idm_desa_measured") -> pd.DataFrame:
    """Pooled villages of the zones in every indicator that is published with its spread.

    The table has indicator, year and the columns of `pooled_means`; it is empty where no indicator
    has a spread.

    Parameters
    ----------
    names : iterable of str
        Indicators; those without a year in which mean, spread and number of villages are there are
        left out.
    zones, confidence
        As in `pooled_means`.
    year : int or None
        Of these years the nearest counts.
    spread : str
        What follows the name of an indicator in the name of its spread.
    count : str
        Indicator that holds the number of villages.
    """
    published = set(indicators.loc[indicators["value"].notna(), "indicator"])
    parts = []
    for name in names:
        needed = [by_year(indicators, column)
                  for column in (name, name + spread, count) if column in published]
        shared = set.intersection(*map(set, needed)) if len(needed) == 3 else set()
        if shared:
            when = nearest(shared, year)
            means, spreads, counts = (values[when] for values in needed)
            pooled = pooled_means(means, spreads, counts, zones, confidence)
            parts.append(pooled.assign(indicator=name, year=when))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def village_gap(pooled: pd.DataFrame, pair: tuple[str, str], confidence: float = 0.95) -> pd.Series:
    """Difference between the villages of two zones by Welch's test on clustered standard errors.

    The row has difference, se, df (Welch and Satterthwaite), ci_low, ci_high, p_value. Raises
    ValueError when a zone is not there or has fewer than two areas.

    Parameters
    ----------
    pooled : DataFrame
        As from `pooled_means`.
    pair : tuple of str
        Zone a and zone b.

    Examples
    --------
    >>> pooled = pd.DataFrame({"zone": ["n", "s"], "areas": [5, 5], "mean": [3.0, 1.0],
    ...                        "se_clustered": [0.6, 0.8]})
    >>> village_gap(pooled, ("n", "s")).round(4)[["difference", "se", "df"]].tolist()
    [2.0, 1.0, 7.4184]
    """
    from scipy.stats import t

    rows = pooled.set_index("zone").reindex(list(pair))
    for zone, areas in rows["areas"].items():
        if not areas >= 2:
            raise Error("zone {zone} has fewer than two areas with villages; a comparison needs "
                        "two", zone=zone)
    squares = rows["se_clustered"] ** 2
    difference, se = rows["mean"].iloc[0] - rows["mean"].iloc[1], float(np.sqrt(squares.sum()))
    df = squares.sum() ** 2 / (squares ** 2 / (rows["areas"] - 1)).sum() if se > 0 else np.nan
    reach = t.ppf((1 + confidence) / 2, df) * se
    p_value = 2 * t.sf(abs(difference) / se, df) if se > 0 else np.nan
    return pd.Series({"difference": difference, "se": se, "df": df, "ci_low": difference - reach,
                      "ci_high": difference + reach, "p_value": p_value})


def village_gaps(pooled: pd.DataFrame, pair: tuple[str, str] | None,
                 confidence: float = 0.95) -> pd.DataFrame:
    """Differences between the villages of two zones in several indicators.

    The table has indicator and the columns of `village_gap`, without the indicators in which a zone
    has fewer than two areas.

    Parameters
    ----------
    pooled : DataFrame
        As from `village_table`.
    pair, confidence
        As in `village_gap`; without a pair there is no row.

    Examples
    --------
    >>> pooled = pd.DataFrame({"indicator": "light", "zone": ["n", "s"], "areas": [5, 5],
    ...                        "mean": [3.0, 1.0], "se_clustered": [0.6, 0.8]})
    >>> village_gaps(pooled, ("n", "s"))[["indicator", "difference"]].values.tolist()
    [['light', 2.0]]
    >>> village_gaps(pooled, ("n", "c")).empty
    True
    """
    rows = []
    for name, part in [] if pooled.empty else pooled.groupby("indicator", sort=False):
        if pair and set(pair) <= set(part.loc[part["areas"] > 1, "zone"]):
            rows.append({"indicator": name, **village_gap(part, pair, confidence)})
    return pd.DataFrame(rows)


def _checked(means: pd.Series, spreads: pd.Series, counts: pd.Series,
             zones: pd.Series) -> pd.DataFrame:
    means = means.dropna()
    table = pd.DataFrame({"mean": means, "sd": spreads.reindex(means.index).astype(float),
                          "villages": counts.reindex(means.index).astype(float),
                          "zone": zones.reindex(means.index)})
    table.loc[table["villages"] == 1, "sd"] = table["sd"].fillna(0)
    for column, lowest, word in (("villages", 1, Message("number of villages")),
                                 ("sd", 0, Message("spread between its villages"))):
        wrong = ~(table[column] >= lowest)
        if wrong.any():
            raise Error("area {area} needs a {what} of {lowest} or more; it has {value:g}",
                        area=table.index[wrong][0], what=word, lowest=lowest,
                        value=table.loc[wrong, column].iloc[0])
    return table


def _pooled(zone: str, part: pd.DataFrame, confidence: float) -> dict:
    from scipy.stats import t

    size, k = part["villages"], len(part)
    mean = (size * part["mean"]).sum() / size.sum()
    apart = part["mean"] - mean
    between, within = (size * apart ** 2).sum(), ((size - 1) * part["sd"] ** 2).sum()
    sd = np.sqrt((between + within) / (size.sum() - 1)) if size.sum() > 1 else np.nan
    clustered = np.sqrt(k / (k - 1) * ((size * apart) ** 2).sum()) / size.sum() if k > 1 else np.nan
    reach = t.ppf((1 + confidence) / 2, k - 1) * clustered if k > 1 else np.nan
    return {"zone": zone, "areas": k, "villages": int(size.sum()), "mean": mean, "sd": sd,
            "se": sd / np.sqrt(size.sum()), "se_clustered": clustered, "ci_low": mean - reach,
            "ci_high": mean + reach,
            "between_share": between / (between + within) if between + within > 0 else np.nan}
