"""One wide table: its columns as indicators, and all that was found out about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.intake.wide import columns, grid, places
from helpers.messages import Message

POPULATION = {"penduduk", "jumlah_penduduk", "population", "total_population",
              "jumlah_penduduk_jumlah", "number_of_residents"}


@dataclass(frozen=True)
class Table:
    """Columns of numbers with their directions, the source, and what was found out."""

    name: str
    columns: list[columns.Column]
    direction: dict[str, int]
    population: str | None
    source: dict[str, str]
    status: str
    said: list[str]


def read(areas: pd.DataFrame, options: Mapping[str, str]) -> Table:
    """Table of a call (options as of the command), its rows found among the areas."""
    cells = places.with_codes_together(grid.read(Path(options["TABLE"]), options.get("SHEET")),
                                       areas)
    layout = places.find(cells, areas)
    told = columns.Told(int(options["YEAR"]) if "YEAR" in options else None, options.get("DECIMAL"),
                        options.get("DASH"), options.get("INDICATOR"))
    found, left_out = columns.read(cells, layout, told)
    said = [Message("{table}: {rows} areas, {columns} columns of numbers, headings in row {row}",
                    table=cells.name, rows=len(layout.areas), columns=len(found),
                    row=layout.headings[-1])]
    said += [_sentence(column, len(areas)) for column in found]
    absent = areas.loc[~areas["code"].isin(layout.areas.values()), "name"]
    if len(absent):
        said.append(Message("no row for {areas}: they have no value", areas=", ".join(absent)))
    if left_out:
        said.append(Message("left out, because they hold no numbers of areas: {columns}",
                            columns=", ".join(left_out)))
    for row, name in layout.totals.items():
        said.append(Message("row {row} ('{name}') is a total and is left out", row=row, name=name))
        said += _contradictions(cells, layout, row, found, told)
    directions = _directions(found, options, cells.name)
    neutral = list(dict.fromkeys(column.label for column in found
                                 if not directions[column.indicator]))
    if neutral:
        said.append(Message("no direction is known of: {labels}; they are compared, but in no "
                            "index (BETTER= and WORSE=, or the catalogue's column 'direction')",
                            labels=", ".join(neutral)))
    population = _population(found, options, cells.name)
    source = options.get("SOURCE") or layout.source
    said.append(Message("source: {source}" if source else "source: not stated; say SOURCE=...",
                        source=source))
    stated = {"title": layout.title or source or "not stated", "publisher": source or "not stated",
              "url": options.get("URL", ""), "licence": options.get("LICENCE", "not stated")}
    return Table(cells.name, found, directions, population, stated,
                 options.get("STATUS", "illustrative"), said)


def _sentence(column: columns.Column, areas: int) -> Message:
    unit, year = column.unit or Message("no unit"), column.year or Message("no year")
    values = column.values.values()
    return Message("  '{heading}' -> {indicator} ({unit}, {year}): {known} of {areas} areas, "
                   "{low:.12g} to {high:.12g}", heading=column.heading, indicator=column.indicator,
                   unit=unit, year=year, known=len(values), areas=areas, low=min(values),
                   high=max(values))


def _contradictions(cells, layout, row: int, found, told) -> list[Message]:
    """Columns in which a row of totals is neither the sum nor within the values."""
    said = []
    for column in found:
        total = columns.total_of(cells, layout, row, column, told)
        values = list(column.values.values())
        inside = min(values) <= (total or 0) <= max(values)  # a mean, weighted or not
        if total is None or inside:
            continue
        if abs(total - sum(values)) > places.CLOSE * abs(total):
            said.append(Message("note: '{heading}': the areas add up to {sum:.12g}, the row "
                                "'{name}' says {total:.12g}", heading=column.heading,
                                sum=sum(values), name=layout.totals[row], total=total))
    return said


def _directions(found: list[columns.Column], options: Mapping[str, str],
                name: str) -> dict[str, int]:
    directions = {column.indicator: 0 for column in found}
    for option, value in (("BETTER", 1), ("WORSE", -1)):
        for wanted in filter(None, map(str.strip, options.get(option, "").split(","))):
            for indicator in _named(found, wanted, option, name):
                directions[indicator] = value
    return directions


def _population(found: list[columns.Column], options: Mapping[str, str], name: str) -> str | None:
    if "POPULATION" in options:
        return _named(found, options["POPULATION"], "POPULATION", name)[0]
    alike = {column.indicator for column in found if column.indicator in POPULATION}
    return alike.pop() if len(alike) == 1 else None


def _named(found: list[columns.Column], wanted: str, option: str, name: str) -> list[str]:
    """Indicators of the columns that a person names by heading, label or key."""
    named = [column.indicator for column in found
             if wanted.casefold() in (column.heading.casefold(), column.label.casefold(),
                                      column.indicator)]
    if not named:
        raise InputError("{option}={wanted}: {table} has no such column of numbers; it has: "
                         "{columns}", option=option, wanted=wanted, table=name,
                         columns=", ".join(column.heading for column in found))
    return named


