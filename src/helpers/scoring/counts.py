"""Design-based estimates from counts: one pass over the respondents, then small tables.

Answers are few: 1 to 5, or the means of some of them. So all that a mean, a share or a standard
error of a stratified sample needs is, for every stratum, domain, question and answer: how many gave
it, and the sums of their weights and of the squares of these. The sums of two parts of a sample add
up to those of the whole, so the parts can be read one after the other, or on several machines.

Which engine: `estimate_means` with svy is the reference, and the only one for clusters or replicate
weights. Here strata only, one stage; the numbers equal those of svy to ten digits, at any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.errors import Error, check_share
from helpers.messages import Message
from helpers.scoring.answers import allowed_gaps, scale_list
from helpers.scoring.design import check_design

# Respondents taken at a time: their codes stay in the processor's cache.
BLOCK = 32_768
BETWEEN = " × "
ALIKE = 1e-12  # closer to 0 or 1 a share has no error


@dataclass(frozen=True)
class Tally:
    """Counts and weights of answers: one row a group, one column a value.

    `values` are sorted. `excess` and `square` are sums of w - r and of its square, r being the
    group's reference weight: where a group has one weight they are zero without rounding, and so is
    what they add to a variance.
    """

    values: np.ndarray
    n: np.ndarray
    excess: np.ndarray
    square: np.ndarray


@dataclass(frozen=True)
class Counts:
    """Sufficient statistics of a stratified sample; made by `count_answers` or `count_values`.

    Attributes
    ----------
    stratum : str
        Column of `groups`.
    groups : DataFrame, shape (groups, 1 + domains)
        Stratum and domains of every group of respondents; categories, in order.
    size : ndarray of int, shape (groups,)
        Respondents, with or without answers.
    reference : ndarray, shape (groups,)
        A weight that occurs in the group.
    population : ndarray, shape (groups,), or None
        Units in the group's stratum.
    tallies : dict of str to Tally
        One for each variable.
    """

    stratum: str
    groups: pd.DataFrame
    size: np.ndarray
    reference: np.ndarray
    population: np.ndarray | None
    tallies: dict[str, Tally]

    def __add__(self, other: "Counts") -> "Counts":
        """Counts of two parts of one sample together.

        The `other` respondents have the same variables, domains and stratum sizes. Whole numbers
        are exact whatever the order; where weights differ within a group, sums of weights agree to
        about 15 digits. Raises ValueError if the parts were counted differently.

        Examples
        --------
        >>> data = pd.DataFrame({"y": [1, 3, 3, 5], "w": [5, 5, 15, 15], "h": list("aabb"),
        ...                      "N": [10, 10, 30, 30]})
        >>> parts = [count_values(part, ["y"], "w", "h", "N") for part in (data[:1], data[1:])]
        >>> (parts[0] + parts[1]).means()[["mean", "se"]].round(4).values.tolist()
        [[3.5, 0.7583]]
        """
        _check_alike(self, other)
        groups, places = _merge_groups(self.groups, other.groups)
        reference = np.empty(len(groups))
        # The first part's weight is the one to refer to, so it is written last.
        reference[places[1]], reference[places[0]] = other.reference, self.reference
        pairs = list(zip((self, other), places, strict=True))
        size = np.zeros(len(groups), dtype=self.size.dtype)
        for part, place in pairs:
            size[place] += part.size
        population = None
        if self.population is not None and other.population is not None:
            population = np.empty(len(groups))
            population[places[0]], population[places[1]] = self.population, other.population
            strata = groups[self.stratum].iloc[np.concatenate(places)]
            _check_one_size(strata, np.concatenate([self.population, other.population]))
        tallies = {}
        for name in self.tallies:
            referred = [_refer(part, name, reference[place]) for part, place in pairs]
            tallies[name] = _add_tallies(referred, places, len(groups))
        return Counts(self.stratum, groups, size, reference, population, tallies)

    def means(self, by: str | list[str] | None = None, confidence: float = 0.95,
              variables: list[str] | None = None) -> pd.DataFrame:
        """Means with standard errors and t intervals, as `estimate_means` gives them.

        The table has variable, level (`all` without `by`), n, mean, se, ci_low, ci_high, by the
        rules of `estimate_means`. Raises ValueError if a variable or domain was not counted, or a
        stratum has more respondents than units.

        Parameters
        ----------
        by : str or list of str, optional
            Domain, or domains to cross; levels of a crossing are joined by a multiplication sign.
        variables : list of str, optional
            All without it.

        Examples
        --------
        >>> data = pd.DataFrame({"y": [1, 3, 3, 5], "w": [5, 5, 15, 15], "h": list("aabb"),
        ...                      "N": [10, 10, 30, 30]})
        >>> found = count_values(data, ["y"], "w", "h", "N").means()
        >>> found[["n", "mean", "se"]].round(4).values.tolist()
        [[4.0, 3.5, 0.7583]]
        """
        return self.means_with_freedom(by, confidence, variables).drop(columns="freedom")

    def means_with_freedom(self, by: str | list[str] | None = None, confidence: float = 0.95,
                           variables: list[str] | None = None) -> pd.DataFrame:
        """Estimates of `means` with the degrees of freedom of each interval (column `freedom`)."""
        names = self._names(variables)
        plan = _Plan(self, by)
        parts = [plan.estimate(batch, tally.values[None, :]) for batch, tally in self._alike(names)]
        columns = {key: np.concatenate([part[key][:, 0, :] for part in parts]) for key in parts[0]}
        order = [name for batch, _ in self._alike(names) for name in batch]
        columns = {key: column[[order.index(name) for name in names]].ravel()
                   for key, column in columns.items()}
        labels = {"variable": np.repeat(names, len(plan.levels)),
                  "level": np.tile(plan.levels, len(names))}
        return _table(labels, columns, "mean", confidence)

    def shares(self, by: str | list[str] | None = None, confidence: float = 0.95,
               variables: list[str] | None = None,
               answers: dict[str, list[float]] | None = None) -> pd.DataFrame:
        """Shares of answers among those who answered, with standard errors and intervals.

        A share is the mean of a variable that is 1 where the answer was given and 0 where another
        was. Its interval is that of `logit_limits`. Errors are those of `means`.

        Parameters
        ----------
        by, confidence
            As in `means`.
        variables : list of str, optional
            Without it those with whole numbers only: answers, not scores, which have hundreds of
            values.
        answers : dict of str to list of numbers, optional
            Answers taken together under a name, such as ``{"important": [4, 5]}``; without it each
            by itself.

        Returns
        -------
        DataFrame
            variable, answer, level, n, share, se, ci_low, ci_high.

        Examples
        --------
        >>> data = pd.DataFrame({"y": [1, 3, 3, 5], "w": [5, 5, 15, 15], "h": list("aabb"),
        ...                      "N": [10, 10, 30, 30]})
        >>> counts = count_values(data, ["y"], "w", "h", "N")
        >>> counts.shares()[["answer", "share"]].values.tolist()
        [[1, 0.125], [3, 0.5], [5, 0.375]]
        >>> counts.shares(answers={"at most 3": [1, 2, 3]})["share"].tolist()
        [0.625]
        """
        if variables is None:
            whole = {name: (tally.values % 1 == 0).all() for name, tally in self.tallies.items()}
            variables = [name for name, holds in whole.items() if holds]
        names = self._names(variables)
        plan = _Plan(self, by)
        found: dict[str, tuple[dict, dict]] = {}
        for batch, tally in self._alike(names):
            each = {float(value) if value % 1 else int(value): [value] for value in tally.values}
            picked = each if answers is None else answers
            chosen = np.array([np.isin(tally.values, list(values)) for values in picked.values()],
                              dtype=float)
            # Nobody may have answered: then there is no row, but still a place for each answer.
            part = plan.estimate(batch, chosen.reshape(len(picked), len(tally.values)))
            labels = {"answer": np.repeat(np.array(list(picked), dtype=object), len(plan.levels)),
                      "level": np.tile(plan.levels, len(picked))}
            for place, name in enumerate(batch):
                own = {"variable": np.repeat(name, len(labels["level"]))} | labels
                found[name] = own, {key: column[place].ravel() for key, column in part.items()}
        labels, columns = ({key: np.concatenate([found[name][side][key] for name in names])
                            for key in found[names[0]][side]} for side in (0, 1))
        return _table(labels, columns, "share", confidence).drop(columns="freedom")

    def _names(self, variables: list[str] | None) -> list[str]:
        names = list(self.tallies) if variables is None else list(variables)
        absent = [name for name in names if name not in self.tallies]
        if absent:
            raise Error("variable {variable!r} was not counted; counted are {known}",
                        variable=absent[0], known=", ".join(self.tallies))
        if not names:
            raise Error("no variable to estimate; name at least one")
        return names

    def _alike(self, names: list[str]) -> list[tuple[list[str], Tally]]:
        # Questions with the same answers go through the arithmetic together.
        batches: dict[bytes, list[str]] = {}
        for name in names:
            batches.setdefault(self.tallies[name].values.tobytes(), []).append(name)
        return [(batch, self.tallies[batch[0]]) for batch in batches.values()]


def count_answers(data: pd.DataFrame, items: pd.DataFrame, weight: str, stratum: str,
                  population: str | None = None, domains: tuple[str, ...] = (),
                  missing: str = "person_mean", missing_share: float = 0.5) -> Counts:
    """Counts of the answers to every item and of the scores on every scale.

    The variables are the items and the scales of `scale_list`. Raises ValueError if a column is
    absent, an answer lies outside its scale, items have different scales, the rule is unknown, a
    weight is not positive or the stratum's size is not one number.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, one column an item, as it was ticked (reversed items are turned round
        here); empty = no answer. Small integers and categories are the fastest.
    items : DataFrame
        item, dimension, aspect, lowest, highest; reverse, if any is.
    weight, stratum, population
        As in `estimate_means`.
    domains : tuple of str
        Columns by which estimates will be asked for.
    missing, missing_share
        As in `mean_score`.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["a", "b"], "dimension": "need", "aspect": "capital",
    ...                       "lowest": 1, "highest": 5})
    >>> data = pd.DataFrame({"a": [4, 5], "b": [2, None], "w": 1.0, "h": "x"})
    >>> count_answers(data, items, "w", "h").means()[["variable", "mean"]].values.tolist()
    [['a', 4.5], ['b', 2.0], ['need.capital', 4.0], ['need.all', 4.0]]
    """
    allowed = allowed_gaps(missing, missing_share)
    if len(items[["lowest", "highest"]].drop_duplicates()) != 1:
        raise Error("items have different answer scales; bring them to one scale before they are "
                    "averaged", resource="items")
    frame = _Frame(data, list(items["item"]), weight, stratum, population, domains)
    lowest, highest = int(items["lowest"].iloc[0]), int(items["highest"].iloc[0])
    steps = highest - lowest + 1
    scales = scale_list(items)
    # A sum of codes says how many items were answered as well, when a gap counts more than all.
    gap = len(items) * steps + 1
    scores = {scale.variable: _score_values(len(scale.items), lowest, steps, gap, allowed)
              for scale in scales.itertuples()}
    values = {name: np.arange(lowest, highest + 1.0) for name in items["item"]}
    values |= {name: possible for name, (possible, _) in scores.items()}
    tables = {name: _Tables(possible, len(frame.size)) for name, possible in values.items()}
    reverse = dict(zip(items["item"], items["reverse"].astype(bool))) if "reverse" in items else {}
    columns = {name: _numbers(data[name]) for name in items["item"]}
    for block in frame.blocks():
        marks = {}
        for name, column in columns.items():
            codes = _item_codes(column[block.rows], name, lowest, steps, reverse.get(name, False))
            tables[name].add(block, codes)
            marks[name] = np.where(codes == steps, gap, codes)
        for scale in scales.itertuples():
            total = reduce(np.add, (marks[name] for name in scale.items))
            tables[scale.variable].add(block, scores[scale.variable][1][total])
    return frame.counts({name: table.tally() for name, table in tables.items()})


def count_values(data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
                 population: str | None = None, domains: tuple[str, ...] = ()) -> Counts:
    """Counts of the values of numeric columns that take few different ones.

    Errors are those of `estimate_means`.

    Parameters
    ----------
    data, variables, weight, stratum, population
        As in `estimate_means`.
    domains : tuple of str
        Columns by which estimates will be asked for.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [0.5, None, 2.5], "w": [1.0, 1.0, 3.0], "h": ["a", "a", "b"]})
    >>> count_values(data, ["y"], "w", "h").means()[["n", "mean"]].values.tolist()
    [[2.0, 2.0]]
    """
    frame = _Frame(data, variables, weight, stratum, population, domains)
    coded = {name: pd.factorize(_numbers(data[name]).astype(float), sort=True)
             for name in variables}
    tables = {name: _Tables(values, len(frame.size)) for name, (_, values) in coded.items()}
    for block in frame.blocks():
        for name, (codes, values) in coded.items():
            part = codes[block.rows]
            tables[name].add(block, np.where(part < 0, len(values), part))
    return frame.counts({name: table.tally() for name, table in tables.items()})


@dataclass
class _Block:
    """Block of respondents: rows, groups, weights above the reference (None where all equal it)."""

    rows: slice
    group: np.ndarray
    excess: np.ndarray | None
    square: np.ndarray | None


class _Frame:
    """Design of all rows: groups of stratum and domains, sizes, reference weights."""

    def __init__(self, data: pd.DataFrame, variables: list[str], weight: str, stratum: str,
                 population: str | None, domains: tuple[str, ...]):
        for column in domains:
            if column not in data.columns:
                raise Error("the data have no column {column!r}", column=column)
        numeric = [*variables, population] if population else variables
        check_design(data, numeric, weight, stratum, None, None, 0.95)
        self.stratum = stratum
        self.groups, self.group = _find_groups(data, list(dict.fromkeys([stratum, *domains])))
        self.size = np.bincount(self.group, minlength=len(self.groups))
        first = np.empty(len(self.groups), dtype=np.intp)
        # Of several assignments to one place the last one stays: from the end, the first row.
        first[self.group[::-1]] = np.arange(len(data) - 1, -1, -1)
        weights = data[weight].to_numpy(float)
        self.reference = weights[first]
        excess = weights - self.reference[self.group]
        self.excess = excess if excess.any() else None
        self.population = self._sizes(data, population, first) if population else None

    def _sizes(self, data: pd.DataFrame, population: str, first: np.ndarray) -> np.ndarray:
        units = _numbers(data[population]).astype(float)
        wrong = np.flatnonzero(units != units[first][self.group])
        if len(wrong):
            name = data[self.stratum].iloc[wrong[0]]
            raise Error("{population!r} of stratum {stratum!r} is not one number; give every row "
                        "the same size", population=population, stratum=name)
        _check_one_size(self.groups[self.stratum], units[first])
        return units[first]

    def blocks(self) -> Iterator["_Block"]:
        for start in range(0, len(self.group), BLOCK):
            rows = slice(start, start + BLOCK)
            excess = None if self.excess is None else self.excess[rows]
            square = None if excess is None else excess * excess
            yield _Block(rows, self.group[rows], excess, square)

    def counts(self, tallies: dict[str, Tally]) -> Counts:
        return Counts(self.stratum, self.groups, self.size, self.reference, self.population,
                      tallies)


class _Tables:
    """Running sums of one variable; the last column takes those who did not answer."""

    def __init__(self, values: np.ndarray, groups: int):
        self.values, self.shape = values, (groups, len(values) + 1)
        self.n = np.zeros(groups * (len(values) + 1), dtype=np.int64)
        self.excess, self.square = (np.zeros(len(self.n)) for _ in range(2))

    def add(self, block: _Block, codes: np.ndarray) -> None:
        cells = block.group * self.shape[1] + codes
        self.n += np.bincount(cells, minlength=len(self.n))
        if block.excess is not None:
            self.excess += np.bincount(cells, block.excess, len(self.n))
            self.square += np.bincount(cells, block.square, len(self.n))

    def tally(self) -> Tally:
        return Tally(self.values, *(sums.reshape(self.shape)[:, :-1]
                                    for sums in (self.n, self.excess, self.square)))


class _Plan:
    """Estimates by one domain or crossing, from tallies.

    What a respondent adds to a mean and its variance depends only on group, answer and weight. So
    sums over respondents are sums over cells (group, answer) of what one of the cell adds, times
    how many there are; weights that differ within a cell come in by their mean and their spread.
    A variance is a sum over strata, in which those outside the domain count as zeros: it is summed
    over pairs of a level and a stratum. All arrays are small: groups, levels, pairs.
    """

    def __init__(self, counts: Counts, by: str | list[str] | None):
        self.counts = counts
        columns = [] if by is None else [by] if isinstance(by, str) else list(by)
        for column in columns:
            if column not in counts.groups:
                known = ", ".join(counts.groups.columns)
                raise Error("{column!r} was not counted as a domain; counted are {known}",
                            column=column, known=known)
        stratum = counts.groups[counts.stratum].cat
        strata, names = stratum.codes.to_numpy(), stratum.categories
        asked = np.bincount(strata, counts.size, len(names))
        # Finite population: who is asked without replacement leaves less to chance.
        correction = np.ones(len(names))
        if counts.population is not None:
            units = np.ones(len(names))
            units[strata] = counts.population
            if (asked > units).any():
                place = int(np.argmax(asked > units))
                raise Error("stratum {stratum!r} has {respondents:g} respondents but {units:g} "
                            "units", stratum=names[place], respondents=asked[place],
                            units=units[place])
            correction = 1 - asked / units
        self.levels, level = _find_levels(counts.groups, columns)
        self.inside = np.flatnonzero(level >= 0)
        self.level = level[self.inside]
        # One number for a level and a stratum together: most of the possible pairs do not occur.
        pairs, self.pair = np.unique(self.level * len(names) + strata[self.inside],
                                     return_inverse=True)
        self.pair_level, pair_stratum = np.divmod(pairs, len(names))
        self.asked = asked[pair_stratum]
        self.alone = self.asked == 1
        # n / (n - 1) of the sample variance; a stratum of one counts its deviation from the mean.
        rescaled = np.where(self.alone, 1, self.asked / np.maximum(self.asked - 1, 1))
        self.factor = correction[pair_stratum] * rescaled

    def estimate(self, names: list[str], targets: np.ndarray) -> dict[str, np.ndarray]:
        r"""Means of functions of the answers.

        With d = t(a) - mean and a stratum's mean m of w d over all who were asked in it, the sum of
        squares is

        .. math:: \sum_{\text{cells}} \left[ d^2 \sum (w - \bar w)^2 + n (\bar w d - m)^2 \right]
            + n_{\text{out}} m^2

        a sum of squares only: nothing cancels. The mean of u over the sample is 0, so a stratum of
        one has m = 0.

        Parameters
        ----------
        names : list of str
            V variables with the same A values.
        targets : ndarray, shape (T, A)
            What each answer counts.

        Returns
        -------
        dict of ndarray, shape (V, T, levels)
            n, mean, se, freedom.
        """
        tallies = [self.counts.tallies[name] for name in names]
        # Axes: group, variable, answer.
        n, excess, square = (np.stack([getattr(tally, part)[self.inside] for tally in tallies], 1)
                             for part in ("n", "excess", "square"))
        some = np.maximum(n, 1)
        # Mean weight of a cell, and the spread of its weights around it.
        weight = self.counts.reference[self.inside, None, None] + excess / some
        spread = np.maximum(square - excess * excess / some, 0)
        mass = np.where(n > 0, n * weight, 0)
        count = self._by_pair(n.sum(axis=2))
        with np.errstate(invalid="ignore", divide="ignore"):
            whole = self._by_level(mass.sum(axis=2))
            mean = self._by_level(np.einsum("gva,ta->gvt", mass, targets)) / whole[..., None]
            # Axes: group, variable, target, answer.
            away = targets[None, None] - mean[self.level][..., None]
            moved = np.where(n[:, :, None] > 0, weight[:, :, None] * away, 0)
            middle = self._by_pair((n[:, :, None] * moved).sum(axis=3)) / self.asked[:, None, None]
            middle[self.alone] = 0
            apart = moved - middle[self.pair][..., None]
            inner = spread[:, :, None] * away**2 + n[:, :, None] * apart**2
            # Respondents of the stratum without an answer in the domain: zeros, -m from the mean.
            outer = (self.asked[:, None] - count)[..., None] * middle**2
            squares = self._by_pair(inner.sum(axis=3)) + outer
            variance = self._over_pairs(self.factor[:, None, None] * squares)
            error = np.sqrt(variance) / whole[..., None]
        answered = self._over_pairs(count)
        freedom = answered - self._over_pairs((count > 0).astype(np.int64))
        shape = (len(names), len(targets), len(self.levels))
        return {"n": np.broadcast_to(answered.T[:, None], shape), "mean": mean.transpose(1, 2, 0),
                "se": error.transpose(1, 2, 0),
                "freedom": np.broadcast_to(freedom.T[:, None], shape)}

    def _by_level(self, values: np.ndarray) -> np.ndarray:
        return _sums(self.level, values, len(self.levels))

    def _by_pair(self, values: np.ndarray) -> np.ndarray:
        return _sums(self.pair, values, len(self.asked))

    def _over_pairs(self, values: np.ndarray) -> np.ndarray:
        return _sums(self.pair_level, values, len(self.levels))


def _sums(place: np.ndarray, values: np.ndarray, length: int) -> np.ndarray:
    total = np.zeros((length, *values.shape[1:]), dtype=values.dtype)
    np.add.at(total, place, values)
    return total


def logit_limits(share: ArrayLike, error: ArrayLike, freedom: ArrayLike,
                 confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    r"""Confidence limits of shares, made on the logit scale and brought back.

    .. math:: \text{logit}\, p \pm t_{\nu}\, \frac{\text{se}(p)}{p (1 - p)}

    They never leave 0 and 1, and are wider towards the middle (``svyciprop`` of R, ``svy:
    proportion`` of Stata). The pair is lower and upper limits; both are empty where the share is 0
    or 1, as answers that are all alike show no error, and where there are no degrees of freedom.

    Parameters
    ----------
    share, error, freedom : array, of one shape
        Shares between 0 and 1, their standard errors and degrees of freedom.

    References
    ----------
    Korn, E. L. & Graubard, B. I. (1998). Survey Methodology 24, 193-201.

    Examples
    --------
    At one half the logit is 0 and the error 4 x 0.05; t is 1.984: 1 / (1 + exp(0.3968)):

    >>> low, high = logit_limits([0.5, 1.0], [0.05, 0.0], [100, 100])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.4021, nan], [0.5979, nan])
    """
    from scipy.special import expit, logit, stdtrit

    p, nu = np.asarray(share, dtype=float), np.asarray(freedom, dtype=float)
    inside = (p > ALIKE) & (p < 1 - ALIKE)
    p = np.where(inside, p, 0.5)
    reach = (stdtrit(np.where(nu > 0, nu, np.nan), (1 + confidence) / 2)
             * np.where(inside, error, np.nan) / (p * (1 - p)))
    return expit(logit(p) - reach), expit(logit(p) + reach)


def _table(labels: dict, columns: dict, name: str, confidence: float) -> pd.DataFrame:
    from scipy.special import stdtrit

    check_share("confidence", confidence, 0.95)
    n, estimate = columns["n"], columns["mean"]
    freedom = np.where(n > 0, columns["freedom"], np.nan)
    # The deviation of a single answer from itself is 0; that is no evidence of precision.
    error = np.where(n < 2, np.nan, columns["se"])
    if name == "share":
        low, high = logit_limits(estimate, error, freedom, confidence)
    else:
        reach = stdtrit(np.where(freedom > 0, freedom, np.nan), (1 + confidence) / 2) * error
        low, high = estimate - reach, estimate + reach
    estimates = {"n": n, name: estimate, "se": error, "ci_low": low, "ci_high": high,
                 "freedom": freedom}
    return pd.DataFrame(labels | estimates)


def _numbers(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        return column.to_numpy()
    return column.to_numpy(dtype=float, na_value=np.nan)


def _item_codes(part: np.ndarray, name: str, lowest: int, steps: int, reverse: bool) -> np.ndarray:
    if part.dtype.kind == "f":
        empty = np.isnan(part)
        codes = np.where(empty, 0, part - lowest).astype(np.intp)
        wrong = (codes < 0) | (codes >= steps) | ((codes + lowest != part) & ~empty)
    else:
        empty, codes = None, part.astype(np.intp) - lowest
        wrong = (codes < 0) | (codes >= steps)
    if wrong.any():
        raise Error("item {item!r} has the answer {answer:g}; allowed are whole numbers from "
                    "{lowest} to {highest}", item=name, answer=part[wrong][0], lowest=lowest,
                    highest=lowest + steps - 1)
    if reverse:
        codes = steps - 1 - codes
    if empty is not None:
        codes[empty] = steps
    return codes


def _score_values(items: int, lowest: int, steps: int, gap: int,
                  allowed: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores that a scale can have, and the place of each sum of codes among them."""
    empty, total = np.divmod(np.arange((items + 1) * gap), gap)
    answered = items - empty
    valid = (answered > 0) & (total <= answered * (steps - 1)) & (empty / items <= allowed)
    scores = (total + lowest * answered)[valid] / answered[valid]
    values, places = np.unique(scores, return_inverse=True)
    table = np.full(len(valid), len(values), dtype=np.intp)
    table[valid] = places
    return values, table


def _find_groups(data: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    coded = [_categories(data[column]) for column in columns]
    key, lengths = np.zeros(len(data), dtype=np.int64), [len(labels) + 1 for _, labels in coded]
    for (codes, _), length in zip(coded, lengths):
        key = key * length + (codes + 1)
    group, keys = pd.factorize(key, sort=True)
    places = np.unravel_index(keys, lengths)
    groups = {column: pd.Categorical.from_codes(place - 1, labels)
              for column, place, (_, labels) in zip(columns, places, coded)}
    return pd.DataFrame(groups), group


def _categories(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64), column.cat.categories
    codes, labels = pd.factorize(column, sort=True)
    return codes, pd.Index(labels)


def _find_levels(groups: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Names of the levels in order, and the level of every group (-1 for none)."""
    if not columns:
        return np.array(["all"], dtype=object), np.zeros(len(groups), dtype=np.intp)
    codes = np.stack([groups[column].cat.codes.to_numpy().astype(np.intp) for column in columns])
    key = np.ravel_multi_index(np.maximum(codes, 0),
                               [len(groups[column].cat.categories) for column in columns])
    key[(codes < 0).any(axis=0)] = -1
    present = np.unique(key[key >= 0])
    first = [int(np.flatnonzero(key == value)[0]) for value in present]
    names = [BETWEEN.join(str(groups[column].iloc[place]) for column in columns) for place in first]
    level = np.where(key < 0, -1, np.searchsorted(present, key))
    return np.array(names, dtype=object), level


def _check_alike(one: Counts, other: Counts) -> None:
    if list(one.tallies) != list(other.tallies):
        different = next(iter(set(one.tallies) ^ set(other.tallies)), Message("the order"))
        raise Error("the parts have different variables ({variables}); count the same in every "
                    "part", variables=different)
    if one.stratum != other.stratum or list(one.groups) != list(other.groups):
        raise Error("the parts have different strata or domains; count the same in every part")
    if (one.population is None) != (other.population is None):
        raise Error("one part has the sizes of the strata and the other has not; give both or none")


def _check_one_size(strata: pd.Series, population: np.ndarray) -> None:
    sizes = pd.Series(population).groupby(strata.to_numpy(), observed=True).nunique(dropna=False)
    missing = np.isnan(population)
    if (sizes > 1).any() or missing.any():
        wrong = strata[missing].iloc[0] if missing.any() else sizes.index[sizes > 1][0]
        raise Error("the size of stratum {stratum!r} is not one number; give every row the same "
                    "size", stratum=wrong)


def _merge_groups(one: pd.DataFrame, other: pd.DataFrame) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Groups of both parts, and the place of each part's groups among them."""
    joined = pd.DataFrame({column: _join(one[column], other[column]) for column in one})
    groups, group = _find_groups(joined, list(joined))
    return groups, [group[: len(one)], group[len(one):]]


def _join(one: pd.Series, other: pd.Series) -> pd.Categorical:
    labels, more = one.cat.categories, other.cat.categories
    if not labels.equals(more):
        ordered = labels.is_monotonic_increasing and more.is_monotonic_increasing
        labels = labels.append(more.difference(labels, sort=False))
        labels = labels.sort_values() if ordered else labels
    return pd.Categorical(np.concatenate([one.astype(object), other.astype(object)]), labels)


def _refer(part: Counts, name: str, reference: np.ndarray) -> Tally:
    """Tally of a part against another reference weight."""
    tally, step = part.tallies[name], (part.reference - reference)[:, None]
    if not step.any():
        return tally
    square = tally.square + 2 * step * tally.excess + step**2 * tally.n
    return replace(tally, excess=tally.excess + step * tally.n, square=square)


def _add_tallies(tallies: list[Tally], places: list[np.ndarray], groups: int) -> Tally:
    values = tallies[0].values
    if not np.array_equal(values, tallies[1].values):
        values = np.union1d(values, tallies[1].values)
    sums = {key: np.zeros((groups, len(values)), dtype=getattr(tallies[0], key).dtype)
            for key in ("n", "excess", "square")}
    for tally, place in zip(tallies, places):
        cells = np.ix_(place, np.searchsorted(values, tally.values))
        for key, total in sums.items():
            total[cells] += getattr(tally, key)
    return Tally(values, **sums)
