"""The whole chain, as a reviewer runs it: every table and figure, both languages, other
packages."""

import json
import re
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from accessibility import violations
from browser import Browser
from conftest import QUICK, tell_run
from language_checks import LANGUAGE, foreign, numbers, readings, visible
from PIL import Image
from report_checks import alternative_texts, document_of, fonts_without_a_file, text_of
from shared_build import helpers
from small_site import PIXEL
from test_chain import of_a_build, of_the_chain

from helpers.documents import site, slides
from helpers.documents.slides import picture
from helpers.explorer.session import Explorer
from helpers.publish import tables
from helpers.publish.texts import LOCALE, Texts, catalogue
from helpers.run import dependencies, runner
from helpers.run.inputs import read_inputs
from helpers.run.project import Project, digest
from helpers.study import parameters
from helpers.study.package import Package

ROOT = Path(__file__).resolve().parents[1]
FIGURES = {path.stem for path in (ROOT / "reference" / "drawings").glob("*.png")}
# Goes through a deck; of every slide: its heading, how small it was set, what sticks out of the
# sheet.
EVERY_SLIDE = """[...Array(Reveal.getTotalSlides())].map((_, number) => {
  if (number) Reveal.next();
  const sheet = Reveal.getCurrentSlide().querySelector(".sheet");
  const box = sheet.getBoundingClientRect();
  const over = [...sheet.children].filter((part) => part.getBoundingClientRect().bottom > box.bottom
    || part.scrollWidth > part.clientWidth + 2).map((part) => part.textContent.slice(0, 60));
  const centre = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const seen = sheet.contains(centre);
  if (!seen || box.width < 1100) over.push("the sheet is not seen");
  const size = +(sheet.style.getPropertyValue("--size") || 1);
  return [sheet.textContent.trim().slice(0, 60), size, over];
})"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The project's own package, built with few permutations, with pages in both languages."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.yml").write_text(f"lang: id\n{QUICK}", encoding="utf-8")
    call = ["all", f"OUT={folder / 'out'}", f"PARAMS={folder / 'small.yml'}", "lang=both"]
    # As a user without make does.
    done = subprocess.run([sys.executable, str(ROOT / "src" / "helpers"), *call], cwd=ROOT,
                          capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def out(built) -> Path:
    """The outputs."""
    return built / "out"


@pytest.fixture(scope="module")
def english(built) -> Path:
    """The same outputs in English, which the pages in both languages were made from, and slides of
    them."""
    folder = built / "out" / ".build" / "en"
    done = helpers("slides", f"OUT={folder}", f"PARAMS={built / 'small.yml'}", "lang=en")
    assert (done.returncode == 0
            and "scoring      up to date" in done.stdout), done.stdout + done.stderr
    return folder


def test_every_published_table_is_that_of_the_chain(built, out, monkeypatch):
    """To the byte; `test_chain` compares tables far from the project's parameters. What the build
    noted of claims under the very same things is taken over."""
    project = Project(ROOT / "data" / "raw", out, out / "processed", built / "small.yml")
    made_from = runner.Build(project, read_inputs(project), ["synthesis"]).contents["synthesis"]
    tell_run(monkeypatch, out, shared=project.shared,
             code=digest(dependencies.code_of(made_from)))
    assert of_the_chain(parameters.load(built / "small.yml")) == of_a_build(out)


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_tables_are_exactly_those_of_the_contract(out):
    assert {path.stem for path in (out / "tables").glob("*.csv")} == set(tables.schemas())
    for name, columns in tables.schemas().items():
        found = read(out, name)
        assert list(found.columns) == [*columns, "status"], name
        assert set(found["status"]) <= {"published", "simulated", "illustrative"}, name


@pytest.mark.parametrize("status, names", [
    ("published", ["sample_size", "sample_allocation", "zone_indicators", "inequality",
                   "spatial_autocorrelation",
                   "local_clusters", "development_index", "scale_effect",
                   "national_context"]),
    ("simulated", ["reliability", "item_analysis", "scores", "need_access_gap",
                   "aspect_contrasts", "zone_contrasts", "score_regression", "factor_count",
                   "factor_loadings", "factor_models"]),
    ("illustrative", ["ffa_factors", "ffa_balance", "strategies"]),
])
def test_status_reaches_every_table(out, status, names):
    for name in names:
        assert set(read(out, name)["status"]) == {status}, name


def test_the_table_that_the_reference_holds_no_copy_of_is_the_explorers(out, monkeypatch):
    """Two ways through the code, the build's and the explorer's."""
    tell_run(monkeypatch, out, checked=Package(ROOT / "data" / "raw").fingerprint)
    found = Explorer(ROOT / "data" / "raw", lang="en").results.table("national_context", {})
    built = read(out, "national_context")
    assert len(found) == len(built) > 1000
    for name in found:
        if pd.api.types.is_float_dtype(built[name]):
            assert found[name].astype(float).to_numpy() == pytest.approx(
                built[name].to_numpy(), rel=1e-9, nan_ok=True), name
        else:
            assert found[name].astype(str).tolist() == built[name].astype(str).tolist(), name


def test_every_figure_is_there_with_what_belongs_to_it(out):
    assert {path.stem for path in (out / "figures").glob("*.png")} == FIGURES
    # Every text is that of a figure; maps of indicators share theirs, and other packages begin
    # with a map of their own, or have no people to count in Lorenz curves.
    named = {key.split(".")[1] for path in LOCALE.joinpath("en", "LC_MESSAGES").glob("*.po")
             for key in catalogue(path.stem, "en") if re.fullmatch(r"figure\.\w+\.title", key)}
    named -= {"map_indicator", "villages", "reference_map", "lorenz_plain"}
    assert named | {"map_idm_index", "map_senior_secondary_share", "villages_idm_index",
                    "villages_nightlight_mean"} == FIGURES
    for name in FIGURES:
        about = json.loads((out / "figures" / f"{name}.json").read_text(encoding="utf-8"))
        for part in ("title", "caption", "alt", "source", "status"):
            assert about[part].strip(), f"{name}: {part}"
        for ending in ("svg", "png"):
            assert (out / "figures" / f"{name}.{ending}").stat().st_size < 500_000, name
        assert len(pd.read_csv(out / "figures" / f"{name}.csv")) > 0, name


def test_numbers_that_the_published_figures_fix(out):
    sizes = read(out, "sample_size").set_index("method")
    assert sizes.loc["slovin", ["population", "n"]].tolist() == [128951, 399]
    allocation = read(out, "sample_allocation")
    assert len(allocation) == 25 and allocation["n"].sum() == 399
    assert (allocation["n"] * allocation["weight"]).sum() == pytest.approx(128951)
    inequality = read(out, "inequality")
    assert (inequality["theil_between"] + inequality["theil_within"]).sub(
        inequality["theil"]).abs().max() < 1e-12


def test_claims_are_decided_and_contradictions_said(out):
    claims = read(out, "claims").set_index("claim")
    assert len(claims) == 14 and set(claims["status"]) == {"published", "simulated", "illustrative"}
    assert (claims["status"] == claims["basis"]).all()
    assert claims.loc[["c02", "c03", "c13"], "verdict"].tolist() == ["supported"] * 3
    assert claims.loc[["c01", "c04", "c05", "c12"], "verdict"].tolist() == ["mixed"] * 4
    for evidence in claims["evidence"]:
        for name in re.split(r"[;, ]+", evidence):
            assert (out / "tables" / f"{name}.csv").is_file() or (out / "figures"
                                                                  / f"{name}.csv").is_file(), name


def test_executed_notebooks_ran_through_in_one_language(out):
    for number, path in enumerate(sorted((out / "notebooks").glob("*.ipynb"))):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert path.name.startswith(str(number))
        for cell in notebook["cells"]:
            assert "lang-en" not in cell["metadata"].get("tags", [])
            for output in cell.get("outputs", []):
                assert output["output_type"] != "error"
                assert output.get("name") != "stderr", f"{path.name}: {output.get('text')}"
    assert number == 5


def test_pages_show_every_figure_and_table(out):
    figures_page = (out / "site" / "figures.html").read_text(encoding="utf-8")
    tables_page = (out / "site" / "tables.html").read_text(encoding="utf-8")
    assert all(f'"{name}"' in figures_page for name in FIGURES)
    assert all(f'"{name}"' in tables_page for name in tables.schemas())


def test_the_pages_are_small(out):
    """Both languages together (47 figures: 15 MB held 37; 2 MB are raw tables and what if), and
    what the first page loads at once or later."""
    site = out / "site"
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 22_800_000
    first = (site / "index.html").read_text(encoding="utf-8")
    loaded = {
        site / name for name in re.findall(r'(?:src|(?<=stylesheet" )href)="([^"]+)"', first)
    } | {site / "index.html"}
    assert len(loaded) > len(FIGURES) and sum(path.stat().st_size for path in loaded) < 1_000_000


def test_evidence_of_claims_is_a_table_where_there_is_one(out):
    index = (out / "site" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'<td class="evidence"><a href="(\w+)\.html#(\w+)"', index)
    assert len(links) > 10 and ("tables", "strategies") in links
    assert {place for place, name in links if name in tables.schemas()} == {"tables"}


def test_pages_in_both_languages_lead_to_each_other(out):
    pages = {path.name for path in (out / "site").glob("*.html")}
    assert pages == {path.name
                     for path in (out / "site" / "en").glob("*.html")} and "glossary.html" in pages
    for name in pages:
        ours, theirs = ((out / "site" / folder / name).read_text(encoding="utf-8")
                        for folder in ("", "en"))
        assert f'href="en/{name}"' in ours and '<html lang="id">' in ours, name
        assert f'href="../{name}"' in theirs and '<html lang="en">' in theirs, name


def test_every_link_of_the_pages_leads_somewhere(out):
    """Files, and places in pages: of the notebooks, the glossary, the search."""
    site = out / "site"
    texts = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    places = {path: set(re.findall(r' id="([^"]+)"', text)) for path, text in texts.items()}
    links = [(path, link) for path, text in texts.items()
             for link in re.findall(r' (?:href|src)="([^"]+)"', text)]
    for folder in (site, site / "en"):
        index = (folder / "search-index.js").read_text(
            encoding="utf-8").removeprefix("const SEARCH_INDEX = ")
        links += [(folder / "search.html", entry[0]) for entry in json.loads(index.rstrip(";\n"))]
    for path, link in links:
        target, _, place = link.partition("#")
        if not link.startswith("data:") and not (path.name == "provenance.html"
                                                 and link.startswith(("https:", "http:"))):
            file = (path.parent / target).resolve() if target else path
            assert file.is_file() and (not place or place in places[file]), (path.name, link)


def shown_by_the_map(browser: Browser, page: Path) -> str:
    """Return everything that the interactive map shows or says, one indicator after the other, in
    its last year."""
    browser.open(page)
    return browser.run("""[...layerList.options].map((_, number) => {
      layerList.value = number;
      showLayer();
      return [document.body.innerText, document.querySelector("tbody").textContent,
        ...areas.map((area) => area.ariaLabel)].join("\\n");
    }).join("\\n")""")


def test_real_pages_are_for_everyone(out):
    browser = Browser()
    try:
        for name, width in (("index", 390), ("en/3_disparity", 390), ("provenance", 1280)):
            browser.open(out / "site" / f"{name}.html", width=width)
            found = [
                violation for violation in violations(browser)
                if violation[0] in ("serious", "critical")
            ]
            assert found == [] and browser.run(
                "document.documentElement.scrollWidth") <= width, name
            assert browser.complaints() == [], name
        shown = {
            lang: shown_by_the_map(browser, out / "site" / folder / "map.html")
            for lang, folder in (("id", ""), ("en", "en"))
        }
        assert {lang: foreign(text, lang) for lang, text in shown.items()} == {"id": [], "en": []}
        ours, theirs = (numbers(text, lang) for lang, text in shown.items())
        assert ours == theirs and len(ours) > 100
    finally:
        browser.close()


def test_the_interactive_map_needs_no_other_file(out):
    page = (out / "site" / "map.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 500_000 and not re.search("https?:", page)
    assert 'href="index.html"' in page
    content = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])
    assert len(content["areas"]) == 25 and [layer["years"][-1:]
                                            for layer in content["layers"]][0] == ["2024"]
    assert 'href="map.html"' in (out / "site" / "index.html").read_text(encoding="utf-8")


def test_the_report_shows_every_table_and_figure(built, out):
    done = helpers("report", f"OUT={out}", f"PARAMS={built / 'small.yml'}")
    assert done.returncode == 0 and "scoring      up to date" in done.stdout, done.stderr
    assert all((out / name).exists() for name in site.pages.BESIDE["report"])
    text = " ".join(text_of(out / "report.pdf").split())
    in_pdf = Counter(text.split())
    for name, styles in tables.schemas().items():
        frame, t = tables.read(out / "tables" / f"{name}.csv"), Texts("id", "common")
        numeric = [column for column, style in styles.items() if tables.is_number(style)]
        cells = Counter(cell for row in tables.written(frame[numeric], styles, t) for cell in row)
        assert t(f"table.{name}.title") in text, name
        assert not {
            cell for cell, count in cells.items() if in_pdf[cell] < count and " " not in cell
        }, name
    spoken = alternative_texts(document_of(out / "report.pdf"))
    for name in FIGURES:
        assert json.loads(
            (out / "figures" / f"{name}.json").read_text(encoding="utf-8"))["alt"] in spoken, name
    assert fonts_without_a_file(document_of(out / "report.pdf")) == []
    assert "bukan temuan" in text and "akan didukung" in text
    assert foreign(in_own_words(text, Texts("id", "report")), "id") == []


def in_own_words(text: str, t: Texts) -> str:
    """Return what an Indonesian report says without the English abstract, the numbers of sections,
    and the works it cites."""
    contents, works, back = map(t, ("report.contents", "references.title", "appendix.tables"))
    left = re.sub(rf"{Texts('en', 'report')('abstract.title')} .*? {contents}|{works} .*? {back}",
                  " ", text)
    assert 0.8 * len(text) < len(left) < len(text)
    return re.sub(r"\b\d\.\d (?=[A-Z])", " ", left)


def test_a_second_call_does_nothing(built, out):
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    done = helpers("all", f"OUT={out}", f"PARAMS={built / 'small.yml'}", "lang=both")
    assert done.returncode == 0 and done.stdout.count("nothing to do") == 2
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == before


def test_the_other_language_has_the_same_numbers(out, english):
    for path in sorted((out / "tables").glob("*.csv")):
        assert (english / "tables" / path.name).read_bytes() == path.read_bytes(), path.name
    for name in FIGURES:
        ours, theirs = (json.loads(
            (folder / "figures" / f"{name}.json").read_text(encoding="utf-8"))
                        for folder in (out, english))
        assert ours["alt"] != theirs["alt"] and ours["status"] == theirs["status"], name
        assert 0 < (english / "figures" / f"{name}.svg").stat().st_size < 500_000, name


def test_numbers_are_written_as_the_language_writes_them(out, english):
    indonesian, other = readings(out), readings(english)
    for texts in (indonesian, other):
        assert {
            where: found for where, (lang, text) in texts.items() if (found := foreign(text, lang))
        } == {}
    assert {lang for lang, _ in indonesian.values()
            } == {"id", "en"} and {lang for lang, _ in other.values()} == {"en"}
    for where in (where for where in other if where.startswith("tables/")):
        assert numbers(indonesian[where][1], "id") == numbers(other[where][1], "en"), where


def test_no_slide_holds_more_than_fits(out, english, tmp_path):
    notebooks = [f"notebooks/{path.name}" for path in sorted((out / "notebooks").iterdir())]
    sidecars = [f"figures/{path.name}" for path in sorted((out / "figures").glob("*.json"))]
    slides.make(out, notebooks + sidecars, "id", {}, tmp_path)
    decks = [*tmp_path.glob("[!i]*.html"), *(english / "slides").glob("[!i]*.html")]
    assert len(decks) == 2 * len(notebooks)
    browser = Browser()
    try:
        for deck in decks:
            # A picture takes what is left of the sheet, whatever it shows; without it the browser
            # is much quicker.
            page, content = tmp_path / "page.html", re.sub(r"(?<=base64,)[A-Za-z0-9+/=]{999,}",
                                                           PIXEL, deck.read_text(encoding="utf-8"))
            assert foreign(visible(content), LANGUAGE.search(content)[1]) == [], deck.name
            page.write_text(content, encoding="utf-8")
            browser.open(page, 1280, 720)
            told = browser.run(EVERY_SLIDE)
            assert len(told) > 5 and all(size >= 0.7 and not over
                                         for _, size, over in told), (deck.name, told)
            assert browser.complaints() == [] and all(
                url.startswith(("file:", "data:")) for url in browser.requested())
    finally:
        browser.close()


def test_letters_of_every_figure_can_be_read_on_a_slide(out):
    letters = {}
    for path in (out / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                about = output.get("metadata", {}).get("image/png")
                if about and "slideshow" in cell["metadata"]:
                    image = Image.open(BytesIO(b64decode(output["data"]["image/png"])))
                    rows = picture.cuts(image, about)
                    letters[about["figure"]] = picture.smallest(image, about, rows)
    assert len(letters) > 25
    assert {name for name, size in letters.items() if size < picture.READABLE} == set()


def test_pages_of_an_own_package_keep_its_texts(out):
    read = {name: text for name, (_, text) in readings(out).items()}
    assert "seven kecamatan south of the river Brantas" in " ".join(
        read["site/en/3_disparity.html"].split())
    assert not [name for name, text in read.items()
                if "no number of another region" in " ".join(text.split())]


def test_a_wrong_package_ends_with_one_line_and_touches_nothing(package_copy, built, out):
    package_copy.edit_cell("frame", 4, "units", "-3")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    done = helpers("all", f"RAW={package_copy.folder}", f"OUT={out}")
    assert done.returncode == 2
    assert done.stderr.strip().startswith(
        "error: frame.csv: row 4, column 'units': '-3' is not allowed")
    assert len(done.stderr.strip().splitlines()) == 1
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
