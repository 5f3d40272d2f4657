"""Codes in tables, said in the reader's language: what a machine calls ``idm_index`` has a name."""

import re
from html import escape
from pathlib import Path

from helpers.languages import label_of
from helpers.study.package import Package

ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
# A word without an underscore may be one of the language: only a code has one.
CODES = re.compile(r"<td>([a-z0-9]+(?:[_;][a-z0-9]+)+)</td>")
LABELLED = ("catalogue", "items", "strategies")


def labels(raw: Path | None, resources: dict, lang: str) -> dict[str, str]:
    """Names of indicators, items and strategies of a data package, by their codes."""
    found = {}
    for name in LABELLED:
        if raw and name in resources:
            for row in Package(raw).resource(name).read_text_table().to_dict("records"):
                found[next(iter(row.values()))] = label_of(row, lang)
    return {code: label for code, label in found.items() if label}


def spelled(html: str, known: dict[str, str]) -> str:
    """Tables with the name of each code before it, where its row does not have the name already.

    >>> spelled("<tr><td>idm_index</td><td>north</td></tr>", {"idm_index": "Village index"})
    '<tr><td>Village index <code>idm_index</code></td><td>north</td></tr>'
    >>> spelled("<tr><td>cheap_credit</td><td>Credit</td></tr>", {"cheap_credit": "Credit"})
    '<tr><td>cheap_credit</td><td>Credit</td></tr>'
    """
    def said(cell: re.Match, row: str) -> str:
        names = [escape(known.get(code, "")) for code in cell[1].split(";")]
        if not all(names) or all(f"<td>{name}</td>" in row for name in names):
            return cell[0]
        return f"<td>{'; '.join(names)} <code>{cell[1]}</code></td>"

    return ROW.sub(lambda row: CODES.sub(lambda cell: said(cell, row[0]), row[0]), html)
