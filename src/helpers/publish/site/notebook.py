"""A notebook as the body of a page: formulas become MathML, code is coloured, nothing is loaded from elsewhere."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
UNSAFE_IN_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Page:
    """A notebook made ready for a page.

    Attributes
    ----------
    name : str
        File name without ending.
    title : str
        Its first heading, plain text.
    question : str
        The paragraph below it, as HTML.
    body : str
        HTML of all cells.
    sections : list of (str, str)
        Id and plain text of every second-level heading.
    """

    name: str
    title: str
    question: str
    body: str
    sections: list[tuple[str, str]]


def formula(latex: str, display: str) -> str:
    """Turn a LaTeX formula into MathML.

    Examples
    --------
    >>> formula("n", "inline")
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mi>n</mi></mrow></math>'
    """
    from latex2mathml.converter import convert

    return convert(latex.strip(), display=display)


def read(path: Path, captions: dict[str, str], origins: dict[str, str]) -> Page:
    """Read an executed notebook.

    Parameters
    ----------
    path : Path
    captions : dict
        HTML to stand below a figure, by the figure's name.
    origins : dict
        HTML to stand below a table, by the table's name.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not _repeats_defaults(cell, notebook)]
    exporter = _exporter()
    exporter.headings = []
    body, _ = exporter.from_notebook_node(notebook, resources={"captions": captions, "origins": origins})
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    title = next((text for level, _, text in exporter.headings if level == 1), path.stem)
    paragraph = next((part for part in first.split("\n\n") if part.strip() and not part.startswith("#")), "")
    return Page(path.stem, title, exporter.render(paragraph), body,
                [(name, text) for level, name, text in exporter.headings if level == 2])


def code_colours() -> str:
    """Return the style sheet for coloured code."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _repeats_defaults(cell, notebook) -> bool:
    """Tell whether the build's parameters cell says the same as the notebook's own."""
    if "injected-parameters" not in cell.metadata.get("tags", []):
        return False
    own = next((other for other in notebook.cells if "parameters" in other.metadata.get("tags", [])), None)
    return own is not None and _literals(cell.source) == _literals(own.source)


def _literals(source: str) -> dict:
    return {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(source).body
            if isinstance(node, ast.Assign)}


@cache
def _exporter():
    from bs4 import BeautifulSoup
    from nbconvert import HTMLExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        headings: list

        def block_math(self, body):
            return formula(body, "block")

        def inline_math(self, body):
            return formula(body, "inline")

        def latex_environment(self, name, body):
            return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

        def heading(self, text, level, **attrs):
            plain = BeautifulSoup(text, "html.parser").get_text()
            name = UNSAFE_IN_ID.sub("-", plain.lower()).strip("-")
            self.headings.append((level, name, plain))
            return f'<h{level} id="{escape(name)}">{text}</h{level}>\n'

    class Exporter(HTMLExporter):
        headings: list = []

        def render(self, source):
            renderer = Renderer(escape=False)
            renderer.headings = self.headings
            return MarkdownWithMath(renderer=renderer).render(source)

        def markdown2html(self, context, source):
            return self.render(source)

        # nbconvert hands the context only to what asks for it.
        markdown2html.jinja_pass_arg = HTMLExporter.markdown2html.jinja_pass_arg

    return Exporter(template_name="notebook", extra_template_basedirs=[str(HERE)])
