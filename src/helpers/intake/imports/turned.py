"""Rows whose codes run the other way round than those of the others.

Turned codes leave every correlation between items as it was. Only means tell of them: an item's
answers lie on the other side of the middle, and the items stand in the opposite order.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.consistency import varied
from helpers.intake.imports.source import shown
from helpers.messages import Message, some

# Fewer rows or items tell nothing; a group has at least so many rows and so large a share.
FEWEST_IN_ALL, FEWEST_ITEMS, FEWEST_ROWS, LEAST_SHARE = 20, 6, 5, 0.05
# Nobody stands between two groups where distances vary less than this share of their mean.
SPREAD = 0.52
# Items stand in the opposite order where the means of two groups correlate so, and both differ
# more than so many times what chance gives.
OPPOSITE, BEYOND_CHANCE = -0.7, 3
# Two groups mirror each other where the sum of their means is smaller than this share of the
# difference: groups found by their answers, and rows that belong together.
LIKENESS, NEAR = 0.25, 0.5
# Blocks begin and end at these parts of the file, groups have so many rows, columns so many groups.
BLOCKS, FEWEST_TOGETHER, MOST_GROUPS = 30, 10, 30
# Rows are far on the other side beyond this share of the median; so rarely chance puts more there.
FAR, RARE = 0.5, 0.001


class Halves:
    """Means of items in a group of rows against those of all others; `sides` has the items that
    are compared with each other (1 where an item belongs to a side)."""

    def __init__(self, values: np.ndarray, sides: np.ndarray):
        self.rows, self.total = len(values), values.sum(axis=0)
        self.centre = np.eye(len(sides)) - sides / sides.sum(axis=0) @ sides.T
        self.noise = (values @ self.centre).var(axis=0).sum()

    def compare(self, number: float, sums: np.ndarray) -> tuple[float, float, float | None]:
        """How far the group is from the others, how little they mirror each other (0: exactly),
        and how the orders of their items correlate (None where chance can make them)."""
        numbers = np.array([number, self.rows - number])
        means = np.array([sums, self.total - sums]) / numbers[:, None]
        apart, order = float(np.linalg.norm(means[0] - means[1])), means @ self.centre
        sizes = (order ** 2).sum(axis=1)
        clear = (sizes > BEYOND_CHANCE * self.noise / numbers).all()
        return (apart, float(np.linalg.norm(means.sum(axis=0)) / (apart or 1)),
                float(order[0] @ order[1] / np.sqrt(sizes.prod())) if clear else None)


def refuse_turned(answers: pd.DataFrame, items: pd.DataFrame, file: str,
                  cells: pd.DataFrame) -> list[Message]:
    """Stop where rows are coded the other way round; what is said of rows that may be.

    `cells` has the columns by which rows belong together; blocks of rows do by their place.
    """
    middle = (items["lowest"].iloc[0] + items["highest"].iloc[0]) / 2
    values = np.nan_to_num(answers.to_numpy(dtype=float, na_value=np.nan) - middle)
    if len(values) < FEWEST_IN_ALL or values.shape[1] < FEWEST_ITEMS:
        return []
    # One answer throughout tells nothing of a single row.
    differ = varied(answers).to_numpy()
    said = _scattered(values[differ], answers.index[differ], file)
    _refuse_groups(values, items, answers.index, file, cells)
    return said


def _scattered(values: np.ndarray, index: pd.Index, file: str) -> list[Message]:
    """Stop where rows anywhere in the file mirror all others in every item, with nobody between
    them and the items in the opposite order; name those of which the order says nothing."""
    if len(values) < FEWEST_IN_ALL:
        return []
    _, directions = np.linalg.eigh(values.T @ values)
    place = values @ directions[:, -1]
    turned, distance = place < 0, np.abs(place)
    if 2 * turned.sum() > len(turned):
        turned = ~turned
    alike = False
    if (turned.sum() >= max(FEWEST_ROWS, LEAST_SHARE * len(turned))
            and distance.std() <= SPREAD * distance.mean()):
        halves = Halves(values, np.ones((values.shape[1], 1)))
        _, likeness, order = halves.compare(turned.sum(), values[turned].sum(axis=0))
        if likeness <= LIKENESS and order is not None and order < OPPOSITE:
            rows = index[turned]
            raise InputError(
                "{file}: {number} of {all} rows ({rows}) mirror the answers of the others in every "
                "item, as if they were coded the other way round; turn them in the file, or say "
                "rows=mirrored to count them as they are", file=file, number=len(rows),
                all=len(turned), rows=some(rows))
        alike = likeness <= LIKENESS and order is None
    far, chance = _on_the_other_side(values)
    rows = index[turned if alike else far]
    return [Message("{number} of {all} rows ({rows}) lie on the other side of the middle than the "
                    "others, item by item ({chance} by chance): another opinion, or codes the "
                    "other way round? They are counted as they are", number=len(rows),
                    all=len(index), rows=some(rows), chance=chance)] if len(rows) else []


def _on_the_other_side(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Which rows answer as the others would with their codes turned, and how many do by chance.

    Rows are placed along the direction in which means differ most from the middle, against the
    spread of people (Fisher's discriminant of the answers and the answers turned). Chance puts as
    many rows far beyond the others as far on the other side.
    """
    from scipy.stats import binom

    rows, items = values.shape
    spread = np.cov(values.T)
    share = items / (rows + items)
    spread = (1 - share) * spread + share * np.eye(items) * np.trace(spread) / items
    against = values @ np.linalg.pinv(spread)
    # Without what a row itself adds to the mean.
    place = against @ values.mean(axis=0) - (against * values).sum(axis=1) / rows
    usual = float(np.median(place))
    far, chance = place < -FAR * usual, int((place > (2 + FAR) * usual).sum())
    number = int(far.sum())
    rare = usual > 0 and number >= FEWEST_ROWS and binom.sf(
        number - 1, number + chance, 0.5) < RARE
    return far & rare, chance


def _refuse_groups(values: np.ndarray, items: pd.DataFrame, index: pd.Index, file: str,
                   cells: pd.DataFrame) -> None:
    """Stop where rows that belong together have their items in the opposite order to the others.

    Answers near the middle show it too: which item is answered higher than which is the same for
    most groups of people, whatever their level, and is turned with the codes.
    """
    halves, found = Halves(values, pd.get_dummies(items["dimension"]).to_numpy(dtype=float)), []
    for number, sums, where in (*_blocks(values, index), *_groups(values, cells)):
        if FEWEST_TOGETHER <= number <= halves.rows / 2:
            apart, likeness, order = halves.compare(number, sums)
            if order is not None and order < OPPOSITE and likeness < NEAR:
                found.append((number * (halves.rows - number) * apart ** 2, number, where))
    if found:
        _, number, where = max(found, key=lambda group: group[0])
        raise InputError("{file}: in {number} of {all} rows ({where}) the items stand in the "
                         "opposite order to that of the others, as if they were coded the other "
                         "way round; turn them in the file, or say rows=mirrored to count them as "
                         "they are", file=file, number=number, all=halves.rows, where=where)


def _blocks(values: np.ndarray, index: pd.Index) -> Iterator[tuple[int, np.ndarray, Message]]:
    """Number of rows, sums of the items and place of each block of rows that follow each other."""
    running = np.vstack([np.zeros(values.shape[1]), values.cumsum(axis=0)])
    ends = np.unique(np.linspace(0, len(values), BLOCKS + 1).astype(int))
    for first in ends[:-1]:
        for last in ends[ends > first]:
            yield int(last - first), running[last] - running[first], Message(
                "about rows {first} to {last}", first=index[first], last=index[last - 1])


def _groups(values: np.ndarray, cells: pd.DataFrame) -> Iterator[tuple[int, np.ndarray, Message]]:
    """The same of the rows with one cell in a column, where a column has few different cells."""
    for column in cells:
        codes, names = pd.factorize(cells[column])
        if 2 <= len(names) <= MOST_GROUPS:
            for code, name in enumerate(names):
                group = codes == code
                yield int(group.sum()), values[group].sum(axis=0), Message(
                    "column {column}: {value}", column=shown(column), value=shown(name))
