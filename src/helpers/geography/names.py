"""Matching of area names that are written in several ways."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from difflib import SequenceMatcher

import pandas as pd

# Words that say what kind of area it is, not which one.
KINDS = {"kecamatan", "kec", "kabupaten", "kab", "regency", "district", "subdistrict", "distrik"}
CITIES = {"kota", "kotamadya", "kodya", "city"}
NUMBER_BEFORE = re.compile(r"^\s*\d+\s*[.)]\s*(?=\S)")  # of a list: 1. Wonodadi
# Wonodadi, Kab. Blitar; Wonodadi (Kota Blitar); Wonodadi Kabupaten Blitar
REGENCY_BEHIND = re.compile(
    r"(?<=\w)\s*(?:[,;/(–-]\s*(kab|kabupaten|kota|kotamadya|kodya|regency)\b|\s(kab\.|kabupaten\b))"
    r"(.*)$", re.IGNORECASE)
# Spelling before 1947 (oe) and 1972 (tj, dj, nj, sj, ch, and j for today's y), in this order.
OLD_SPELLING = (("oe", "u"), ("tj", "c"), ("dj", "j"), ("nj", "ny"), ("sj", "sy"), ("ch", "kh"),
                ("j", "i"), ("y", "i"))
SURE = ("code", "same", "spelling", "place", "confirmed")
ALIKE = 0.75  # similarity from which a name is worth showing to a person
INSIDE = 0.5  # share of an area's villages that must lie in its polygon


def folded(name: str) -> str:
    """Name without case, accents, punctuation, blanks, and words such as *Kecamatan*.

    The number of a list before it and the regency behind it are left out too.

    Examples
    --------
    >>> folded("Kec. Kepanjen Kidul"), folded("KEPANJENKIDUL"), folded("Sanan-Kulon")
    ('kepanjenkidul', 'kepanjenkidul', 'sanankulon')
    >>> folded("1. Wonodadi, Kab. Blitar"), folded("2 x 11 Kayu Tanam")
    ('wonodadi', '2x11kayutanam')
    """
    words = _words(REGENCY_BEHIND.sub("", NUMBER_BEFORE.sub("", str(name))))
    return "".join(word for word in words if word not in KINDS) or "".join(_words(name))


def parent_in_name(name: object) -> str | None:
    """Regency that stands behind a name; None where none does.

    Examples
    --------
    >>> parent_in_name("Wonodadi, Kab. Blitar"), parent_in_name("Wonodadi")
    ('Kab Blitar', None)
    """
    found = REGENCY_BEHIND.search(name) if isinstance(name, str) else None
    if found is None:
        return None
    return " ".join(re.findall(r"\w+", (found[1] or found[2]) + found[3]))


def respelled(name: str) -> str:
    """Folded name in which old and new Indonesian spelling are the same.

    *oe* becomes u, *tj* c, *dj* j; then i, j and y count as one letter, and a doubled letter as a
    single one. The result is a key to compare, not a name to show.

    Examples
    --------
    >>> respelled("Djombang") == respelled("Jombang"), respelled("Soerabaja"), respelled("Surabaya")
    (True, 'surabaia', 'surabaia')
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

    def __init__(self, areas: pd.DataFrame, shapes: pd.DataFrame,
                 inside: Mapping[tuple[Hashable, Hashable], float] | None):
        self.areas = dict(zip(areas["code"], areas["name"], strict=True))
        self.names = shapes["name"].fillna("").astype("str").to_dict()
        self.inside = inside
        self.found: dict[Hashable, tuple] = {}
        self.parents: dict[Hashable, tuple[str, bool]] = {}
        if "parent" in shapes:
            self.parents = shapes["parent"].fillna("").map(parent_key).to_dict()
        self.group: dict[Hashable, tuple[str, bool]] = {}
        if "group" in areas:
            # A regency that the shapes do not know says nothing about them.
            known = set(self.parents.values()) - {("", False)}
            groups = zip(areas["code"], areas["group"].fillna("").map(parent_key))
            self.group = {code: group for code, group in groups if group in known}

    def by_key(self, key: Callable[[str], str], how: str) -> None:
        """Matches of areas and free shapes whose names have the same key."""
        shapes_of = defaultdict(list)
        for shape in self._free():
            shapes_of[key(self.names[shape])].append(shape)
        for code, name in self._left():
            candidates = self._of_parent(code, shapes_of.get(key(name), ()))
            if len(candidates) > 1:
                # Of namesakes, the one that holds most of the area's villages, if any does.
                holding = [shape for shape in candidates if self._share(code, shape) > INSIDE]
                candidates = holding or candidates
            if len(candidates) == 1:
                here = self.inside is None or self._share(code, candidates[0]) >= INSIDE
                self._note(code, name, candidates[0], how if here else "elsewhere")
            elif candidates:
                several = f"{len(candidates)} x {self.names[candidates[0]]}"
                self.found[code] = (None, several, 1.0, "ambiguous")

    def by_likeness(self) -> None:
        """Matches of the areas left with the free shape of the most similar name."""
        free = self._free()
        for code, name in self._left():
            near = self._of_parent(code, free)
            scored = [(similarity(name, self.names[shape]), self._share(code, shape), shape)
                      for shape in near if _may_be_alike(name, self.names[shape])]
            alike, share, shape = max(scored, key=lambda entry: (entry[0] + entry[1], entry[0]),
                                      default=(0.0, 0.0, None))
            if alike < ALIKE:
                self.found[code] = (None, "", alike, "none")
            else:
                self._note(code, name, shape, "place" if share > INSIDE else "similar")

    def result(self) -> pd.DataFrame:
        """Table of matches in the order of the areas."""
        rows = [(code, name, *self.found[code]) for code, name in self.areas.items()]
        columns = ["code", "name", "shape", "found", "similarity", "how"]
        table = pd.DataFrame(rows, columns=columns, dtype=object)
        twice = table["shape"].notna() & table["shape"].duplicated(keep=False)
        table.loc[twice, "how"] = "ambiguous"
        return table.astype({"similarity": float})

    def _left(self) -> list[tuple[Hashable, str]]:
        return [(code, name) for code, name in self.areas.items() if code not in self.found]

    def _free(self) -> list[Hashable]:
        taken = {entry[0] for entry in self.found.values()}
        return [shape for shape in self.names if shape not in taken]

    def _of_parent(self, code: Hashable, shapes: Iterable[Hashable]) -> list[Hashable]:
        """Shapes of the area's regency; where villages tell, also those of no known regency."""
        if code not in self.group:
            return list(shapes)
        allowed = {self.group[code]} | ({("", False)} if self.inside is not None else set())
        return [shape for shape in shapes if self.parents[shape] in allowed]

    def _share(self, code: Hashable, shape: Hashable) -> float:
        return self.inside.get((code, shape), 0.0) if self.inside is not None else 0.0

    def _note(self, code: Hashable, name: str, shape: Hashable, how: str) -> None:
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
