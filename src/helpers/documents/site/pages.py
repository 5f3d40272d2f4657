"""Pages of the site, put together from what the stages published."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from helpers import files, languages
from helpers.documents.site import (
    brushing,
    downloads,
    glossary,
    notebook,
    search,
    start_page,
    whatif,
)
from helpers.publish import atlas, exports, tables
from helpers.publish.policy import as_script, nonce, policy
from helpers.publish.texts import Texts
from helpers.study import codes, parameters
from helpers.study.package import STATUSES, Package, is_own

HERE = Path(__file__).parent
BODY = re.compile(r"<body>\s*(.*?)\s*</body>", re.DOTALL)
LONG_TABLE, LONGEST_TABLE = 40, 300  # rows shown of numbers behind a figure, and of a table
VERBATIM = exports.columns_of("text", "names", "year")
NAMES = exports.columns_of("names")
DECIMAL = re.compile(r"-?\d+\.\d+(e-?\d+)?")
MORE = '<p class="more">'
ATLAS = "figures/atlas.html"
BACK = "../"  # where pages in the second language find those in the first
# What the other commands write beside the folder of the site.
BESIDE = {"docs": ("docs/",), "report": ("report.pdf", "report.docx", "report/"),
          "slides": ("slides/",), "course": ("course/",), "explore": ()}
KINDS = ("figures", "tables", "glossary", "search", "provenance")


@dataclass(frozen=True)
class Result:
    """Published table or figure: its sidecar, its numbers as HTML, and what made it, by page."""

    name: str
    about: dict
    html: str
    made: dict

    @property
    def cell_link(self) -> str:
        """Address of the cell that made it."""
        place = f"#cell-{self.made['cell']}" if self.made["cell"] else ""
        return f"{self.made['page']}.html{place}"

    @property
    def complete(self) -> bool:
        """Whether all rows are shown."""
        return MORE not in self.html


def make(out: Path, products: list[str], lang: str, package: dict, folder: Path, facts: dict,
         other: str | None = None, verdict: str | None = None,
         processed: Path | None = None, beside: Callable | None = None,
         raw: Path | None = None) -> None:
    """Write the site of a build: it stands on its own, figures and data are copied into `folder`.

    Nothing is shown but `products`, what the stages made in the folder `out`, in their order. The
    project's own `package` (what it says about itself) is introduced as the thesis, any other one
    by its own title and description. `facts` says what made what, as in ``provenance.json``;
    `other` and `verdict` lead, seen from these pages, to those in the other language and of the
    verdict. What stages handed over lies in `processed`, the data package in `raw`. With `beside`,
    the files for download are written by another process meanwhile: it takes a function and its
    arguments, and returns what waits for its end.
    """
    t, known = Texts(lang, "site"), glossary.terms(lang)
    own, stages = is_own(package), _of_stages(facts)
    resources = stages["resources"]
    names = codes.names(Package(raw), resources, lang) if raw else {}
    figures, shown = _figures(out, products, facts, t), _tables(out, products, facts, t)
    # A resource or an indicator may be called what a table is called.
    named = {result.name: result.about["title"] for result in [*figures, *shown]
             if result.name not in resources} | names
    figures, shown = ([replace(result, html=tables.spelled(result.html, named))
                       for result in results] for results in (figures, shown))
    sources = _sources(raw, resources)
    # Data have no language: pages in two languages share them.
    place = f"{other if other == BACK else ''}data/"
    written = (beside or _at_once)(downloads.write, out, products, figures, shown, lang, folder)
    write = _Writer(folder, {
        "t": t, "figures": figures, "tables": shown, "site_name": name_of(package, t),
        "raw_files": downloads.write_raw(raw, resources, folder / place), "raw_place": place,
        "sources": sources, "linked": brushing.content(out, products, lang),
        "computed": f"processed/{whatif.NAME}.csv" in products,
        "facts": facts, "verdict_place": verdict, "beside": BESIDE,
        "layout": "base.html", "mapped": ATLAS in products,
        "in_other": Texts(languages.other(lang), "site"), "other": other, "terms": known,
        "meaning": partial(parameters.meaning, lang=lang), **stages})
    write.environment.filters["sourced"] = partial(_sourced, known=sources)
    pages = write.notebooks(
        [out / product for product in of_kind(products, "notebooks", ".ipynb")], named)
    if not own:
        write.common["terms"] = known = glossary.occurring(known, [page.body for page in pages])
    claims, periods, findings, analyses = (
        files.rows_of(out / name) if name in products else []
        for name in ("tables/claims.csv", "tables/claim_periods.csv",
                     "tables/published_comparison.csv", start_page.ANALYSES))
    basis = {claim["claim"]: claim["basis"] for claim in claims}
    write("index", t("index.title") if own else name_of(package, t), own=own, package=package,
          claims=start_page.claims(claims, facts, lang), main_map=_main_map(figures, own),
          findings=_by_claim(findings), counts=start_page.counts(claims),
          periods=_by_claim(start_page.claims(periods, facts, lang)),
          analyses=start_page.analyses(analyses, basis, t), split=start_page.split_year(facts, out))
    titles = {kind: t(f"{kind}.title") for kind in KINDS}
    for kind, title in titles.items():
        write(kind, title)
    for before, page, after in zip([None, *pages], pages, [*pages[1:], None]):
        write(page.name, page.title, template="stage", page=page, before=before, after=after)
    index = search.script(search.entries(pages, figures, shown, known, titles))
    if write.common["computed"]:
        found = whatif.content(processed / f"{whatif.NAME}.csv", claims, facts, lang, names)
        followed = whatif.followed(out, processed, products, found["choices"], lang)
        # Outlines stand in the page.
        found["followed"] = [one | {"drawn": one["drawn"] is not None} for one in followed]
        write("whatif", t("whatif.title"), claims=found["claims"], choices=whatif.by_stage(found),
              followed=followed, data=as_script(found), script=asset("whatif.js"),
              findings=_by_claim(findings))
    if found := write.common["linked"]:
        write("brushing", t("brushing.title"), found=found, scale=brushing.scale(found["areas"], t),
              data=as_script({name: found[name] for name in brushing.READ}),
              script=asset("brushing.js"))
    contents = {"site.css": asset("site.css") + notebook.code_colours(),
                "site.js": asset("site.js"), "search.js": asset("search.js"),
                "search-index.js": index, "provenance.json": files.as_json(facts)}
    if ATLAS in products:
        contents["map.html"] = write.with_way_back((out / ATLAS).read_text(encoding="utf-8"))
    for name, text in contents.items():
        files.write(folder / name, text)
    written()


def _at_once(function: Callable, *given) -> Callable:
    function(*given)
    return lambda: None


def _sources(raw: Path | None, resources: dict) -> dict[str, dict]:
    """Rows of the sources by key, where the package has them as a table."""
    if not raw or "sources" not in resources:
        return {}
    rows = Package(raw).resource("sources").read_text_table().to_dict("records")
    return {row["source"]: row for row in rows}


def _sourced(text: str, known: dict[str, dict]):
    """Text with links from the keys of sources to what they are."""
    from markupsafe import Markup, escape

    keys = "|".join(re.escape(str(escape(key))) for key in sorted(known, key=len, reverse=True))
    link = r'<a href="provenance.html#source-\1">\1</a>'
    return Markup(re.sub(rf"(?<!\w)({keys})(?!\w)", link, str(escape(text)))
                  if known else escape(text))


def name_of(package: dict, t: Texts) -> str:
    """Name of a data package: the thesis for the project's own, else its own title.

    >>> name_of({"name": "kesenjangan-blitar"}, Texts("en", "site"))
    'Disparity in Blitar'
    """
    if is_own(package):
        return t("site.name")
    return package.get("title") or package.get("name") or t("site.other")


def environment():
    """Environment of the templates; everything that is not markup of our own is escaped."""
    from markupsafe import Markup

    made = files.templates(HERE / "templates")
    made.globals |= {"policy": policy, "style": asset("site.css")}
    made.filters |= {"markup": Markup, "in_language": languages.in_language,
                     "shown": lambda value, t: tables.cell(tables.as_number(value), "any", t)}
    return made


class _Writer:
    """Fills the templates with what is common to all pages, and each page's own."""

    def __init__(self, folder: Path, common: dict):
        self.folder, self.environment = folder, environment()
        self.parts = self.environment.get_template("parts.html").module
        # Evidence is a table; a figure may have the same name.
        places = {result.name: (kind, result.about["title"]) for kind in ("figures", "tables")
                  for result in common[kind]}
        self.common = common | {"statuses": STATUSES, "places": places}

    def notebooks(self, paths: list[Path], named: dict[str, str]) -> list[notebook.Page]:
        """Notebooks as pages, with links to data and origin below their figures and tables."""
        t, terms = self.common["t"], self.common["terms"]
        captions = {figure.name: str(self.parts.caption(t, figure))
                    for figure in self.common["figures"]}
        origins = {table.name: str(self.parts.origin(t, table)) for table in self.common["tables"]}
        names = frozenset(path.stem for path in paths)
        pages = [notebook.read(path, captions, origins, names, t.lang) for path in paths]
        self.common["pages"] = [
            replace(page, body=tables.spelled(glossary.linked(page.body, terms), named))
            for page in pages]
        return self.common["pages"]

    def with_way_back(self, page: str) -> str:
        """Page that stands on its own, with a link to the start page."""
        return page.replace(atlas.NAVIGATION, str(self.parts.back(self.common)))

    def __call__(self, name: str, title: str, template: str | None = None, **values) -> None:
        page = self.environment.get_template(f"{template or name}.html")
        mark = nonce(values["data"], values["script"]) if "script" in values else ""
        text = page.render(self.common | values | {"name": name, "title": title, "nonce": mark})
        files.write(self.folder / f"{name}.html", text + "\n")


def of_kind(products: list[str], kind: str, ending: str) -> list[str]:
    """Products in a folder of the outputs whose names end so."""
    return [product for product in products
            if product.startswith(f"{kind}/") and product.endswith(ending)]


def sidecars(out: Path, products: list[str], kind: str) -> list[tuple[Path, dict]]:
    """Sidecars of the published tables or figures, in order: path and content."""
    return [(out / product, json.loads((out / product).read_text(encoding="utf-8")))
            for product in of_kind(products, kind, ".json")]


def _figures(out: Path, products: list[str], facts: dict, t: Texts) -> list[Result]:
    return [_result(path, about, facts, _numbers(path.with_suffix(".csv"),
                                                 Texts(t.lang, about["stage"]), t))
            for path, about in sidecars(out, products, "figures")]


def _tables(out: Path, products: list[str], facts: dict, t: Texts) -> list[Result]:
    found = []
    for path, about in sidecars(out, products, "tables"):
        page = path.with_suffix(".html").read_text(encoding="utf-8")
        found.append(_result(path, about, facts, _beginning(BODY.search(page).group(1), t)))
    return found


def _beginning(html: str, t: Texts) -> str:
    """Table with its first rows, where it has more than a page can show to a reader."""
    rows = html.split("<tr>")
    if len(rows) <= LONGEST_TABLE + 2:
        return html
    more = t("figures.data_more", shown=LONGEST_TABLE, rows=len(rows) - 2)
    return "<tr>".join(rows[:LONGEST_TABLE + 2]).rstrip() + f"</tbody></table>{MORE}{more}</p>"


def _result(path: Path, about: dict, facts: dict, html: str) -> Result:
    made = facts["products"][f"{path.parent.name}/{path.stem}"]
    page = Path(facts["stages"][made["stage"]]["notebook"]["path"]).stem
    return Result(path.stem, about, html, made | {"page": page})


def _of_stages(facts: dict) -> dict:
    """Resources that stages read, environment, and names of their pages."""
    stages = facts["stages"]
    return {"environment": next(iter(stages.values())),
            "resources": {name: about for stage in stages.values()
                          for name, about in stage["resources"].items()},
            "pages_by_stage": {name: Path(stage["notebook"]["path"]).stem
                               for name, stage in stages.items()}}


def _numbers(path: Path, words: Texts, t: Texts) -> str:
    """Numbers behind a figure as a table for people, in their language."""
    from markupsafe import escape

    if not path.is_file():
        return ""
    rows = files.rows_of(path)
    head = "".join(f'<th scope="col">{escape(tables.heading(name, words))}</th>'
                   for name in rows[0])
    kinds = {name: ' class="names"' * (name in NAMES) for name in rows[0]}
    lines = ["".join(f"<td{kinds[name]}>{escape(_read(cell, name, words))}</td>"
                     for name, cell in row.items()) for row in rows[:LONG_TABLE]]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    more = t("figures.data_more", shown=LONG_TABLE, rows=len(rows))
    return (f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            + (f"{MORE}{more}</p>" if len(rows) > LONG_TABLE else ""))


def _read(cell: str, column: str, t: Texts) -> str:
    """Cell of a CSV file as its readers write it, without digits that nobody reads.

    >>> t = Texts("id", "disparity")
    >>> _read("0.123456789", "mean", t), _read("2018", "year", t), _read("north", "zone", t)
    ('0,123457', '2018', 'utara')
    """
    if column in VERBATIM:
        return cell
    if DECIMAL.fullmatch(cell):
        return t.significant(float(cell))
    return tables.in_words(cell, column, t)


def _main_map(figures: list[Result], own: bool) -> Result | None:
    """Map for the start page: of the indicator that is followed, or, in the project's own package
    where two periods stand side by side, of the first one that has a map of its own."""
    starts = ("map_", "reference_map") if own else ("reference_map", "map_")
    return next((figure for start in starts for figure in figures
                 if figure.name.startswith(start)), None)


def _by_claim(rows: list[dict]) -> dict[str, list[dict]]:
    """Rows of a table by the claim that they are about."""
    by_claim: dict[str, list[dict]] = {}
    for row in rows:
        by_claim.setdefault(row["claim"], []).append(row)
    return by_claim


def asset(name: str) -> str:
    """Text of a file beside the templates: style or script."""
    return (HERE / name).read_text(encoding="utf-8")
