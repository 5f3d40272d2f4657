"""Codes in tables, said in the reader's language: what a machine calls ``idm_index`` has a name."""

from pathlib import Path

from helpers.languages import label_of
from helpers.study.package import Package

LABELLED = {"catalogue": "indicator", "items": "item", "strategies": "strategy", "areas": "code"}


def labels(raw: Path | None, resources: dict, lang: str) -> dict[str, str]:
    """Names of indicators, items, strategies and areas of a data package, by their codes."""
    found = {}
    for name, code in LABELLED.items():
        if raw and name in resources:
            for row in Package(raw).resource(name).read_text_table().to_dict("records"):
                found[row[code]] = label_of(row, lang, row.get("name"))
    return {code: label for code, label in found.items() if label}
