"""Disclosure control: estimates left unpublished so that no small group can be worked out."""

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from helpers.errors import Error

WHOLE = ("all", "all")
WORD = "suppressed"
SMALL, PROTECTING = "small", "protecting"
DETERMINED = 1e-9


def protect(counts: pd.Series, sums: Sequence[tuple[Hashable, Sequence[Hashable]]],
            threshold: int) -> pd.Series:
    r"""Cells that must not be published: primary and secondary suppression.

    Primary: every cell with :math:`0 < n < \text{threshold}` answers. Secondary: published totals
    are equations :math:`T = \sum_j x_j`, and the suppressed cells are their unknowns. As long as
    the equations determine a suppressed cell, one more cell of such an equation is suppressed: the
    one in most equations with one unknown, then a part rather than a total, then the one with the
    fewest answers. In a group with a published total that means never one suppressed cell alone; in
    a table with rows and columns, that every suppressed cell lies on a closed path of suppressed
    cells. The text of a cell is ``small``, ``protecting`` or empty. Raises ValueError if the
    threshold is below 1.

    Parameters
    ----------
    counts : Series of int
        Answers behind every cell; the index names the cells, totals included.
    sums : sequence of pairs
        A total and its parts. Cells without answers, and those not in `counts`, hold nothing and
        are passed over.
    threshold : int
        Fewest answers behind a published cell; 1 suppresses nothing.

    References
    ----------
    Cox, L. H. (1980). Suppression methodology and statistical disclosure control. Journal of the
    American Statistical Association 75, 377-385.

    Examples
    --------
    Of 3 + 20 + 9 = 32 answers the 3 are too few; the 9 go with them, or the total would give the 3
    away:

    >>> counts = pd.Series({"T": 32, "a": 3, "b": 20, "c": 9})
    >>> protect(counts, [("T", ["a", "b", "c"])], 5).to_dict()
    {'T': '', 'a': 'small', 'b': '', 'c': 'protecting'}
    """
    if threshold < 1:
        raise Error("threshold is {threshold}; give a whole number of at least 1 (1 suppresses "
                    "nothing)", threshold=threshold)
    filled = counts[counts > 0]
    reason = pd.Series("", index=counts.index, dtype="str")
    reason[filled.index[filled < threshold]] = SMALL
    equations = [[total, *(part for part in parts if part in filled.index)]
                 for total, parts in sums if total in filled.index]
    while found := determined(reason.index[reason != ""], equations):
        cell = _next_to_hide(filled, reason, equations, found)
        if cell is None:
            break
        reason[cell] = PROTECTING
    return reason


def _next_to_hide(filled: pd.Series, reason: pd.Series, equations: list[list],
                  found: set) -> Hashable | None:
    """Cell that protects most: in most equations with one unknown, then a part, then small."""
    hidden = set(reason.index[reason != ""])
    touched = [set(equation) for equation in equations if found & set(equation)]
    single = [equation for equation in touched if len(equation & hidden) == 1] or touched
    totals = {equation[0] for equation in equations}
    uses = {cell: sum(cell in equation for equation in single) for cell in filled.index}
    candidates = [(-uses[cell], cell in totals, filled[cell], position)
                  for position, cell in enumerate(filled.index)
                  if uses[cell] and cell not in hidden]
    return filled.index[min(candidates)[-1]] if candidates else None


def determined(suppressed: Sequence[Hashable],
               equations: Sequence[Sequence[Hashable]]) -> set[Hashable]:
    """Suppressed cells that the published ones give away.

    A cell is given away when all solutions of the equations, with the suppressed cells as unknowns,
    agree on it.

    Parameters
    ----------
    suppressed : sequence
        Names of the suppressed cells.
    equations : sequence of sequences
        Each a total and its parts.

    Examples
    --------
    >>> determined(["a"], [["T", "a", "b"]]), determined(["a", "b"], [["T", "a", "b"]])
    ({'a'}, set())
    """
    place = {cell: position for position, cell in enumerate(suppressed)}
    matrix = np.zeros((len(equations), len(place)))
    for row, equation in enumerate(equations):
        for cell in equation:
            if cell in place:
                matrix[row, place[cell]] = 1.0 if cell == equation[0] else -1.0
    if not matrix.any():
        return set()
    _, sizes, directions = np.linalg.svd(matrix)
    free = directions[int((sizes > DETERMINED).sum()):]
    fixed = np.abs(free).max(axis=0, initial=0.0) < DETERMINED
    return {cell for cell, position in place.items() if fixed[position]}


def hidden_levels(scores: pd.DataFrame, areas: pd.DataFrame, minimum_cell: int) -> pd.DataFrame:
    """Zones, areas and types of business whose scores stay unpublished.

    A level is hidden as a whole, for all dimensions and aspects, as its total over the aspects
    would give a single one away. The equations are: the whole is its zones, a zone its areas, the
    whole its types of business. The table has domain, level, n, reason (``small``, or
    ``protecting`` another one), in the order of `scores`.

    Parameters
    ----------
    scores : DataFrame
        domain, level, n, as `helpers.scoring.score_table` gives them; a level counts its scarcest
        scale.
    areas : DataFrame
        code, zone.
    minimum_cell : int
        Fewest answers behind a published row.

    Examples
    --------
    >>> scores = pd.DataFrame({"domain": ["all", "zone", "zone", "area", "area", "area"],
    ...                        "level": ["all", "n", "s", "a", "b", "c"],
    ...                        "n": [40, 20, 20, 4, 16, 20]})
    >>> areas = pd.DataFrame({"code": ["a", "b", "c"], "zone": ["n", "n", "s"]})
    >>> hidden_levels(scores, areas, 5)[["level", "reason"]].values.tolist()
    [['a', 'small'], ['b', 'protecting']]
    """
    cells = [scores[name].astype("str") for name in ("domain", "level")]
    counts = scores.groupby(cells, sort=False)["n"].min()
    sums = [(WHOLE, [cell for cell in counts.index if cell[0] == domain])
            for domain in ("zone", "business_type")]
    sums += [(("zone", str(zone)), [("area", str(code)) for code in codes])
             for zone, codes in areas.groupby("zone", sort=False)["code"]]
    reason = protect(counts, sums, minimum_cell)
    found = pd.DataFrame({"n": counts, "reason": reason})
    return found[found["reason"] != ""].rename_axis(["domain", "level"]).reset_index()


def blank(table: pd.DataFrame, hidden: pd.DataFrame, values: Sequence[str],
          word: str | None = None) -> pd.DataFrame:
    """Table with the values of hidden levels emptied; rows stay, to show what is withheld.

    Parameters
    ----------
    table : DataFrame
        domain, level and the columns of `values`.
    hidden : DataFrame
        From `hidden_levels`.
    values : sequence of str
        Columns of numbers that are emptied.
    word : str, optional
        Column of words that becomes ``suppressed``.

    Examples
    --------
    >>> table = pd.DataFrame({"domain": "area", "level": ["a", "b"], "mean": [4.0, 3.0],
    ...                       "class": ["high", "medium"]})
    >>> hidden = pd.DataFrame({"domain": ["area"], "level": ["a"]})
    >>> blank(table, hidden, ["mean"], "class")["class"].tolist()
    ['suppressed', 'medium']
    """
    if hidden.empty:
        return table
    keys = pd.MultiIndex.from_frame(hidden[["domain", "level"]].astype("str"))
    rows = pd.MultiIndex.from_frame(table[["domain", "level"]].astype("str")).isin(keys)
    blanked = table.copy()
    blanked.loc[rows, list(values)] = np.nan
    if word is not None:
        blanked[word] = blanked[word].astype("object").mask(rows, WORD)
    return blanked


def of_whole(table: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Table about the whole sample: without its rows where the whole itself has too few answers.

    `hidden` is that of `hidden_levels`.

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

    Parameters
    ----------
    hidden : DataFrame
        From `hidden_levels`.
    domain : str
        Domain of the levels, such as ``zone``.
    columns : sequence of str
        Columns of the table, each with a level of `domain`.

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
