"""The pages themselves, put together from what the stages published."""

import csv
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from helpers.publish import files
from helpers.publish.site import notebook
from helpers.publish.texts import Texts

HERE = Path(__file__).parent
BODY = re.compile(r"<body>\s*(.*?)\s*</body>", re.DOTALL)
STATUSES = ("published", "simulated", "illustrative")
LONG_TABLE = 40
OWN_PACKAGE = "kesenjangan-blitar"


@dataclass(frozen=True)
class Result:
    """A published table or figure: its name, what its side-car says, and the table of its numbers as HTML."""

    name: str
    about: dict
    html: str = ""


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path) -> None:
    """Write the site of a build.

    Parameters
    ----------
    out : Path
        The output folder, with ``notebooks``, ``tables`` and ``figures``.
    products : list of str
        What the stages made, e.g. ``tables/scores.csv``, in the order in which it is shown; nothing else is shown.
    lang : {"id", "en"}
    package : dict
        What the data package says about itself. Only the project's own package is introduced as the thesis;
        any other one by its own title and description.
    folder : Path
        Where the site goes. It stands on its own: figures and data are copied into it.
    """
    t = Texts(lang, "site")
    pages = [notebook.read(out / product) for product in _of_kind(products, "notebooks", ".ipynb")]
    figures, tables = _figures(out, products, t), _tables(out, products)
    _copy(out, products, folder)
    own = package.get("name") == OWN_PACKAGE
    name = t("site.name") if own else package.get("title") or package.get("name") or t("site.other")
    write = _Writer(folder, t, pages, figures, tables, name)
    claims = _claims(out / "tables" / "claims.csv") if "tables/claims.csv" in products else []
    write("index", t("index.title") if own else name, own=own, package=package, claims=claims, counts=Counter(claim["verdict"] for claim in claims))
    write("figures", t("figures.title"))
    write("tables", t("tables.title"))
    for page in pages:
        write(page.name, page.title, template="stage", page=page,
              figures=[figure for figure in figures if figure.about.get("stage") == _stage(page)])
    files.write(folder / "site.css", (HERE / "site.css").read_text(encoding="utf-8") + notebook.code_colours())


class _Writer:
    """Fills the templates; everything that is not markup of our own is escaped."""

    def __init__(self, folder: Path, t: Texts, pages: list, figures: list[Result], tables: list[Result],
                 site_name: str):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup

        self.folder = folder
        self.environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True,
                                       undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.environment.filters["markup"] = Markup
        names = {result.name: kind for kind, results in (("tables", tables), ("figures", figures)) for result in results}
        self.common = {"t": t, "pages": pages, "figures": figures, "tables": tables, "statuses": STATUSES,
                       "places": names, "site_name": site_name}

    def __call__(self, name: str, title: str, template: str | None = None, **values) -> None:
        text = self.environment.get_template(f"{template or name}.html").render(
            self.common | values | {"name": name, "title": title})
        files.write(self.folder / f"{name}.html", text + "\n")


def _of_kind(products: list[str], kind: str, ending: str) -> list[str]:
    return [product for product in products if product.startswith(f"{kind}/") and product.endswith(ending)]


def _figures(out: Path, products: list[str], t: Texts) -> list[Result]:
    return [Result(Path(product).stem, json.loads((out / product).read_text(encoding="utf-8")),
                   _html_of_csv((out / product).with_suffix(".csv"), t))
            for product in _of_kind(products, "figures", ".json")]


def _tables(out: Path, products: list[str]) -> list[Result]:
    found = []
    for product in _of_kind(products, "tables", ".json"):
        path = out / product
        twin = BODY.search(path.with_suffix(".html").read_text(encoding="utf-8")).group(1)
        found.append(Result(path.stem, json.loads(path.read_text(encoding="utf-8")), twin))
    return found


def _html_of_csv(path: Path, t: Texts) -> str:
    """Write the numbers behind a figure as a table; cells are text."""
    from markupsafe import escape

    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    lines = ["<tr>" + "".join(f"<td>{escape(_short(cell))}</td>" for cell in row) + "</tr>" for row in rows[:LONG_TABLE]]
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    more = f'<p class="more">{t("figures.data_more", shown=LONG_TABLE, rows=len(rows))}</p>' if len(rows) > LONG_TABLE else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{more}"


def _short(cell: str) -> str:
    """Cut digits that nobody reads on a page; the file beside it has all of them.

    Examples
    --------
    >>> _short("0.123456789"), _short("3507"), _short("north")
    ('0.123457', '3507', 'north')
    """
    return f"{float(cell):.6g}" if re.fullmatch(r"-?\d+\.\d{5,}(e-?\d+)?", cell) else cell


def _claims(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _copy(out: Path, products: list[str], folder: Path) -> None:
    for product in products:
        if product.startswith(("figures/", "tables/")) and product.endswith((".svg", ".png", ".csv")):
            (folder / product).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(out / product, folder / product)


def _stage(page: notebook.Page) -> str:
    return page.name.partition("_")[2]
