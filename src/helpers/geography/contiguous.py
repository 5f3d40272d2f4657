"""Divisions of areas into two parts that each hang together: the spatial null of a gap of zones.

Zones are stretches of land. Names dealt out to single areas at random compare a zone with patterns
that no zone has; names dealt out to contiguous parts keep that neighbours are alike.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

MOST = 200_000  # parts that are looked at before divisions are drawn instead of counted
TRIES = 50  # draws for each division that is wanted


@lru_cache(maxsize=64)
def contiguous_divisions(touching: frozenset[tuple[int, int]], size: int, first: int,
                         draws: int = 9999, seed: int = 0) -> tuple[np.ndarray, bool] | None:
    """Divisions of `size` areas into a contiguous part of `first` of them and a contiguous rest.

    All divisions where they are few enough to be counted. Otherwise random ones: a part grows from
    a random area by random neighbours until it is large enough, and counts if the rest hangs
    together; such draws are no equal chances, but the same for every naming of the zones.

    Parameters
    ----------
    touching : frozenset of pairs of int
        Areas 0 .. `size` - 1 that touch, each pair in one order or in both.
    size, first : int
        Number of areas, and of those in the first part; the observed one is 0 .. `first` - 1.
    draws, seed : int
        How many divisions are drawn where they are too many to be counted.

    Returns
    -------
    tuple of array and bool, or None
        Places of the first part, one division a row, and whether these are all there are. None
        where the observed division is not one of two contiguous parts.

    Examples
    --------
    A row of five areas can be cut into two and three in two ways.

    >>> row = frozenset({(0, 1), (1, 2), (2, 3), (3, 4)})
    >>> places, complete = contiguous_divisions(row, 5, 2)
    >>> places.tolist(), complete
    ([[0, 1], [3, 4]], True)
    """
    near = [0] * size
    for one, other in touching:
        near[one] |= 1 << other
        near[other] |= 1 << one
    everything, observed = (1 << size) - 1, (1 << first) - 1
    if not (_hangs_together(observed, near) and _hangs_together(everything ^ observed, near)):
        return None
    smaller = min(first, size - first)
    found, looked_at = [], 0
    for part in _parts(near, smaller):
        looked_at += 1
        if looked_at > MOST:
            break
        if _hangs_together(everything ^ part, near):
            found.append(part)
    complete = looked_at <= MOST
    if not complete:
        found = _drawn(near, smaller, draws, np.random.default_rng(seed))
    chosen = found if smaller == first else [everything ^ part for part in found]
    places = np.array(sorted(_members(part) for part in chosen), dtype=np.intp)
    return places.reshape(-1, first), complete


def _members(part: int) -> list[int]:
    return [place for place in range(part.bit_length()) if part >> place & 1]


def _hangs_together(part: int, near: list[int]) -> bool:
    reached = part & -part
    edge = reached
    while edge:
        edge = _around(edge, near) & part & ~reached
        reached |= edge
    return part > 0 and reached == part


def _parts(near: list[int], size: int) -> Iterator[int]:
    """Every contiguous part of a size once: those whose lowest area is 0, then 1, and so on."""
    def grown(part: int, edge: int, closed: int, left: int) -> Iterator[int]:
        if not left:
            yield part
            return
        while edge:
            one = edge & -edge
            edge ^= one
            closed |= one
            fresh = near[one.bit_length() - 1] & ~closed & ~edge
            yield from grown(part | one, edge | fresh, closed, left - 1)

    for lowest in range(len(near)):
        root, before = 1 << lowest, (1 << lowest) - 1
        yield from grown(root, near[lowest] & ~before & ~root, before | root, size - 1)


def _drawn(near: list[int], size: int, draws: int, rng: np.random.Generator) -> list[int]:
    everything, found = (1 << len(near)) - 1, []
    for _ in range(TRIES * draws):
        part = 1 << int(rng.integers(len(near)))
        for _ in range(size - 1):
            edge = _members(_around(part, near) & ~part)
            if not edge:
                break
            part |= 1 << edge[int(rng.integers(len(edge)))]
        if part.bit_count() == size and _hangs_together(everything ^ part, near):
            found.append(part)
        if len(found) == draws:
            break
    return found


def _around(part: int, near: list[int]) -> int:
    around = 0
    while part:
        one = part & -part
        around |= near[one.bit_length() - 1]
        part ^= one
    return around


def pairs_among(touching: Iterable[tuple[str, str]], codes: list[str]) -> frozenset:
    """Pairs of areas that touch, by their places in a list of codes; others are left out.

    Examples
    --------
    >>> sorted(pairs_among([("a", "b"), ("b", "c")], ["b", "a"]))
    [(1, 0)]
    """
    place = {code: number for number, code in enumerate(codes)}
    return frozenset((place[one], place[other]) for one, other in touching
                     if one in place and other in place)
