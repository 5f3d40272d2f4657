"""Skeleton of a data package for another region: valid and built at once, to be filled in.

    python -m helpers new FOLDER --areas areas.csv
    python -m helpers new FOLDER --villages villages.csv --zones latitude --capital 111.90 -8.06
"""

import argparse
from pathlib import Path

from helpers.argument_parser import Parser
from helpers.errors import InputError, report_input_errors
from helpers.messages import Message, joined, say
from helpers.study.package import STATUSES

ZONE_RULES = ("latitude", "longitude")


@report_input_errors()
def main(arguments: list[str]) -> int:
    """Write a new package; return the exit status: 0 done, 2 wrong input."""
    given = _parser().parse_args(["--help"] if arguments == ["help"] else arguments)
    said = make(given)
    say(joined(said, "\n"))
    say("new: data package written to {folder}; build it with: make all RAW={folder} OUT=FOLDER",
        folder=given.folder)
    say("     {where}", where=Message("what to fill in stands in {file}",
                                      file=given.folder / "README.md"))
    return 0


def _parser() -> argparse.ArgumentParser:
    # A line an option, however long: a message is one line.
    parser = Parser(__doc__, prog="python -m helpers new",
                    formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path,
                        help="the new folder; must not be there yet, or be empty")
    parser.add_argument("--areas", metavar="FILE",
                        help="table with the columns code, name, zone, group (CSV or .xlsx; zone "
                        "may be left out with --zones, group always)")
    parser.add_argument("--villages", metavar="FILE",
                        help="table with the columns code, area, lon, lat (CSV or .xlsx); villages "
                        "of neighbouring regions have an empty area; without --areas an area's "
                        "name is the column area_name")
    parser.add_argument("--land", metavar="FILE", type=Path,
                        help="land to which the map is clipped (GeoJSON or GeoPackage)")
    parser.add_argument("--zones", choices=ZONE_RULES,
                        help="divide the areas into two halves: north and south by latitude, west "
                        "and east by longitude of their villages")
    parser.add_argument("--capital", metavar=("LON", "LAT"), nargs=2, type=float,
                        help="where the capital lies, in degrees")
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


def make(given: argparse.Namespace) -> list[str]:
    """Write the package; return what was found out."""
    from helpers.intake.atomic_package import refuse_taken
    from helpers.intake.new import package_writer, tables

    refuse_taken(given.folder, str(given.folder))
    if given.areas is None and given.villages is None:
        raise InputError("new: give the areas with --areas FILE, or villages with --villages "
                         "FILE, or both")
    villages, said = (None, []) if given.villages is None else tables.read_villages(given.villages)
    areas, more = tables.read_areas(given.areas, villages, given.zones)
    made = tables.fill(areas, villages, given.land, given.capital, given.zones)
    package_writer.write_package(given, made)
    return said + more + made.said
