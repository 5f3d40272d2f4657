"""Results of a build, read for the report: tables, figures, sentences, parameters, data."""

import json
import re
from functools import cached_property
from itertools import takewhile
from pathlib import Path

import pandas as pd

from helpers.documents.report.blocks import Block, Figure, Found, Table, paragraphs
from helpers.languages import in_language, label_of, language_columns
from helpers.publish import findings, tables
from helpers.publish.texts import WOULD, Texts
from helpers.study.package import Package, weakest

FOUND = "what-we-found"
POINTS_PER_INCH = 72
HEAD_OF_SVG = re.compile(r"<svg\b[^>]*>")


class Results:
    """Results of one build, in one language; the parameters are those of `report.make`."""

    def __init__(self, out: Path, products: list[str], facts: dict, raw: Path, lang: str):
        self.out, self.products, self.facts, self.lang = out, set(products), facts, lang
        self.package = Package(raw)
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
        # What has no sidecar is no figure on paper.
        made = sorted((about["cell_number"] or 0, name)
                      for name, about in self.facts["products"].items()
                      if about["stage"] == stage and f"{name}.json" in self.products)
        return [self._figure(name) if name.startswith("figures/") else self._table(name)
                for _, name in made]

    def found(self, stage: str) -> list[Found]:
        """Sentences of a notebook's section on what was found, as the build computed them."""
        path = self.out / self.stages[stage]["notebook"]["path"]
        made = f"notebooks/{path.name}" in self.products
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"] if made else []
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
        return label_of(rows.loc[key], lang or self.lang, key) if key in rows.index else key

    @cached_property
    def sources(self) -> pd.DataFrame:
        """Sources of the data; empty where the package has none."""
        return self.package.table("sources") if self.package.has("sources") else pd.DataFrame()

    def _status(self, stage: str) -> str:
        """Weakest status of what a stage made; one that joins others' results has several."""
        statuses = [about["status"] for about in self.facts["products"].values()
                    if about["stage"] == stage and "status" in about]
        if self.stages[stage]["reads_results_of"] and len(set(statuses)) > 1:
            return "mixed"
        return weakest(statuses or ["published"])

    def _word_of(self, status: str) -> str:
        return self.t("word.mixed_status") if status == "mixed" else self.t.word(status)

    def _table(self, product: str) -> Table:
        about, name = self.facts["products"][product], Path(product).name
        t, whole = self.texts(about["stage"]), self.table(name)
        styles = tables.styles_of(name, whole.columns)
        status = about["status"] if whole["status"].nunique() == 1 else "mixed"
        frame = in_one_language(whole, self.lang).drop(columns="status")
        if name == "claims" and self.has("published_comparison"):
            told = findings.counted(self.table("published_comparison"), frame["claim"], t=t)
            frame.insert(frame.columns.get_loc("verdict") + 1, "beside", told)
            styles = styles | {"beside": "text"}
        note = self.t("report.made_from", names=", ".join(about["resources"]))
        headings = [tables.heading(column, t) for column in frame]
        return Table(name, t(f"table.{name}.title"), headings, tables.written(frame, styles, t),
                     [tables.is_number(styles[column]) for column in frame], status,
                     self._word_of(status), note, [t(key) for key in WOULD])

    def _figure(self, product: str) -> Figure:
        about = json.loads((self.out / f"{product}.json").read_text(encoding="utf-8"))
        width, height = _inches(self.out / f"{product}.svg")
        own = {key: about[key] for key in ("name", "title", "caption", "alt", "source", "status")}
        return Figure(**own, label=self.t.word(about["status"]), path=f"{product}.svg",
                      width=width, height=height)


def in_one_language(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Table without its texts in other languages, which stand where the chosen one has none."""
    for stem in ("label", "text", "differs"):
        if found := language_columns(table, stem, lang):
            told = in_language(table, stem, lang)
            table = table.assign(**{found[0]: told}).drop(columns=found[1:])
    return table


def text_of(value) -> str:
    """Value as text; a missing one is empty."""
    return "" if value is None or pd.isna(value) else str(value)


def _section(cells: list[dict]) -> list[dict]:
    """Cells below the heading of what was found, up to the next heading of its level."""
    starts = [number for number, cell in enumerate(cells) if cell.get("id", "").startswith(FOUND)]
    if not starts:
        return []
    after = cells[starts[0] + 1:]
    return list(takewhile(lambda cell: cell["cell_type"] != "markdown" or not
                          "".join(cell["source"]).startswith(("# ", "## ")), after))


def _said(cell: dict) -> list[str]:
    # What a cell says of why it was left out is no finding.
    outputs = [output.get("data", {}) for output in cell.get("outputs", [])
               if not output.get("metadata", {}).get("left_out")]
    return ["".join(data["text/markdown"]) for data in outputs if "text/markdown" in data]


def _inches(svg: Path) -> tuple[float, float]:
    """Width and height of a figure as it was drawn."""
    with svg.open(encoding="utf-8") as file:
        head = HEAD_OF_SVG.search(file.read(2000)).group(0)
    return tuple(float(re.search(rf'{side}="([\d.]+)pt"', head).group(1)) / POINTS_PER_INCH
                 for side in ("width", "height"))
