"""Comparing what was expected with what was found: tables and texts. Tells the first difference.

A difference is a dict: ``kind`` names the sentence (``verdict.difference.<kind>`` in the site's
texts), the rest fills it.
"""

import csv
import io
import math
import re

RELATIVE = 1e-9
LONGEST = 160
WHOLE = re.compile(r"[+-]?\d+")


def tables(expected: str, found: str) -> dict | None:
    """First cell in which two CSV texts differ, None where they agree; numbers with a fraction may
    differ by 1e-9. Rows are counted as in a spreadsheet: the header is row 1.

    >>> tables("x,y\\n1,0.5\\n", "x,y\\n1,0.50000000001\\n") is None
    True
    >>> tables("x,y\\n1,0.5\\n", "x,y\\n1,0.6\\n")
    {'kind': 'cell', 'row': 2, 'column': 'y', 'expected': '0.5', 'found': '0.6'}
    """
    old, new = (list(csv.reader(io.StringIO(text))) for text in (expected, found))
    header = old[0] if old else []
    if header != (new[0] if new else []):
        return {"kind": "columns", "expected": _short(", ".join(header)),
                "found": _short(", ".join(new[0] if new else []))}
    for number, (left, right) in enumerate(zip(old[1:], new[1:]), start=2):
        for column, one, other in zip(header, left, right):
            if not same_value(one, other):
                return {"kind": "cell", "row": number, "column": column, "expected": _short(one),
                        "found": _short(other)}
    if len(old) != len(new):
        return {"kind": "rows", "expected": len(old) - 1, "found": len(new) - 1}
    return None


def same_value(expected: str, found: str) -> bool:
    """Whether two cells agree: fractions within 1e-9 of their size, everything else exactly.

    >>> same_value("3.0000000001", "3.0"), same_value("3", "4"), same_value("1", "1.0")
    (True, False, False)
    """
    if expected == found:
        return True
    if WHOLE.fullmatch(expected) or WHOLE.fullmatch(found):
        return False
    try:
        return math.isclose(float(expected), float(found), rel_tol=RELATIVE, abs_tol=0)
    except ValueError:
        return False


def texts(expected: str, found: str) -> dict | None:
    """First line in which two texts differ.

    >>> texts("Gini\\n0,31", "Gini\\n0,32")
    {'kind': 'line', 'row': 2, 'expected': '0,31', 'found': '0,32'}
    """
    old, new = expected.splitlines(), found.splitlines()
    for number in range(max(len(old), len(new))):
        one, other = (lines[number] if number < len(lines) else "" for lines in (old, new))
        if one != other or number >= min(len(old), len(new)):
            one, other = _around(one, other)
            return {"kind": "line", "row": number + 1, "expected": one, "found": other}
    return None


def first_difference(path: str, expected: bytes, found: bytes) -> dict | None:
    """Compare one file of the reference with that of a build, as its ending asks for."""
    return (tables if path.endswith(".csv") else texts)(expected.decode(), found.decode())


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _around(one: str, other: str) -> tuple[str, str]:
    """Cut two long lines to the place where they part."""
    start = next((number for number, (a, b) in enumerate(zip(one, other)) if a != b),
                 min(len(one), len(other)))
    start = max(0, start - LONGEST // 2) if max(len(one), len(other)) > LONGEST else 0
    lead = "…" if start else ""
    return lead + _short(one[start:]), lead + _short(other[start:])
