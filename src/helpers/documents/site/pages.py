"""The pages themselves, put together from what the stages published."""

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from helpers import files, languages
from helpers.documents.site import downloads, glossary, notebook, search
from helpers.publish import atlas, tables
from helpers.publish.texts import Texts
from helpers.study import parameters

HERE = Path(__file__).parent
BODY = re.compile(r"<body>\s*(.*?)\s*</body>", re.DOTALL)
STATUSES = ("published", "simulated", "illustrative")
LONG_TABLE = 40
VERBATIM = {name for styles in tables.schemas().values() for name, style in styles.items()
            if style in ("text", "year")}
DECIMAL = re.compile(r"-?\d+\.\d+(e-?\d+)?")
MORE = '<p class="more">'
OWN_PACKAGE = "kesenjangan-blitar"
ATLAS = "figures/atlas.html"
# What the other commands write beside the folder of the site.
BESIDE = {"report": ("report.pdf", "report.docx", "report/"), "slides": ("slides/",),
          "course": ("course/",), "explore": ()}


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
        return f"{self.made['page']}.html" + (f"#cell-{self.made['cell']}"
                                              if self.made["cell"] else "")

    @property
    def complete(self) -> bool:
        """Whether all rows are shown."""
        return MORE not in self.html


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path, facts: dict,
         other: str | None = None, verdict: str | None = None) -> None:
    """Write the site of a build.

    Parameters
    ----------
    out : Path
        The output folder, with ``notebooks``, ``tables`` and ``figures``.
    products : list of str
        What the stages made, e.g. ``tables/scores.csv``, in the order in which it is shown; nothing
        else is shown.
    lang : str
    package : dict
        What the data package says about itself. Only the project's own package is introduced as the
        thesis; any other one by its own title and description.
    folder : Path
        Where the site goes. It stands on its own: figures and data are copied into it.
    facts : dict
        What made what, as the build writes it to ``provenance.json``.
    other : str, optional
        Where the same pages in the other language are, seen from these: ``en/`` or ``../``.
    verdict : str, optional
        Where the page of the reviewer's verdict is, seen from these.
    """
    t = Texts(lang, "site")
    figures, shown_tables = _figures(out, products, facts, t), _tables(out, products, facts)
    downloads.write(out, products, figures, shown_tables, lang, folder)
    own = package.get("name") == OWN_PACKAGE
    name = name_of(package, t)
    known = glossary.terms(lang)
    write = _Writer(folder, {
        "t": t, "figures": figures, "tables": shown_tables, "site_name": name, "facts": facts,
        "verdict_place": verdict, "beside": BESIDE, "mapped": ATLAS in products,
        "in_other": Texts(languages.other(lang), "site"), "other": other})
    pages = write.notebooks(
        [out / product for product in _of_kind(products, "notebooks", ".ipynb")], known)
    claims = _claims(out / "tables" / "claims.csv") if "tables/claims.csv" in products else []
    write("index", t("index.title") if own else name, own=own, package=package, claims=claims,
          main_map=_main_map(figures),
          counts=Counter(claim["verdict"] for claim in claims if claim["basis"] == "published"))
    titles = {kind: t(f"{kind}.title")
              for kind in ("figures", "tables", "glossary", "search", "provenance")}
    write("figures", titles["figures"])
    write("tables", titles["tables"])
    write("glossary", titles["glossary"], terms=known)
    write("search", titles["search"])
    write("provenance", titles["provenance"], meaning=partial(parameters.meaning, lang=lang),
          **_shared(facts))
    for number, page in enumerate(pages):
        write(page.name, page.title, template="stage", page=page,
              before=pages[number - 1] if number else None,
              after=pages[number + 1] if number + 1 < len(pages) else None)
    if ATLAS in products:
        files.write(folder / "map.html",
                    write.with_way_back((out / ATLAS).read_text(encoding="utf-8")))
    files.write(folder / "provenance.json", json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    files.write(folder / "site.css",
                (HERE / "site.css").read_text(encoding="utf-8") + notebook.code_colours())
    for script in ("site.js", "search.js"):
        files.write(folder / script, (HERE / script).read_text(encoding="utf-8"))
    files.write(folder / "search-index.js",
                search.script(search.entries(pages, figures, shown_tables, known, titles)))


def name_of(package: dict, t: Texts) -> str:
    """What a data package is called: the thesis for the project's own, else by its own title.

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

    def __init__(self, folder: Path, common: dict):
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup

        self.folder = folder
        self.environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True,
                                       undefined=StrictUndefined, trim_blocks=True,
                                       lstrip_blocks=True)
        self.environment.filters |= {"markup": Markup, "in_language": languages.in_language}
        # Evidence is a table; a figure may have the same name.
        places = {result.name: (kind, result.about["title"]) for kind in ("figures", "tables")
                  for result in common[kind]}
        self.common = common | {"statuses": STATUSES, "places": places,
                                "resources": _resources(common["facts"])}

    def notebooks(self, paths: list[Path], known: list[glossary.Term]) -> list[notebook.Page]:
        """Read the notebooks; below their figures and tables stand links to the data and to how
        they were made."""
        parts, t = self.environment.get_template("parts.html").module, self.common["t"]
        captions, origins = ({result.name: str(part(t, result)) for result in self.common[kind]}
                             for kind, part in (("figures", parts.caption), ("tables",
                                                                             parts.origin)))
        names = frozenset(path.stem for path in paths)
        read = [notebook.read(path, captions, origins, names, t.lang) for path in paths]
        self.common["pages"] = [replace(page, body=glossary.linked(page.body, known))
                                for page in read]
        return self.common["pages"]

    def with_way_back(self, page: str) -> str:
        """Page that stands on its own, with a link to the start page."""
        return page.replace(
            atlas.NAVIGATION,
            str(self.environment.get_template("parts.html").module.back(self.common)))

    def __call__(self, name: str, title: str, template: str | None = None, **values) -> None:
        text = self.environment.get_template(f"{template or name}.html").render(
            self.common | values | {"name": name, "title": title})
        files.write(self.folder / f"{name}.html", text + "\n")


def _of_kind(products: list[str], kind: str, ending: str) -> list[str]:
    return [product for product in products
            if product.startswith(f"{kind}/") and product.endswith(ending)]


def _figures(out: Path, products: list[str], facts: dict, t: Texts) -> list[Result]:
    return [_result(out / product, facts, _html_of_csv((out / product).with_suffix(".csv"), t))
            for product in _of_kind(products, "figures", ".json")]


def _tables(out: Path, products: list[str], facts: dict) -> list[Result]:
    return [_result(out / product, facts,
                    BODY.search((out
                                 / product).with_suffix(".html").read_text(encoding="utf-8")).group(
                                     1)) for product in _of_kind(products, "tables", ".json")]


def _result(side_car: Path, facts: dict, html: str) -> Result:
    made = facts["products"][f"{side_car.parent.name}/{side_car.stem}"]
    page = Path(facts["stages"][made["stage"]]["notebook"]["path"]).stem
    return Result(side_car.stem, json.loads(side_car.read_text(encoding="utf-8")), html,
                  made | {"page": page})


def _resources(facts: dict) -> dict[str, dict]:
    """Every resource that one of the stages reads."""
    return {name: about for stage in facts["stages"].values()
            for name, about in stage["resources"].items()}


def _shared(facts: dict) -> dict:
    """What all stages share, the environment, and the names of their pages."""
    stages = facts["stages"]
    return {"environment": next(iter(stages.values())),
            "pages_by_stage": {name: Path(stage["notebook"]["path"]).stem
                               for name, stage in stages.items()}}


def _html_of_csv(path: Path, t: Texts) -> str:
    """Write the numbers behind a figure as a table for people: words and numbers in their
    language."""
    from markupsafe import escape

    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    words = Texts(t.lang,
                  json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["stage"])
    lines = ["<tr>" + "".join(f"<td>{escape(_read(cell, name, words))}</td>" for name, cell in zip(
        header, row, strict=True)) + "</tr>" for row in rows[:LONG_TABLE]]
    head = "".join(f'<th scope="col">{escape(tables.heading(name, words))}</th>' for name in header)
    more = f'{MORE}{t("figures.data_more", shown=LONG_TABLE, rows=len(rows))}</p>' if len(
        rows) > LONG_TABLE else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{more}"


def _read(cell: str, column: str, t: Texts) -> str:
    """Write a cell of a CSV file as its readers do, without digits that nobody reads; the file has
    all of them.

    Examples
    --------
    >>> t = Texts("id", "disparity")
    >>> _read("0.123456789", "mean", t), _read("2018", "year", t), _read("35.05", "code", t), _read("north", "zone", t)
    ('0,123457', '2018', '35.05', 'utara')
    """
    if column in VERBATIM:
        return cell
    return t.significant(float(cell)) if DECIMAL.fullmatch(cell) else tables.said(cell, column, t)


def _main_map(figures: list[Result]) -> Result | None:
    """Map for the start page: of the first indicator that has one of its own, else any map."""
    maps = [figure for start in ("map_", "reference_map") for figure in figures
            if figure.name.startswith(start)]
    return maps[0] if maps else None


def _claims(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
