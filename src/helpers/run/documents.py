"""What is made from the results of all stages together: the site, the printed report, and
slides."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.run.plan import STAGES
from helpers.run.project import Inputs, Project


@dataclass(frozen=True)
class Document:
    """Something that shows what the stages published.

    Attributes
    ----------
    name : str
        Its name in status lines and manifests.
    module : str
        The package that makes it; it is made anew when a file of it changes, or of what it imports.
    domains : tuple of str
        The text catalogues that it uses, besides ``common``.
    make : callable
        Called with the project, its inputs, the products of all stages, the facts of provenance,
        and a folder to write to: products lie in it as they will in the output folder.
    shows_verdict : bool
        Whether it changes when a verdict is there.
    holds_record : bool
        Whether ``provenance.json`` is a part of it, which then cannot hold its hashes.
    bilingual : bool
        Whether it can be made in both languages at once.
    """

    name: str
    module: str
    domains: tuple[str, ...]
    make: Callable[[Project, Inputs, list[str], dict, Path], None]
    shows_verdict: bool = False
    holds_record: bool = False
    bilingual: bool = False


def _make_site(project: Project, inputs: Inputs, products: list[str], facts: dict,
               folder: Path) -> None:
    from helpers.documents import site
    from helpers.run import languages, provenance

    lang, about, finished = inputs.parameters["lang"], inputs.about, project.out / "site"
    other = languages.translated(project) if project.both else None
    site.make(project.out, products, lang, about, folder / "site", facts,
              f"{other.lang}/" if other else None, site.verdict_place(finished, lang))
    if other:
        verdict = site.verdict_place(finished, other.lang)
        site.make(other.out,
                  languages.products(other), other.lang, about, folder / "site" / other.lang,
                  provenance.read(other.out), "../", f"../{verdict}" if verdict else None)


def _make_report(project: Project, inputs: Inputs, products: list[str], facts: dict,
                 folder: Path) -> None:
    from helpers.documents import report

    report.make(project.out, products, inputs.parameters["lang"], project.raw, folder, facts)


def _make_slides(project: Project, inputs: Inputs, products: list[str], facts: dict,
                 folder: Path) -> None:
    from helpers.documents import slides

    slides.make(project.out, products, inputs.parameters["lang"], inputs.about, folder / "slides")


SITE = Document("site", "helpers.documents.site",
                ("site", "glossary", *(stage.name for stage in STAGES)), _make_site,
                shows_verdict=True, holds_record=True, bilingual=True)
REPORT = Document("report", "helpers.documents.report",
                  ("report", *(stage.name for stage in STAGES)), _make_report)
SLIDES = Document("slides", "helpers.documents.slides", ("slides", "site"), _make_slides)
OF_TARGET = {"all": (SITE,), "site": (SITE,), "report": (REPORT,), "slides": (SLIDES,)}
