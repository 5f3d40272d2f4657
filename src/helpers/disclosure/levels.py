"""Levels of a survey whose estimates stay unpublished: decided from the data, for all settings."""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.disclosure.ranges import WIDTH, Survey, across, narrowest
from helpers.disclosure.suppression import PROTECTING, protect

WHOLE = ("all", "all")
CALIBRATED = "calibrated"
COLUMNS = {"zone": "zone", "area": "code", "business_type": "business_type"}
LEFT = 0.5  # least share of respondents behind what is said of the whole sample
DOMINANT, TOGETHER = 0.9, 2  # share of the weight of a level, and how many carry it


def levels_by_weights(scores: pd.DataFrame, answered: pd.DataFrame, design: pd.DataFrame,
                      weights: pd.DataFrame, scale: tuple[float, float],
                      minimum_cell: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Zones, areas and types of business whose scores stay unpublished where weights are not
    calibrated, and where they are.

    A level is hidden as a whole, for all dimensions and aspects, as its total over the aspects
    would give a single one away. Hidden are levels of fewer answers than `minimum_cell` or of which
    two carry nine tenths of the weight (`small`), and as many more (`protecting`) as it takes that
    no equation fixes a hidden level, that those hidden in a published total are at least
    `minimum_cell` together, and that the mean of every small one can still lie anywhere in a range
    of one answer, on every scale, by the totals under all `weights` at once. The equations are: the
    whole is its zones, a zone its areas, the whole its types of business; and all of them together
    where types cut across areas, for a reader who knows nobody. What is hidden does not depend on
    the weights that are chosen: two settings together tell no more.

    Both tables are the same, as long as the whole survey can be published. Where two respondents
    stand for the areas of a zone in which nobody answered, calibrated and plain means of the whole
    together may tell their answers, whatever else is hidden. Then nothing is published of the
    calibrated setting, every level of which is in the second table, and the first one is made as
    if nobody could choose it.

    A table has domain, level, n, reason (``small``, or ``protecting`` another one).

    Parameters
    ----------
    scores : DataFrame, shape (respondents, scales)
        From `helpers.scoring.scores_by_respondent`.
    answered : DataFrame, shape (respondents, scales)
        Number of items behind each score.
    design : DataFrame
        code, zone, and business_type where there is.
    weights : DataFrame, shape (respondents, settings)
        All weights that somebody may choose, from `helpers.scoring.weightings`.
    scale : pair of numbers
        Lowest and highest answer.
    minimum_cell : int
        Fewest answers behind a published row.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control, chapter 4. Wiley.

    Examples
    --------
    >>> design = pd.DataFrame({"code": [*"aaaa", *"b" * 16, *"c" * 20],
    ...                        "zone": [*"n" * 20, *"s" * 20]})
    >>> scores = pd.DataFrame({"need.all": [2.0, 3.0, 4.0, 3.0] * 10})
    >>> found, _ = levels_by_weights(scores, scores * 0 + 1, design,
    ...                              pd.DataFrame({"none": [1.0] * 40}), (1, 5), 5)
    >>> found[["level", "reason"]].values.tolist()
    [['a', 'small'], ['b', 'protecting']]
    """
    persons = _persons(design)
    counts = _fewest(scores, persons)

    def found(settings: pd.DataFrame) -> pd.DataFrame:
        return _hidden(persons, counts, scores, answered, design, settings, scale, minimum_cell)

    every = found(weights)
    if CALIBRATED not in weights or WHOLE not in set(zip(every["domain"], every["level"])):
        return every, every
    reason = every.set_index(["domain", "level"])["reason"].reindex(counts.index)
    return (found(weights.drop(columns=CALIBRATED)),
            pd.DataFrame({"n": counts, "reason": reason.fillna(PROTECTING)}).reset_index())


def _hidden(persons: dict, counts: pd.Series, scores: pd.DataFrame, answered: pd.DataFrame,
            design: pd.DataFrame, weights: pd.DataFrame, scale: tuple[float, float],
            minimum_cell: int) -> pd.DataFrame:
    """Hidden levels of respondents who are sorted into their levels, and counted, already."""
    zone_of = dict(zip(design["code"].astype("str"), design["zone"].astype("str")))
    sums = [(WHOLE, [cell for cell in persons if cell[0] == domain])
            for domain in ("zone", "business_type") if COLUMNS[domain] in design]
    sums += [(zone, [cell for cell in persons if cell[0] == "area" and zone_of[cell[1]] == zone[1]])
             for zone in persons if zone[0] == "zone"]
    dominated = [cell for cell, inside in persons.items() if _dominated(weights[inside])]
    primary = {*counts.index[counts < minimum_cell], *dominated}
    known: dict[object, set] = {}
    sampled = 1 / weights["design"] if "design" in weights else weights["none"] * 0
    surveys = [Survey(scores[name].to_numpy(float), answered[name].to_numpy(float), weights,
                      design["code"].astype("str").to_numpy(), sampled.to_numpy(float), *scale)
               for name in scores]

    def exposed(hidden: set) -> set:
        told: set = set()
        for total, parts in _totals(hidden, sums):
            unknown = _in_no_part(persons, total, parts, hidden, sums)
            small = [cell for cell in persons if cell in hidden & primary
                     and not (persons[cell] & ~persons[total]).any()
                     and (persons[cell] & unknown).any()]
            key = (total, unknown.tobytes(), *small)
            if key not in known:
                known[key] = _exposed(surveys, persons, total, unknown, small, minimum_cell)
            if known[key]:
                told |= known[key] | {*parts} & hidden
        return told or _told_across(surveys, persons, hidden, primary)

    reason = protect(counts, sums, minimum_cell, dominated, exposed)
    found = pd.DataFrame({"n": counts, "reason": reason})
    return found[found["reason"] != ""].reset_index()


def told(design: pd.DataFrame, hidden: pd.DataFrame) -> pd.Series:
    """Whether each respondent is behind what is said of the whole sample beside its means.

    Reliability, factors, items and shares of answers have too many digits to be rounded as means
    are: who knows all other answers could try out which of the hidden ones give them. They are
    worked out without the respondents of small zones, areas and types of business, and then without
    those that are hidden to protect these, as far as half of all can do without them: every few of
    a level, not all, where all would be too many. On the others alone the numbers must not rest,
    from which the published mean of all would tell the small ones. Where most are in small levels,
    nobody knows the others.

    Examples
    --------
    >>> design = pd.DataFrame({"code": [*"aabbb"], "business_type": [*"xyyyy"]})
    >>> hidden = pd.DataFrame({"domain": ["area", *["business_type"] * 2], "level": [*"axy"],
    ...                        "reason": ["small", "small", "protecting"]})
    >>> told(design, hidden).tolist()
    [False, False, True, True, True]
    """
    fewest = math.ceil(LEFT * len(design))
    found = pd.Series(True, index=design.index)
    protecting = hidden["reason"] == PROTECTING
    for levels in (hidden[~protecting], hidden[protecting]):
        for domain in filter(lambda domain: COLUMNS[domain] in design, COLUMNS):
            of = levels.loc[levels["domain"] == domain, "level"].astype("str")
            inside = np.flatnonzero(found & design[COLUMNS[domain]].astype("str").isin(of))
            spare = min(int(found.sum()) - fewest, len(inside))
            if spare == len(inside) or (spare > 0 and levels["reason"].eq(PROTECTING).all()):
                found.iloc[inside[np.arange(spare) * len(inside) // max(spare, 1)]] = False
    return found


def _persons(design: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Respondents of the whole and of every level in it."""
    persons = {WHOLE: np.ones(len(design), dtype=bool)}
    for domain, column in COLUMNS.items():
        if column in design:
            values = design[column]
            levels = (values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype)
                      else sorted(values.dropna().unique()))
            persons |= {(domain, str(level)): (values == level).to_numpy(bool)
                        for level in levels if (values == level).any()}
    return persons


def _fewest(scores: pd.DataFrame, persons: dict) -> pd.Series:
    """Answers of every level on its scarcest scale of those that have any."""
    counted = [scores[inside].notna().sum() for inside in persons.values()]
    return pd.Series([int(found[found > 0].min()) if found.any() else 0 for found in counted],
                     index=pd.MultiIndex.from_tuples(persons, names=["domain", "level"]))


def _dominated(weights: pd.DataFrame) -> bool:
    """Whether two respondents carry nearly all the weight, under any setting."""
    top = np.sort(weights.to_numpy(float), axis=0)[-TOGETHER:].sum(axis=0)
    return bool((top > DOMINANT * weights.to_numpy(float).sum(axis=0)).any())


def _totals(hidden: set, sums: list) -> Iterable[tuple]:
    """Published totals of which parts are hidden."""
    return ((total, parts) for total, parts in sums
            if total not in hidden and not hidden.isdisjoint(parts))


def _in_no_part(persons: dict, total: tuple, parts: list, hidden: set,
                sums: list) -> np.ndarray:
    """Respondents of a total who are in none of its published parts, nor in a part of these."""
    unknown = persons[total].copy()
    below = dict(sums)
    for part in parts:
        for cell in (part,) if part not in hidden else below.get(part, ()):
            if cell not in hidden:
                unknown &= ~persons[cell]
    return unknown


def _exposed(surveys: list[Survey], persons: dict, total: tuple, unknown: np.ndarray,
             small: list, minimum_cell: int) -> set:
    """Small levels that the total tells too closely, or all where too few are unknown."""
    for survey in surveys:
        if 0 < (unknown & ~np.isnan(survey.y)).sum() < minimum_cell:
            return {*small}
    groups = [persons[cell] & unknown for cell in small]
    for survey in surveys:
        widths = narrowest(survey, persons[total], unknown, groups)
        if told := {cell for cell, width in zip(small, widths, strict=True) if width < WIDTH}:
            return told
    return set()


def _told_across(surveys: list[Survey], persons: dict, hidden: set, primary: set) -> set:
    """Types of business (else the small levels) to hide, as they and the areas tell too much of a
    small level together."""
    small = [cell for cell in persons if cell in hidden & primary]
    types = {cell for cell in persons if cell[0] == "business_type"}
    if not small or not types:
        return set()
    published = [inside for cell, inside in persons.items() if cell not in hidden]
    part, _ = pd.factorize(pd.Series(map(tuple, np.array([*persons.values()]).T)))
    groups = [persons[cell] for cell in small]
    for survey in surveys:
        widths = across(survey, published, part, groups)
        if told := {cell for cell, width in zip(small, widths, strict=True) if width < WIDTH}:
            return types - hidden or told
    return set()
