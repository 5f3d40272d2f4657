"""The pages: readable without a network, in both languages, with nothing from the data becoming
markup."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_site import FACTS, OWN, PRODUCTS, VERDICT, cell, result, write_results

from helpers.cli.targets import TARGETS
from helpers.course import assignments
from helpers.documents import site, slides
from helpers.documents.site import notebook
from helpers.files import write as files_write
from helpers.run import documents, provenance
from helpers.run.inputs import Inputs
from helpers.run.project import Project

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def pages(out):
    site.make(out, PRODUCTS, "id", OWN, out / "site", FACTS)
    return {path.name: path.read_text() for path in (out / "site").glob("*.html")}


class Loads(HTMLParser):
    """What a page loads, links to, and says to people who do not see it."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links, self.ids, self.images, self.tags = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag == "img":
            self.images.append(attributes)
        if tag == "html":
            self.lang = attributes.get("lang")
        if tag == "a":
            self.links.append(attributes["href"])
        elif "src" in attributes or "href" in attributes:
            self.loaded.append(attributes.get("src") or attributes["href"])


def test_no_page_loads_anything_from_elsewhere(pages, out):
    assert sorted(pages) == [
        "1_sampling.html", "figures.html", "glossary.html", "index.html", "provenance.html",
        "search.html", "tables.html"
    ]
    for text in pages.values():
        page = Loads(text)
        assert page.loaded and not [
            url for url in page.loaded if re.match(r"(\w+:)?//|https?:", url)
        ]
        assert "iframe" not in page.tags and text.count("<script") == text.count("<script src=")
        assert "MathJax" not in text and "require(" not in text and "requirejs" not in text.lower()
    css = (out / "site" / "site.css").read_text()
    assert "url(" not in css and "@import" not in css
    for script in (out / "site").glob("*.js"):
        assert not re.search(r"//\w|fetch|XMLHttpRequest|import[ (]|Storage|eval",
                             script.read_text()), script.name


def test_no_script_but_the_pages_own_runs(pages):
    """A second wall: the policy of every page, and a mark on each script that stands in it."""
    for name, text in pages.items():
        [stated] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert stated.replace("&#39;", "'").startswith("default-src 'none'; base-uri 'none'"), name
        for attributes in re.findall(r"<script([^>]*)>", text):
            mark = re.search(r'nonce="(\w{32})"', attributes)
            assert (f"nonce-{mark[1]}" in stated if mark else "src=" in attributes
                    or 'type="application/json"' in attributes), (name, attributes)
        assert not re.search(r"<[^>]+\son\w+=", text), name


DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)


def test_every_page_that_the_package_writes_states_what_may_run():
    """Whoever writes a page of his own states the policy: a new writer stands here."""
    helpers = Path(slides.__file__).parents[2]
    writers = {path.relative_to(helpers).as_posix(): text for path in helpers.rglob("*")
               if path.suffix in (".py", ".html", ".j2", ".jinja")
               and DOCTYPE.search(text := path.read_text(encoding="utf-8"))
               and not re.search(r'b"<!doctype html', text)}
    assert sorted(writers) == [
        "course/gradebook.py", "course/rps.html.jinja", "documents/site/templates/alone.html",
        "documents/site/templates/base.html", "documents/slides/template/index.html.j2",
        "intake/imports/pages/page.html", "publish/atlas/atlas.html", "publish/tables.py"]
    assert [name for name, text in writers.items()
            if not re.search(r'(?i)http-equiv="Content-Security-Policy" content="'
                             r"(\{\{ (resources\.)?policy|\{policy|\[\[policy|default-src 'none')",
                             text)] == []


def test_every_link_inside_the_site_leads_somewhere(pages, out):
    found = {name: Loads(text) for name, text in pages.items()}
    for name, page in found.items():
        for url in page.links + [url for url in page.loaded if not url.startswith("data:")]:
            target, _, fragment = url.partition("#")
            assert (out / "site" / (target or name)).is_file(), url
            assert not fragment or fragment in found[target or name].ids, url


def test_pages_are_made_for_everyone(pages):
    for text in pages.values():
        page = Loads(text)
        assert page.lang == "id" and page.tags.count("h1") == 1 and page.tags.count("main") == 1
        assert page.links[0] == "#content" and "content" in page.ids
        assert len(page.ids) == len(set(page.ids))
        assert all("alt" in image for image in page.images)
    assert Loads(pages["1_sampling.html"]).images[0]["alt"] == 'A "single" dot.'


def test_what_stands_in_the_data_stays_text(pages):
    for text in pages.values():
        assert "<script>" not in text and "<b>maju" not in text and "<i>a</i>" not in text
    assert "Utara &lt;b&gt;maju&lt;/b&gt;." in pages["index.html"]
    assert "&lt;i&gt;a&lt;/i&gt;" in pages["figures.html"] and "<td>0,123457</td>" in pages[
        "figures.html"]
    assert "&lt;b&gt;bukan" in pages["1_sampling.html"]


def test_a_notebook_page_has_formulas_outputs_and_contents(pages):
    text = pages["1_sampling.html"]
    assert "<mfrac>" in text and "\\frac" not in text and "$" not in text.split(
        "<article>")[1].replace("$y$", "")
    assert "Ada <strong>399</strong> orang" in text
    assert 'id="1-slovin"' in text and "injected-parameters" not in text
    assert "Berapa yang <em>cukup</em>?" in pages["index.html"]


def test_code_that_shows_nothing_is_in_the_fold_of_the_next_cell():
    """A link to it opens that fold; text between two cells keeps their folds apart."""
    silent, shows = ('<section class="step" id="cell-{}">\n<details class="fold"><summary>Code'
                     '</summary><div class="code"><pre>x = "&lt;/details&gt;"</pre></div></details>'
                     f"{more}\n</section>\n\n" for more in ("", "\n<p>399</p>"))
    text = '<section class="text" id="cell-t">\n<p>b</p>\n</section>\n\n'
    body = "".join([shows.format("a"), silent.format("b"), silent.format("c"), shows.format("d"),
                    shows.format("e"), silent.format("f"), text, silent.format("g"),
                    silent.format("h"), text])
    joined = notebook.joined(body)
    parts = [re.findall('id="cell-(.)"', part) for part in joined.split('<section ')[1:]]
    assert parts == [["a"], ["d", "b", "c"], ["e"], ["f"], ["t"], ["h", "g"], ["t"]]
    assert joined.count("<details") == joined.count("</details>") == 5
    assert joined.count("<pre>") == 8 and joined.count("<p>399</p>") == 3


def test_a_link_to_a_notebook_leads_to_its_page_or_is_text(pages):
    text = pages["1_sampling.html"]
    assert 'Lihat <a href="1_sampling.html#1-slovin">ini</a> dan itu.' in text


def test_below_a_figure_stand_links_to_its_data_and_to_how_it_was_made(pages):
    step = pages["1_sampling.html"].partition('id="cell-picture"')[2].partition("</figure>")[0]
    assert '<a href="figures/lorenz.csv">' in step and '<a href="figures.html#lorenz">' in step
    assert "<script>" not in step


def test_how_a_figure_was_made_is_said_in_words(pages):
    told = pages["figures.html"].partition('<details class="made">')[2].partition("</details>")[0]
    assert '<a href="1_sampling.html#cell-picture">1_sampling, sel 9 (picture)</a>' in told
    assert '<a href="tables.html#claims">tabel claims</a>' in told and "<li>tabel gone</li>" in told
    assert ('<a href="provenance.html#resource-frame">frame &lt;i&gt;.csv</a>' in told
            and "d" * 16 in told)
    assert "sampling.method = <code>slovin</code>" in told and "sampling. <a" in told


def test_the_provenance_page_says_what_is_not_known(pages, out):
    text = pages["provenance.html"]
    assert "di luar checkout git" in text and "d" * 64 in text and "Rumus ukuran sampel." in text
    assert f'title="{"d" * 64}">{"d" * 16}<' in text and ">" + "d" * 64 not in text
    assert json.loads((out / "site" / "provenance.json").read_text()) == FACTS


def test_changed_parameters_are_shown(out, tmp_path):
    path, text = tmp_path / "1_sampling.ipynb", (out / "notebooks" / "1_sampling.ipynb").read_text()
    path.write_text(text.replace("# Parameters\\nseed = 1", "# Parameters\\nseed = 2"))
    step = notebook.read(
        path, {}, {}).body.partition('id="cell-injected-parameters"')[2].partition("</section>")[0]
    assert re.sub("<[^>]+>", " ", step).split()[-5:] == ["#", "Parameters", "seed", "=", "2"]


def test_claims_show_verdict_and_basis_in_words(pages):
    text = pages["index.html"]
    assert 'class="verdict verdict-supported"' in text and 'href="figures.html#lorenz"' in text
    assert ("masing-masing dari 2 klaim" in text
            and "1 di antaranya dapat diuji dengan data publikasi: 1 didukung" in text)
    assert "1 tidak dapat diuji" in text and "0 bertumpu pada data simulasi" in text


def test_pages_name_what_other_commands_write_and_link_none_of_it(pages):
    told = pages["index.html"].partition('id="beside"')[2].partition("</section>")[0]
    commands = re.findall(r"<dt><code>make (\w+)</code></dt>", told)
    assert commands == ["docs", "report", "slides", "course", "explore"
                        ] and set(commands) <= {target.name for target in TARGETS}
    assert re.findall(r"<code>([^ ]+)</code>", told) == [
        "docs/", "report.pdf", "report.docx", "report/", "slides/", f"{assignments.NAME}/"
    ]
    assert "href" not in told


def test_pages_of_both_languages_lead_to_the_verdict_in_their_own(tmp_path, monkeypatch):
    made, project = [], Project(out=tmp_path, both=True, lang="id")
    monkeypatch.setattr(site, "make", lambda *given: made.append(given[7]))
    monkeypatch.setattr(provenance, "read", lambda folder: {})
    for asked, files in ((None, [None, None]), ("id", ["verdict.html", "../verdict-en.html"]),
                         ("en", ["verdict-id.html", "../verdict.html"])):
        if asked:
            shutil.rmtree(tmp_path / "site", ignore_errors=True)
            for name in site.verdict_pages(VERDICT, asked, back=True):
                files_write(tmp_path / "site" / name, name)
        made.clear()
        documents.SITE.make(project, Inputs({"lang": "id"}, {}), [], {}, tmp_path / "staging")
        assert made == files


def test_the_other_language_and_a_package_without_claims(out):
    products = [product for product in PRODUCTS if "claims" not in product]
    site.make(out, products, "en", {"title": "Mexico <b>1940</b>", "description": "GDP."},
              out / "english", FACTS)
    text = (out / "english" / "index.html").read_text()
    assert ('<html lang="en">' in text and "What is real and what is not" in text
            and "claims" not in Loads(text).ids)
    assert "<h1>Mexico &lt;b&gt;1940&lt;/b&gt;</h1>" in text and "Blitar" not in text


def test_the_interactive_map_is_a_page_that_leads_back(out, pages):
    (out / "figures" /
     "atlas.html").write_text("<html><body>\n<!-- navigation -->\n<script>1</script></body></html>")
    about = {"title": "A <b>region</b>", "description": "x"}
    site.make(out, [*PRODUCTS, "figures/atlas.html"], "en", about, out / "mapped", FACTS)
    page = Loads((out / "mapped" / "map.html").read_text())
    assert page.links == ["index.html", "index.html#languages"] and "b" not in page.tags
    for name in ("index", "1_sampling", "figures"):
        assert "map.html" in Loads((out / "mapped" / f"{name}.html").read_text()).links, name
    assert "map.html" not in Loads(pages["index.html"]).links


def test_a_notebook_page_leads_to_the_map_instead_of_running_it(tmp_path):
    shown = result(text_html="<iframe srcdoc='x'></iframe>")
    shown["metadata"] = {"text/html": {"atlas": "Map & more"}}
    path = tmp_path / "3_x.ipynb"
    path.write_text(
        json.dumps({
            "cells": [cell("markdown", "t", "# T"),
                      cell("code", "atlas", "out.atlas()", [shown])], "metadata": {}, "nbformat": 4,
            "nbformat_minor": 5
        }))
    page = Loads(notebook.read(path, {}, {}).body)
    assert "iframe" not in page.tags and page.links == ["map.html"]


def test_the_same_results_give_the_same_bytes(out):
    for folder in ("one", "two"):
        site.make(out, PRODUCTS, "id", OWN, out / folder, FACTS)
    one, two = ({
        path.relative_to(out / folder): path.read_bytes() for path in (out / folder).rglob("*")
        if path.is_file()
    } for folder in ("one", "two"))
    assert one == two and Path("figures/lorenz.svg") in one and Path("processed/x.csv") not in one


def formulas():
    pattern = re.compile(r"(?<!\\)\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)(?<!\\)\$", re.DOTALL)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for number, content in enumerate(json.loads(path.read_text())["cells"], start=1):
            if content["cell_type"] == "markdown":
                text = re.sub(r"`[^`]*`", "", "".join(content["source"]))
                yield from ((path.name, number, one or two) for one, two in pattern.findall(text))


def test_every_formula_of_the_notebooks_becomes_mathml():
    found = list(formulas())
    assert len(found) > 50
    bad = [(name, number, latex) for name, number, latex in found
           if re.search(r"\\|&#x0005C;|merror", notebook.formula(latex, "inline"))]
    assert not bad
