"""Matching of area names that are written in several ways."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Mapping
from difflib import SequenceMatcher

import pandas as pd

# Words that say what kind of area it is, not which one.
KINDS = {"kecamatan", "kec", "kabupaten", "kab", "regency", "district", "subdistrict", "distrik"}
CITIES = {"kota", "kotamadya", "kodya", "city"}
# Spelling before 1972 (tj, dj, nj, sj, ch, and j for today's y) and before 1947 (oe), in this
# order.
OLD_SPELLING = (("oe", "u"), ("tj", "c"), ("dj", "j"), ("nj", "ny"), ("sj", "sy"), ("ch", "kh"),
                ("j", "i"), ("y", "i"))
SURE = ("code", "same", "spelling", "place", "confirmed")
ALIKE = 0.75  # similarity from which a name is worth showing to a person
INSIDE = 0.5  # share of an area's villages that must lie in its polygon


def folded(name: str) -> str:
    """Name without case, accents, punctuation, blanks, and words such as *Kecamatan*.

    Examples
    --------
    >>> folded("Kec. Kepanjen Kidul"), folded("KEPANJENKIDUL"), folded("Sanan-Kulon")
    ('kepanjenkidul', 'kepanjenkidul', 'sanankulon')
    """
    return "".join(word for word in _words(name) if word not in KINDS) or "".join(_words(name))


def respelled(name: str) -> str:
    """Folded name in which old and new Indonesian spelling are the same.

    *oe* becomes u, *tj* c, *dj* j; then i, j and y count as one letter, and a doubled letter as a
    single one. The result is a key to compare, not a name to show.

    Examples
    --------
    >>> respelled("Djombang") == respelled("Jombang"), respelled("Soerabaja") == respelled(
    ...     "Surabaya")
    (True, True)
    >>> respelled("Wonotirto") == respelled("Wonodadi")
    False
    """
    key = folded(name)
    for old, new in OLD_SPELLING:
        key = key.replace(old, new)
    return re.sub(r"(.)\1", r"\1", key)


def parent_key(name: str) -> tuple[str, bool]:
    """Name of a regency and whether it is a city: *Kota Blitar* and *Kabupaten Blitar* are two.

    Examples
    --------
    >>> parent_key("KAB. BLITAR") == parent_key("Blitar"), parent_key("Kota Blitar")
    (True, ('blitar', True))
    """
    words = _words(name)
    rest = " ".join(word for word in words if word not in CITIES | KINDS)
    return respelled(rest), any(word in CITIES for word in words)


def similarity(one: str, other: str) -> float:
    """Similarity of two names from 0 to 1.

    Twice the letters in common over all letters of the respelled names.

    Examples
    --------
    *Talun* and *Talon* have ten letters together, and four in common.

    >>> similarity("Talun", "Talon")
    0.8
    """
    first, second = sorted((respelled(one), respelled(other)))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def match_names(areas: pd.DataFrame, shapes: pd.DataFrame,
                inside: Mapping[tuple[Hashable, Hashable], float] | None = None) -> pd.DataFrame:
    """Shape of each area by its name, and how sure the match is.

    Rules, in this order; a shape goes to one area only:

    1. *same*: equal but for case, blanks, punctuation and words such as *Kecamatan*;
    2. *spelling*: equal in old and new spelling;
    3. *place*: a similar name, and most of the area's villages lie inside;
    4. *similar*: a similar name and nothing else that speaks for it; not sure;
    5. *none*: nothing alike; not sure.

    Namesakes are told apart by the regency (``group`` and ``parent``), then by the villages inside.
    What is still equal is *ambiguous*, and a name whose polygon holds less than half of the area's
    villages is *elsewhere*: neither is sure.

    Parameters
    ----------
    areas : DataFrame
        Columns ``code`` and ``name``, and ``group`` (the regency) where it is known.
    shapes : DataFrame
        Column ``name``, and ``parent`` (the regency) where it is known; the index names the shapes.
    inside : mapping, optional
        (code, shape) -> share of the area's villages that lie in the shape; pairs without any are
        left out.

    Returns
    -------
    DataFrame
        A row for each area, in their order: ``code``, ``name``, ``shape`` (index of shapes, or
        None), ``found`` (its name), ``similarity``, ``how``.

    Examples
    --------
    >>> areas = pd.DataFrame({"code": ["1", "2", "3"], "name": ["Sanankulon", "Jati", "Talun"]})
    >>> shapes = pd.DataFrame({"name": ["Kec. Sanan Kulon", "Djati", "Talon"]})
    >>> match_names(areas, shapes)[["found", "how"]].to_numpy().tolist()
    [['Kec. Sanan Kulon', 'same'], ['Djati', 'spelling'], ['Talon', 'similar']]
    """
    search = _Search(areas, shapes, inside)
    for key, how in ((folded, "same"), (respelled, "spelling")):
        search.by_key(key, how)
    search.by_likeness()
    return search.result()


class _Search:
    """Search state: shapes that are still free, and the match of each area."""

    def __init__(self, areas: pd.DataFrame, shapes: pd.DataFrame, inside):
        self.areas = areas
        self.names = shapes["name"].fillna("").astype("str").to_dict()
        self.inside = inside
        self.found: dict[Hashable, tuple] = {}
        parents = shapes["parent"].fillna("").map(
            parent_key).to_dict() if "parent" in shapes else {}
        groups = areas["group"].fillna("").map(parent_key) if "group" in areas else [None
                                                                                     ] * len(areas)
        # A regency that the shapes do not know says nothing about them.
        known = set(parents.values()) - {("", False)}
        self.group = {code: group if group in known else None
                      for code, group in zip(areas["code"], groups, strict=True)}
        self.parents = parents

    def by_key(self, key, how: str) -> None:
        """Matches of areas and free shapes whose names have the same key."""
        free = self._free()
        shapes_of = defaultdict(list)
        for shape in free:
            shapes_of[key(self.names[shape])].append(shape)
        for code, name in self._left():
            candidates = [shape for shape in shapes_of.get(key(name), ())
                          if self._same_parent(code, shape)]
            chosen = self._nearest(code, candidates)
            if len(chosen) == 1:
                self._note(code, name, chosen[0],
                           how if self._plausible(code, chosen[0]) else "elsewhere")
            elif chosen:
                self.found[code] = (None, f"{len(chosen)} x {self.names[chosen[0]]}", 1.0,
                                    "ambiguous")

    def by_likeness(self) -> None:
        """Matches of the areas left with the free shape of the most similar name."""
        free = self._free()
        for code, name in self._left():
            near = [shape for shape in free if self._same_parent(code, shape)]
            scored = [(similarity(name, self.names[shape]), self._share(code, shape), shape)
                      for shape in near if _may_be_alike(name, self.names[shape])]
            best = max(scored, key=lambda entry: (entry[0] + entry[1], entry[0]),
                       default=(0.0, 0.0, None))
            if best[0] < ALIKE:
                self.found[code] = (None, "", best[0], "none")
            else:
                self._note(code, name, best[2], "place" if best[1] > INSIDE else "similar")

    def result(self) -> pd.DataFrame:
        """Table of matches in the order of the areas."""
        rows = [(code, name, *self.found[code])
                for code, name in zip(self.areas["code"], self.areas["name"], strict=True)]
        table = pd.DataFrame(rows, columns=["code", "name", "shape", "found", "similarity", "how"],
                             dtype=object)
        twice = table["shape"].notna() & table["shape"].duplicated(keep=False)
        table.loc[twice, "how"] = "ambiguous"
        return table.astype({"similarity": float})

    def _left(self) -> list[tuple]:
        return [(code, name) for code, name in zip(self.areas["code"], self.areas["name"],
                                                   strict=True) if code not in self.found]

    def _free(self) -> list:
        taken = {entry[0] for entry in self.found.values()}
        return [shape for shape in self.names if shape not in taken]

    def _same_parent(self, code, shape) -> bool:
        return self.group[code] is None or self.parents[shape] == self.group[code]

    def _share(self, code, shape) -> float:
        return self.inside.get((code, shape), 0.0) if self.inside is not None else 0.0

    def _nearest(self, code, candidates: list) -> list:
        """Of several namesakes, the one that holds most of the area's villages, if any does."""
        if len(candidates) < 2:
            return candidates
        here = [shape for shape in candidates if self._share(code, shape) > INSIDE]
        return here or candidates

    def _plausible(self, code, shape) -> bool:
        return self.inside is None or self._share(code, shape) >= INSIDE

    def _note(self, code, name, shape, how: str) -> None:
        self.found[code] = (shape, self.names[shape], similarity(name, self.names[shape]), how)


def _may_be_alike(one: str, other: str) -> bool:
    """Quick test by length alone, which spares the full comparison."""
    lengths = sorted((len(respelled(one)), len(respelled(other))))
    return lengths[0] > 0 and 2 * lengths[0] / sum(lengths) >= ALIKE


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", str(name)).casefold()
    # An apostrophe is part of a word, what else is no letter stands between words.
    plain = re.sub(r"['’`\u0300-\u036f]", "", plain)
    return re.findall(r"[^\W_]+", plain)
