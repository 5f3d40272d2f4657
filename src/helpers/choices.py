"""The multiverse: the listed analyses, and what they make of a claim.

A *choice* has *alternatives*; one alternative of every choice is a *universe*. No claim reads all
choices, so what holds of a claim over its *own product* (all combinations of the choices that it
reads) holds over the full product, however large that is: the other choices only repeat it.

Two things stand apart. A *threshold* is no choice but a part of the claim: whoever moves it asks
something else. A *compared* kind of test is shown beside the one in force and not counted, as tests
that err more often than they say are no analyses. Shares of universes are taken at what is in force
of both; each is then moved on its own.

After Steegen, S., Tuerlinckx, F., Gelman, A. & Vanpaemel, W. (2016). Increasing transparency
through a multiverse analysis. Perspectives on Psychological Science 11, 702-712.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import factorial, prod
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.errors import Error

COMPLETIONS = "completions"
HOLDS = "supported"


@dataclass(frozen=True)
class Choices:
    """The choices of a multiverse.

    Attributes
    ----------
    alternatives : mapping
        Choice to its alternatives.
    exclude : tuple of mappings
        Choice to one alternative or a list of them. A universe is excluded when it has one of these
        for every choice that the mapping names.
    thesis : mapping
        The choices that the thesis is known to have made.
    count : int
        How many universes are written down one by one.
    thresholds : mapping
        Threshold to the values that it takes, the one in force first.
    compared : mapping
        Kind of test to those that are shown beside it, the one in force first.
    not_varied : mapping
        What is left as it is (a parameter, or a word of its own) to the reason, ``text_id`` and
        ``text_en``, and for a word ``label_id`` and ``label_en``.
    """

    alternatives: Mapping[str, Sequence]
    exclude: Sequence[Mapping] = ()
    thesis: Mapping[str, object] = field(default_factory=dict)
    count: int = 0
    thresholds: Mapping[str, Sequence] = field(default_factory=dict)
    not_varied: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    compared: Mapping[str, Sequence] = field(default_factory=dict)

    @property
    def apart(self) -> dict[str, Sequence]:
        """Thresholds and compared kinds of test, each with its values: moved one at a time."""
        return {**self.thresholds, **self.compared}

    @property
    def listed(self) -> dict[str, Sequence]:
        """Choices, and then what stands apart, each with its values."""
        return {**self.alternatives, **self.apart}


def check(choices: Choices) -> None:
    """Refuse exclusions that name an unknown choice or alternative, and those that leave nothing.

    Raises
    ------
    ValueError
        Naming the exclusion and what is known.

    Examples
    --------
    >>> check(Choices({"a": [1, 2], "b": ["x"]}, [{"a": 2, "b": "x"}]))
    """
    for rule in choices.exclude:
        for name, values in rule.items():
            if name not in choices.alternatives:
                raise Error("an exclusion names the choice '{name}', which is not one of the "
                            "choices; known are {known}", name=name,
                            known=", ".join(choices.alternatives))
            for value in as_list(values):
                if value not in choices.alternatives[name]:
                    known = ", ".join(map(str, choices.alternatives[name]))
                    raise Error("an exclusion names {name} = {value}, which is none of its "
                                "alternatives ({known})", name=name, value=value, known=known)
    for names in groups(choices):
        if own_product(choices, names).empty:
            raise Error("the exclusions leave no universe: every combination of {names} is "
                        "excluded", names=", ".join(names))


def groups(
    choices: Choices, reads: Mapping[str, Iterable[str]] = MappingProxyType({})) -> list[list[str]]:
    """Put choices together that a claim reads together, or that an exclusion names together.

    Parameters
    ----------
    choices : Choices
    reads : mapping
        Claim to the choices that it reads; thresholds among them are passed over.

    Examples
    --------
    >>> groups(Choices(dict.fromkeys("abcd", [1, 2]), [{"c": 1, "d": 2}]), {"claim": ["a", "c"]})
    [['a', 'c', 'd'], ['b']]
    """
    order = list(choices.alternatives)
    together = [{name} for name in order]
    linked = [*map(set, choices.exclude), *({*names} & {*order} for names in reads.values())]
    for names in linked:
        touched = [group for group in together if group & names]
        together = [group for group in together if not group & names
                    ] + ([set().union(*touched)] if touched else [])
    return sorted((sorted(group, key=order.index) for group in together),
                  key=lambda group: order.index(group[0]))


def own_product(choices: Choices, names: Sequence[str]) -> pd.DataFrame:
    """List the combinations of some choices that occur in a universe.

    Parameters
    ----------
    choices : Choices
    names : sequence of str
        Some of the choices.

    Returns
    -------
    DataFrame
        One column a choice, the last one changing fastest, and ``completions``: with how many
        combinations of choices that exclusions link to them each of them occurs. They are all 1
        where exclusions stay among the choices.

    Examples
    --------
    >>> choices = Choices({"a": [1, 2], "b": ["x", "y"]}, [{"a": 2, "b": "y"}])
    >>> own_product(choices, ["a"]).values.tolist()
    [[1, 2], [2, 1]]
    """
    if not names:
        return pd.DataFrame({COMPLETIONS: [1]})
    linked = {name for group in groups(choices) if set(group) & set(names) for name in group}
    ordered = [name for name in choices.alternatives if name in linked]
    rows = pd.DataFrame(list(product(*(choices.alternatives[name] for name in ordered))),
                        columns=ordered)
    for rule in choices.exclude:
        if set(rule) <= linked:
            rows = rows[~np.logical_and.
                        reduce([rows[name].isin(as_list(values)) for name, values in rule.items()])]
    return rows.groupby(list(names), sort=False).size().rename(COMPLETIONS).reset_index()


def with_thresholds(choices: Choices, names: Sequence[str]) -> pd.DataFrame:
    """List the combinations of some choices under every setting of what stands apart.

    Thresholds and kinds of test are moved one at a time, so that each says what it alone decides.

    Parameters
    ----------
    choices : Choices
    names : sequence of str
        Some of the choices and thresholds.

    Returns
    -------
    DataFrame
        As `own_product`, with one column for each behind ``completions``; under each combination
        first what is in force.

    Examples
    --------
    >>> choices = Choices({"a": [1, 2]}, thresholds={"s": [0.5, 0.6], "t": [3, 4, 5]})
    >>> with_thresholds(choices, ["a", "s", "t"]).query("a == 1").values.tolist()
    [[1.0, 1.0, 0.5, 3.0], [1.0, 1.0, 0.6, 3.0], [1.0, 1.0, 0.5, 4.0], [1.0, 1.0, 0.5, 5.0]]
    """
    product = own_product(choices, [name for name in names if name in choices.alternatives])
    values = {name: choices.apart[name] for name in names if name in choices.apart}
    if not values:
        return product
    own = {name: found[0] for name, found in values.items()}
    moved = [own | {name: value} for name, found in values.items() for value in found[1:]]
    return product.merge(pd.DataFrame([own, *moved]), how="cross")


def at_thresholds(choices: Choices, found: pd.DataFrame,
                  moved: Mapping[str, object] = MappingProxyType({})) -> pd.DataFrame:
    """Keep the rows at thresholds and kinds of test in force, or at others; their columns go.

    Parameters
    ----------
    choices : Choices
    found : DataFrame
        From `with_thresholds`, with any further columns.
    moved : mapping
        Name to the value that is asked for instead of the one in force.

    Examples
    --------
    >>> choices = Choices({"a": [1, 2]}, thresholds={"t": [3, 4]})
    >>> at_thresholds(choices, with_thresholds(choices, ["a", "t"])).values.tolist()
    [[1, 1], [2, 1]]
    """
    own = {name: values[0] for name, values in choices.apart.items() if name in found}
    kept = np.ones(len(found), dtype=bool)
    for name, value in own.items():
        kept &= (found[name] == moved.get(name, value)).to_numpy()
    return found[kept].drop(columns=[*own]).reset_index(drop=True)


def size(choices: Choices) -> int:
    """Count the universes of the full product.

    Examples
    --------
    >>> size(Choices({"a": [1, 2], "b": ["x", "y"], "c": [1, 2, 3]}, [{"a": 2, "b": "y"}]))
    9
    """
    return prod(len(own_product(choices, group)) for group in groups(choices))


def universes(choices: Choices, reads: Mapping[str, Iterable[str]], seed: int) -> pd.DataFrame:
    """Pick universes in which every claim meets its whole own product.

    The full product, where it has no more than `choices.count` universes. Otherwise a balanced
    sample: the product of each group of choices (see `groups`) is gone through as often as the
    count allows, the rest of it filled at random, and the groups are put side by side in random
    order.

    Parameters
    ----------
    choices, reads
        As in `groups`.
    seed : int
        Of the order.

    Returns
    -------
    DataFrame
        One row a universe, one column a choice.

    Raises
    ------
    ValueError
        If so few universes cannot hold a group's product.

    Examples
    --------
    >>> picked = universes(Choices({"a": [1, 2], "b": [1, 2, 3]}, count=3), {}, 0)
    >>> sorted(picked["b"]), len(picked)
    ([1, 2, 3], 3)
    """
    products = [
        own_product(choices, group).drop(columns=COMPLETIONS) for group in groups(choices, reads)
    ]
    if prod(map(len, products)) <= choices.count:
        rows = products[0]
        for more in products[1:]:
            rows = rows.merge(more, how="cross")
        return rows[list(choices.alternatives)]
    largest = max(products, key=len)
    if choices.count < len(largest):
        raise Error("{count} universes are too few: {parameters} alone have {number} "
                    "combinations; ask for at least as many", count=choices.count,
                    parameters=", ".join(largest.columns), number=len(largest))
    rng = np.random.default_rng(seed)
    columns = [
        part.iloc[_balanced(len(part), choices.count, rng)].reset_index(drop=True)
        for part in products
    ]
    return pd.concat(columns, axis=1)[list(choices.alternatives)]


def by_verdict(found: pd.DataFrame) -> pd.Series:
    """Return the share of universes by verdict.

    Parameters
    ----------
    found : DataFrame
        ``verdict, completions``: a claim's own product with what the test says.

    Examples
    --------
    >>> found = pd.DataFrame({"verdict": ["supported", "mixed"], "completions": [3, 1]})
    >>> by_verdict(found).to_dict()
    {'mixed': 0.25, 'supported': 0.75}
    """
    return found.groupby("verdict")[COMPLETIONS].sum() / found[COMPLETIONS].sum()


def share_supported(found: pd.DataFrame) -> float:
    """Return the share of universes in which the claim is supported; missing where it can be tested
    in none.

    Examples
    --------
    >>> share_supported(pd.DataFrame({"verdict": ["supported", "mixed"], "completions": [1, 1]}))
    0.5
    """
    if found.empty or (found["verdict"] == "not_testable").all():
        return np.nan
    completions = found[COMPLETIONS].to_numpy()
    return float(completions[found["verdict"].to_numpy() == HOLDS].sum() / completions.sum())


def by_choice(found: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the share of universes in which a claim is supported, for every alternative of every
    choice.

    Parameters
    ----------
    found : DataFrame
        As in `by_verdict`, with one column a choice.
    names : sequence of str
        The choices.

    Returns
    -------
    DataFrame
        choice, alternative, universes (of the own product), share

    Examples
    --------
    >>> found = pd.DataFrame({"a": [1, 1, 2, 2], "completions": 1,
    ...                       "verdict": ["supported", "mixed", "mixed", "mixed"]})
    >>> by_choice(found, ["a"]).values.tolist()
    [['a', 1, 2, 0.5], ['a', 2, 2, 0.0]]
    """
    rows = [{"choice": name, "alternative": value, "universes": int(part[COMPLETIONS].sum()),
             "share": share_supported(part)}
            for name in names for value, part in found.groupby(name, sort=False)]
    return pd.DataFrame(rows, columns=["choice", "alternative", "universes", "share"])


def shapley(found: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    r"""Share of each choice in what makes the universes differ about a claim.

    With y = 1 where the claim is supported and 0 elsewhere, k choices, and the variance that a set
    S of them explains,

    .. math::
        V(S) = \operatorname{Var}\big(E[y \mid S]\big), \qquad
        \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(k - |S| - 1)!}{k!} \big(V(S \cup i) - V(S)\big),
        \qquad \sum_i \phi_i = \operatorname{Var}(y)

    computed exactly, over all sets of choices and the whole own product. What two choices do
    together is divided equally between them.

    Parameters
    ----------
    found, names
        As in `by_choice`.

    Returns
    -------
    Series
        By choice; they add to 1, or are all 0 where all universes agree.

    References
    ----------
    Song, E., Nelson, B. L. & Staum, J. (2016). Shapley effects for global sensitivity analysis:
    theory and computation. SIAM/ASA Journal on Uncertainty Quantification 4, 1060-1083.

    Examples
    --------
    The claim needs both a and b, and does not care about c: the variance is 3/16, half of it each.

    >>> found = pd.DataFrame([(a, b, c, "supported" if a and b else "mixed", 1)
    ...                       for a in (0, 1) for b in (0, 1) for c in (0, 1)],
    ...                      columns=["a", "b", "c", "verdict", "completions"])
    >>> shapley(found, ["a", "b", "c"]).to_dict()
    {'a': 0.5, 'b': 0.5, 'c': 0.0}
    """
    weight = found[COMPLETIONS].to_numpy(float) / found[COMPLETIONS].sum()
    holds = (found["verdict"] == HOLDS).to_numpy(float)
    codes = [pd.factorize(found[name])[0] for name in names]
    lengths = [code.max(initial=0) + 1 for code in codes]
    mean, places = holds @ weight, range(len(names))
    explained = {}
    for chosen in (chosen for count in range(len(names) + 1)
                   for chosen in combinations(places, count)):
        cell = np.zeros(len(found), dtype=np.intp)
        for place in chosen:
            cell = cell * lengths[place] + codes[place]
        mass, sums = np.bincount(cell, weight), np.bincount(cell, weight * holds)
        explained[chosen] = float(((sums[mass > 0] / mass[mass > 0] - mean) ** 2) @ mass[mass > 0])
    effect = dict.fromkeys(names, 0.0)
    for chosen, variance in explained.items():
        part = factorial(len(chosen)) * factorial(len(names) - len(chosen)
                                                  - 1) if len(chosen) < len(names) else 0
        for place in (place for place in places if place not in chosen):
            gained = explained[tuple(sorted((*chosen, place)))] - variance
            effect[names[place]] += part / factorial(len(names)) * gained
    total = explained[tuple(places)]
    return pd.Series({name: round(max(value, 0.0) / total, 12) if total > 1e-12 else 0.0
                      for name, value in effect.items()}, dtype=float)


def turning(found: pd.DataFrame, names: Sequence[str], own: Mapping[str, object]) -> pd.DataFrame:
    """List the single choices that change the verdict when nothing else is changed.

    Parameters
    ----------
    found, names
        As in `by_choice`.
    own : mapping
        The universe to start from: choice to alternative.

    Returns
    -------
    DataFrame
        choice, own, alternative, verdict (the one that it becomes)

    Examples
    --------
    >>> found = pd.DataFrame({"a": [1, 2, 3], "verdict": ["supported", "mixed", "supported"],
    ...                       "completions": 1})
    >>> turning(found, ["a"], {"a": 1}).values.tolist()
    [['a', 1, 2, 'mixed']]
    """
    same = pd.DataFrame({name: found[name] == own[name] for name in names}, index=found.index)
    verdicts, rows = found.loc[same.all(axis=1), "verdict"], []
    # Where the universe to start from is not there, nothing is near it.
    near = found[(same.sum(axis=1) == len(names) - 1) & ~found["verdict"].isin(verdicts) &
                 (not verdicts.empty)]
    for place, row in near.iterrows():
        name = next(name for name in names if not same.loc[place, name])
        rows.append(
            {"choice": name, "own": own[name], "alternative": row[name], "verdict": row["verdict"]})
    return pd.DataFrame(rows, columns=["choice", "own", "alternative", "verdict"])


def _balanced(length: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Places of a list, as equally often as can be, in random order."""
    rounds, rest = divmod(count, length)
    places = np.concatenate([np.tile(np.arange(length), rounds), rng.permutation(length)[:rest]])
    return rng.permutation(places)


def as_list(values) -> list:
    """Take one value for a list of one.

    Examples
    --------
    >>> as_list("north"), as_list([1, 2])
    (['north'], [1, 2])
    """
    return list(values) if isinstance(values, (list, tuple)) else [values]
