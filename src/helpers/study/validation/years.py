"""Years of an analysis that another package does not name: those of its own data."""

from collections.abc import Mapping
from pathlib import Path

from helpers.ratios import by_indicator, with_derived
from helpers.study import parameters
from helpers.study.package import Package, is_own


def with_years(chosen: Mapping, given: Path | None, package: Package) -> dict:
    """Parameters in which the years of the disparity stage fit the package.

    What the file `given` does not name stands in the project's ``params.yml`` and belongs to the
    project's own data. In another package ``year`` is then the last year of the reference
    indicator, and ``first_year`` its first; data without years keep what is there, which nothing
    reads.
    """
    stated = parameters.read(given).get("disparity", {}) if given is not None else {}
    open_ones = {"year", "first_year"} - set(stated)
    if is_own(package.descriptor) or not open_ones or not package.has("indicators"):
        return dict(chosen)
    section = chosen["disparity"]
    catalogue = package.table("catalogue") if package.has("catalogue") else None
    rows = package.table("indicators")
    rows = with_derived(rows, by_indicator(rows, catalogue))
    years = rows.loc[rows["indicator"] == section["reference_indicator"], "year"].dropna()
    if years.empty:
        return dict(chosen)
    found = {"year": int(years.max()), "first_year": int(years.min())}
    return chosen | {"disparity": section | {name: found[name] for name in open_ones}}
