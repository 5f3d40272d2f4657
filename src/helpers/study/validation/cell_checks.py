"""Cells that are well formed for a reader of tables, and still do not say what they seem to."""

import re
import unicodedata
from collections.abc import Mapping

import pandas as pd

from helpers.errors import InputError
from helpers.messages import term
from helpers.study.package import Resource, plain_numbers

NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
WHOLE = r"[+-]?\d+"
# The largest number that every sum and product of a stage can hold with all its digits.
LARGEST = 1e15
BESIDE = re.compile(r"(?!.*\.\.)(?!www\.)\w[\w ./-]*\.(txt|md|html|pdf|csv|json|gpkg|zip)", re.I)
ADDRESS = r"https?://[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?(:\d{1,5})?([/?#]\S*)?"
# Columns whose values are names that other rows or a reader compare by eye.
NAMES = ("zone", "group", "area", "indicator", "theme", "aspect", "business_type", "expert",
         "factor", "strategy", "source", "margin", "level", "code", "item", "respondent", "claim")


def check_cells(resource: Resource, table: pd.DataFrame, rules: Mapping[str, dict]) -> None:
    """Check the cells of a table read as text; ``rules`` are the contract's columns."""
    missing = resource.descriptor["schema"].get("missingValues", [""])
    for name, column in table.items():
        # The same cell again says nothing new; the first row of each is the one to be named.
        given = column[~column.isin(missing)].drop_duplicates()
        field = resource.fields.get(name, {"type": "string"})
        kind = rules.get(name, {}).get("type") or field.get("type", "string")
        if field.get("type") in ("integer", "number"):
            _check_number(resource, name, given, field, kind)
        elif kind in ("integer", "number"):
            _check_number(resource, name, given, {"type": kind}, kind)
        elif kind == "string":
            _check_blank(resource, name, given)
            if name in NAMES:
                _check_alike(resource, name, given)
        if pattern := field.get("constraints", {}).get("pattern"):
            _check_pattern(resource, name, given, pattern)
    if resource.name == "sources" and "url" in table:
        _check_addresses(resource, table["url"].where(~table["url"].isin(missing), ""))


def _check_number(resource: Resource, name: str, given: pd.Series, field: dict, kind: str) -> None:
    text = plain_numbers(given, field)
    whole = field.get("type") == "integer" or kind == "integer"
    plain = text.str.fullmatch(WHOLE if whole else NUMBER, flags=re.ASCII)
    for index in given.index[~plain]:
        raise InputError("{resource}: row {row}, column '{column}': '{cell}' is not {kind}; "
                         "correct the cell or leave it empty", resource=resource.label,
                         row=index + 2, column=name, cell=given[index],
                         kind=term("a whole number" if whole else "a number"))
    for index in given.index[pd.to_numeric(text).abs() > LARGEST]:
        raise InputError("{resource}: row {row}, column '{column}': '{cell}' is too large; numbers "
                         "up to {most:.0e} can be calculated with: correct the cell, or give it in "
                         "a larger unit", resource=resource.label, row=index + 2, column=name,
                         cell=given[index], most=LARGEST)


def _check_blank(resource: Resource, name: str, given: pd.Series) -> None:
    for index in given.index[(given != "") & (given.str.strip() == "")]:
        raise InputError("{resource}: row {row}, column '{column}': the cell holds nothing but "
                         "blanks; write what belongs there, or leave it empty",
                         resource=resource.label, row=index + 2, column=name)


def _check_alike(resource: Resource, name: str, given: pd.Series) -> None:
    """Refuse two names that a reader cannot tell apart: they would be two groups."""
    seen: dict[str, str] = {}
    for index, value in given.drop_duplicates().items():
        key = " ".join(unicodedata.normalize("NFKC", value).split()).casefold()
        other = seen.setdefault(key, value)
        if other != value:
            raise InputError("{resource}: row {row}, column '{column}': '{cell}' looks like "
                             "'{other}' in an earlier row, but is written otherwise (blanks, "
                             "capital letters, signs); write one name in one way",
                             resource=resource.label, row=index + 2, column=name, cell=value,
                             other=other)


def _check_pattern(resource: Resource, name: str, given: pd.Series, pattern: str) -> None:
    """Hold the cells to a pattern by RE2, which needs no more time than there are signs, whatever
    pattern a package brings."""
    import pyarrow as pa
    import pyarrow.compute

    try:
        fits = pyarrow.compute.match_substring_regex(pa.array(given, pa.string()),
                                                     rf"\A(?:{pattern})\z").to_pandas()
    except (pa.ArrowInvalid, pa.ArrowException) as error:
        raise InputError("datapackage.json: resource '{resource}': the pattern '{pattern}' of the "
                         "column '{column}' cannot be used ({error}); write it in the syntax of "
                         "RE2", resource=resource.name, pattern=pattern, column=name,
                         error=str(error).removeprefix("Invalid regular expression: ")) from None
    for index in given.index[~fits.to_numpy(dtype=bool)]:
        raise InputError("{resource}: row {row}, column '{column}': '{cell}' is not allowed; "
                         "allowed is the pattern {pattern}; correct the cell",
                         resource=resource.label, row=index + 2, column=name,
                         cell=given[index], pattern=pattern)


def is_address(url: str) -> bool:
    """Whether a page can link to an address: http or https, to a host, at a port that can be.

    >>> [is_address(url) for url in ("https://bps.go.id/a", "javascript:alert(1)", "bps.go.id")]
    [True, False, False]
    """
    port = re.search(r"^https?://[^/?#]*:(\d+)", url)
    return bool(re.fullmatch(ADDRESS, url)) and not (port and int(port[1]) > 65535)


def check_links(name: str, descriptor: dict) -> None:
    """Check the addresses of sources and licences in a descriptor; a file of the package beside it
    may be named too."""
    for kind in ("sources", "licenses"):
        for one in descriptor.get(kind) or ():
            path = str(one.get("path", "")) if isinstance(one, dict) else ""
            if path and not is_address(path) and not BESIDE.fullmatch(path):
                raise InputError("datapackage.json: resource '{resource}', {kind}: '{path}' is no "
                                 "address that a page can link to; it begins with https:// or "
                                 "http://, and has no blanks: complete it, or leave it out",
                                 resource=name, kind=kind, path=path)


def _check_addresses(resource: Resource, urls: pd.Series) -> None:
    for index, url in urls.items():
        if url and not is_address(url):
            raise InputError("{resource}: row {row}, column 'url': '{cell}' is no address that a "
                             "page can link to; it begins with https:// or http://, and has no "
                             "blanks: complete it, or leave the cell empty",
                             resource=resource.label, row=index + 2, cell=url)
