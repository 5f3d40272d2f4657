"""Tables and texts in everything that a build publishes, for the attack on what is hidden.

Read are CSV files, every sheet of workbooks (hidden ones too), tables of pages, slides, notebooks
and the report, packed data of pages, the search index, and what pictures say by mouse or by voice.
Headings are turned back into names of columns; the build must be in English.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from helpers.languages import ENGLISH
from helpers.publish.tables import heading, schemas
from helpers.publish.texts import Texts
from helpers.study.package import OF_PERSONS

PLACES = {"area": "code", "zone": "zone", "business_type": "business_type"}
# Numbers of the design and of a table's heading (how many answers count as high, which `_plain`
# adds), which rest on no answer.
PLANNED = {"n", "areas", "boxes", "units", "quota", "fraction", "weight", "unit", "number",
           "order", "visited", "asked", "margin", "points", "priority", "year", "lon",
           "lat", "running number", "replaces number"}
NUMBERS = {"mean", "se", "need", "access", "gap", "median", "sd", "ci_low", "ci_high", "share",
           "difference", "answer"}
# In the search index stand tables row after row: those of the sample rest on no answer.
ROWS, OF_SAMPLE = re.compile(r"[\]}\n]|(?<= )area (?=\S+ )"), re.compile(r"tables\.html#sample_")
BOXES = re.compile(r"Share of the (\d+) highest")
PAGES, TEXTS = (".html", ".ipynb"), (".html", ".ipynb", ".svg", ".js", ".json", ".md", ".txt")
NUMBER = re.compile(r"(?<![\w.])-?\d+[.,]\d+(?![\w.]*\w)")


def tables(out: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table below a folder of outputs, with its place."""
    names = _names()
    for path in sorted(out.rglob("*")):
        place = path.relative_to(out).as_posix()
        if not path.is_file() or ".build" in path.parts:
            continue
        for title, found in _read(path):
            yield f"{place} {title}".strip(), _plain(found.rename(columns=names), title)


def _names() -> dict[str, str]:
    """Names of columns by their headings in English."""
    found = {}
    for domain in ("common", "scoring", "synthesis", "sampling"):
        t = Texts(ENGLISH, domain)
        columns = {name for columns in schemas().values() for name in columns}
        found |= {heading(name, t): name for name in (
            *columns, "level", "share", "median", "cv", "se", "se_bootstrap", "ci_low", "ci_high",
            "mean", "code", "zone", "business_type", "answer", "sd", "floor", "ceiling")}
    return found


def _read(path: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    if path.suffix == ".csv" and path.stem not in OF_PERSONS:
        yield "", pd.read_csv(path, dtype={"level": "str", "code": "str"})
    elif path.suffix == ".xlsx":
        yield from pd.read_excel(path, sheet_name=None, dtype={"Code": "str"},
                                 engine="openpyxl").items()
    elif path.suffix == ".html":
        yield from of_page(path.read_text("utf-8"))
    elif path.suffix == ".ipynb":
        for text in _outputs(path):
            yield from of_page(text)
    elif path.suffix == ".docx":
        import docx

        for table in docx.Document(str(path)).tables:
            rows = [[cell.text for cell in row.cells] for row in table.rows]
            yield "", pd.DataFrame(rows[1:], columns=rows[0] if rows else None).map(_number)


def _outputs(path: Path) -> Iterator[str]:
    """All that the cells of an executed notebook show as text."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:  # the same in plain text is the same
                data = {"text/html": data["text/html"]}
            for mime, content in {**data, "text/x": output.get("text", "")}.items():
                if mime.startswith("text/"):
                    yield "".join(content)


def of_page(text: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Caption and content of every table of a page; cells are numbers where they look so.

    >>> page = "<table><tr><th>Level<th>Share</tr><tr><td>north<td>75.0%</tr></table>"
    >>> [(_, found)] = of_page(page)
    >>> found.to_dict("records")
    [{'Level': 'north', 'Share': 0.75}]
    """
    from bs4 import BeautifulSoup

    if "<table" not in text:
        return
    for table in BeautifulSoup(text, "lxml").find_all("table"):
        rows = [[cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])]
                for row in table.find_all("tr")]
        width = len(rows[0]) if rows else 0
        body = [row for row in rows[1:] if len(row) == width]
        caption = table.caption.get_text(" ", strip=True) if table.caption else ""
        yield caption, pd.DataFrame(body, columns=rows[0] if rows else None).map(_number)


def _number(text: str) -> object:
    plain = text.replace(",", "").removeprefix("< ")
    if re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return float(plain) if not re.fullmatch(r"\d\d\.\d\d\.\d\d", text) else text
    if re.fullmatch(r"-?\d+(\.\d+)?%", plain):
        return float(plain[:-1]) / 100
    return None if text in ("–", "-", "") else text


def _plain(table: pd.DataFrame, title: str) -> pd.DataFrame:
    """Table with the domain and level of its rows; of shares, with how many answers they count."""
    table = table.loc[:, ~table.columns.duplicated()]
    table.columns = [name.lower() if str(name).lower() in PLANNED else name for name in table]
    for column in table.columns:  # a page has words and numbers as objects
        if column in NUMBERS or table[column].map(lambda cell: isinstance(cell, float)).any():
            table = table.assign(**{str(column): pd.to_numeric(table[column], errors="coerce")})
    if "level" not in table and not {"zone", "business_type"} <= {*table}:
        for domain, column in PLACES.items():
            if column in table:
                table = table.assign(level=table[column].astype("str"), domain=domain)
                break
    elif "level" in table and "domain" not in table:
        table = table.assign(domain=table["level"].eq("all").map({True: "all", False: "zone"}))
    if boxes := BOXES.search(title):
        table = table.assign(boxes=int(boxes[1]))
    return table


def texts(out: Path) -> Iterator[tuple[str, str]]:
    """Everything else that is said, sentence by sentence, with its place: prose, alternative texts,
    what the mouse shows on a map, packed data, the search index."""
    from bs4 import BeautifulSoup

    for path in sorted(out.rglob("*")):
        if path.suffix not in TEXTS or ".build" in path.parts or not path.is_file():
            continue
        place, text = path.relative_to(out).as_posix(), path.read_text("utf-8", errors="replace")
        if path.suffix == ".ipynb":
            text = "\n".join(_outputs(path))
        if path.suffix in (".html", ".svg", ".ipynb") and "<" in text:
            page = BeautifulSoup(text, "lxml-xml" if path.suffix == ".svg" else "lxml")
            for script in page.find_all("script"):
                yield from ((place, part) for part in re.split(r"[\]}]", script.get_text()))
            for table in page.find_all(["table", "script", "style"]):
                table.decompose()
            for tag in page.find_all(True):
                yield from ((place, str(value)) for name, value in tag.attrs.items()
                            if name in ("alt", "title", "content") or name.startswith("data-")
                            or name == "aria-label")
            yield from ((place, part) for part in page.get_text("\n").split("\n"))
        else:
            yield from ((place, part) for part in ROWS.split(text) if not OF_SAMPLE.search(part))


def of_reports(out: Path) -> Iterator[tuple[str, str]]:
    """Every line of the report, with its place."""
    import pypdf

    for path in out.glob("*.pdf"):
        for page in pypdf.PdfReader(path).pages:
            yield from ((path.name, line) for line in page.extract_text().split("\n"))
