"""Codes of areas as offices number them: Home Affairs (35.04.01) and statistics (BPS, 3504010).

They number the same kecamatan in different orders, so that one is never read as the other.
"""

import re
from collections.abc import Iterable

from helpers.errors import InputError

PLACE = re.compile(r"\d{6,10}")  # code of a kecamatan or a village, without dots


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
