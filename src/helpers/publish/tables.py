"""Tables as people read them: headings and numbers in their language, the status always in sight.
"""

import csv
import io
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd

from helpers.errors import Error
from helpers.files import settings
from helpers.languages import ENGLISH, same_text
from helpers.publish.choices import choice_name
from helpers.publish.policy import policy
from helpers.publish.texts import MADE_UP, Texts

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>body{{font:16px/1.4 system-ui,sans-serif;margin:2rem}}table{{border-collapse:collapse}}
caption{{text-align:left;font-weight:600;padding:.3rem 0}}\
th,td{{padding:.25rem .6rem;border-bottom:1px solid #ccc;text-align:left}}
.number{{text-align:right;font-variant-numeric:tabular-nums}}</style></head>
<body>
{table}
</body></html>
"""
NUMBER = ' class="number"'
ROWS_SHOWN = 30
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
# A word without a sign may be one of the language: only a code has one, or stands where nothing
# but names of results or sources does.
CODES = re.compile(r'<td>([a-z0-9]+(?:[_;.][a-z0-9]+)+)</td>|<td class="names">([^<]+)</td>')
FORMULA, DIGITS = re.compile(r"[=+@\t\r-]"), re.compile(r"[+-]?[\d.]+([eE][+-]?\d+)?")


def schemas() -> dict[str, dict[str, str]]:
    """Return the columns of every published table and how each is read."""
    return settings(__file__, "tables.yml")


def shown(stage: str, key: str, frame: pd.DataFrame) -> dict[str, str] | None:
    """Columns of a table that a stage only shows, None where it is a draft; ``*`` stands for the
    other columns of the frame."""
    styles = settings(__file__, "shown.yml").get(stage, {}).get(key)
    if styles and "*" in styles:
        named = {name: style for name, style in styles.items() if name != "*"}
        return named | {name: styles["*"] for name in frame.columns if name not in named}
    return styles


def guessed(frame: pd.DataFrame) -> dict[str, str]:
    """How the columns of a draft are read, guessed from their types."""
    kinds = {"i": "d", "u": "d", "f": ".3f"}
    return {name: kinds.get(column.dtype.kind, "text") for name, column in frame.items()}


def styles_of(name: str, columns: Iterable[str]) -> dict[str, str]:
    """Columns of a published table and how each is read; behind a text in English stands what
    these `columns` have of it in further languages.

    >>> list(styles_of("strategies", ["label_id", "label_en", "label_jv"]))[-3:]
    ['label_id', 'label_en', 'label_jv']
    """
    styles = {}
    for column, style in schemas()[name].items():
        styles[column] = style
        stem, _, lang = column.rpartition("_")
        if lang == ENGLISH:
            styles |= {further: style for further in same_text(columns, stem)
                       if further not in schemas()[name]}
    return styles


def check_columns(name: str, frame: pd.DataFrame) -> None:
    """Refuse a table that is not exactly what it is known to be."""
    if name not in schemas():
        raise Error("there is no published table '{name}'; known are: {known}", name=name,
                    known=", ".join(schemas()))
    expected = list(styles_of(name, frame.columns))
    if list(frame.columns) != expected:
        raise Error("table '{name}' has the columns {found}; it must have: {expected}", name=name,
                    found=", ".join(frame.columns), expected=", ".join(expected))
    if frame.empty:
        raise Error("table '{name}' has no row; a table without content is not published",
                    name=name)


def to_csv(frame: pd.DataFrame) -> str:
    """Table for machines: UTF-8, decimal points, every digit that tells two numbers apart."""
    return frame.to_csv(index=False, lineterminator="\n")


def csv_for_people(text: str, delimiter: str = ",") -> str:
    """CSV that a page offers: a text that a spreadsheet would calculate gets an apostrophe before
    it, as in the spreadsheet itself; the table for machines keeps it as it is.

    >>> csv_for_people("name,n\\n=1+1,-1.5\\nplain,2\\n")
    "name,n\\n'=1+1,-1.5\\nplain,2\\n"
    """
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    shown = [[f"'{one}" if FORMULA.match(one) and not DIGITS.fullmatch(one) else one
              for one in row] for row in rows]
    if shown == rows:
        return text
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows(shown)
    return written.getvalue()


def cell(value, style: str, t: Texts) -> str:
    """Write one value for people.

    >>> cell(0.1234, ".1%", Texts("id", "common"))
    '12,3%'
    """
    if value is None or pd.isna(value):
        return t.format_field(None, "")
    if style == "word":
        return "; ".join(map(t.word, str(value).split(";")))
    if style.endswith((".", "_")):
        return t(f"{style}{value}")
    if style == "any" and not isinstance(value, str):
        return t.significant(value)
    if style in ("text", "names", "year", "any"):
        return str(value)
    if style == "p":
        return t.format_field(float(value), "p").removeprefix("= ")
    return t.format_field(int(value) if style == "d" else float(value), style)


def as_number(cell: str) -> float | str:
    """Cell of a CSV file as a number, where it is one."""
    try:
        return float(cell)
    except ValueError:
        return cell


def heading(name: str, t: Texts) -> str:
    """Heading of a column, or name of a choice; one without a text is its own heading."""
    key = f"column.{name}"
    return t(key) if t.has(key) else choice_name(t, name)


def in_words(value: str, column: str, t: Texts) -> str:
    """Text of a column in words: alternative, key word, name of a choice or measure, or itself.

    >>> t = Texts("id", "synthesis")
    >>> in_words("own", "disparity.city_zone", t), in_words("disparity.year", "choice", t)
    ('zona sendiri', 'tahun')
    >>> in_words("Wlingi", "name", t)
    'Wlingi'
    """
    keys = (f"alternative.{column}.{value}", f"word.{value}", f"choice.{value}", f"column.{value}")
    return next((t(key) for key in keys if t.has(key)), value)


def written(frame: pd.DataFrame, styles: dict[str, str], t: Texts) -> list[list[str]]:
    """Every value of a table as people read it, row by row; `styles` is as in ``tables.yml``."""
    return [[t.verdict(value, row["basis"]) if styles[name] == "verdict"
             else cell(value, styles[name], t) for name, value in row.items()]
            for row in frame.to_dict("records")]


def is_number(style: str) -> bool:
    """Whether a column that is read so holds numbers, and stands at the right."""
    return style not in ("text", "names", "word", "verdict") and not style.endswith((".", "_"))


def read(path: Path) -> pd.DataFrame:
    """Read a published table, codes and key words as text, the status column included."""
    styles = styles_of(path.stem, pd.read_csv(path, nrows=0).columns)
    kinds = {name: "str" for name, style in styles.items() if not is_number(style)
             or style == "year"}
    return pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values=[""])


def to_html(frame: pd.DataFrame, styles: dict[str, str], t: Texts, caption: str, status: str,
            rows: int | None = None) -> str:
    """Table as HTML for people; everything from the data is escaped.

    `frame` is without the status column, `styles` as in ``tables.yml``. With `rows` only the first
    are shown, and how many there are.
    """
    shown = frame if rows is None else frame.head(rows)
    lines = [f'<table class="result" lang="{t.lang}">',
             f'<caption>{escape(caption)} <span class="status status-{status}">'
             f'{escape(t.word(status))}</span></caption>', "<thead><tr>" + "".join(
                 f'<th scope="col"{NUMBER if is_number(styles[name]) else ""}>'
                 f'{escape(heading(name, t))}</th>' for name in shown.columns)
             + "</tr></thead>", "<tbody>"]
    for row, texts in zip(shown.to_dict("records"), written(shown, styles, t), strict=True):
        cells = (f"<td{_kind(styles[name], row)}>{escape(text)}</td>"
                 for name, text in zip(row, texts, strict=True))
        lines.append("<tr>" + "".join(cells) + "</tr>")
    lines.append("</tbody></table>")
    if len(shown) < len(frame):
        lines.append(
            f'<p class="more">{escape(t("table.more", shown=len(shown), rows=len(frame)))}</p>')
    return "\n".join(lines)


def spelled(html: str, known: dict[str, str]) -> str:
    """Tables with the name of each code before it, where its row does not have the name already.

    >>> spelled("<tr><td>idm_index</td><td>north</td></tr>", {"idm_index": "Village index"})
    '<tr><td>Village index <code>idm_index</code></td><td>north</td></tr>'
    >>> spelled("<tr><td>35.05.01</td><td>0.05</td></tr>", {"35.05.01": "Wonodadi"})
    '<tr><td>Wonodadi <code>35.05.01</code></td><td>0.05</td></tr>'
    >>> spelled("<tr><td>cheap_credit</td><td>Credit</td></tr>", {"cheap_credit": "Credit"})
    '<tr><td>cheap_credit</td><td>Credit</td></tr>'
    >>> spelled('<tr><td class="names">scores</td></tr>', {"scores": "Mean scores"})
    '<tr><td>Mean scores <code>scores</code></td></tr>'
    """
    def said(cell: re.Match, row: str) -> str:
        codes = cell[1] or cell[2]
        names = [escape(known.get(code, "")) for code in codes.split(";")]
        if not all(names) or all(f"<td>{name}</td>" in row for name in names):
            return cell[0]
        return f"<td>{'; '.join(names)} <code>{codes}</code></td>"

    return ROW.sub(lambda row: CODES.sub(lambda cell: said(cell, row[0]), row[0]), html)


def _kind(style: str, row: dict) -> str:
    if style == "verdict" and row["basis"] in MADE_UP:
        return ' class="made-up"'
    if style == "names":
        return ' class="names"'
    return NUMBER if is_number(style) else ""


def to_page(fragment: str, title: str, lang: str) -> str:
    """Wrap a table into a page of its own."""
    return PAGE.format(lang=lang, title=escape(title), table=fragment, policy=policy())
