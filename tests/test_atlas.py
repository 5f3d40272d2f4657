"""The interactive map: one file, no network, usable by mouse, by keyboard and by ear, in both
languages."""

import json
import re
from html.parser import HTMLParser

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from browser import Browser, chromium

from helpers.publish import atlas, maps
from helpers.publish.texts import Texts

NASTY = "<script>document.title='x'</script>\"><img src=x onerror=alert(1)> [[script]] </script>"
UTM = 32749


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def areas():
    """Four squares of 1 km, the upper two north."""
    shapes = [shapely.box(x, y, x + 1000, y + 1000) for y in (0, 1000) for x in (0, 1000)]
    return geopandas.GeoDataFrame(
        {
            "code": list("abcd"), "name": ["Alpha", "Beta", "Gamma", f"Delta {NASTY}"],
            "zone": ["south", "south", "north", "north"]
        }, geometry=shapes, crs=UTM)


@pytest.fixture(scope="module")
def layers():
    light = pd.DataFrame(
        {2018: [1.0, 2.0, 3.0, 4.0], 2021: [1.5, 2.5, 3.5, np.nan], 2024: [2.0, 4.0, 6.0, 1234.5]},
        index=list("abcd"))
    school = pd.DataFrame({2021: [10.0, 20.0, 30.0, 40.0]}, index=list("dcba"))
    people = pd.DataFrame({None: [1000.0, 2000.0, 3000.0, 4000.0]}, index=list("abcd"))
    return [atlas.Layer("Light", "nW", light, [1, 2, 4, 1234.5], "S1", "published"),
            atlas.Layer(f"School {NASTY}", "%", school, [10, 25, 40], f"S2 {NASTY}", "simulated"),
            atlas.Layer("People", "", people, [1000, 2500, 4000], "S3", "published")]


@pytest.fixture(scope="module")
def pages(areas, layers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("atlas")
    for lang in ("id", "en"):
        text = atlas.page(areas, layers, t=Texts(lang, "disparity"), borders="tessellation")
        (folder / f"{lang}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def english(browser, pages):
    browser.open(pages / "en.html")
    return browser


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def text_of(browser, selector):
    return browser.run(f"document.querySelector({json.dumps(selector)}).textContent")


def legend(browser):
    return browser.run("[...document.querySelectorAll('#legend li')].map(item => item.textContent)")


def fills(browser):
    return browser.run("areas.map(shape => shape.getAttribute('fill'))")


def choose(browser, number):
    browser.run(f"layerList.value = {number}; layerList.dispatchEvent(new Event('change'))")


def test_nothing_is_fetched_from_anywhere(english, pages):
    assert english.requested() == [(pages / "en.html").as_uri()]
    assert english.complaints() == []
    text = (pages / "en.html").read_text(encoding="utf-8")
    assert "//" not in re.sub(r"^\s*//.*$", "", text,
                              flags=re.M) and "@import" not in text and "url(#hatch)" in text
    assert len(text) < 30_000


def test_the_whole_drawing_and_its_outlines_are_in_view(pages):
    page = Elements((pages / "en.html").read_text(encoding="utf-8"))
    left, top, width, height = (float(number) for number in page.all("svg")[0]["viewbox"].split())
    drawn = [
        re.findall(r"([\d.]+) ([\d.]+)", shape["d"]) for shape in page.all("path")
        if shape.get("class") == "area"
    ]
    across, down = np.array([point for points in drawn for point in points], dtype=float).T
    assert [left, top, left + width,
            top + height] == [across.min() - 6,
                              down.min() - 6,
                              across.max() + 6,
                              down.max() + 6]


def test_the_page_holds_the_words_that_its_script_reads(pages):
    words = json.loads(
        re.search(r'id="data">(.*?)</script>',
                  (pages / "en.html").read_text(encoding="utf-8"))[1])["words"]
    assert set(words) == set(
        re.findall(r"words\.(\w+)", (atlas.HERE / "atlas.js").read_text()))


def test_a_page_that_fails_on_its_first_command_is_closed(monkeypatch):
    ended, close = [], Browser.close
    monkeypatch.setattr(Browser, "call", lambda self, method, **_: pytest.fail(method))
    monkeypatch.setattr(Browser, "close", lambda self: (close(self), ended.append(self)))
    with pytest.raises(pytest.fail.Exception, match="Page.enable"):
        Browser()
    profiles = chromium().session.call("Target.getBrowserContexts")["browserContextIds"]
    assert ended[0].profile not in profiles


def test_what_stands_in_the_data_stays_text(pages, english):
    page = Elements((pages / "en.html").read_text(encoding="utf-8"))
    assert len(page.all("script")) == 2 and not page.all("img")
    assert not [
        name for _, attributes in page.found for name in attributes if name.startswith("on")
    ]
    choose(english, 1)
    assert english.run("document.title") == "Interactive map"
    assert text_of(english, "#source") == f"S2 {NASTY}" and NASTY in text_of(english, "#heading")
    assert english.run("document.querySelectorAll('main img, main script').length") == 0


def test_an_area_has_the_colour_of_its_class(english):
    low, middle, high = maps.sequential(3)
    assert fills(english) == [low, middle, high, high]
    english.run("slider.value = 1; slider.dispatchEvent(new Event('input'))")
    assert fills(english) == [low, middle, middle, "url(#hatch)"]
    assert text_of(english, "#heading") == "Light (nW), 2021" and text_of(english,
                                                                          "#shown-year") == "2021"


def test_the_legend_names_every_class_and_what_is_missing(english):
    assert legend(english) == [
        "4.0 – 1,234.5", "2.0 – 4.0", "1.0 – 2.0", "no data", "zone boundary"
    ]
    choose(english, 1)
    assert legend(english) == ["25 – 40", "10 – 25", "zone boundary"]
    swatches = english.run(
        "[...document.querySelectorAll('#legend .swatch')].slice(0, 2).map(s => s.style.background)"
    )
    assert len(set(swatches)) == 2
    assert text_of(
        english,
        "#status") == "simulated" and "status-simulated" in english.run("byId('status').className")


def test_the_year_stays_when_the_indicator_changes(english):
    english.run("slider.value = 1; slider.dispatchEvent(new Event('input'))")
    choose(english, 1)
    assert text_of(english, "#shown-year") == "2021" and english.run("slider.disabled") is True
    choose(english, 0)
    assert text_of(english, "#shown-year") == "2021" and english.run("slider.disabled") is False
    choose(english, 2)
    assert text_of(english, "#shown-year") == "no year" and text_of(english, "#heading") == "People"


@pytest.mark.parametrize("lang, said", [("id", "Gamma (Utara)"), ("en", "Gamma (North)")])
def test_a_tip_shows_numbers_as_the_language_writes_them(browser, pages, lang, said):
    browser.open(pages / f"{lang}.html")
    x, y = browser.run(
        "(box => [box.x + box.width / 2, box.y + box.height / 2])(areas[2].getBoundingClientRect())"
    )
    browser.point(x, y)
    assert browser.run("tip.hidden") is False
    assert text_of(browser, "#tip").lower().startswith(said.lower())
    assert text_of(browser, "#tip").endswith("6.0 nW" if lang == "en" else "6,0 nW")
    browser.point(2, 2)
    assert browser.run("tip.hidden") is True
    expected = "1,234.5 nW" if lang == "en" else "1.234,5 nW"
    assert browser.run("areas[3].getAttribute('aria-label')").endswith(expected)


def test_the_keyboard_reaches_everything(english):
    reached = []
    for _ in range(7):
        english.press("Tab")
        reached.append(english.run("document.activeElement.id"))
    assert reached == ["layer", "year", "area-0", "area-1", "area-2", "area-3", ""]
    assert english.run("document.activeElement.tagName") == "SUMMARY"


def test_arrow_keys_change_year_and_indicator(english):
    english.run("areas[1].focus()")
    assert text_of(english, "#tip").endswith("Light, 2024: 4.0 nW")
    english.press("ArrowLeft")
    assert text_of(english, "#tip").endswith("Light, 2021: 2.5 nW")
    english.press("ArrowLeft", "ArrowLeft")
    assert text_of(english, "#tip").endswith("Light, 2018: 2.0 nW")
    english.press("End")
    assert text_of(english, "#shown-year") == "2024"
    english.press("ArrowDown", "ArrowDown", "ArrowDown")
    assert text_of(english, "#tip").endswith("People: 2,000")
    english.press("ArrowUp", "Escape")
    assert english.run("layerList.value") == "1" and english.run("tip.hidden") is True
    assert english.run("document.activeElement.id") == "area-1"


def test_controls_and_areas_have_names(pages, browser):
    for lang in ("id", "en"):
        page = Elements((pages / f"{lang}.html").read_text(encoding="utf-8"))
        assert page.all("html")[0]["lang"] == lang
        assert {label["for"] for label in page.all("label")} == {"layer", "year"}
        browser.open(pages / f"{lang}.html")
        names = {
            node["name"]["value"] for node in browser.call("Accessibility.getFullAXTree")["nodes"]
            if node.get("role", {}).get("value") in ("combobox", "slider", "image")
        }
        assert {Texts(lang, "common")("atlas.layer"), Texts(lang, "common")("column.year")} <= names
        assert sum(name.startswith(("Alpha", "Beta", "Gamma", "Delta")) for name in names) == 4


def test_the_table_holds_what_the_map_shows(english):
    rows = english.run("[...document.querySelectorAll('#numbers tbody tr')]"
                       ".map(row => [...row.children].map(cell => cell.textContent))")
    assert [row[-1] for row in rows] == ["2.0", "4.0", "6.0", "1,234.5"] and rows[0][0] == "Alpha"


def test_a_narrow_screen_needs_no_scrolling_sideways(browser, pages):
    browser.open(pages / "id.html", width=360, height=740)
    assert browser.run("document.documentElement.scrollWidth") <= 360


def test_approximate_borders_are_said(areas, layers, pages):
    assert "Approximate borders" in (pages / "en.html").read_text(encoding="utf-8")
    real = atlas.page(areas, layers, t=Texts("en", "disparity"), borders="boundaries")
    assert "Approximate borders" not in real


def test_one_zone_has_no_border(areas, layers, browser, tmp_path):
    path = tmp_path / "one.html"
    text = atlas.page(areas.assign(zone="one"), layers, t=Texts("en", "disparity"), borders=None)
    path.write_text(text, encoding="utf-8")
    browser.open(path)
    assert "zone boundary" not in legend(browser) and browser.complaints() == []


def test_a_map_without_indicators_is_refused(areas):
    with pytest.raises(ValueError, match="at least one indicator"):
        atlas.page(areas, [], t=Texts("en", "disparity"), borders=None)


def test_a_notebook_shows_the_same_page_in_a_frame(pages, browser, tmp_path):
    text = (pages / "en.html").read_text(encoding="utf-8")
    [frame] = Elements(atlas.framed(text, "Title")).all("iframe")
    assert frame["srcdoc"] == text and frame["sandbox"] == "allow-scripts" and frame[
        "title"] == "Title"
    (tmp_path / "notebook.html").write_text(atlas.framed(text, "Title"), encoding="utf-8")
    browser.open(tmp_path / "notebook.html")
    assert browser.complaints() == [] and browser.requested() in ([
        (tmp_path / "notebook.html").as_uri()
    ], [(tmp_path / "notebook.html").as_uri(), "about:srcdoc"])


def test_markup_that_got_in_runs_nothing(english):
    """The policy of the page: its own script runs, one that somebody put in does not."""
    assert english.run("document.querySelectorAll('#legend li').length") > 1
    said = english.run("""(() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = 1";
      document.body.append(script);
      return String(window.ran);
    })()""")
    assert said == "undefined"
