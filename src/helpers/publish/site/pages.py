"""The pages themselves, put together from what the stages published."""

import csv
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from helpers import files
from helpers.publish import atlas, tables
from helpers.publish.site import notebook
from helpers.publish.texts import Texts
from helpers.study import parameters

HERE = Path(__file__).parent
BODY = re.compile(r"<body>\s*(.*?)\s*</body>", re.DOTALL)
STATUSES = ("published", "simulated", "illustrative")
LONG_TABLE = 40
VERBATIM = {name for styles in tables.schemas().values() for name, style in styles.items() if style in ("text", "year")}
DECIMAL = re.compile(r"-?\d+\.\d+(e-?\d+)?")
OWN_PACKAGE = "kesenjangan-blitar"
ATLAS = "figures/atlas.html"


@dataclass(frozen=True)
class Result:
    """A published table or figure.

    Attributes
    ----------
    name : str
    about : dict
        What its side-car says.
    html : str
        The table of its numbers.
    made : dict
        What made it; its page is that of the notebook.
    """

    name: str
    about: dict
    html: str
    made: dict

    @property
    def cell_link(self) -> str:
        """Where the cell that made it stands in the site."""
        return f"{self.made['page']}.html" + (f"#cell-{self.made['cell']}" if self.made["cell"] else "")


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path, facts: dict) -> None:
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
    facts : dict
        What made what, as the build writes it to ``provenance.json``.
    """
    t = Texts(lang, "site")
    figures, shown_tables = _figures(out, products, facts, t), _tables(out, products, facts)
    _copy(out, products, folder)
    own = package.get("name") == OWN_PACKAGE
    name = name_of(package, t)
    write = _Writer(folder, t, figures, shown_tables, name, facts, (out / "site" / "verdict.html").is_file(),
                    ATLAS in products)
    pages = write.notebooks([out / product for product in _of_kind(products, "notebooks", ".ipynb")])
    claims = _claims(out / "tables" / "claims.csv") if "tables/claims.csv" in products else []
    write("index", t("index.title") if own else name, own=own, package=package, claims=claims,
          counts=Counter(claim["verdict"] for claim in claims if claim["basis"] == "published"))
    write("figures", t("figures.title"))
    write("tables", t("tables.title"))
    write("provenance", t("provenance.title"), meaning=partial(parameters.meaning, lang=lang), **_shared(facts))
    for page in pages:
        write(page.name, page.title, template="stage", page=page)
    if ATLAS in products:
        files.write(folder / "map.html", write.with_way_back((out / ATLAS).read_text(encoding="utf-8")))
    files.write(folder / "provenance.json", json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    files.write(folder / "site.css", (HERE / "site.css").read_text(encoding="utf-8") + notebook.code_colours())


def name_of(package: dict, t: Texts) -> str:
    """Return what a data package is called: the thesis for the project's own, else by its own title.

    Examples
    --------
    >>> name_of({"name": "kesenjangan-blitar"}, Texts("en", "site")), name_of({"name": "x"}, Texts("en", "site"))
    ('Disparity in Blitar', 'x')
    """
    if package.get("name") == OWN_PACKAGE:
        return t("site.name")
    return package.get("title") or package.get("name") or t("site.other")


class _Writer:
    """Fills the templates; everything that is not markup of our own is escaped."""

    def __init__(self, folder: Path, t: Texts, figures: list[Result], tables: list[Result], site_name: str,
                 facts: dict, verified: bool, mapped: bool):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup

        self.folder = folder
        self.environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True,
                                       undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.environment.filters["markup"] = Markup
        names = {result.name: kind for kind, results in (("tables", tables), ("figures", figures))
                 for result in results}
        self.common = {"t": t, "figures": figures, "tables": tables, "statuses": STATUSES, "places": names,
                       "site_name": site_name, "facts": facts, "resources": _resources(facts),
                       "verified": verified, "mapped": mapped}

    def notebooks(self, paths: list[Path]) -> list[notebook.Page]:
        """Read the notebooks; below their figures and tables stand links to the data and to how they were made."""
        parts = self.environment.get_template("parts.html").module
        captions, origins = ({result.name: str(part(self.common["t"], result)) for result in self.common[kind]}
                             for kind, part in (("figures", parts.caption), ("tables", parts.origin)))
        names = frozenset(path.stem for path in paths)
        self.common["pages"] = [notebook.read(path, captions, origins, names) for path in paths]
        return self.common["pages"]

    def with_way_back(self, page: str) -> str:
        """Return a page that stands on its own, with a link to the start page."""
        return page.replace(atlas.NAVIGATION, str(self.environment.get_template("parts.html").module.back(self.common)))

    def __call__(self, name: str, title: str, template: str | None = None, **values) -> None:
        text = self.environment.get_template(f"{template or name}.html").render(
            self.common | values | {"name": name, "title": title})
        files.write(self.folder / f"{name}.html", text + "\n")


def _of_kind(products: list[str], kind: str, ending: str) -> list[str]:
    return [product for product in products if product.startswith(f"{kind}/") and product.endswith(ending)]


def _figures(out: Path, products: list[str], facts: dict, t: Texts) -> list[Result]:
    return [_result(out / product, facts, _html_of_csv((out / product).with_suffix(".csv"), t))
            for product in _of_kind(products, "figures", ".json")]


def _tables(out: Path, products: list[str], facts: dict) -> list[Result]:
    return [_result(out / product, facts,
                    BODY.search((out / product).with_suffix(".html").read_text(encoding="utf-8")).group(1))
            for product in _of_kind(products, "tables", ".json")]


def _result(side_car: Path, facts: dict, html: str) -> Result:
    made = facts["products"][f"{side_car.parent.name}/{side_car.stem}"]
    page = Path(facts["stages"][made["stage"]]["notebook"]["path"]).stem
    return Result(side_car.stem, json.loads(side_car.read_text(encoding="utf-8")), html, made | {"page": page})


def _resources(facts: dict) -> dict[str, dict]:
    """Return every resource that one of the stages reads."""
    return {name: about for stage in facts["stages"].values() for name, about in stage["resources"].items()}


def _shared(facts: dict) -> dict:
    """Return what all stages share, the environment, and the names of their pages."""
    stages = facts["stages"]
    return {"environment": next(iter(stages.values())),
            "pages_by_stage": {name: Path(stage["notebook"]["path"]).stem for name, stage in stages.items()}}


def _html_of_csv(path: Path, t: Texts) -> str:
    """Write the numbers behind a figure as a table for people: words and numbers in their language."""
    from markupsafe import escape

    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    words = Texts(t.lang, json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["stage"])
    lines = ["<tr>" + "".join(f"<td>{escape(_read(cell, name, words))}</td>" for name, cell in zip(header, row, strict=True))
             + "</tr>" for row in rows[:LONG_TABLE]]
    head = "".join(f'<th scope="col">{escape(tables.heading(name, words))}</th>' for name in header)
    more = f'<p class="more">{t("figures.data_more", shown=LONG_TABLE, rows=len(rows))}</p>' if len(rows) > LONG_TABLE else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{more}"


def _read(cell: str, column: str, t: Texts) -> str:
    """Write a cell of a CSV file as its readers do, without digits that nobody reads; the file has all of them.

    Examples
    --------
    >>> t = Texts("id", "disparity")
    >>> _read("0.123456789", "mean", t), _read("2018", "year", t), _read("35.05", "code", t), _read("north", "zone", t)
    ('0,123457', '2018', '35.05', 'utara')
    """
    if column in VERBATIM:
        return cell
    return t.significant(float(cell)) if DECIMAL.fullmatch(cell) else t.word(cell)


def _claims(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _copy(out: Path, products: list[str], folder: Path) -> None:
    for product in products:
        if product.startswith(("figures/", "tables/")) and product.endswith((".svg", ".png", ".csv")):
            (folder / product).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(out / product, folder / product)
