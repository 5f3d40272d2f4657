"""Notebook as the body of a page: formulas as MathML, code coloured, nothing loaded."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from pathlib import Path

from helpers.languages import DEFAULT
from helpers.publish.texts import Texts

HERE = Path(__file__).parent
CAPTION = re.compile(r"<caption>(.*?)\s*(?:<span class=.status.*?</span>)?</caption>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
FORMULA_WITH_SIGNS = re.compile(r'\(?<math [^>]*display="inline">.*?</math>[).,:;?!%]*', re.DOTALL)
UNSAFE_IN_ID = re.compile(r"[^a-z0-9]+")
# Bar over more than one letter: fonts without a table for mathematics cannot stretch one.
BAR = re.compile(r"<mover>(?!<mrow><mi>.</mi></mrow>)((?:(?!</?mover>).)*)"
                 r'<mo accent="true">&#x02015;</mo></mover>')
# Code is escaped: no sign of markup in it ends a fold.
CODE = r'<div class="code"[^<]*(?:<(?!/details>)[^<]*)*'
OPENED = r'<section class="step" id="([^"]*)">\n<details class="fold">(<summary>[^<]*</summary>)'
SILENT = re.compile(rf"{OPENED}({CODE})</details>\n</section>\s*")
RUN = re.compile(rf"((?:{SILENT.pattern})+){OPENED}({CODE})</details>")
DRAWN_BAR = r'<mrow style="border-top: 0.07em solid; padding-top: 0.08em">\1</mrow>'


@dataclass(frozen=True)
class Page:
    """Notebook made ready for a page: its first heading, and as HTML the paragraph below it and all
    cells; id and text of every second-level heading."""

    name: str
    title: str
    question: str
    body: str
    sections: list[tuple[str, str]]


def formula(latex: str, display: str) -> str:
    """LaTeX formula as MathML.

    >>> formula("n", "inline")
    '<math xmlns="http://www.w3.org/1998/Math/MathML"
    display="inline"><mrow><mi>n</mi></mrow></math>'
    >>> "border-top" in formula(r"\\overline{\\text{need}}", "inline")
    True
    """
    from latex2mathml.converter import convert

    return BAR.sub(DRAWN_BAR, convert(latex.strip(), display=display))


def read(path: Path, captions: dict[str, str], origins: dict[str, str],
         others: frozenset[str] = frozenset(), lang: str = DEFAULT) -> Page:
    """Executed notebook as a page, its own words in `lang`.

    `captions` and `origins` are HTML to stand below a figure or a table, by its name; figures with
    a caption are shown from their files, others are part of the page. Links to notebooks lead to
    the pages of `others` (file names without ending); where there is none, only the text stays.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    _keep_changed_parameters(notebook)
    say_once(notebook.cells)
    exporter = _exporter()
    exporter.headings, exporter.others = [], others
    body, _ = exporter.from_notebook_node(notebook, resources={
        "captions": captions, "origins": origins, "t": Texts(lang, "site")})
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    title = next((text for level, _, text in exporter.headings if level == 1), path.stem)
    paragraph = next((part for part in first.split("\n\n")
                      if part.strip() and not part.startswith("#")), "")
    return Page(path.stem, title, exporter.render(paragraph), joined(body),
                [(name, text) for level, name, text in exporter.headings if level == 2])


def joined(body: str) -> str:
    """Body whose cells without a result have their code in the fold of the next one; whoever looks
    for one of them is led there.

    >>> cell = '<section class="step" id="{0}">\\n<details class="fold"><summary>Code</summary>' \\
    ...        '<div class="code">{0}</div></details>\\n</section>\\n'
    >>> print(joined(cell.format("a") + cell.format("b") + "<p>text</p>"))
    <section class="step" id="b">
    <details class="fold"><summary>Code</summary><div id="a"><div
    class="code">a</div></div><div><div class="code">b</div></div></details>
    </section>
    <p>text</p>
    """
    def one_fold(run: re.Match) -> str:
        before = "".join(f'<div id="{name}">{code}</div>'
                         for name, _, code in SILENT.findall(run[1]))
        name, summary, code = run.groups()[-3:]
        return (f'<section class="step" id="{name}">\n<details class="fold">{summary}{before}'
                f"<div>{code}</div></details>")

    return RUN.sub(one_fold, body)


def say_once(cells: list[dict]) -> None:
    """Take a reason why cells were left out away from those that follow each other with it.

    >>> left = [{"metadata": {"left_out": True}, "data": {"text/plain": "no zones"}}]
    >>> cells = [{"cell_type": "code", "outputs": [*left]} for _ in range(3)]
    >>> say_once(cells)
    >>> [len(cell["outputs"]) for cell in cells]
    [1, 0, 0]
    """
    before = None
    for cell in cells:
        outputs = cell.get("outputs", [])
        reasons = [output["data"]["text/plain"] for output in outputs
                   if output.get("metadata", {}).get("left_out")]
        if reasons and reasons == before:
            cell["outputs"] = []
        elif outputs or cell["cell_type"] == "markdown":
            before = reasons


def _unbroken(found: re.Match) -> str:
    """Formula with the signs around it, which browsers would break off."""
    bare = found[0].startswith("<") and found[0].endswith(">")
    return found[0] if bare else f'<span class="unbroken">{found[0]}</span>'


def caption(html: str) -> str:
    """What a table is called, as text without its status; nothing where it has no caption.

    >>> caption("<caption>Zona &amp; kota <span class='status'>terbit</span></caption>")
    'Zona & kota'
    """
    found = CAPTION.search(html)
    return unescape(TAG.sub("", found[1])).strip() if found else ""


def code_colours() -> str:
    """Style sheet for coloured code, in colours with enough contrast to the page (WCAG AA)."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="xcode").get_style_defs(".highlight")
    dark = HtmlFormatter(style="monokai").get_style_defs(".highlight")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _keep_changed_parameters(notebook) -> None:
    """Leave in the build's parameters cell what differs from the notebook's own, if anything."""
    own, built = (next((cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])),
                       None) for tag in ("parameters", "injected-parameters"))
    if own and built:
        known = [assigned[:2] for assigned in _assigned(own.source)]
        changed = [line for name, value, line in _assigned(built.source)
                   if (name, value) not in known]
        built.source = "\n".join(["# Parameters", *changed])
        if not changed:
            notebook.cells.remove(built)


def _assigned(source: str) -> list[tuple[str, object, str]]:
    """Name, value and code of every assignment."""
    return [(node.targets[0].id, ast.literal_eval(node.value), ast.get_source_segment(source, node))
            for node in ast.parse(source).body if isinstance(node, ast.Assign)]


def set_markdown(text: str) -> tuple[str, list[tuple[int, str, str]]]:
    """Markdown as HTML in the way of notebooks; and level, id and words of its headings."""
    headings: list = []
    return _exporter().render(text, headings), headings


@cache
def _exporter():
    from nbconvert import HTMLExporter, TemplateExporter
    from nbconvert.filters import Highlight2HTML
    from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter

    class ReadOnce(HTMLExporter):
        # After every one of its steps it would validate the notebook anew.
        optimistic_validation = True

        def from_notebook_node(self, nb, resources=None, **kw):
            # The exporter's own reads the finished page again, in search of pictures without a
            # text: half of the time.
            lexer = nb.metadata.get("language_info", {}).get("pygments_lexer", "ipython3")
            colour = Highlight2HTML(pygments_lexer=lexer, parent=self)
            # Below its condition a cell is Python, which the lexer of notebooks does not know.
            self.register_filter("highlight_code", lambda code, metadata=None: colour(
                code, "python3" if code.startswith("%%when ") else None, metadata))
            self.register_filter("filter_data_type", WidgetsDataTypeFilter(
                notebook_metadata=self._nb_metadata, parent=self, resources=resources))
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    return exporter_of(ReadOnce, "notebook", HERE)


def exporter_of(base: type, template: str, folder: Path):
    """Exporter made from one of nbconvert's to HTML: formulas are MathML, links lead to pages.

    `template` is the name of the template's folder, which lies in `folder`.
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        headings: list
        others: frozenset

        def link(self, text, url, title=None):
            name, ending, rest = url.partition(".ipynb")
            if not ending or "/" in name:
                return super().link(text, url, title)
            return super().link(text, f"{name}.html{rest}", title) if name in self.others else text

        def block_mermaidjs(self, code):
            # nbconvert would write it unescaped, for a script that these pages do not have.
            return f"<pre>{escape(code)}</pre>\n"

        def block_math(self, body):
            return formula(body, "block")

        def inline_math(self, body):
            return formula(body, "inline")

        def latex_environment(self, name, body):
            return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

        def heading(self, text, level, **attrs):
            plain = unescape(TAG.sub("", text))
            name = UNSAFE_IN_ID.sub("-", plain.lower()).strip("-")
            self.headings.append((level, name, plain))
            return f'<h{level} id="{escape(name)}">{text}</h{level}>\n'

    class Exporter(base):
        headings: list = []
        others: frozenset = frozenset()

        def render(self, source, headings=None, escape_html=False):
            # Never a link to javascript: or data:, whoever wrote it.
            renderer = Renderer(escape=escape_html, allow_harmful_protocols=False)
            renderer.headings = self.headings if headings is None else headings
            renderer.others = self.others
            html = MarkdownWithMath(renderer=renderer).render(source)
            return FORMULA_WITH_SIGNS.sub(_unbroken, html)

        def markdown2html(self, context, source):
            return self.render(source)

        def said2html(self, source):
            # What a cell put out may hold values of the data: markup in it is text, and headings in
            # it are no sections.
            return self.render(source, headings=[], escape_html=True)

        def default_filters(self):
            yield from super().default_filters()
            yield "said2html", self.said2html
            yield "caption", caption

        # nbconvert hands the context only to what asks for it.
        markdown2html.jinja_pass_arg = base.markdown2html.jinja_pass_arg

    return Exporter(template_name=template, extra_template_basedirs=[str(folder)])
