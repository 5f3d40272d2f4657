"""Suppression: which cells of tables with totals stay unpublished."""

from collections.abc import Callable, Collection, Hashable, Sequence

import numpy as np
import pandas as pd

from helpers.errors import Error

SMALL, PROTECTING = "small", "protecting"
DETERMINED = 1e-9


def protect(counts: pd.Series, sums: Sequence[tuple[Hashable, Sequence[Hashable]]],
            threshold: int, dominated: Collection[Hashable] = (),
            exposed: Callable[[set], set] | None = None) -> pd.Series:
    r"""Cells that must not be published: primary and secondary suppression.

    Primary: every cell with :math:`0 < n < \text{threshold}` answers. Secondary: published totals
    are equations :math:`T = \sum_j x_j`, and the suppressed cells are their unknowns. As long as
    the equations determine a suppressed cell, the suppressed parts of a published total have fewer
    answers together than the threshold, or `exposed` names a cell, one more cell of such an
    equation is suppressed: the one in most equations with one unknown, then a part rather than a
    total, then the one with the fewest answers. In a group with a published total that means never
    one suppressed cell alone; in a table with rows and columns, that every suppressed cell lies on
    a closed path of suppressed cells. The text of a cell is ``small``, ``protecting`` or empty.
    Raises ValueError if the threshold is below 1.

    Parameters
    ----------
    counts : Series of int
        Answers behind every cell; the index names the cells, totals included.
    sums : sequence of pairs
        A total and its parts. Cells without answers, and those not in `counts`, hold nothing and
        are passed over.
    threshold : int
        Fewest answers behind a published cell; 1 suppresses nothing.
    dominated : collection
        Cells that one or two answers decide, and so are primary too.
    exposed : callable, optional
        Takes the suppressed cells, returns those of them that can be told too closely.

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control, chapter 4. Wiley.

    Cox, L. H. (1980). Suppression methodology and statistical disclosure control. Journal of the
    American Statistical Association 75, 377-385.

    Examples
    --------
    Of 3 + 20 + 9 = 32 answers the 3 are too few; the 9 go with them, or the total would give the 3
    away:

    >>> counts = pd.Series({"T": 32, "a": 3, "b": 20, "c": 9})
    >>> protect(counts, [("T", ["a", "b", "c"])], 5).to_dict()
    {'T': '', 'a': 'small', 'b': '', 'c': 'protecting'}

    Two groups of one do not hide each other: one could subtract oneself.

    >>> counts = pd.Series({"T": 22, "a": 1, "b": 1, "c": 20})
    >>> protect(counts, [("T", ["a", "b", "c"])], 5).to_dict()
    {'T': '', 'a': 'small', 'b': 'small', 'c': 'protecting'}
    """
    if threshold < 1:
        raise Error("threshold is {threshold}; give a whole number of at least 1 (1 suppresses "
                    "nothing)", threshold=threshold)
    filled = counts[counts > 0]
    reason = pd.Series("", index=counts.index, dtype="str")
    reason[filled.index[(filled < threshold) | filled.index.isin([*dominated])]] = SMALL
    if threshold == 1:
        return reason.mask(reason != "", "")
    equations = [[total, *(part for part in parts if part in filled.index)]
                 for total, parts in sums if total in filled.index]

    def told() -> set:
        cells = reason.index[reason != ""]
        hidden = set(cells)
        return (determined(cells, equations)
                or _few_together(filled, hidden, equations, threshold)
                or (exposed(hidden) if exposed and hidden else set()))

    while found := told():
        cell = _next_to_hide(filled, reason, equations, found)
        if cell is None:  # all of these are hidden, and something else still tells of them
            cell = _next_to_hide(filled, reason, equations, {*filled.index})
        if cell is None:
            break
        reason[cell] = PROTECTING
    return reason


def _few_together(filled: pd.Series, hidden: set, equations: list[list],
                  threshold: int) -> set:
    """Suppressed parts of published totals that have too few answers together."""
    parts = [hidden & {*equation} for equation in equations if equation[0] not in hidden]
    return {cell for cells in parts if cells and filled[[*cells]].sum() < threshold
            for cell in cells}


def _next_to_hide(filled: pd.Series, reason: pd.Series, equations: list[list],
                  found: set) -> Hashable | None:
    """Cell that protects most: in most equations with one unknown, then a part, then small."""
    hidden = set(reason.index[reason != ""])
    touched = [set(equation) for equation in equations if found & set(equation)]
    # The parts of a hidden part are unknown as well: to hide one costs less than to hide a whole.
    beside = set().union(*touched) & hidden
    if all(len(equation & hidden) > 1 for equation in touched):
        touched += [set(equation) for equation in equations if equation[0] in beside]
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
