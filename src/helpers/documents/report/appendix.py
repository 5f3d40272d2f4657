"""Back of the report: what names stand for, the parameters, and what made what."""

from helpers.documents.report.blocks import Block, Heading, Table, prose
from helpers.documents.report.results import Results, text_of
from helpers.languages import label_of
from helpers.publish import tables
from helpers.publish.texts import Texts
from helpers.study import parameters as study_parameters

DIRECTIONS = {1: "more", -1: "less", 0: "neutral"}
HASH = 16
# Resource, its name in the report, and the columns; the first one is the key.
LISTS = (("catalogue", "indicators", "indicator label unit direction theme"),
         ("items", "items", "item text dimension aspect"),
         ("factors", "factors", "factor label force aspect"))


def keys(results: Results) -> list[Block]:
    """Tables of the names that published tables use: indicators, items and factors."""
    t, words, found = results.t, results.texts("disparity"), []
    for resource, name, columns in LISTS:
        key, _, *others = columns.split()
        used = {used for table, styles in tables.schemas().items()
                if key in styles and results.has(table) for used in results.table(table)[key]}
        if used and results.package.has(resource):
            rows = [[row[key], label_of(row, t.lang, row[key]),
                     *(t(f"direction.{DIRECTIONS[row[column]]}") if column == "direction"
                       else words.word(text_of(row[column])) for column in others)]
                    for row in results.package.table(resource).to_dict("records")
                    if row[key] in used]
            found.append(listing(t, name, t(f"data.{name}.title"), columns, rows))
    return [Heading(t("appendix.keys"), numbered=False), *found] if found else []


def parameters(results: Results) -> list[Block]:
    """Table of the parameters of every stage, with what each means."""
    t = results.t
    blocks: list[Block] = [Heading(t("appendix.parameters"), numbered=False)]
    for stage, about in results.stages.items():
        rows = [[name, _value(value, t), study_parameters.meaning(name, t.lang)]
                for name, value in about["parameters"].items()]
        title = t("appendix.parameters.title", stage=t(f"stage.{stage}"))
        blocks.append(listing(t, f"parameters-{stage}", title, "parameter value meaning", rows))
    return blocks


def provenance(results: Results) -> list[Block]:
    """What the build was made from: commit, lock, package, notebooks, origin of every product."""
    t, facts, stages = results.t, results.facts, results.stages
    any_stage, build = next(iter(stages.values())), facts["build"]
    made = [[t(f"stage.{name}"), about["notebook"]["path"], about["notebook"]["sha256"][:HASH]]
            for name, about in stages.items()]
    products = [[name, stages[about["stage"]]["notebook"]["path"].rpartition("/")[2],
                 text_of(about["cell"]), t.word(about["status"]), ", ".join(about["made_from"])]
                for name, about in facts["products"].items() if "made_from" in about]
    return [Heading(t("appendix.provenance"), numbered=False),
            prose(t(f"appendix.provenance.{build['tree']}", commit=build["commit"])),
            prose(t("appendix.provenance.surroundings", python=any_stage["python"],
                    lock=any_stage["lock"]["sha256"][:HASH],
                    package=facts["package"]["fingerprint"][:HASH])),
            listing(t, "stages", t("appendix.stages.title"), "stage notebook hash", made),
            listing(t, "products", t("appendix.products.title"),
                    "product notebook cell status from", products)]


def listing(t: Texts, name: str, title: str, columns: str, rows: list[list[str]]) -> Table:
    """Table about the report itself; ``columns`` are words with a text ``column.*``."""
    headings = [t(f"column.{column}") for column in columns.split()]
    return Table(f"report-{name}", title, headings, rows, [False] * len(headings))


def _value(value, t: Texts) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return t.number(value, len(repr(value).partition(".")[2]))
    return str(value)
