"""What if, and linked views: pages that answer from a disk, with the network cut, by keys too."""

import copy
import csv
import http.client
import io
import json

import pandas as pd
import pytest
from accessibility import violations
from browser import Browser
from small_site import FACTS, OWN, PRODUCTS, write_results
from test_accessibility import TOO_SMALL, emulate, map_page

from helpers.cli import watch
from helpers.documents import site
from helpers.documents.site import brushing, start_page, whatif
from helpers.explorer.serve import free_port
from helpers.publish.policy import as_script
from helpers.publish.texts import Texts

CLAIMS = ("claim,text_id,text_en,verdict,basis,evidence,statistic,value,robustness,low,high,"
          "p_value,uncertainty,status\n"
          "c1,Utara <b>maju</b>.,The north is ahead.,supported,published,lorenz,difference,0.2,"
          "0.5,0.1,0.3,0.01,labels,published\n"
          "c2,Modal dibutuhkan.,Capital is needed.,supported,simulated,,mean_need,4.1,1,4,4.2,,"
          "design,simulated\n")
UNIVERSES = (
    "claim,place,disparity.year,disparity.normalisation,completions,synthesis.alpha,verdict,"
    "statistic,value,low,high,scoring.missing,status\n"
    "c1,1,2024.0,min_max,1,0.05,supported,difference,0.2,0.09,0.31,,published\n"
    "c1,2,2024.0,z,1,0.05,mixed,difference,0.1,-0.1,0.3,,published\n"
    "c1,3,2018.0,min_max,1,0.05,not_supported,difference,-0.1,-0.3,0.1,,published\n"
    "c1,4,2024.0,min_max,1,0.01,mixed,difference,0.2,-0.05,0.4,,published\n"
    "c1,5,2024.0,z,1,0.01,mixed,difference,0.1,-0.2,0.4,,published\n"
    "c1,6,2018.0,min_max,1,0.01,not_supported,difference,-0.1,-0.4,0.2,,published\n"
    "c2,1,,,1,,supported,mean_need,4.1,4,4.2,person_mean,simulated\n"
    "c2,2,,,1,,supported,mean_need,4.2,4.1,4.3,listwise,simulated\n")
SCATTER = "code,value,lag,local_i,p_permutation,cluster,name,indicator,year,status\n" + "".join(
    f"{name.lower()},{value},{lag},0.1,0.02,{cluster},{name},light,2024,published\n"
    for name, value, lag, cluster in (("A", 2, 5, "low_low"), ("B", 4, 5, "not_significant"),
                                      ("C", 6, 5, "not_significant"), ("D", 8, 4, "high_high")))
LORENZ = "population_share,value_share,year,status\n" + "".join(
    f"{people},{value},2024,published\n"
    for people, value in zip((0, 4 / 9, 6 / 9, 8 / 9, 1), (0, 8 / 36, 16 / 36, 28 / 36, 1)))
ANALYSES = ("claim,choice,share,combinations,supported,mixed,not_supported,not_testable,status\n"
            "c1,disparity.year,0.5,3,0.25,0.25,0.5,0.0,published\n")
INDEX = ("code,name,zone,index,rank,status\na,A,south,0.1,4,published\nb,B,south,0.2,3,published\n"
         "c,C,north,0.3,2,published\nd,D,north,0.9,1,published\n")
OF_INDEX = ("disparity.year,disparity.normalisation,a,b,c,d,status\n"
            "2024,min_max,0.1,0.2,0.3,0.9,illustrative\n2018,min_max,0.4,0.30004,0.3,,illustrative\n")
STRATEGIES = ("rank,strategy,label_id,label_en,status\n1,cheap_credit,Kredit,Credit,illustrative\n"
              "2,training_x,Pelatihan,Training <b>,illustrative\n")
OF_STRATEGIES = ("scoring.missing,cheap_credit,training_x,status\nperson_mean,1,2,illustrative\n"
                 "listwise,2,1,illustrative\n")
FINDINGS = ("claim,direction,text_id,text_en,value,population,year,differs_id,differs_en,source,"
            "status\n"
            "c1,against,Tak ada.,No <b>gap</b>.,3,firms,2016,Lain.,Asked of firms.,T06,published\n")
RANKED = {"development_index": INDEX, "strategies": STRATEGIES}
LONG = "x" * 150
MORE = {f"tables/{name}.{ending}": "<body><table></table></body>" for name in RANKED
        for ending in ("html", "json")} | {
        f"tables/{name}.csv": text for name, text in RANKED.items()} | {
        "processed/universes_index.csv": OF_INDEX,
        "processed/universes_strategies.csv": OF_STRATEGIES,
        "tables/claims.csv": CLAIMS, "processed/universes.csv": UNIVERSES,
        "tables/published_comparison.csv": FINDINGS,
        "figures/moran_scatter.csv": SCATTER, "figures/lorenz.csv": LORENZ,
        "figures/multiverse.csv": ANALYSES}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = write_results(tmp_path_factory.mktemp("answers"))
    about = json.loads((folder / "figures" / "lorenz.json").read_text())
    contents = MORE | {"figures/moran_scatter.json": json.dumps(
        about | {"title": "Light", "status": "published"})}
    contents |= {f"tables/{name}.json": json.dumps(
        about | {"title": name, "status": status, "stage": "disparity"})
        for name, status in zip(RANKED, ("published", "illustrative"))}
    contents |= {
        "raw/datapackage.json": json.dumps({"name": "own", "resources": [
            {"name": name, "path": f"{name}.csv", "status": status,
             "schema": {"fields": [{"name": column, "type": "string"} for column in columns]}}
            for name, status, columns in (
                ("frame", "published", ("code", "units")),
                ("responses", "published", ("respondent",)),
                ("sources", "published", ("source", "title", "url", "publisher", "year",
                                          "licence")))]}),
        "raw/frame.csv": "code,units\na,=1+1\n", "raw/responses.csv": "respondent\nsecret\n",
        "raw/sources.csv": "source,title,url,publisher,year,licence\n"
                           f"S43,Light <b>,https://example.org/?a=1&b=2{LONG},NOAA,2024,CC0\n"
                           "S44,Bad,javascript:alert(1),X,2024,CC0\n",
        "figures/lorenz.json": json.dumps(about | {"source": "S43 and S99 <i>"})}
    for name, text in contents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def facts():
    made = copy.deepcopy(FACTS)
    frame = made["stages"]["sampling"]["resources"]["frame"]
    made["stages"]["sampling"]["resources"] = {
        "frame": frame | {"path": "frame.csv"}, "sources": frame | {"path": "sources.csv"},
        "responses": frame | {"path": "responses.csv"}}
    for stage, values in (("disparity", {"disparity.year": 2024,
                                         "disparity.normalisation": "min_max"}),
                          ("scoring", {"scoring.missing": "person_mean",
                                       "scoring.confidence": 0.95}),
                          ("synthesis", {"synthesis.alpha": 0.05, "synthesis.period_split": 2015})):
        made["stages"][stage] = made["stages"]["sampling"] | {"parameters": values}
    for name in ("moran_scatter", "multiverse"):
        made["products"][f"figures/{name}"] = made["products"]["figures/lorenz"] | {
            "files": {f"figures/{name}.csv": "e" * 64}}
    for name in RANKED:
        made["products"][f"tables/{name}"] = made["products"]["tables/claims"] | {
            "files": {f"tables/{name}.csv": "e" * 64}}
    return made


@pytest.fixture(scope="module")
def sites(out, facts):
    products = [*PRODUCTS, *(name for name in MORE if name not in PRODUCTS), "figures/atlas.html"]
    for lang, folder, other in (("id", out / "site", "en/"), ("en", out / "site" / "en", "../")):
        (out / "figures" / "atlas.html").write_text(map_page(lang), encoding="utf-8")
        site.make(out, products, lang, OWN, folder, facts, other, None, out / "processed",
                  raw=out / "raw")
    return {"id": out / "site", "en": out / "site" / "en"}


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", ["whatif", "brushing", "index", "provenance"])
def test_axe_finds_nothing_wide_or_narrow_light_or_dark(browser, sites, name, lang):
    for width, colours in ((1280, "light"), (390, "dark")):
        emulate(browser, prefers_color_scheme=colours)
        browser.open(sites[lang] / f"{name}.html", width=width)
        browser.run("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert violations(browser) == [], (width, colours)
        assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(TOO_SMALL) == [] and browser.complaints() == []
    own = {(sites[lang] / f"{name}.html").as_uri()}
    alone = name in ("whatif", "brushing")
    assert not alone or {*browser.requested()} == own, "one file, nothing loaded"
    emulate(browser)


def row(browser, claim, cell):
    return browser.run(f"document.getElementById('claim-{claim}').cells[{cell}].innerText")


def choose(browser, number, option):
    browser.run(f"(one => {{ one.value = '{option}'; one.dispatchEvent(new Event('change')); }})"
                f"(document.getElementById('choice-{number}'))")


def test_a_choice_moves_the_claims_that_read_it_and_the_shares_stay(browser, sites):
    browser.open(sites["en"] / "whatif.html")
    assert browser.run("document.getElementById('said').textContent") == \
        "This is the analysis in force."
    assert row(browser, "c1", 1) == "supported\ndifference of mean index 0.200; 0.10 to 0.30", \
        "as the published table says, not as fewer permutations do"
    assert row(browser, "c1", 3) == \
        "33% supported, 33% mixed, 33% not supported (of 3 analyses at these thresholds)"
    assert "2018 → not supported" in row(browser, "c1", 4)
    assert row(browser, "c2", 1).startswith("shows the method: would be supported")
    assert row(browser, "c1", 0) == (
        "The north is ahead.\nPublished findings: against: 1\nWhat they say")
    assert row(browser, "c2", 0) == "Capital is needed.\nPublished findings: none found"
    assert "no listed choice turns it" in row(browser, "c2", 4)
    choose(browser, 0, 1)
    assert row(browser, "c1", 1) == (
        "not supported\ndifference of mean index -0.100; -0.30 to 0.10\nin force: supported")
    assert browser.run("document.getElementById('said').textContent").endswith(
        "Verdicts that differ from the analysis in force: 1.")
    assert browser.run("location.hash") == "#disparity.year=1"
    choose(browser, 1, 1)
    assert row(browser, "c1", 1).startswith("this combination makes no sense for this claim")
    browser.run("document.getElementById('reset').click()")
    assert row(browser, "c1", 1).startswith("supported") and browser.run("location.hash") == ""
    choose(browser, 2, 1)
    assert "0% supported" not in row(browser, "c1", 3) and "67% mixed" in row(browser, "c1", 3), \
        "another threshold asks another question: its own analyses are counted"
    browser.run("document.getElementById('reset').click()")
    browser.run("document.querySelector('#claim-c1 .way').click()")
    assert "in force: supported" in row(browser, "c1", 1)
    assert browser.run("document.activeElement.id") == "claim-c1"


def test_index_map_and_ranks_follow_the_choices(browser, sites):
    told = ("(name => [...document.querySelectorAll(`[data-followed=${name}] tr`)].map("
            "row => [...row.cells].map(cell => cell.innerText).join(' ')))")
    colours = "[...document.querySelectorAll('.map .area')].map(one => one.style.fillOpacity)"
    browser.open(sites["en"] / "whatif.html")
    assert browser.run(f"{told}('index')") == [
        "1 D north 0.900 the same", "2 C north 0.300 the same", "3 B south 0.200 the same",
        "4 A south 0.100 the same"]
    assert browser.run(f"{told}('strategies')") == ["1 Credit the same", "2 Training <b> the same"]
    assert browser.run(colours) == ["0.06", "0.1775", "0.295", "1"]
    choose(browser, 0, 1)
    assert browser.run(f"{told}('index')") == [
        "1 A south 0.400 up 3 (from 4)", "2 B south 0.300 up 1 (from 3)",
        "3 C north 0.300 down 1 (from 2)", "– D north – –"], (
        "ranks are those of the exact numbers, and an area without one has none")
    assert browser.run("document.querySelectorAll('.map .none title')[0].textContent") == "D: –"
    choose(browser, 3, 1)
    assert browser.run(f"{told}('strategies')") == [
        "1 Training <b> up 1 (from 2)", "2 Credit down 1 (from 1)"]
    choose(browser, 1, 1)
    assert browser.run("document.getElementById('said-index').textContent") == \
        "This combination of choices was not computed."
    assert browser.run(f"{told}('index')") == []


def test_what_if_goes_by_keys_and_by_its_address(browser, sites):
    browser.open(sites["id"] / "whatif.html")
    browser.run("document.getElementById('choice-0').focus()")
    browser.press("ArrowDown")
    assert row(browser, "c1", 1).startswith("tidak didukung\nselisih rata-rata indeks -0,100")
    browser.run("location.hash = '#synthesis.alpha=1&nothing=4&disparity.year=9'")
    browser.wait("document.getElementById('choice-2').value === '1'")
    assert row(browser, "c1", 1).startswith("beragam")


def test_the_universes_are_packed_whole(out, facts):
    claims = [dict(zip(CLAIMS.split("\n")[0].split(","), line.split(",")))
              for line in CLAIMS.splitlines()[1:]]
    found = whatif.content(out / "processed" / "universes.csv", claims, facts, "en", {})
    assert [(choice["name"], choice["options"], choice["own"], choice["threshold"])
            for choice in found["choices"]] == [
        ("disparity.year", ["2024", "2018"], 0, False),
        ("disparity.normalisation", ["min-max", "standard scores"], 0, False),
        ("synthesis.alpha", ["0.05", "0.01"], 0, True),
        ("scoring.missing", found["choices"][3]["options"], 0, False)]
    assert [claim["keys"] for claim in found["claims"]] == [
        "000 010 100 001 011 101", "0 1"]
    assert found["claims"][0]["found"] == "012112"
    assert "<" not in as_script(found)


def test_what_is_selected_in_one_view_is_selected_in_all(browser, sites):
    browser.open(sites["en"] / "brushing.html")
    chosen = "[...document.querySelectorAll('.chosen')].map(one => one.dataset.area).join('')"
    told = "document.getElementById('told').textContent"
    assert browser.run(told) == "Nothing is selected."
    browser.run("document.querySelector('tbody input').focus()")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key=" ", code="Space",
                 windowsVirtualKeyCode=32, text=" ")
    browser.call("Input.dispatchKeyEvent", type="keyUp", key=" ", code="Space",
                 windowsVirtualKeyCode=32)
    assert browser.run(chosen) == "0000", "map, scatter, Lorenz curve, row"
    assert browser.run(told) == ("Selected: 1 (A). Mean of the values: 2.00; of all others: 6.00. "
                                 "They have 44% of the people and 22% of the value.")
    browser.run("document.querySelector('[data-zone]').click()")
    assert "(A, B)" in browser.run(told) and browser.run(chosen) == "01010101"
    browser.run("scrollTo({top: 0, behavior: 'instant'})")
    x, y, width, height = browser.run(
        "(box => [box.x, box.y, box.width, box.height])"
        "(document.querySelectorAll('svg.brush')[0].getBoundingClientRect())")
    browser.drag((x + 5, y + 5), (x + width - 5, y + height / 2))
    assert "(C, D)" in browser.run(told), "the northern squares lie in the frame"
    browser.run("document.getElementById('clear').click()")
    assert browser.run(chosen) == ""


def test_a_lorenz_curve_of_other_values_is_not_drawn(out):
    products = [brushing.SCATTER, brushing.ATLAS, brushing.LORENZ]
    (out / "figures" / "atlas.html").write_text(map_page("en"), encoding="utf-8")
    found = brushing.content(out, products, "en")
    assert found["lorenz"][3] == pytest.approx([8 / 9, 28 / 36, 1 / 9, 8 / 36])
    assert found["unit"] == "nW" and brushing.scale(found["areas"], Texts("en", "site"))["x"] == [
        "2.00", "8.00"], "with the digits of the table"
    alike = LORENZ.splitlines()[0] + "".join(
        f"\n{people},{value},2024,published" for people, value in zip(
            (0, 0.25, 0.5, 0.75, 1), (0, 0.1, 0.3, 0.6, 1)))
    for text, drawn in ((alike, True), (alike.replace("0.3,", "0.35,"), False)):
        (out / "figures" / "lorenz.csv").write_text(text, encoding="utf-8")
        told = brushing.content(out, products, "en")
        assert (told["lorenz"] is not None) == drawn == told["alike"]
        assert ("of the areas" in told["words"]["shares"]) == drawn, "nobody counted people"
    (out / "figures" / "lorenz.csv").write_text(LORENZ, encoding="utf-8")
    assert brushing.content(out, products[1:], "en") is None
    scatter = out / "figures" / "moran_scatter.csv"
    rows = list(csv.DictReader(io.StringIO(scatter.read_text(encoding="utf-8"))))
    pd.DataFrame(rows).assign(lag=["", *[row["lag"] for row in rows[1:]]]).to_csv(
        scatter, index=False)
    assert brushing.content(out, products, "en") is None, "an island has no point in the scatter"


def test_the_start_page_says_statistic_limits_and_shares(sites, facts):
    page = (sites["en"] / "index.html").read_text(encoding="utf-8")
    assert '<a href="tables.html#claims">difference of mean index 0.200</a>' in page
    assert "0.10 to 0.30 (90%); p = 0.010" in page and 'class="only-method"' in page
    assert "25% supported, 25% mixed, 50% not supported (of 3 analyses)" in page
    found = start_page.analyses([dict(zip(ANALYSES.split("\n")[0].split(","),
                                          ANALYSES.splitlines()[1].split(",")))],
                                {"c1": "simulated"}, Texts("en", "site"))
    assert found["c1"]["parts"] == [("if-supported", 0.0, 25.0), ("if-mixed", 25.0, 25.0),
                                    ("if-not_supported", 50.0, 50.0)]


def test_a_number_leads_to_raw_data_and_its_source_in_three_clicks(sites):
    pages = {name: (sites["en"] / f"{name}.html").read_text(encoding="utf-8")
             for name in ("index", "tables", "figures", "provenance")}
    assert '<a href="tables.html#claims">difference' in pages["index"]
    assert 'href="provenance.html#resource-frame"' in pages["tables"]
    assert 'id="resource-frame"><p><strong><a href="../data/frame.csv" download>' in (
        pages["provenance"])
    assert (sites["id"] / "data" / "frame.csv").read_text() == "code,units\na,'=1+1\n"
    assert not (sites["en"] / "data").exists(), "both languages share them"
    assert not (sites["id"] / "data" / "responses.csv").exists(), "answers of persons, published"
    assert '<a href="provenance.html#source-S43">S43</a> and S99 &lt;i&gt;' in pages["figures"]
    assert 'href="javascript:' not in pages["provenance"], "what is no address is no link"
    assert ('id="source-S43"><dt><dfn>S43</dfn> Light &lt;b&gt;</dt><dd>NOAA; 2024; CC0 '
            '<a href="https://example.org/?a=1&amp;b=2') in pages["provenance"]


def test_the_start_page_has_a_claim_that_nothing_can_test():
    rows = [dict.fromkeys([*start_page.COLUMNS, "claim"], ""), {
        "claim": "c2", "statistic": "difference", "value": "0.03", "low": "-0.3", "high": "0.4",
        "p_value": "0.44", "uncertainty": "contiguous"}]
    facts = {"stages": {"synthesis": {"parameters": {"synthesis.alpha": 0.05}}}}
    told = start_page.claims(rows, facts, "en")
    assert told[0]["limits"] == "" and told[0]["result"] != told[1]["result"]


def test_a_watched_page_loads_anew_after_a_build_and_no_other_page_reads_it(tmp_path, browser):
    policy = "default-src 'none'; style-src 'self'"
    page = ('<!DOCTYPE html><html lang="en">\n<head>\n<meta http-equiv="Content-Security-Policy" '
            f'content="{policy}"><title>one</title></head><body>here</body></html>')
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    shown = tmp_path / "site" / "index.html"
    shown.write_text(page)
    port = free_port(None)
    with watch.served(shown.parent, port) as tell:
        browser.visit(f"http://127.0.0.1:{port}/", "document.title === 'one'")
        shown.write_text(page.replace("one", "two"))
        tell()
        browser.wait("document.title === 'two'", 5)
        assert "script" not in shown.read_text()
        for path, host, code in [("/", f"evil.example:{port}", 403), ("/nothing", None, 404),
                                 ("/%2e%2e/secret.txt", None, 404), ("/", None, 200)]:
            ask = http.client.HTTPConnection("127.0.0.1", port)
            ask.request("GET", path, headers={"Host": host} if host else {})
            assert ask.getresponse().status == code, path
