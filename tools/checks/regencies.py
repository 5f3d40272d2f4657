"""``new --regency`` for all 514 regencies of Indonesia: a package, or the sentence that says what a
regency lacks.

    python -m tools.checks.regencies MIRROR=folder [TABLE=file] [35 36 ...]

What is written here is the committed table ``tools/checks/regencies.csv``. Of every package the
polygons of areas and villages are made as a build makes them. Regencies that cannot stand alone are
tried together with the neighbour that the sentence names.
"""

import csv
import multiprocessing
import re
import sys
import tempfile
from pathlib import Path

from helpers.errors import Error
from helpers.intake.new import regency as opened
from helpers.intake.new import regency_writer
from helpers.intake.sources import borders, register
from helpers.study import borders as drawn
from helpers.study.package import Package

TABLE = Path(__file__).with_name("regencies.csv")
COLUMNS = ("regency", "name", "kecamatan", "villages", "on_map", "with_index", "surface_km2",
           "outcome")
PACKAGE = "package"


def try_regency(asked: list[str], mirror: str | None) -> dict[str, object]:
    """Row of the table for a regency, or for several taken together."""
    name = register.regencies(mirror)["name"][asked[0]]
    try:
        made = opened.open_regency(asked, mirror)
        with tempfile.TemporaryDirectory() as place:
            regency_writer.write_package(Path(place) / "made", made, "latitude")
            package = Package(Path(place) / "made")
            drawn.polygons(package)
            drawn.village_polygons(package)
        located = 0 if made.located is None else len(made.located)
        return {"regency": "+".join(asked), "name": name, "kecamatan": len(made.shapes),
                "villages": len(made.points), "on_map": located,
                "with_index": made.desa["area"].nunique(),
                "surface_km2": round(made.surface.sum()), "outcome": PACKAGE}
    except Error as error:
        return {"regency": "+".join(asked), "name": name, "outcome": str(error)}


def try_province(given: tuple[str, str | None]) -> list[dict[str, object]]:
    """Rows of all regencies of a province, and of those that are taken together."""
    province, mirror = given
    rows = []
    for code in borders.regencies_of(province, mirror):
        rows.append(try_regency([code], mirror))
        if named := re.search(r"--with (\S+)$", str(rows[-1]["outcome"])):
            rows.append(try_regency([code, named.group(1)], mirror))
    return rows


def run(mirror: str | None, table: Path, provinces: list[str]) -> int:
    """Write the table, province by province; return how many regencies have no package and no
    sentence of what to do."""
    rows: list[dict[str, object]] = []
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for found in pool.imap(try_province, [(province, mirror) for province in provinces]):
            rows += found
            print(f"{found[0]['regency'][:2]}: {len(found)} tried", *(
                f"{row['regency']}: {row['outcome']}" for row in found
                if row["outcome"] != PACKAGE), sep="\n  ", flush=True)
    with open(table, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    made = [row for row in rows if row["outcome"] == PACKAGE]
    alone = [row for row in made if "+" not in row["regency"]]
    told = [row for row in rows if "--with" in row["outcome"]]
    print(f"{len(alone)} regencies with a package, {len(made) - len(alone)} taken together, "
          f"{len(told)} told to be; {len(rows) - len(made) - len(told)} without either")
    return len(rows) - len(made) - len(told)


def main(arguments: list[str]) -> int:
    """Command line."""
    named = dict(one.split("=", 1) for one in arguments if "=" in one)
    provinces = [one for one in arguments if "=" not in one] or borders.provinces()
    return min(1, run(named.get("MIRROR"), Path(named.get("TABLE", TABLE)), provinces))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
