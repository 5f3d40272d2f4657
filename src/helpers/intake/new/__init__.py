"""Data package of another region: a regency of Indonesia from public sources, or a skeleton of what
you have; valid and built at once, to be filled in.

    python3 src/helpers new FOLDER --regency 35.04
    python3 src/helpers new FOLDER --areas areas.csv
    python3 src/helpers new FOLDER --villages villages.csv --zones latitude --capital 111.90 -8.06
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from helpers.argument_parser import Parser
from helpers.errors import InputError, report_input_errors
from helpers.intake.atomic_package import refuse_taken, say_written
from helpers.intake.new import package_writer, regency, regency_writer, tables
from helpers.intake.new.zones import RULES
from helpers.intake.wide import of_new, table
from helpers.intake.wide.package_writer import add
from helpers.messages import Message, joined, say
from helpers.study.package import STATUSES

ZONE_RULES = ("latitude", "longitude")


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Write a new package; return the exit status: 0 done, 2 wrong input."""
    # A mirror may be named as make names it: MIRROR=place.
    given, rest = _parser().parse_known_args(["--help"] if arguments == ["help"] else [
        f"--mirror={one.partition('=')[2]}" if one.startswith("MIRROR=") else one
        for one in arguments])
    if rest:
        raise InputError("new: '{word}' belongs to no option (--help lists them); a name of "
                         "several words, or a folder with blanks, stands in quotation marks",
                         word=rest[0])
    _refuse_idle(given)
    if given.list is not None:
        from helpers.intake.new import many

        return many.make(given.list, given.folder, given.zones, given.mirror, given.borders)
    said = make(given)
    say(joined(said, "\n"))
    say_written("new", given.folder)
    say("     {where}", where=Message("what to fill in stands in {file}",
                                      file=given.folder / "README.md"))
    return 0


def _parser() -> argparse.ArgumentParser:
    # A line an option, however long: a message is one line.
    parser = Parser(__doc__, prog="python3 src/helpers new",
                    formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path,
                        help="the new folder; must not be there yet, or be empty")
    parser.add_argument("--regency", metavar="NAME",
                        help="a regency of Indonesia by code or name (35.04, 3504, Tulungagung, "
                        "\"Kabupaten Tulungagung\"): real borders, village points and the village "
                        "index, from public sources")
    parser.add_argument("--with", metavar="NAME", nargs="+", default=[], dest="beside",
                        help="regencies that are taken together with it")
    parser.add_argument("--borders", choices=("kecamatan", "villages"),
                        help="real borders: those of kecamatan, simplified (default), or those "
                        "that the borders of villages make together: a file for each regency, ten "
                        "times as large, without gaps")
    parser.add_argument("--list", metavar="FILE", type=Path,
                        help="many regencies, one a line or in the column regency; each gets a "
                        "folder below FOLDER")
    parser.add_argument("--mirror", metavar="PLACE",
                        help="folder or address with a copy of the public sources (also MIRROR="
                        "PLACE)")
    parser.add_argument("--areas", metavar="FILE",
                        help="table with the columns code, name, zone, group (CSV or .xlsx; zone "
                        "may be left out with --zones, group always)")
    parser.add_argument("--villages", metavar="FILE",
                        help="table with the columns code, area, lon, lat (CSV or .xlsx); villages "
                        "of neighbouring regions have an empty area; without --areas an area's "
                        "name is the column area_name")
    parser.add_argument("--land", metavar="FILE", type=Path,
                        help="land to which the map is clipped (GeoJSON or GeoPackage)")
    parser.add_argument("--zones", metavar="RULE",
                        help="divide the areas into two halves: north and south by latitude, west "
                        "and east by longitude, near and far by distance from the capital "
                        "(distance: with --regency); or a table with the columns code and zone")
    parser.add_argument("--capital", metavar=("LON", "LAT"), nargs=2, type=float,
                        help="where the capital lies, in degrees")
    parser.add_argument("--table", metavar=("FILE", "NAME=value"), nargs="+", action="append",
                        default=[],
                        help="table of indicators, a row an area and a column an indicator (CSV or "
                        ".xlsx), with what it does not say itself, such as YEAR=2024 (python -m "
                        "helpers indicators help); may be given several times")
    parser.add_argument("--country", action="store_true",
                        help="copy the village index of all kecamatan of Indonesia (resource "
                        "national), beside which the region is then seen")
    parser.add_argument("--title", help="title of the package (default: the folder's name)")
    parser.add_argument("--status", choices=STATUSES, default="illustrative",
                        help="what your files are: figures of others, made by a model, or made up "
                        "(default: illustrative, until you say what they are)")
    parser.add_argument("--source", default="not stated",
                        help="where your files come from; stands below every figure")
    parser.add_argument("--licence", default="not stated", help="their licence")
    return parser


def _refuse_idle(given: argparse.Namespace) -> None:
    """Raise ``InputError`` where an option would be passed over in silence: sources of a regency
    leave no place for areas, points and coasts of one's own, nor a list for a single regency."""
    known = vars(given)
    asked = "list" if given.list is not None else "regency" if given.regency is not None else None
    idle = [name for name in ("areas", "villages", "land", "capital", "title", "country")
            if known[name]] if asked else []
    if asked == "list":
        idle += [name for name in ("regency", "table") if known[name]]
        idle += ["with"] * bool(given.beside)
    elif asked is None and given.borders is not None:
        raise InputError("new: --borders chooses among real borders of a regency; give --regency "
                         "or --list too")
    if idle:
        raise InputError("new: --{idle} does nothing with --{asked}; leave one of them out",
                         idle=idle[0], asked=asked)


def make(given: argparse.Namespace) -> list[str]:
    """Write the package; return what was found out."""
    refuse_taken(given.folder, str(given.folder))
    wide_tables = [of_new(parts, given.source, given.licence, given.status)
                   for parts in given.table]
    if given.regency is not None:
        return make_regency([given.regency, *given.beside], given.folder, given.zones,
                            given.mirror, given.borders == "villages", wide_tables)
    if given.beside:
        raise InputError("new: --with names regencies that are taken together with the one of "
                         "--regency; give that too")
    if given.zones not in (None, *ZONE_RULES):
        raise InputError("--zones {zones}: allowed with your own files is one of: {rules}; other "
                         "zones stand in the column zone of --areas", zones=given.zones,
                         rules=", ".join(ZONE_RULES))
    if given.areas is None and given.villages is None:
        raise InputError("new: give the areas with --areas FILE, or villages with --villages "
                         "FILE, or both")
    villages, said = (None, []) if given.villages is None else tables.read_villages(given.villages)
    areas, more = tables.read_areas(given.areas, villages, given.zones)
    # Read before anything is written: what is wrong with a table leaves nothing behind.
    read = [table.read(areas, options) for options in wide_tables]
    made = tables.fill(areas, villages, given.land, given.capital, given.zones)
    package_writer.write_package(given, made)
    return said + more + made.said + _added(given.folder, read)


def make_regency(asked: list[str], folder: Path, rule: str | None, mirror: str | None,
                 by_village: bool = False,
                 wide_tables: Sequence[dict[str, str]] = ()) -> list[Message]:
    """Write the package of a regency, or of several taken together, with tables of indicators
    (options of each); return what was found out."""
    import pandas as pd

    if rule is not None and rule not in RULES and not Path(rule).is_file():
        raise InputError("--zones {zones}: is no rule and no file; allowed is one of: {rules}, or "
                         "a table with the columns code and zone", zones=rule,
                         rules=", ".join(RULES))
    made = regency.open_regency(asked, mirror, by_village)
    rule = rule or ZONE_RULES[0]
    named = pd.DataFrame(made.shapes[["code", "name"]]).assign(group=made.title)
    read = [table.read(named, options) for options in wide_tables]
    regency_writer.write_package(folder, made, rule)
    added = _added(folder, read)
    return [Message("{name} ({codes}): {areas} kecamatan", name=made.title,
                    codes=", ".join(made.codes), areas=len(made.shapes)), *made.said,
            *added]


def _added(folder: Path, read: list) -> list[Message]:
    """Put wide tables that were read into a package; return what was found out."""
    return [line for one in read for line in [*one.said, *add(folder, one)]]
