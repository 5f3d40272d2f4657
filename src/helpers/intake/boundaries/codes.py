"""Rows of a file of polygons by the code of their area: codes of areas, or of what lies in them."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from helpers.errors import InputError

# Share of the areas that a column must know to be taken for the column of codes or names.
LEAST_KNOWN = 0.5
TOGETHER = "+"  # between the columns that hold a code in pieces
SHORT = 4  # characters: a piece of a code is not longer
MOST_PIECES = 8  # columns of short numbers that are put together by trying
LEAST_BELOW = 3  # characters by which the code of a smaller unit is longer than that of its area
VILLAGE_BEGINS = tuple("123")  # Indonesian villages: 1 kelurahan, 2 desa, 3 desa adat
VILLAGE_LENGTH = 4


@dataclass(frozen=True)
class Codes:
    """Rows of a file by area: ``rows`` holds their index by the area's code.

    ``below`` says that the column holds codes of smaller units, which begin with the area's.
    """

    column: str
    rows: dict[str, list[Hashable]]
    below: bool


def find(shapes, wanted: pd.Series, given: str | None) -> Codes | None:
    """Column, or columns together, that know the codes of the areas; None where none does.

    ``given`` is what a person names: a column, or several with ``+`` between them. Codes of
    smaller units count where they begin with those of the areas.

    >>> villages = pd.DataFrame({"KODE": ["3505012001", "3505012002", "3505021001"]})
    >>> find(villages, pd.Series(["35.05.01", "35.05.02"]), None).rows
    {'35.05.01': [0, 1], '35.05.02': [2]}
    """
    columns = [given] if given else candidates(shapes, wanted)
    keys = {column: code_keys(shapes, column, piece_widths(wanted)) for column in columns}
    keyed = wanted.map(code_key)
    for below in (False, True):
        best, known = None, LEAST_KNOWN if given is None else 0.0
        for column, found in keys.items():
            own = _beginnings(found, keyed) if below else found
            share = 0.0 if own is None else keyed.isin(set(own)).mean()
            if share > known or (share == known and best is None and share):
                best, known, of_best = column, share, own
        if best is not None:
            groups = of_best.groupby(of_best).groups
            rows = {code: list(groups[key]) for code, key in zip(wanted, keyed, strict=True)
                    if key in groups}
            return Codes(best, rows, below)
    return None


def candidates(shapes, wanted: pd.Series) -> list[str]:
    """Columns that may hold codes, and those that may together."""
    columns, pieces = texts(shapes), len(piece_widths(wanted))
    short = [column for column in columns if pieces > 1
             and shapes[column].map(code_key).str.fullmatch(rf"\d{{1,{SHORT}}}").all()]
    # Columns of short numbers, as many together as a code has pieces.
    return [*columns, *(TOGETHER.join(some)
                        for some in combinations(short[:MOST_PIECES], pieces) if short)]


def piece_widths(codes: pd.Series) -> tuple[int, ...]:
    """Characters of the pieces of codes; none where they differ.

    >>> piece_widths(pd.Series(["35.05.01", "35.05.02"]))
    (2, 2, 2)
    """
    pieces = {tuple(len(piece) for piece in re.split(r"[^0-9A-Za-z]+", code)) for code in codes}
    return pieces.pop() if len(pieces) == 1 else ()


def level_above(shapes, wanted: pd.Series) -> str | None:
    """Column whose codes are the beginnings of those of the areas: polygons of a higher level."""
    keyed = wanted.map(code_key)
    for column in texts(shapes):
        found = {key for key in shapes[column].map(code_key) if len(key) > 1 and key.isdigit()}
        inside = keyed.map(lambda key, found=found: any(
            key != one and key.startswith(one) for one in found))
        if found and inside.mean() >= LEAST_KNOWN:
            return column
    return None


def check(shapes, option: str, given: str | None, label: str) -> None:
    """Check that a column that a person names is there."""
    for column in (given or "").split(TOGETHER) if given else ():
        if column not in texts(shapes):
            raise InputError("{option}={column}: {label} has no such column; it has: {known}",
                             option=option, column=column, label=label,
                             known=", ".join(texts(shapes)))


def texts(shapes) -> list[str]:
    """Columns beside the geometry."""
    return [column for column in shapes.columns if str(shapes[column].dtype) != "geometry"]


def code_keys(shapes, column: str, widths: tuple[int, ...]) -> pd.Series:
    """Keys of a column, or of several together, whose numbers have lost no leading zero."""
    parts = column.split(TOGETHER) if column not in shapes else [column]
    if len(parts) == 1:
        return shapes[column].map(code_key)
    widths = widths if len(widths) == len(parts) else (0,) * len(parts)
    keys = [shapes[part].map(code_key).str.zfill(width)
            for part, width in zip(parts, widths, strict=True)]
    return pd.concat(keys, axis=1).agg("".join, axis=1)


def code_key(code: object) -> str:
    """Code without dots, blanks and the country.

    >>> code_key("35.05.01"), code_key("ID350501"), code_key(350501.0)
    ('350501', '350501', '350501')
    """
    return re.sub(r"[^0-9A-Z]", "", text(code).upper()).removeprefix("ID")


def text(value: object) -> str:
    """Cell as text. A column of whole numbers with a gap comes as fractions: 350501.0.

    >>> text(350501.0), text(0.5), text("35.05.01"), text(None)
    ('350501', '0.5', '35.05.01', '')
    """
    if value is None or value is pd.NA or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _beginnings(keys: pd.Series, wanted: pd.Series) -> pd.Series | None:
    """Beginnings of longer codes that are as long as those of the areas; None where that is no
    such column: codes of smaller units are numbers of one length.

    The kecamatan of BPS have three digits where those of Home Affairs have two, so that a village
    of theirs would begin with the code of another kecamatan.
    """
    lengths = wanted.str.len().unique()
    full = keys[keys != ""]
    if len(lengths) > 1 or full.empty or full.str.len().nunique() > 1:
        return None
    below = int(full.str.len().iloc[0]) - int(lengths[0])
    if below < LEAST_BELOW or not full.str.isdigit().all():
        return None
    rest = full.str[int(lengths[0]):]
    if below == VILLAGE_LENGTH and not rest.str.startswith(VILLAGE_BEGINS).mean() > LEAST_KNOWN:
        return None
    return keys.str[:int(lengths[0])]
