"""The back of the report: what names stand for, the parameters, and what made what."""

import pandas as pd

from helpers.documents.report.blocks import Block, Heading, Paragraph, Table, spans
from helpers.documents.report.results import Results, labelled
from helpers.publish import tables
from helpers.publish.texts import Texts
from helpers.study import parameters as study_parameters

DIRECTIONS = {1: "more", -1: "less", 0: "neutral"}
HASH = 16


def keys(results: Results) -> list[Block]:
    """Tables of the names that published tables use: indicators, items and factors."""
    t, found = results.t, []
    used = _used_indicators(results)
    if results.package.has("catalogue") and used:
        words = results.texts("disparity")
        rows = [[row["indicator"], labelled(row, results.lang, row["indicator"]),
                 words.word(_text(row["unit"])), t(f"direction.{DIRECTIONS[row['direction']]}"),
                 words.word(_text(row["theme"]))] for row in _rows(results, "catalogue")
                if row["indicator"] in used]
        found.append(
            _listing(t, "indicators", ("indicator", "label", "unit", "direction", "theme"), rows))
    if results.has("item_analysis"):
        rows = [[row["item"], labelled(row, results.lang, row["item"]), t.word(row["dimension"]),
                 t.word(row["aspect"])] for row in _rows(results, "items")]
        found.append(_listing(t, "items", ("item", "text", "dimension", "aspect"), rows))
    if results.has("ffa_factors"):
        rows = [[row["factor"], labelled(row, results.lang, row["factor"]), t.word(row["force"]),
                 t.word(_text(row["aspect"]))] for row in _rows(results, "factors")]
        found.append(_listing(t, "factors", ("factor", "label", "force", "aspect"), rows))
    return [Heading(t("appendix.keys"), numbered=False), *found] if found else []


def parameters(results: Results) -> list[Block]:
    """Table of the parameters of every stage, with what each means."""
    t = results.t
    blocks: list[Block] = [Heading(t("appendix.parameters"), numbered=False)]
    for stage in results.stages:
        rows = [[name, _value(value, t), study_parameters.meaning(name, results.lang)]
                for name, value in results.stages[stage]["parameters"].items()]
        blocks.append(Table(f"report-parameters-{stage}",
                            t("appendix.parameters.title", stage=t(f"stage.{stage}")),
                            [t(f"head.{column}") for column in ("parameter", "value", "meaning")],
                            rows, [False] * 3))
    return blocks


def provenance(results: Results) -> list[Block]:
    """What the build was made from: commit, lock, package, notebooks, and the origin of every
    product."""
    t, facts = results.t, results.facts
    any_stage = next(iter(results.stages.values()))
    build = facts["build"]
    stages = [[t(f"stage.{name}"), stage["notebook"]["path"], stage["notebook"]["sha256"][:HASH]]
              for name, stage in results.stages.items()]
    products = [[name, results.stages[about["stage"]]["notebook"]["path"].rpartition("/")[2],
                 _text(about["cell"]), t.word(about["status"]), ", ".join(about["made_from"])]
                for name, about in facts["products"].items() if "made_from" in about]
    return [Heading(t("appendix.provenance"), numbered=False),
            Paragraph(spans(t(f"appendix.provenance.{build['tree']}", commit=build["commit"]))),
            Paragraph(spans(t("appendix.provenance.surroundings", python=any_stage["python"],
                              lock=any_stage["lock"]["sha256"][:HASH],
                              package=facts["package"]["fingerprint"][:HASH]))),
            Table("report-stages", t("appendix.stages.title"),
                  [t(f"head.{name}") for name in ("stage", "notebook", "hash")], stages,
                  [False] * 3),
            Table("report-products", t("appendix.products.title"),
                  [t(f"head.{name}") for name in ("product", "notebook", "cell", "status", "from")],
                  products, [False] * 5)]


def _listing(t: Texts, name: str, columns: tuple[str, ...], rows: list[list[str]]) -> Table:
    return Table(f"report-{name}", t(f"data.{name}.title"),
                 [t(f"head.{column}") for column in columns], rows, [False] * len(columns))


def _rows(results: Results, name: str) -> list[dict]:
    return results.package.table(name).to_dict("records")


def _used_indicators(results: Results) -> set[str]:
    return {indicator for name, styles in tables.schemas().items()
            if "indicator" in styles and results.has(name)
            for indicator in results.table(name)["indicator"]}


def _text(value) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _value(value, t: Texts) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return t.number(value, len(repr(value).partition(".")[2]))
    return str(value)
