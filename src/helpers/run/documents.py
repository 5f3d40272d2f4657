"""Documents, made from the results of all stages together: the site, the printed report, slides.

The site can have pages in two languages: the results in the second one are then built too, beside
those of the first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.languages import languages, other
from helpers.run.inputs import Inputs
from helpers.run.plan import STAGES
from helpers.run.products import Products
from helpers.run.project import Project, digest

BOTH = "both"
VERDICT = "verdict"


@dataclass(frozen=True)
class Document:
    """Something that shows what the stages published.

    It is made anew when a file of its `module` changes, or of what that imports; ``domains`` are
    the text catalogues that it uses, besides ``common``. `make` is called with the project, its
    inputs, the products of all stages, the facts of provenance, and a folder in which products lie
    as they will in the output folder. The site alone can be made in two languages at once, changes
    when a verdict is there, and holds ``provenance.json``, which then cannot hold its hashes.
    """

    name: str
    module: str
    domains: tuple[str, ...]
    make: Callable[[Project, Inputs, list[str], dict, Path], None]
    is_site: bool = False

    def surroundings(self, project: Project) -> dict[str, str]:
        """What it depends on beside the stages: a second language, the verdict's page."""
        if not self.is_site:
            return {}
        twin = translated(project) if project.both else None
        return {"the other language": "not asked for" if twin is None else digest(
                    [Products(twin, stage.name).state() for stage in twin.stages]),
                "the verdict's page": " ".join(Products(project, VERDICT).files) or "not there"}


def translated(project: Project) -> Project:
    """Project that makes the same results in the other language, in the build's own folder."""
    from helpers.study import parameters

    first = parameters.load(project.parameters_file, {"lang": project.lang})["lang"]
    second = other(first)
    out = project.state / second
    return replace(project, out=out, processed=out / "processed", lang=second, both=False,
                   first=project.out)


def seen_as(project: Project, name: str, seen: str) -> str:
    """What is remembered of a glance: pages in two languages are not those in one."""
    return f"{seen} both" if project.both and name == SITE.name else seen


def bilingual(project: Project) -> bool:
    """Whether the finished site has pages in two languages."""
    return any(product.startswith(tuple(f"site/{lang}/" for lang in languages()))
               for product in Products(project, SITE.name).files)


@contextmanager
def _beside(jobs: int) -> Iterator[Callable | None]:
    """Way to have a function called by another process meanwhile, where kernels are forked and more
    than one may work: what it returns waits for the end. If that process dies, this one does it."""
    from helpers.run.execution import kernel, kernels

    if jobs < 2 or not kernels.forked():
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    kernels.start_server()
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("forkserver"),
                               kernel.end_with_the_build)

    def call(function: Callable, *given) -> Callable:
        future = pool.submit(function, *given)

        def finished() -> None:
            try:
                future.result()
            except BrokenProcessPool:
                function(*given)

        return finished

    try:
        yield call
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _make_site(project: Project, inputs: Inputs, products: list[str], facts: dict,
               folder: Path) -> None:
    from helpers.documents import site
    from helpers.run import provenance

    lang, about, finished = inputs.parameters["lang"], inputs.about, project.out / "site"
    twin = translated(project) if project.both else None
    with _beside(project.jobs) as beside:
        site.make(project.out, products, lang, about, folder / "site", facts,
                  f"{twin.lang}/" if twin else None, site.verdict_place(finished, lang),
                  project.processed, beside, project.raw)
        if twin:
            made = [product for stage in twin.stages
                    for product in Products(twin, stage.name).files]
            verdict = site.verdict_place(finished, twin.lang)
            site.make(twin.out, made, twin.lang, about, folder / "site" / twin.lang,
                      provenance.read(twin.out), "../", f"../{verdict}" if verdict else None,
                      twin.processed, beside, project.raw)


def _make_report(project: Project, inputs: Inputs, products: list[str], facts: dict,
                 folder: Path) -> None:
    from helpers.documents import report

    report.make(project.out, products, inputs.parameters["lang"], project.raw, folder, facts)


def _make_slides(project: Project, inputs: Inputs, products: list[str], _: dict,
                 folder: Path) -> None:
    from helpers.documents import slides

    slides.make(project.out, products, inputs.parameters["lang"], inputs.about, folder / "slides")


SITE = Document("site", "helpers.documents.site",
                ("site", "glossary", *(stage.name for stage in STAGES)), _make_site,
                is_site=True)
REPORT = Document("report", "helpers.documents.report",
                  ("report", *(stage.name for stage in STAGES)), _make_report)
SLIDES = Document("slides", "helpers.documents.slides", ("slides", "site"), _make_slides)
OF_TARGET = {"all": (SITE,), "site": (SITE,), "report": (REPORT,), "slides": (SLIDES,)}
