"""`make docs`: every guide is a page in each language; links lead somewhere, words are found."""

import re
from collections import Counter
from html import unescape

import pytest
from accessibility import violations
from browser import Browser

from helpers.cli import commands
from helpers.documents import guides
from helpers.run.project import ROOT

HREF = re.compile(r'href="([^"]*)"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("guides")
    assert commands.main(["docs", f"OUT={out}", "lang=en"]) == 0
    return out / "docs"


def test_every_guide_is_a_page_in_each_language(folder):
    files = {path for path in (ROOT / "docs").rglob("*.md") if not path.stem.endswith(".id")}
    names = {guide.path: guide.name for guide in guides.guides(ROOT, "en")}
    assert {*names} == files | {ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"}
    for name in names.values():
        assert (folder / f"{name}.html").is_file() and (folder / "id" / f"{name}.html").is_file()
    teaching = {lang: next(guide for guide in guides.guides(ROOT, lang) if guide.name == "teaching")
                for lang in ("en", "id")}
    assert (teaching["en"].title, teaching["id"].title) == ("Teaching with it",
                                                            "Mengajar dengannya")
    assert "Bahasa Indonesia" not in teaching["id"].text
    spoken = {guide.name: guide.lang for guide in guides.guides(ROOT, "id")}
    assert spoken["first-steps"] == spoken["site"] == "id" and spoken["architecture"] == "en"


def test_no_link_of_a_guide_leads_nowhere(folder):
    lost = []
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for link in map(unescape, HREF.findall(text)):
            if link.startswith(("https:", "http:")):
                continue
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            if not target.is_file() or anchor and (
                    f'id="{anchor}"' not in target.read_text(encoding="utf-8")):
                lost.append((page.relative_to(folder).as_posix(), link))
    assert lost == []


def test_a_word_of_a_guide_is_found_without_a_network(folder):
    browser = Browser()
    try:
        for place, word in (("search.html", "disclosure"), ("id/search.html", "kuesioner")):
            browser.open(folder / place)
            browser.run(f"document.getElementById('search-words').value = '{word}';"
                        "document.getElementById('search-words').dispatchEvent(new Event('input'))")
            assert browser.run("document.querySelectorAll('#search-results a').length") > 2
            link = browser.run("document.querySelector('#search-results a').getAttribute('href')")
            assert (folder / place).with_name(link.partition("#")[0]).is_file()
        for name in ("index", "parameters", "id/teaching"):
            browser.open(folder / f"{name}.html", width=390)
            assert violations(browser) == [] and browser.complaints() == []
            assert browser.run("document.documentElement.scrollWidth") <= 390
    finally:
        browser.close()


def test_the_changelog_says_a_thing_once():
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if len(line) > 60]
    assert [line for line, times in Counter(told).items() if times > 1] == []
    assert {line for line in lines if line.startswith("### ")} == {
        "### New", "### Changed", "### Fixed"}
