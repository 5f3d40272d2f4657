"""Pages in both languages: the results in the other language are built too, beside those of the
first."""

from dataclasses import replace

from helpers.languages import languages, other
from helpers.run.products import Products
from helpers.run.project import Project, digest

BOTH = "both"


def translated(project: Project) -> Project:
    """Return the project that makes the same results in the other language, in the folder of the
    build's own notes."""
    from helpers.study import parameters

    first = parameters.load(project.parameters_file, {"lang": project.lang})["lang"]
    second = other(first)
    out = project.state / second
    return replace(project, out=out, processed=out / "processed", lang=second, both=False)


def products(project: Project) -> list[str]:
    """Return what the stages of a project made, in the order of the stages."""
    return [product for stage in project.stages for product in Products(project, stage.name).files]


def state(project: Project) -> str:
    """Return what changes when the pages in the other language do: nothing, where nobody asked for
    them."""
    if not project.both:
        return "not asked for"
    twin = translated(project)
    return digest([Products(twin, stage.name).state() for stage in twin.stages])


def shown(project: Project) -> bool:
    """Whether the finished site has pages in both languages."""
    return any(
        product.startswith(tuple(f"site/{lang}/" for lang in languages()))
        for product in Products(project, "site").files)
