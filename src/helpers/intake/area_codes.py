"""Codes of areas as offices number them: Home Affairs (35.04.01) and statistics (BPS, 3504010).

They number the same kecamatan in different orders, so that one is never read as the other.
"""

import re
from collections.abc import Iterable

import pandas as pd

from helpers.errors import InputError
from helpers.geography.names import folded, respelled

PLACE = re.compile(r"\d{6,10}")  # code of a kecamatan or a village, without dots
# What stands before a name: 01, 1., [3504010], 3504010 -
BEFORE_NAME = re.compile(r"^[\[(]?[\d.]{1,13}[\])]*\s+(?:[-–:]\s+)?(?=\S)")


class AreaNames:
    """Codes and names of areas, as tables write them.

    >>> known = AreaNames(pd.DataFrame({"code": ["35.04.01", "A2"], "name": ["Jombang", "Pakel"]}))
    >>> [known.code_of(cell) for cell in ("350401", 350401.0, "1. Djombang", "A2", "2", "Bandung")]
    ['35.04.01', '35.04.01', '35.04.01', 'A2', None, None]
    """

    def __init__(self, areas: pd.DataFrame):
        self.codes = {plain(code): code for code in areas["code"]}
        self.named: dict[str, str | None] = {}
        for key in (folded, respelled):
            for code, name in zip(areas["code"], areas["name"], strict=True):
                # A name that two areas share names neither.
                self.named[key(name)] = None if self.named.get(key(name), code) != code else code

    def code_of(self, cell: str | float) -> str | None:
        """Code of the area that a cell names."""
        if isinstance(cell, float):
            return self.codes.get(plain(cell)) if cell.is_integer() else None
        if (found := self.codes.get(plain(cell))) or re.fullmatch(r"[\d.]+", cell):
            return found
        # As it stands first: 2 x 11 Enam Lingkung begins with a number.
        for text in dict.fromkeys((cell, BEFORE_NAME.sub("", cell))):
            if code := self.named.get(folded(text)) or self.named.get(respelled(text)):
                return code
        return None


def plain(cell: str | float) -> str:
    """Code without dots, as a text.

    >>> plain("35.04.01"), plain(350401.0)
    ('350401', '350401')
    """
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell).replace(".", "")


def are_codes(cells: Iterable[str | float], codes: Iterable[str]) -> bool:
    """Whether cells are codes of places in the regencies of some areas, by whatever numbering.

    >>> are_codes(["3504010", "3504020", 3504021.0], ["35.04.01", "35.04.02"])
    True
    >>> are_codes(["35.010", "35.020"], ["35.04.01"]), are_codes(["3504010"], ["35.04.01"])
    (False, False)
    """
    found = [plain(cell) for cell in cells]
    return 1 < len(found) == len(set(found)) and len(found) == len(_places(found, codes))


def refuse_others(cells: Iterable[str | float], codes: Iterable[str], label: str,
                  column: object) -> None:
    """Raise ``InputError`` where cells hold codes of the areas' regencies, by another numbering."""
    codes = list(codes)
    found = dict.fromkeys(_places(map(plain, cells), codes))
    if len(found) > 1 and len(found.keys() & set(map(plain, codes))) < len(found) / 2:
        raise InputError("{file}: column {column} has codes such as {found}, which are not those "
                         "of the package ({code}): statistics (BPS, seven digits) and Home Affairs "
                         "number kecamatan in different orders; add a column with the names",
                         file=label, column=column, found=next(iter(found)), code=codes[0])


def _places(found: Iterable[str], codes: Iterable[str]) -> list[str]:
    regencies = {own[:4] for code in codes if len(own := plain(code)) >= 6}
    return [one for one in found if PLACE.fullmatch(one) and one[:4] in regencies]
