"""Names of what a data package has codes for: what a machine calls ``idm_index`` has a name."""

from collections.abc import Iterable

from helpers.languages import label_of
from helpers.study.package import Package

# The column of the codes of each resource that names what they stand for.
CODES = {"catalogue": "indicator", "items": "item", "strategies": "strategy", "areas": "code",
         "sources": "source"}


def names(package: Package, resources: Iterable[str], lang: str) -> dict[str, str]:
    """Names in a language of indicators, items, strategies, areas and sources, by their codes, as
    far as `resources` hold them; a code that stands for two of these has none."""
    found: dict[str, str] = {}
    twice = set()
    for resource in (one for one in CODES if one in {*resources}):
        for row in package.resource(resource).read_text_table().to_dict("records"):
            code = row[CODES[resource]]
            twice |= {code} & found.keys()
            found[code] = label_of(row, lang) or row.get("name") or row.get("publisher") or (
                row.get("title") or "")
    return {code: name for code, name in found.items() if name and code not in twice}
