"""The site in a real browser: for everyone, on every screen, by keyboard, by ear, on paper, in both
languages."""

import base64
import io
import json

import geopandas
import pandas as pd
import pytest
import shapely
from accessibility import violations
from browser import Browser
from pypdf import PdfReader
from small_site import FACTS, OWN, PRODUCTS, VERDICT, write_results

from helpers.documents import site
from helpers.documents.site.pages import asset
from helpers.publish import atlas
from helpers.publish.texts import Texts

WIDTHS = (1280, 390)
PAGES = ("index", "1_sampling", "figures", "tables", "glossary", "search", "provenance", "map",
         "verdict")
# What stands alone is large enough for a finger (WCAG 2.5.8): links within a sentence and shapes of
# the map are left out.
TOO_SMALL = """[...document.querySelectorAll("a, button, summary, input, select")].filter((one) => {
  const {width, height} = one.getBoundingClientRect();
  const around = one.parentElement.textContent.trim();
  const within = getComputedStyle(one).display === "inline"
    && one.closest("p, li, dd, td, figcaption, strong");
  return width && height && one.className !== "skip" && Math.min(width, height) < 23.5
    && !(within && around !== one.textContent.trim()) && !one.closest("strong");
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


def map_page(lang):
    """Four squares of a kilometre with one indicator."""
    squares = [shapely.box(x, y, x + 1000, y + 1000) for y in (0, 1000) for x in (0, 1000)]
    names = {
        "code": list("abcd"), "name": list("ABCD"), "zone": ["south", "south", "north", "north"]
    }
    areas = geopandas.GeoDataFrame(names, geometry=squares, crs=32749)
    values = pd.DataFrame({2018: [1.0, 2.0, 3.0, 4.0], 2024: [2.0, 4.0, 6.0, 8.0]},
                          index=list("abcd"))
    layers = [atlas.Layer("Light", "nW", values, [1, 4, 8], "S1", "published")]
    return atlas.page(areas, layers, t=Texts(lang, "disparity"), borders="tessellation")


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """The pages in both languages, as a build with lang=both lays them."""
    out = write_results(tmp_path_factory.mktemp("both"))
    for lang, folder, other in (("id", out / "site", "en/"), ("en", out / "site" / "en", "../")):
        (out / "figures" / "atlas.html").write_text(map_page(lang), encoding="utf-8")
        folder.mkdir(exist_ok=True)
        for name, text in site.verdict_pages(VERDICT, lang, True).items():
            (folder / name).write_text(text, encoding="utf-8")
        site.make(out, [*PRODUCTS, "figures/atlas.html"], lang, OWN, folder, FACTS, other,
                  site.verdict_place(folder, lang))
    return {"id": out / "site", "en": out / "site" / "en"}


@pytest.fixture
def page(browser, sites):
    """Open a page; narrow where it is asked for."""
    return lambda name, lang="id", width=1280: browser.open(sites[lang] / f"{name}.html", width=
                                                            width) or browser


def emulate(browser, **features):
    browser.call("Emulation.setEmulatedMedia", media=features.pop("media", ""), features=[
        {"name": name.replace("_", "-"), "value": value} for name, value in features.items()])


def type_key(browser, key, code, text):
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=code, text=text)


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_any_kind_of_page(page, sites, name, lang):
    for width in WIDTHS:
        browser = page(name, lang, width)
        browser.run("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert violations(browser) == [], width
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.documentElement.lang") == lang
    assert browser.run(TOO_SMALL) == []
    assert browser.complaints() == []
    assert all(
        address.startswith((sites["id"].as_uri(), "data:")) for address in browser.requested())


@pytest.mark.parametrize("name", ["index", "1_sampling", "tables"])
def test_dark_colours_can_be_read_too(page, browser, name):
    emulate(browser, prefers_color_scheme="dark")
    assert browser is page(name) and violations(browser) == []
    assert browser.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    emulate(browser)


def test_axe_would_find_something(page):
    browser = page("index")
    browser.run(
        "(field => { field.previousElementSibling.remove(); field.placeholder = ''; "
        "})(document.querySelector('input'))"
    )
    assert ["critical", "label"] in [found[:2] for found in violations(browser)]


def test_the_first_key_leads_past_the_navigation(page):
    browser = page("tables")
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    type_key(browser, "Enter", 13, "\r")
    assert browser.run("document.activeElement.id") == "content"


@pytest.mark.parametrize("lang, label, fourth",
                         [("id", "Urutkan menurut", "Putusan (turun)"),
                          ("en", "Sort by", "Verdict (descending)")])
def test_cards_of_claims_can_be_put_in_order(page, lang, label, fourth):
    choice = "document.querySelector('.order select')"
    assert page("index", lang, 1280).run(f"{choice}.offsetWidth") == 0
    browser = page("index", lang, 390)
    assert browser.run(f"{choice}.offsetWidth > 0 && {choice}.labels[0].textContent").startswith(
        label)
    assert browser.run(f"{choice}.options[4].text") == fourth
    first = ("[...document.querySelectorAll('.claims tbody tr')].map(row => "
             "row.cells[1].textContent)")
    given = browser.run(first)
    orders = []
    for _ in range(4):
        browser.run(f"{choice}.focus()")
        browser.press("ArrowDown")
        orders.append(browser.run(first))
    assert orders[2] == sorted(given) and orders[3] == orders[2][::-1] and orders[2] != orders[3]
    assert browser.run(
        "document.querySelectorAll('.claims th')[1].getAttribute('aria-sort')") == "descending"
    browser.run(f"{choice}.value = 'none'; {choice}.dispatchEvent(new Event('change'))")
    assert browser.run(first) == given


@pytest.mark.parametrize("lang", ["id", "en"])
def test_tables_sort_by_click_and_by_keyboard(page, lang):
    browser = page("tables", lang)
    if lang == "en":
        browser.run(
            "document.querySelectorAll('.sortable tbody td.number').forEach(cell => {"
            " cell.textContent = cell.textContent.replace(/[.,]/g, sign => sign === '.' ? ',' : "
            "'.'); })"
        )
    column = ("[...document.querySelectorAll('.sortable tbody tr')].map(row => "
              "row.cells[0].textContent)")
    state = "document.querySelectorAll('.sortable th')[1].getAttribute('aria-sort')"
    browser.run("document.querySelectorAll('.sort')[1].click()")
    assert browser.run(column) == ["c10", "c3", "c1", "c2"] and browser.run(state) == "ascending"
    browser.run("document.querySelectorAll('.sort')[1].focus()")
    type_key(browser, "Enter", 13, "\r")
    # What has no value stays last.
    assert browser.run(column) == ["c1", "c3", "c10", "c2"] and browser.run(state) == "descending"
    type_key(browser, " ", 32, " ")
    assert browser.run(column) == ["c1", "c2", "c10", "c3"] and browser.run(state) is None
    browser.run("document.querySelectorAll('.sort')[0].click()")
    assert browser.run(column) == ["c1", "c2", "c3", "c10"]


def test_code_can_be_folded_and_copied(page):
    browser = page("1_sampling")
    folds = "[...document.querySelectorAll('details.fold')].map(fold => fold.open)"
    assert set(browser.run(folds)) == {False}, "a reader begins with the text"
    browser.run("location.hash = '#cell-say'")
    browser.wait("document.querySelector('#cell-say details.fold').open")
    assert browser.run(folds).count(True) == 1, "a link to a cell asks for its code alone"
    assert browser.run("document.getElementById('fold-all').textContent") == "Lipat semua kode"
    browser.run("document.getElementById('fold-all').click()")
    assert set(browser.run(folds)) == {False}
    assert browser.run("document.getElementById('fold-all').textContent") == "Buka semua kode"
    browser.run("document.getElementById('fold-all').click()")
    assert set(browser.run(folds)) == {True}
    browser.call("Browser.grantPermissions", browserContextId=browser.profile,
                 permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.run("document.querySelector('#cell-say .copy').click()")
    browser.run("new Promise(done => setTimeout(done, 100))")
    assert browser.run(
        "[...document.querySelectorAll('[role=status]')].map(one => one.textContent)") == [
            "Tersalin"
        ]
    assert browser.run("navigator.clipboard.readText()") == "say()"


def test_an_error_of_a_notebook_stays_in_sight(page):
    browser = page("1_sampling")
    assert browser.run("document.querySelector('#cell-failed .failed').textContent"
                       ) == "ZeroDivisionError: division by zero"


def test_contents_stand_open_beside_a_wide_page_and_folded_above_a_narrow_one(page):
    for width, is_open in ((1280, True), (390, False)):
        assert page("1_sampling",
                    width=width).run("document.querySelector('.contents details').open") is is_open


def test_what_is_too_wide_scrolls_in_its_own_labelled_box(page):
    browser = page("1_sampling", width=390)
    box = "document.querySelector('#cell-wide .wide')"
    told = browser.run(
        f"[{box}.tabIndex, {box}.getAttribute('role'), {box}.getAttribute('aria-label')]")
    assert told == [0, "region", "Wilayah"]
    assert browser.run(f"{box}.scrollWidth > {box}.clientWidth")
    assert browser.run(
        "[...document.querySelectorAll('math[display=block]')].map(one => one.tabIndex)") == [
            -1, 0
        ]


@pytest.mark.parametrize("lang, asked, first", [
    ("id", "KÓEFISIEN gin", "glossary.html#gini"), ("en", "gini coefficient", "glossary.html#gini"),
    ("id", "slovin", "1_sampling.html#1-slovin"), ("id", "399", "1_sampling.html#1-slovin")])
def test_the_search_finds_words_whatever_their_case_and_accents(page, lang, asked, first):
    browser = page("search", lang)
    browser.run(f"field.value = {json.dumps(asked)}; field.dispatchEvent(new Event('input'))")
    links = browser.run(
        "[...document.querySelectorAll('#search-results a')].map(link => link.getAttribute('href'))"
    )
    assert first in links[:2]
    assert browser.run("document.querySelectorAll('#search-results mark').length") > 0
    assert browser.run("summary.textContent").endswith(f": {len(links)}.")


def test_what_the_search_shows_of_a_text_is_whole_words(page):
    shown = page("search").run("""(() => {
      const text = `${"alpha ".repeat(40)}target${" omega".repeat(60)}`;
      return excerpt({text, body: text}, [patternOf("target")])
        .map((part) => part.textContent ?? part).join("");
    })()""")
    assert shown.startswith("… alpha alpha ") and " target " in shown and shown.endswith(" omega …")


def test_a_search_starts_on_any_page_and_may_find_nothing(browser, page):
    page("tables")
    browser.run("(field => { field.value = 'xylophon <b>'; field.form.requestSubmit(); })"
                "(document.getElementById('find'))")
    browser.arrive("search.html?q=")
    assert browser.run("summary.textContent").startswith("Tidak ada yang cocok")
    assert browser.run("field.value") == "xylophon <b>" and browser.run(
        "document.querySelectorAll('main b').length") == 0


def test_every_page_leads_to_its_twin(page, sites):
    for name in PAGES[:-1]:
        for lang, twin in (("id", "en"), ("en", "id")):
            target, spoken, verdict = page(name, lang).run(
                """((link, verdict) => [link.href, link.lang, verdict?.getAttribute("href")])(
                document.querySelector("a.language"),
                document.querySelector("nav [href^=verdict]"))""")
            assert target == (sites[twin] / f"{name}.html").as_uri() and spoken == twin
            assert name == "map" or verdict == "verdict.html"


def test_nothing_moves_for_those_who_asked_for_stillness(page, browser):
    for wish, behaviour in (("reduce", "auto"), ("no-preference", "smooth")):
        emulate(browser, prefers_reduced_motion=wish)
        assert page("index").run(
            "getComputedStyle(document.documentElement).scrollBehavior") == behaviour
    emulate(browser)


def test_paper_shows_the_text_and_nothing_to_click(page):
    browser = page("1_sampling")
    browser.run("document.querySelector('#fold-all').click()")
    browser.run("document.querySelector('#cell-say details').open = false")
    pdf = PdfReader(
        io.BytesIO(base64.b64decode(
            browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])))
    text = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
    assert "Berapa yang cukup?" in text and "draw()" in text and "Wilayah" in text
    for hidden in ("Salin", "Lipat", "Isi halaman", "Glosarium", "say()"):
        assert hidden not in text, hidden


def test_one_language_says_how_to_get_the_other(tmp_path):
    out = write_results(tmp_path)
    site.make(out, PRODUCTS, "id", OWN, out / "site", FACTS)
    text = (out / "site" / "index.html").read_text(encoding="utf-8")
    assert ('<a class="language" lang="en" hreflang="en" href="index.html#languages">English</a>'
            in text)
    assert ("make site lang=both" in text
            and '<p lang="en">These pages were made in one language.' in text)


@pytest.mark.parametrize(("width", "least"), [(1280, 384), (390, 300)])
def test_a_caption_is_not_as_narrow_as_a_table_of_two_columns(browser, tmp_path, width, least):
    """It stood in a line a word; on a phone it is no wider than the page."""
    page = tmp_path / "page.html"
    page.write_text(f'<style>{asset("site.css")}</style><main><div class="reading"><article>'
                    '<div class="wide"><table><caption>Before and after turning: “Collateral '
                    'requirements keep me from getting credit.”</caption><tr><td>1<td>5</table>')
    browser.open(page, width)
    found = browser.run("document.querySelector('table').getBoundingClientRect().width")
    assert least <= found <= width
    assert browser.run("document.documentElement.scrollWidth") <= width
