"""The printed report: one content as PDF and as Word file, and its tables for other programs."""

from pathlib import Path

from helpers import files
from helpers.documents.report import content, pdf, references, word
from helpers.documents.report.results import Results
from helpers.publish import exports, tables

NAME = "report"


def make(out: Path, products: list[str], lang: str, raw: Path, folder: Path, facts: dict) -> None:
    """Write the report of a build: report.pdf, report.docx, and report/ with tables and references.

    Nothing is shown but `products`, what the stages made in the folder `out`; `raw` is the data
    package, `folder` the place of the files, and `facts` says what made what, as in
    ``provenance.json``.
    """
    results = Results(out, products, facts, raw, lang)
    report = content.write(results)
    files.write(folder / f"{NAME}.pdf", pdf.make(report, out))
    files.write(folder / f"{NAME}.docx", word.make(report, out))
    files.write(folder / NAME / "references.yml", references.as_yaml(report.works))
    for name in filter(results.has, tables.schemas()):
        _export(results, name, folder / NAME / "tables")


def _export(results: Results, name: str, folder: Path) -> None:
    about = results.facts["products"][f"tables/{name}"]
    frame, t = results.table(name), results.texts(about["stage"])
    files.write(folder / f"{name}.xlsx", exports.to_xlsx(name, frame, t))
    files.write(folder / f"{name}.tex", exports.to_latex(name, frame.drop(columns="status"), t,
                                                         t(f"table.{name}.title"), about["status"]))
