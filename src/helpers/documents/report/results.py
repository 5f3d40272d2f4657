"""What a build published, read for the report: tables, figures, sentences, parameters, and the data
package."""

import json
import re
from functools import cached_property
from pathlib import Path

import pandas as pd

from helpers import languages
from helpers.documents.report.blocks import Block, Figure, Found, Table, paragraphs
from helpers.publish import tables
from helpers.publish.texts import Texts
from helpers.study.package import Package, weakest

FOUND = "what-we-found"
POINTS_PER_INCH = 72
HEAD_OF_SVG = re.compile(r"<svg\b[^>]*>")


class Results:
    """The results of one build, in one language.

    Parameters
    ----------
    out : Path
        The output folder.
    products : list of str
        What the stages made; nothing else is read.
    facts : dict
        What made what, as ``provenance.json`` says it.
    raw : Path
        The data package.
    lang : str
    """

    def __init__(self, out: Path, products: list[str], facts: dict, raw: Path, lang: str):
        self.out = out
        self.products = set(products)
        self.facts = facts
        self.package = Package(raw)
        self.lang = lang
        self.stages: dict[str, dict] = facts["stages"]
        self.t = Texts(lang, "report")

    def parameters(self, stage: str) -> dict:
        """Parameters of a stage by their short names."""
        return {name.rpartition(".")[2]: value
                for name, value in self.stages[stage]["parameters"].items()}

    def texts(self, stage: str) -> Texts:
        """Texts with which a stage published its tables."""
        return Texts(self.lang, stage)

    def has(self, name: str) -> bool:
        """Whether a table was published."""
        return f"tables/{name}.csv" in self.products

    def table(self, name: str) -> pd.DataFrame:
        """Published table."""
        return tables.read(self.out / "tables" / f"{name}.csv")

    def published(self, stage: str) -> list[Block]:
        """Tables and figures of a stage in the order in which its notebook made them."""
        # What has no side-car is no figure on paper.
        made = [(about["cell_number"] or 0, name, about)
                for name, about in self.facts["products"].items()
                if about["stage"] == stage and f"{name}.json" in self.products]
        return [self._figure(name) if about["kind"] == "figure" else self._table(name, about)
                for _, name, about in sorted(made, key=lambda entry: entry[:2])]

    def found(self, stage: str) -> list[Found]:
        """Sentences of a notebook's section on what was found, as the build computed them."""
        path = self.out / self.stages[stage]["notebook"]["path"]
        product = f"notebooks/{path.name}"
        cells = json.loads(path.read_text(
            encoding="utf-8"))["cells"] if product in self.products else []
        said = [paragraph for cell in _section(cells) for text in _said(cell)
                for paragraph in paragraphs(text)]
        if not said:
            return []
        status = self._status(stage)
        return [Found(status, self._word_of(status), self.t(f"status.{status}"), said)]

    def indicator_label(self, key: str, lang: str | None = None) -> str:
        """Name of an indicator in a language, or its key."""
        if not self.package.has("catalogue"):
            return key
        rows = self.package.table("catalogue").set_index("indicator")
        return labelled(rows.loc[key], lang or self.lang, key) if key in rows.index else key

    @cached_property
    def sources(self) -> pd.DataFrame:
        """The sources of the data; empty where the package has none."""
        return self.package.table("sources") if self.package.has("sources") else pd.DataFrame()

    def _status(self, stage: str) -> str:
        """Weakest status of what a stage made; a stage that brings others' results together has
        several."""
        statuses = [about["status"] for about in self.facts["products"].values()
                    if about["stage"] == stage and "status" in about]
        if self.stages[stage]["reads_results_of"] and len(set(statuses)) > 1:
            return "mixed"
        return weakest(statuses or ["published"])

    def _word_of(self, status: str) -> str:
        return self.t("word.mixed_status") if status == "mixed" else self.t.word(status)

    def _table(self, product: str, about: dict) -> Table:
        name, stage = Path(product).name, about["stage"]
        t, styles = self.texts(stage), tables.schemas()[name]
        whole = self.table(name)
        status = about["status"] if whole["status"].nunique() == 1 else "mixed"
        frame = whole.drop(columns="status")
        frame = frame.drop(columns=[column for stem in ("label", "text")
                                    for column in languages.language_columns(frame, stem,
                                                                             self.lang)[1:]])
        resources = ", ".join(about["resources"])
        return Table(name, t(f"table.{name}.title"),
                     [tables.heading(column, t) for column in frame.columns],
                     tables.written(frame, styles, t),
                     [tables.is_number(styles[column]) for column in frame.columns], status,
                     self._word_of(status), self.t("report.made_from", names=resources))

    def _figure(self, product: str) -> Figure:
        about = json.loads((self.out / f"{product}.json").read_text(encoding="utf-8"))
        width, height = _inches(self.out / f"{product}.svg")
        return Figure(about["name"], about["title"],
                      about["caption"], about["alt"], about["source"], about["status"],
                      self.t.word(about["status"]), f"{product}.svg", width, height)


def labelled(row, lang: str, otherwise: str) -> str:
    """A row's label or text in a language, else in another one, else its key."""
    text = languages.in_language(row, "text", lang, otherwise)
    return languages.in_language(row, "label", lang, text)


def _section(cells: list[dict]) -> list[dict]:
    """Cells below the heading of what was found, up to the next heading of its level."""
    starts = [number for number, cell in enumerate(cells) if cell.get("id", "").startswith(FOUND)]
    if not starts:
        return []
    after = cells[starts[0] + 1:]
    end = next((number for number, cell in enumerate(after)
                if cell["cell_type"] == "markdown"
                and "".join(cell["source"]).startswith(("# ", "## "))), len(after))
    return after[:end]


def _said(cell: dict) -> list[str]:
    outputs = [output.get("data", {}) for output in cell.get("outputs", [])]
    return ["".join(data["text/markdown"]) for data in outputs if "text/markdown" in data]


def _inches(svg: Path) -> tuple[float, float]:
    """Width and height of a figure as it was drawn."""
    with svg.open(encoding="utf-8") as file:
        head = HEAD_OF_SVG.search(file.read(2000)).group(0)
    return tuple(float(re.search(rf'{side}="([\d.]+)pt"', head).group(1)) / POINTS_PER_INCH
                 for side in ("width", "height"))
