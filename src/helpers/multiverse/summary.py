"""What the universes say together about each claim."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import choices
from helpers.choices import COMPLETIONS, Choices


def robustness(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Summarise every claim over its own product.

    Parameters
    ----------
    found : mapping
        Claim to its own product at the thresholds in force (`helpers.choices.at_thresholds`).

    Returns
    -------
    DataFrame
        claim, combinations (of its own product), the share of each verdict, lowest and highest (of
        the statistic, where it is the same one in all universes).

    Examples
    --------
    >>> product = pd.DataFrame({"verdict": ["supported", "mixed"], "statistic": "rank",
    ...                         "value": [1.0, 3.0], "completions": 1})
    >>> robustness({"c": product})[["combinations", "supported", "highest"]].values.tolist()
    [[2.0, 0.5, 3.0]]
    """
    rows = []
    for name, product in found.items():
        shares = choices.by_verdict(product)
        same = product["statistic"].nunique() == 1
        rows.append({"claim": name, "combinations": len(product),
                     **{verdict: float(shares.get(verdict, 0.0))
                        for verdict in ("supported", "mixed", "not_supported", "not_testable")},
                     "lowest": product["value"].min() if same else None,
                     "highest": product["value"].max() if same else None})
    return pd.DataFrame(rows).astype({"lowest": float, "highest": float})


def choice_table(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return for every claim, choice and alternative the share of universes in which the claim is
    supported.

    Returns
    -------
    DataFrame
        claim, choice, alternative, universes, share
    """
    return _by_claim(found, choices.by_choice, ["alternative", "universes", "share"])


def shapley_table(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the Shapley share of every choice in what makes the universes differ about a claim.

    Returns
    -------
    DataFrame
        claim, choice, share; only choices that the claim reads.
    """
    read = {name: product for name, product in found.items() if choices_of(product)}
    return _by_claim(read, lambda product, names: choices.shapley(product, names).rename(
        "share").rename_axis("choice").reset_index(), ["share"])


def turning_table(found: Mapping[str, pd.DataFrame], own: Mapping[str, object]) -> pd.DataFrame:
    """List for every claim the single choices that change its verdict.

    Parameters
    ----------
    found : mapping
        As in `robustness`.
    own : mapping
        The analysis in force: choice to alternative.

    Returns
    -------
    DataFrame
        claim, choice, own, alternative, verdict
    """
    return _by_claim(found, lambda product, names: choices.turning(product, names, own),
                     ["own", "alternative", "verdict"])


def threshold_table(decided: Mapping[str, pd.DataFrame], listed: Choices,
                    own: Mapping[str, object]) -> pd.DataFrame:
    """Return for every claim, threshold (or compared kind of test) and value of it the share of
    universes in which the claim is supported, the others left as they are.

    Parameters
    ----------
    decided : mapping
        Claim to its own product under all settings, as `helpers.multiverse.evaluate` returns it.
    listed : Choices
    own : mapping
        The analysis in force: choice to alternative.

    Returns
    -------
    DataFrame
        claim, threshold, limit, in_force (whether that is its value now), share, verdict (of the
        analysis in force, at this limit)

    Examples
    --------
    >>> product = pd.DataFrame({"a": [1, 1, 2, 2], "completions": 1, "t": [3, 4, 3, 4],
    ...                         "verdict": ["supported", "mixed", "supported", "supported"]})
    >>> listed = Choices({"a": [1, 2]}, thresholds={"t": [3, 4]})
    >>> threshold_table({"c": product}, listed, {"a": 1}).values.tolist()
    [['c', 't', 3, True, 1.0, 'supported'], ['c', 't', 4, False, 0.5, 'mixed']]
    """
    rows = []
    for claim, product in decided.items():
        mine = np.ones(len(product), dtype=bool)
        for name in choices_of(product):
            mine &= (product[name] == own[name]).to_numpy()
        judged = product[[*product.columns.intersection([*listed.apart]), COMPLETIONS,
                          "verdict"]].assign(mine=mine)
        for name in (name for name in listed.apart if name in product):
            for value in listed.apart[name]:
                part = choices.at_thresholds(listed, judged, {name: value})
                rows.append((claim, name, value, value == listed.apart[name][0],
                             choices.share_supported(part), *part.loc[part["mine"], "verdict"]))
    return pd.DataFrame(rows, columns=["claim", "threshold", "limit", "in_force", "share",
                                       "verdict"])


def threshold_turns(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the values of thresholds at which the analysis in force gets another verdict.

    Parameters
    ----------
    table : DataFrame
        From `threshold_table`.

    Examples
    --------
    >>> table = pd.DataFrame({"claim": "c", "threshold": "t", "limit": [3, 4, 5],
    ...                       "in_force": [True, False, False],
    ...                       "verdict": ["supported", "mixed", "supported"]})
    >>> threshold_turns(table)["limit"].tolist()
    [4]
    """
    now = table["verdict"].where(table["in_force"].astype(bool))
    fixed = now.groupby([table["claim"], table["threshold"]]).transform("first")
    return table[table["verdict"] != fixed]


def most_contested(found: Mapping[str, pd.DataFrame], kinds: Mapping[str, object]) -> list[str]:
    """Name for every kind of claim the one with most universes, of several the one about which they
    disagree most, the first of equals.

    Parameters
    ----------
    found : mapping
        As in `robustness`.
    kinds : mapping
        Claim to its kind. Claims to which no choice makes any difference, not even in their
        statistic, are passed over.

    Examples
    --------
    >>> def product(*verdicts):
    ...     return pd.DataFrame({"a": range(len(verdicts)), "completions": 1,
    ...                          "verdict": verdicts, "value": 1.0})
    >>> found = {"c": product("supported", "supported"), "d": product("supported", "mixed"),
    ...          "e": product("mixed")}
    >>> most_contested(found, {"c": "x", "d": "x", "e": "y"})
    ['d']
    >>> found["f"] = product("supported", "supported", "mixed")
    >>> most_contested(found, dict.fromkeys("cdef", "x"))
    ['f']
    """
    best: dict[object, tuple[int, float, str]] = {}
    for name, product in found.items():
        if product["verdict"].nunique() > 1 or product["value"].nunique() > 1:
            here = -len(product), abs(choices.share_supported(product) - 0.5), name
            best[kinds[name]] = min(best.get(kinds[name], here), here, key=lambda found: found[:2])
    return [name for *_, name in best.values()]


def long_table(found: Mapping[str, pd.DataFrame], whole: bool = False) -> pd.DataFrame:
    """Put the products of several claims below each other, with their place in the order given:
    choices and what was found, to six digits; `whole` with the statistics' names and completions.

    Examples
    --------
    >>> found = {"c": pd.DataFrame({"a": [1, 2]}), "d": pd.DataFrame({"b": [3]})}
    >>> long_table(found)[["place", "a"]].values.tolist()
    [[1, 1], [2, 2], [1, nan]]
    """
    # As objects, so that a year stays a whole number beside claims that read none.
    parts = [product.astype(object).assign(claim=name, place=range(1, len(product) + 1))
             for name, product in found.items()]
    unused = [] if whole else [COMPLETIONS, "statistic"]
    table = pd.concat(parts, ignore_index=True).drop(columns=unused, errors="ignore")
    measured = table.columns.intersection(["value", "low", "high"])
    table[measured] = table[measured].astype(float).map(lambda value: float(f"{value:.6g}"))
    return table[["claim", "place", *table.columns.drop(["claim", "place"])]]


def _by_claim(found: Mapping[str, pd.DataFrame], told: Callable[..., pd.DataFrame],
              columns: list[str]) -> pd.DataFrame:
    """Table of each claim's choices, one below the other."""
    parts = [told(product, choices_of(product)).assign(claim=name)
             for name, product in found.items()]
    return pd.concat(parts, ignore_index=True)[["claim", "choice", *columns]]


def choices_of(product: pd.DataFrame) -> Sequence[str]:
    """Return the choices among the columns of a claim's own product: they stand before
    ``completions``."""
    return list(product.columns[:list(product.columns).index(COMPLETIONS)])
