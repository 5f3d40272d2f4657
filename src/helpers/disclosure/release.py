"""Release: a table as it may be published, whoever made it."""

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from helpers.disclosure.levels import COLUMNS, WHOLE
from helpers.errors import Error

WORD = "suppressed"
# Where a group is hidden: estimates in units of the answer scale are rounded to STEP, errors are
# raised to it, half intervals to two of it; p-values are raised to the next of LEVELS.
STEP = 0.05
LEVELS = np.array([0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0])
DECIMALS = 2  # of everything else
HAIR = 1e-9  # so that what is on a step stays there
ESTIMATES = {"mean", "need", "access", "gap", "difference", "median", "sd", "effect_size", "away",
             "coefficient"}
ERRORS = {"se", "se_bootstrap", "cv", "ci_high"}
# Estimates about which the limits of an interval are set: rounded by themselves, the limits would
# tell the estimate more closely than its own rounding does.
MIDDLES = ("gap", "mean", "difference", "coefficient", "share", "median")
OF_ITEMS = ("mean", "sd")  # of single items: the mean of a scale, rounded once more
PROBABILITY = re.compile(r"p_.+|p")
# Columns that say which row it is, not what was found in it.
KEYS = {"domain", "level", "dimension", "aspect", "code", "name", "zone", "zone_a", "zone_b",
        "business_type", "variable", "rule", "weights", "item", "answer", "label", "margin",
        "aspect_a", "aspect_b", "geometry", "status"}


def release(table: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Table without what was found in hidden levels, and rounded where any level is hidden.

    Rows stay, to show what is withheld: numbers are emptied, that of the respondents too, and words
    become ``suppressed``. Comparisons of a hidden level go, as a difference and one side give the
    other away. Of single items no mean and deviation stays: rounded by themselves, they tell the
    mean of their scale closer than its own rounding. Of what is left, estimates are rounded to
    steps of 0.05, standard errors raised to the next step, and limits set about the rounded
    estimate at whole tenths, so that intervals are never shorter than they were; p-values are
    raised to the next of 0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1. A gap is that of the rounded sides:
    no column tells more digits of another. The range of hidden means is worked out for these steps
    (`levels_by_weights`). Where nothing is hidden, the table is returned as it is.

    Parameters
    ----------
    table : DataFrame
        Rows about levels: domain and level, level alone, or any text that names one, in a column
        or beside the row; a column may bear the name of a level too. A table without any of these
        is about the whole.
    hidden : DataFrame
        From `levels_by_weights`.

    Examples
    --------
    >>> table = pd.DataFrame({"domain": "area", "level": ["a", "b"], "n": [4, 9],
    ...                       "mean": [4.0, 3.3333], "class": ["high", "medium"]})
    >>> hidden = pd.DataFrame({"domain": ["area"], "level": ["a"]})
    >>> found = release(table, hidden)
    >>> found["mean"].tolist(), found["class"].tolist(), str(found["n"].tolist())
    ([nan, 3.35], ['suppressed', 'medium'], '[<NA>, 9]')
    >>> release(table, hidden[:0]) is table
    True
    """
    if hidden.empty:
        return table
    found = table = _without_pairs(table, hidden)
    rows = _about(found, hidden)
    if rows is None:
        rows = np.full(len(found), (hidden["domain"] == WHOLE[0]).any())
    found = found.copy()
    told = {*hidden["level"]}
    for name in found.columns:
        column = found[name]
        if name in KEYS:
            continue
        if not told.isdisjoint(map(str, name if isinstance(name, tuple) else (name,))):
            rows_of = np.ones(len(found), dtype=bool)  # a level of its own across the table
        else:
            rows_of = rows
        if pd.api.types.is_float_dtype(column):
            # In a small level two decimals of a share are whole persons.
            of_level = name == "share" and "level" in found
            found[name] = _coarse("mean" if of_level else str(name), column.mask(rows_of))
        elif rows_of.any() and pd.api.types.is_integer_dtype(column):
            found[name] = column.astype("Int64").mask(rows_of)
        elif rows_of.any():
            found[name] = column.astype("object").mask(rows_of, WORD)
        if name in OF_ITEMS and "item" in found:
            found[name] = np.nan
    return _consistent(found, table)


def check_rows(table: pd.DataFrame, respondents: pd.DataFrame, items: Collection[str]) -> None:
    """Refuse rows of single respondents: keys, answers item by item, or one row a respondent.

    `respondents` has the index of those who answered, `items` are the names of their columns.

    Examples
    --------
    >>> respondents = pd.DataFrame({"respondent": ["R1", "R2"]})
    >>> check_rows(pd.DataFrame({"before": [1, 2, 3]}), respondents, ["q1"])
    >>> check_rows(pd.DataFrame({"before": [1, 2]}), respondents, ["q1"])
    Traceback (most recent call last):
    helpers.errors.Error: a table holds rows of single respondents; publish counts or means instead
    """
    single = len(table) > 1 and table.index.equals(respondents.index) and KEYS.isdisjoint(table)
    named = [name for name in ("respondent", *items) if name in table.columns]
    if single or named:
        raise Error("a table holds rows of single respondents; publish counts or means instead")


def of_whole(table: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Table about the whole sample: without its rows where the whole itself has too few answers.

    Examples
    --------
    >>> table = pd.DataFrame({"difference": [0.1]})
    >>> hidden = pd.DataFrame({"domain": ["all", "zone"], "level": ["all", "s"]})
    >>> len(of_whole(table, hidden)), len(of_whole(table, hidden[1:]))
    (0, 1)
    """
    return table.iloc[:0] if (hidden["domain"] == WHOLE[0]).any() else table


def without(table: pd.DataFrame, hidden: pd.DataFrame, domain: str,
            columns: Sequence[str]) -> pd.DataFrame:
    """Table without comparisons of a hidden level: a difference and one side give the other away.

    `columns` each hold a level of `domain`, such as ``zone``.

    Examples
    --------
    >>> table = pd.DataFrame({"zone_a": ["n", "n"], "zone_b": ["s", "c"], "difference": [0.1, 0.2]})
    >>> hidden = pd.DataFrame({"domain": ["zone"], "level": ["s"]})
    >>> without(table, hidden, "zone", ["zone_a", "zone_b"])["zone_b"].tolist()
    ['c']
    """
    levels = set(hidden.loc[hidden["domain"] == domain, "level"])
    named = table[list(columns)].astype("str").isin(levels).any(axis=1)
    return table[~named] if named.any() else table


def _without_pairs(table: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    pair = [name for name in ("zone_a", "zone_b") if name in table]
    return without(table, hidden, "zone", pair) if pair else table


def _about(table: pd.DataFrame, hidden: pd.DataFrame) -> np.ndarray | None:
    """Rows about a hidden level; None for a table without levels."""
    of = {domain: set(part["level"]) for domain, part in hidden.groupby("domain")}
    if {"domain", "level"} <= {*table}:
        pairs = zip(table["domain"].astype("str"), table["level"].astype("str"))
        return np.array([level in of.get(domain, ()) for domain, level in pairs], dtype=bool)
    if "level" in table:
        return table["level"].astype("str").isin(set(hidden["level"])).to_numpy()
    # An area's row names its zone beside it.
    names = of.get("area", set()) if COLUMNS["area"] in table else set().union(*of.values())
    rows = np.zeros(len(table), dtype=bool)
    for values in _named(table):
        rows |= values.isin(names).to_numpy()
    return rows if rows.any() or not {*COLUMNS.values()}.isdisjoint(table.columns) else None


def _named(table: pd.DataFrame) -> Iterator[pd.Series]:
    """What may name a level in the rows of a table, beside them and in them, as texts: any text,
    whatever its column is called, and numbers in a column of levels or beside rows under a name."""
    index = table.index
    sides = [index.get_level_values(level) for level in range(index.nlevels)]
    of_levels = {*COLUMNS.values(), *index.names} - {None}
    for values in [*sides, *(table.iloc[:, place] for place in range(table.shape[1]))]:
        numeric = pd.api.types.is_numeric_dtype(values)
        if numeric and values.name not in of_levels or hasattr(values, "geom_type"):
            continue
        texts = pd.Series(values.astype("str").to_numpy())
        yield texts
        if numeric:
            yield texts.str.removesuffix(".0")  # beside a gap, 1 is written 1.0


def rounded(name: str, value: object) -> object:
    """Value of a sentence with as many digits as `release` leaves a column of this name.

    Examples
    --------
    >>> rounded("mean", 3.14159), rounded("se", 0.051), rounded("p_value", 0.0123)
    (3.15, 0.1, 0.05)
    >>> rounded("spread", 0.12345), rounded("n", 12)
    (0.12, 12)
    """
    if not isinstance(value, float):
        return value
    return float(_coarse(name, pd.Series([value], dtype=float)).iloc[0])


def _coarse(name: str, values: pd.Series) -> pd.Series:
    if PROBABILITY.fullmatch(name):
        place = np.minimum(np.searchsorted(LEVELS, values - HAIR), len(LEVELS) - 1)
        return pd.Series(LEVELS[place], index=values.index).where(values.notna())
    steps = values.astype(float) / STEP
    if name in ERRORS:
        return (np.ceil(steps - HAIR) * STEP).round(DECIMALS)
    if name == "ci_low":
        return (np.floor(steps + HAIR) * STEP).round(DECIMALS)
    return (steps.round() * STEP if name in ESTIMATES else values).round(DECIMALS)


def _consistent(found: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Columns that follow from others made of these as they are published."""
    if {"need", "access", "gap"} <= {*found}:
        found["gap"] = (found["need"] - found["access"]).round(DECIMALS)
        if "fulfilment" in found:
            found["fulfilment"] = (100 * found["access"] / found["need"]).round(1)
    middle = next((name for name in MIDDLES if name in found), None)
    if middle and {"ci_low", "ci_high"} <= {*found}:
        half = (table["ci_high"] - table["ci_low"]) / 2
        if "se" in found:  # of the error as published, or many confidences would tell it exactly
            half = (half * found["se"] / table["se"]).where(table["se"] > 0, half)
        half = np.ceil(half / (2 * STEP) - HAIR) * 2 * STEP
        ends = (0, 1) if middle == "share" else (None, None)
        found["ci_low"] = (found[middle] - half).clip(*ends).round(DECIMALS)
        found["ci_high"] = (found[middle] + half).clip(*ends).round(DECIMALS)
    return found
