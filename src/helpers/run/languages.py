"""Pages in both languages: the results in the other language are built too, beside those of the
first."""

from dataclasses import replace

from helpers.run.products import Products
from helpers.run.project import Project, digest

BOTH = "both"
NAMES = ("id", "en")


def translated(project: Project) -> Project:
    """Return the project that makes the same results in the other language, in the folder of the
    build's own notes."""
    from helpers.study import parameters

    first = parameters.load(project.parameters_file, {"lang": project.lang})["lang"]
    other = next(lang for lang in NAMES if lang != first)
    out = project.state / other
    return replace(project, out=out, processed=out / "processed", lang=other, both=False)


def products(project: Project) -> list[str]:
    """Return what the stages of a project made, in the order of the stages."""
    return [product for stage in project.stages for product in Products(project, stage.name).files]


def state(project: Project) -> str:
    """Return what changes when the pages in the other language do: nothing, where nobody asked for
    them."""
    if not project.both:
        return "not asked for"
    other = translated(project)
    return digest([Products(other, stage.name).state() for stage in other.stages])


def shown(project: Project) -> bool:
    """Whether the finished site has pages in both languages."""
    return any(
        product.startswith(tuple(f"site/{lang}/" for lang in NAMES))
        for product in Products(project, "site").files)
