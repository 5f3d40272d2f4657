"""A region beside its country: how unequal every regency is between its kecamatan."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.disparity.gaps import zone_gap
from helpers.disparity.inequality import gini, theil, williamson
from helpers.errors import Error

INDICES = ("idm", "iks", "ike", "ikl")
KECAMATAN = r"\d\d\.\d\d\.\d\d"
REGENCY = 5  # letters of a code that name the regency
FEWEST_KECAMATAN = 5
SMALL = 0.5  # standard deviations: a gap below is small
DIGITS = 12  # of Theil's T: two regencies that agree to them are equal
COLUMNS = ["regency", "areas", "desa", "indicator", "mean", "gini", "theil", "cv", "rank", "of"]


def national_context(kecamatan: pd.DataFrame, indicator: str = "idm",
                     fewest: int = FEWEST_KECAMATAN) -> pd.DataFrame:
    """Inequality between the kecamatan of every regency of a country, and its rank.

    `gini`, `theil` and `williamson` (as cv) of the kecamatan's means, each weighted by its number
    of desa: a desa counts once, with the mean of its kecamatan, so that differences inside a
    kecamatan are out of sight. A kecamatan without a value takes no part, neither in the numbers of
    areas and desa. Regencies with fewer than `fewest` kecamatan that have a value are left out.
    Raises ValueError for missing columns, codes that are not those of the Ministry of Home Affairs
    (11.01.01), a code that stands twice, a kecamatan without desa and a value below zero.

    Parameters
    ----------
    kecamatan : DataFrame
        One row a kecamatan: code, desa (their number, the weight) and the indicator (its mean).
    indicator : str
        Column of the values, zero or more: idm, iks, ike, ikl, or another one.
    fewest : int
        Kecamatan that a regency must have.

    Returns
    -------
    DataFrame
        One row a regency, by rank and code: regency (four digits with a dot), areas (kecamatan),
        desa, indicator, mean (over the desa), gini, theil, cv, rank (1 is the most unequal by
        Theil; equal ones to 12 decimals share the better rank, and the next ranks are left out) and
        of (regencies that are ranked).

    Examples
    --------
    In 11.01 one kecamatan with a single desa has 5, one with three has 1; in 11.02 all are equal.
    The mean is (3 x 1 + 1 x 5) / 4 = 2, the variance (3 x 1 + 1 x 9) / 4 = 3.

    >>> country = pd.DataFrame({"code": ["11.02.01", "11.02.02", "11.01.01", "11.01.02"],
    ...                         "desa": [2, 4, 3, 1], "idm": [4.0, 4.0, 1.0, 5.0]})
    >>> found = national_context(country, fewest=2)
    >>> found[["regency", "areas", "desa", "mean", "rank", "of"]].values.tolist()
    [['11.01', 2, 4, 2.0, 1, 2], ['11.02', 2, 6, 4.0, 2, 2]]
    >>> (found["cv"] ** 2).round(6).tolist()
    [0.75, 0.0]
    """
    rows = _checked(kecamatan, indicator).sort_index()
    regencies, first = np.unique(rows.index.str[:REGENCY].to_numpy(dtype="str"), return_index=True)
    parts = np.split(rows.to_numpy(dtype=float), first[1:])
    found = pd.DataFrame(
        [{"regency": regency, "areas": len(part), "desa": int(part[:, 0].sum()),
          "indicator": indicator, **_measures(*part.T)}
         for regency, part in zip(regencies, parts) if len(part) >= fewest],
        columns=COLUMNS[:-2])
    rank = found["theil"].round(DIGITS).rank(method="min", ascending=False).astype("int64")
    return found.assign(rank=rank, of=len(found)).sort_values(
        ["rank", "regency"], ignore_index=True)


def context_table(kecamatan: pd.DataFrame, fewest: int = FEWEST_KECAMATAN) -> pd.DataFrame:
    """`national_context` of the index and its three parts (`INDICES`), one after the other."""
    return pd.concat([national_context(kecamatan, name, fewest) for name in INDICES],
                     ignore_index=True)


def regencies_of(areas: pd.DataFrame) -> dict[str, str]:
    """Regencies that areas lie in: code to name, in the order of the codes.

    A regency is named by the group that all its areas share, else by its code. Codes of desa name
    their regency as well; with codes of another kind there is none.

    Parameters
    ----------
    areas : DataFrame
        Indexed by code; may have group.

    Examples
    --------
    >>> regencies_of(pd.DataFrame({"group": ["Kota", "Kab."]}, index=["35.72.01", "35.05.01"]))
    {'35.05': 'Kab.', '35.72': 'Kota'}
    >>> regencies_of(pd.DataFrame(index=["35.05.01"])), regencies_of(pd.DataFrame(index=["350501"]))
    ({'35.05': '35.05'}, {})
    """
    code = areas.index.to_series().astype("str")
    if not code.str.fullmatch(KECAMATAN + r"(\.\d{4})?").all():
        return {}
    regency = code.str[:REGENCY]
    named = areas.get("group", regency)
    shared = named.groupby(regency.to_numpy()).agg(lambda one: one.iloc[0] if one.nunique(
        dropna=False) == 1 else None)
    return {code: name if isinstance(name, str) else code for code, name in shared.items()}


def standing(context: pd.DataFrame, kecamatan: pd.DataFrame, regencies: Iterable[str],
             indicator: str = "idm") -> pd.DataFrame:
    """Where some regencies stand among those of their province and country.

    Parameters
    ----------
    context : DataFrame
        As from `context_table`.
    kecamatan : DataFrame
        What it was made from.
    regencies : iterable of str
        Their codes, as from `regencies_of`.
    indicator : str
        One of `context`.

    Returns
    -------
    DataFrame
        One row a regency: regency; place (``ranked``, ``few`` kecamatan to be ranked,
        or ``absent`` where the country has no value of it); areas (kecamatan with a value); and
        where it is ranked mean, theil, rank, of, more_unequal (share of the regencies with a
        better rank), median (theil of the middle regency), province_rank and province_of.

    Examples
    --------
    >>> country = pd.DataFrame({"code": ["11.02.01", "11.02.02", "11.01.01", "11.01.02"],
    ...                         "desa": 1, "idm": [4.0, 4.0, 1.0, 5.0]})
    >>> found = standing(national_context(country, fewest=2), country, ["11.02", "12.01"])
    >>> found[["regency", "place", "areas", "more_unequal"]].fillna(0).values.tolist()
    [['11.02', 'ranked', 2, 0.5], ['12.01', 'absent', 0, 0.0]]
    """
    ranked = context[context["indicator"] == indicator].set_index("regency")
    known = kecamatan.dropna(subset=indicator)["code"].str[:REGENCY].value_counts()
    rows = []
    for regency in regencies:
        areas = int(known.get(regency, 0))
        row = {"regency": regency, "areas": areas, "place": "few" if areas else "absent"}
        if regency in ranked.index:
            own = ranked.loc[regency]
            province = ranked.index.str[:2] == regency[:2]
            ahead = ranked["rank"] < own["rank"]
            row |= own[["mean", "theil", "rank", "of"]].to_dict() | {
                "place": "ranked", "more_unequal": ahead.mean(),
                "median": ranked["theil"].median(), "province_of": province.sum(),
                "province_rank": (ahead & province).sum() + 1}
        rows.append(row)
    return pd.DataFrame(rows, columns=["regency", "place", "areas", "mean", "theil", "rank", "of",
                                       "more_unequal", "median", "province_rank", "province_of"])


def gaps_in_country(kecamatan: pd.DataFrame, zones: pd.Series, pair: tuple[str, str] | None,
                    indicators: Iterable[str] = INDICES, confidence: float = 0.95,
                    **options) -> pd.DataFrame:
    r"""Gap between two zones beside the spread between all kecamatan of the country.

    .. math:: d = \frac{\bar y_a - \bar y_b}{\sigma}

    with means over the desa of the zones, and :math:`\sigma` the standard deviation of the
    kecamatan's means around that of the country, each weighted by its number of desa.

    Parameters
    ----------
    kecamatan
        As in `national_context`.
    zones, pair
        As in `zone_gap`, by the same codes.
    indicators : iterable of str
    confidence : float
        Of the interval; a gap is real with a p-value of at most 1 - confidence.
    **options
        permutations and seed of `zone_gap`.

    Returns
    -------
    DataFrame
        One row an indicator: indicator, the results of `zone_gap`, sd (:math:`\sigma`), in_sd (d),
        below_a and below_b (share of the country's desa that lie in kecamatan with a mean below
        that of the zone) and verdict: ``real`` or ``unclear``, then ``small`` (d below one half,
        Cohen's medium effect) or ``large``. No row without a pair, or where a zone has no kecamatan
        with a value: kelurahan have no index.

    References
    ----------
    Cohen (1988), Statistical power analysis for the behavioral sciences, 2nd edition.

    Examples
    --------
    >>> country = pd.DataFrame({"code": ["11.01.01", "11.01.02", "12.01.01", "12.01.02"],
    ...                         "desa": 1, "idm": [3.0, 2.0, 0.0, 5.0]})
    >>> zones = pd.Series({"11.01.01": "n", "11.01.02": "s"})
    >>> found = gaps_in_country(country, zones, ("n", "s"), ["idm"])
    >>> found[["mean_a", "sd", "below_a", "below_b", "verdict"]].round(3).values.tolist()
    [[3.0, 1.803, 0.5, 0.25, 'unclear_large']]
    """
    rows = []
    for name in indicators:
        table = _checked(kecamatan, name)
        values, desa = table[name], table["desa"]
        own = values[values.index.isin(zones.index)]
        if pair is None or not set(pair) <= set(zones.reindex(own.index)):
            continue
        gap = zone_gap(own, zones.reindex(own.index), pair, desa.reindex(own.index),
                       confidence=confidence, **options)
        sd = float(np.sqrt(np.average((values - np.average(values, weights=desa)) ** 2,
                                      weights=desa)))
        below = [desa[values < gap[f"mean_{side}"]].sum() / desa.sum() for side in "ab"]
        clear = "real" if gap["p_difference"] <= 1 - confidence else "unclear"
        size = "small" if abs(gap["difference"]) < SMALL * sd else "large"
        rows.append({"indicator": name, **gap, "sd": sd, "in_sd": gap["difference"] / sd,
                     "below_a": below[0], "below_b": below[1], "verdict": f"{clear}_{size}"})
    return pd.DataFrame(rows)


def _measures(desa: np.ndarray, values: np.ndarray) -> dict[str, float]:
    return {"mean": float(np.average(values, weights=desa)), "gini": gini(values, desa),
            "theil": theil(values, desa), "cv": williamson(values, desa)}


def _checked(kecamatan: pd.DataFrame, indicator: str) -> pd.DataFrame:
    for column in ("code", "desa", indicator):
        if column not in kecamatan:
            raise Error("the kecamatan of the country have no column '{column}'; they have: "
                        "{known}", column=column, known=", ".join(map(str, kecamatan)))
    code = kecamatan["code"].astype("str")
    if (foreign := ~code.str.fullmatch(KECAMATAN)).any():
        raise Error("'{code}' is no code of a kecamatan as the Ministry of Home Affairs writes it "
                    "(such as 35.05.01), which names its province and regency; give those codes",
                    code=code[foreign].iloc[0])
    if code.duplicated().any():
        raise Error("the kecamatan {code} stands twice; keep one row",
                    code=code[code.duplicated()].iloc[0])
    if (none := ~(kecamatan["desa"] > 0)).any():
        raise Error("the kecamatan {code} has no desa; its mean is taken over one or more",
                    code=code[none].iloc[0])
    if (below := kecamatan[indicator] < 0).any():
        raise Error("the kecamatan {code} has a value below zero; inequality is measured on values "
                    "of zero or more", code=code[below].iloc[0])
    return kecamatan.set_index(pd.Index(code, name="code"))[["desa", indicator]].dropna()
