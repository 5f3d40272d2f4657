"""Tables and numbers for other programs: Excel workbooks, and LaTeX for a manuscript."""

import csv
import io
import re

import pandas as pd

from helpers.publish import tables
from helpers.publish.texts import Texts
from helpers.study.workbook import workbook

ONE_PAGE = 40
LATEX = {sign: f"\\{sign}" for sign in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "–": "--"}
LATEX_SIGNS = str.maketrans(LATEX)
NEGATIVE = re.compile(r"-[\d.,]+%?")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")


def columns_of(*styles: str) -> set[str]:
    """Columns of published tables that are read so, e.g. codes as ``text``."""
    return {name for columns in tables.schemas().values() for name, style in columns.items()
            if style in styles}


def numbers_to_xlsx(name: str, text: str, t: Texts) -> bytes:
    """Numbers behind a figure as a workbook; ``text`` is CSV with a header, ``t`` of the stage."""
    header, *rows = list(csv.reader(io.StringIO(text)))
    # Codes are no numbers, whatever they look like.
    codes = columns_of("text", "names")
    numeric = [name not in codes and all(NUMBER.fullmatch(cell) for cell in column if cell)
               for name, column in zip(header, zip(*rows, strict=True), strict=True)]
    typed = [[None if not cell else float(cell) if number else tables.in_words(cell, column, t)
              for cell, column, number in zip(row, header, numeric, strict=True)] for row in rows]
    return workbook({name[:31]: [[tables.heading(column, t) for column in header], *typed]})


def to_xlsx(name: str, frame: pd.DataFrame, t: Texts) -> bytes:
    """Published table as a workbook: numbers with all digits, words and headings in the language.

    `frame` is as :func:`helpers.publish.tables.read` returns it, with the column ``status``.
    """
    styles = tables.styles_of(name, frame.columns) | {"status": "word"}
    headings = [tables.heading(column, t) for column in frame.columns]
    rows = [[_typed(value, styles[column], row, t) for column, value in row.items()]
            for row in frame.to_dict("records")]
    return workbook({name[:31]: [headings, *rows]},
                    [_number_format(styles[column]) for column in frame.columns])


def to_latex(name: str, frame: pd.DataFrame, t: Texts, title: str, status: str) -> str:
    """Published table as LaTeX in the style of ``booktabs``; long ones break over pages.

    Everything from the data is escaped. The caption ends with the status (published, simulated or
    illustrative), so that it cannot be lost on the way. ``frame`` is without it.

    >>> frame = pd.DataFrame({"driving": [6.867], "net": [-0.337], "verdict": ["restraining"]})
    >>> t = Texts("en", "force_field")
    >>> print(to_latex("ffa_balance", frame, t, "Balance", "illustrative").splitlines()[8])
    6.867 & $-$0.337 & restraining \\\\
    """
    styles = tables.styles_of(name, frame.columns)
    align = "".join("r" if tables.is_number(styles[column]) else "l" for column in frame.columns)
    head = " & ".join(_escaped(tables.heading(column, t)) for column in frame.columns) + r" \\"
    rows = [" & ".join(map(_escaped, row)) + r" \\" for row in tables.written(frame, styles, t)]
    caption = rf"\caption{{{_escaped(title)} ({_escaped(t.word(status))})}}\label{{tab:{name}}}"
    if len(rows) > ONE_PAGE:
        lines = [rf"\begin{{longtable}}{{{align}}}", caption + r" \\", r"\toprule", head,
                 r"\midrule", r"\endfirsthead", r"\toprule", head, r"\midrule", r"\endhead",
                 r"\bottomrule", r"\endlastfoot", *rows, r"\end{longtable}"]
    else:
        lines = [r"\begin{table}", r"\centering", caption, rf"\begin{{tabular}}{{{align}}}",
                 r"\toprule", head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}",
                 r"\end{table}"]
    return "\n".join(["% \\usepackage{booktabs,longtable}", *lines]) + "\n"


def _typed(value, style: str, row: dict, t: Texts):
    if value is None or pd.isna(value):
        return None
    if style == "verdict":
        return t.verdict(value, row["basis"])
    if style == "word":
        return tables.cell(value, style, t)
    return int(value) if style == "year" and value.isdigit() else value


def _number_format(style: str) -> str | None:
    """Format of a workbook's column.

    >>> [_number_format(style) for style in (".3f", ".1%", "d", "p", "year", "word")]
    ['#,##0.000', '0.0%', '#,##0', '0.000', '0', None]
    """
    if style in ("d", "p", "year"):
        return {"d": "#,##0", "p": "0.000", "year": "0"}[style]
    if not style.startswith("."):
        return None
    whole = "0" if style.endswith("%") else "#,##0"
    return whole + "." * (style[1] != "0") + "0" * int(style[1:-1]) + "%" * style.endswith("%")


def _escaped(text: str) -> str:
    minus, text = ("$-$", text[1:]) if NEGATIVE.fullmatch(text) else ("", text)
    # Two hyphens in a row would become a dash.
    return minus + "-{}-".join(part.translate(LATEX_SIGNS) for part in text.split("--"))
