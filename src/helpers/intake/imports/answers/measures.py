"""Columns of numbers, such as weights, with either decimal sign."""

import pandas as pd

from helpers.errors import InputError
from helpers.intake.imports.source import Source, shown
from helpers.messages import Message, term


def to_measure(source: Source, column: str, decimal: str | None) -> tuple[pd.Series, Message]:
    """Column of numbers with either decimal sign, empty where its cells are, and which sign it was.

    >>> cells = pd.DataFrame({"w": ["1.250,5", "0,75"]}, dtype="str", index=[2, 3])
    >>> to_measure(Source("a.csv", cells), "w", None)[0].tolist()
    [1250.5, 0.75]
    """
    cells = source.cells[column]
    given = cells[cells != ""]
    signs = {"point": ".", "comma": ","}
    readings = {}
    for name, sign in signs.items():
        other = "," if sign == "." else "."
        form = rf"-?(\d+|\d{{1,3}}(\{other}\d{{3}})+)(\{sign}\d+)?"
        if (decimal or name) == name and given.str.fullmatch(form).all():
            plain_signs = given.str.replace(other, "", regex=False)
            readings[name] = plain_signs.str.replace(sign, ".", regex=False).astype(float)
    if not readings:
        wrong = given[~given.str.fullmatch(r"-?[\d.,]*\d")]
        row = wrong.index[0] if len(wrong) else given.index[0]
        raise InputError("{source}: row {row}, column {column}: {cell} cannot be read as a number "
                         "with a decimal {decimal}; write plain numbers in the whole column"
                         if decimal
                         else "{source}: row {row}, column {column}: {cell} cannot be read as a "
                         "number; write plain numbers in the whole column", source=source.name,
                         row=row, column=shown(column), cell=shown(given[row]), decimal=decimal)
    if len(readings) == 2 and not readings["point"].equals(readings["comma"]):
        row = next(row for row in given.index if readings["point"][row] != readings["comma"][row])
        raise InputError("{source}: row {row}, column {column}: {cell} can be {point:g} "
                         "(decimal=point) or {comma:g} (decimal=comma); say which",
                         source=source.name, row=row, column=shown(column), cell=shown(given[row]),
                         point=readings["point"][row], comma=readings["comma"][row])
    name = next(iter(readings))
    numbers = readings[name].reindex(cells.index)
    if len(readings) == 2:
        return numbers, Message("column {column}: whole numbers", column=shown(column))
    return numbers, Message("column {column}: decimal {sign} as told" if decimal
                            else "column {column}: decimal {sign}", column=shown(column),
                            sign=term(name))
