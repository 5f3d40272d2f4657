"""Wide tables, a row an area and a column an indicator, as BPS publishes them, become indicators.

    python3 src/helpers indicators TABLE=file [RAW=package] [TO=folder] [SOURCE=...] ...

The package RAW stays as it is; a copy of it with the indicators, their entries in the catalogue and
their source is written to TO. What is found in the table is said, column by column; what cannot be
found is asked for in one line.
"""

from pathlib import Path

from helpers.errors import InputError, report_input_errors
from helpers.intake import atomic_package, named_options
from helpers.intake.wide import package_writer, table
from helpers.messages import joined, say
from helpers.study.package import STATUSES

OPTIONS = {"TABLE": "the table: CSV, or a workbook of Excel or LibreOffice",
           "RAW": "data package that gets the indicators (default: data/raw); it is not changed",
           "TO": "folder of the new package (default: RAW's name with -indicators)",
           "SHEET": "sheet of a workbook that has several",
           "INDICATOR": "what the numbers are, where the columns are years and there is no title",
           "YEAR": "their year, where neither heading nor title has it",
           "DECIMAL": "point | comma, where numbers such as 12.345 can be read both ways",
           "DASH": "zero | missing: what - stands for",
           "BETTER": "headings of columns of which more is better, with commas between them",
           "WORSE": "headings of columns of which more is worse",
           "POPULATION": "heading of the column that counts people, for weights (default: found)",
           "SOURCE": "whose figures they are; stands below every figure (default: the line "
           "Sumber below the table)", "URL": "where they are published", "LICENCE": "their licence",
           "STATUS": "published | simulated | illustrative (default: illustrative, until you say "
           "what they are)"}
CHOICES = {"DECIMAL": ("point", "comma"), "DASH": ("zero", "missing"), "STATUS": STATUSES}


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Make a package with the indicators of a table; return the exit status: 0 done, 2 wrong
    input."""
    if not arguments or named_options.asks_for_help(arguments):
        named_options.show_help("usage: python3 src/helpers indicators TABLE=file [NAME=value ...]",
                                OPTIONS)
        return 0
    folder, said = make(parse(arguments))
    say(joined(said, "\n"))
    atomic_package.say_written("indicators", folder)
    return 0


def parse(arguments: list[str]) -> dict[str, str]:
    """Options of a call ``NAME=value ...``.

    >>> parse(["TABLE=people.xlsx", "DASH=zero"])
    {'TABLE': 'people.xlsx', 'DASH': 'zero'}
    """
    options = named_options.parse("indicators", arguments, OPTIONS)
    named_options.refuse_other(options, CHOICES)
    if "TABLE" not in options:
        raise InputError("indicators: give the table with TABLE=file")
    if "YEAR" in options and not (options["YEAR"].isdigit() and len(options["YEAR"]) == 4):
        raise InputError("YEAR={year}: give a year, such as 2024", year=options["YEAR"])
    return options


def make(options: dict[str, str]) -> tuple[Path, list[str]]:
    """Write a copy of a package with the indicators of a table: its folder, and what was found."""
    package, target = named_options.package_and_copy(options, "indicators")
    found = table.read(package.table("areas"), options)
    with atomic_package.new_package(target, f"TO={target}") as folder:
        atomic_package.copy_files(package.folder, folder)
        said = package_writer.add(folder, found)
    return target, found.said + said


def of_new(parts: list[str], source: str, licence: str, status: str) -> dict[str, str]:
    """Options of a table that ``new`` takes: a file, NAME=value after it, else what ``new`` was
    told of all files."""
    told = {"SOURCE": source, "LICENCE": licence, "STATUS": status}
    stated = {name: value for name, value in told.items() if value != "not stated"}
    return stated | parse([f"TABLE={parts[0]}", *parts[1:]])
