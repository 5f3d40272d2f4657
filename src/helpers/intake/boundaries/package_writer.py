"""Copy of a data package with polygons."""

import shutil
from pathlib import Path

from helpers.intake import geojson
from helpers.intake.atomic_package import new_package, write_text
from helpers.intake.describe import write_descriptor
from helpers.study.package import Package

FILE = "boundaries.geojson"
REPORT = "boundaries.txt"


def write_package(target: Path, package: Package, shapes, origin: dict, said: list[str]) -> None:
    """Copy of a package with polygons in place of its own, validated before it is put in its place.

    `shapes` has ``code``, ``name``, ``geometry`` in longitude and latitude, `origin` their
    ``status``, ``sources`` and ``licenses``; what was `said` is the report, kept in the package.
    """
    with new_package(target, f"TO={target}") as made:
        shutil.copytree(package.folder, made, ignore=shutil.ignore_patterns(".*"),
                        copy_function=shutil.copyfile, dirs_exist_ok=True)
        (made / FILE).write_text(geojson.text(shapes), encoding="utf-8", newline="\n")
        write_text(made / REPORT, "\n".join(said))
        entry = {"name": "boundaries", "path": FILE, "profile": "data-resource",
                 "title": "Polygons of the areas",
                 "description": "Polygons by code, in longitude and latitude; what was matched "
                                f"stands in {REPORT}.", **origin, "format": "geojson",
                 "mediatype": "application/geo+json", "encoding": "utf-8"}
        others = [one for one in package.descriptor["resources"] if one["name"] != "boundaries"]
        write_descriptor(made, package.descriptor | {"resources": [*others, entry]})
