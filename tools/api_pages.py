"""API pages: the docstrings of the package as HTML that loads nothing.

    python -m tools.api_pages [FOLDER]      without a folder: outputs/api
"""

import re
import sys
import warnings
from pathlib import Path

from helpers.documents.site.notebook import formula

ROOT = Path(__file__).resolve().parents[1]
# Besides every public module: what `study.open` and `publish.open` return.
MODULES = ("helpers", "helpers.study.session", "helpers.publish.publisher")
BLOCK = re.compile(r"\.\. math:: *(.+?)(?=\n *\n|\Z)", re.DOTALL)
INLINE = re.compile(r":math:`(.+?)`", re.DOTALL)


def with_formulas(docstring: str) -> str:
    r"""Docstring with its formulas as MathML, which browsers set without a library.

    Examples
    --------
    >>> with_formulas("Of :math:`n` areas.")[:9], with_formulas(".. math:: a\n  + b\n\nWith")[-12:]
    ('Of <math ', '/math>\n\nWith')
    """
    docstring = BLOCK.sub(lambda found: formula(found[1], "block"), docstring)
    return INLINE.sub(lambda found: formula(found[1], "inline"), docstring)


def make(folder: Path, *modules: str) -> None:
    """Pages of the given modules and their public submodules, written to a folder."""
    import pdoc
    from jinja2 import pass_context
    from pdoc import render

    filters = render.env.filters
    to_markdown = filters["to_markdown"]

    @pass_context
    def with_mathml(context, docstring: str) -> str:
        return to_markdown(context, with_formulas(docstring))

    render.configure(docformat="numpy", show_source=False)
    filters["to_markdown"] = with_mathml
    try:
        with warnings.catch_warnings():
            # Defaults that hold a path, and annotations in other libraries.
            warnings.simplefilter("ignore")
            pdoc.pdoc(*modules, output_directory=folder)
    finally:
        filters["to_markdown"] = to_markdown


if __name__ == "__main__":
    target = Path(*sys.argv[1:2] or [ROOT / "outputs" / "api"])
    make(target, *MODULES)
    print(f"API pages: {target / 'index.html'}")
