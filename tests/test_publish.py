"""Publishing: the status travels, bytes repeat, data stays text, both languages say the same."""

import json
import re
from string import Formatter

import pandas as pd
import pytest
import yaml
from conftest import ROOT, tell_run
from matplotlib.figure import Figure

from helpers import files, publish, study
from helpers.files import settings
from helpers.languages import languages
from helpers.publish import choices, figures, tables
from helpers.publish.cell import answered
from helpers.publish.charts import synthesis
from helpers.publish.texts import LOCALE, Texts, catalogue
from helpers.study import parameters

SIZES = pd.DataFrame({
    "method": ["slovin"], "population": [128951], "margin": [0.05], "confidence": [0.95],
    "n_exact": [398.76], "n": [399]
})


def open_stage(tmp_path, monkeypatch, stage="sampling", lang="id"):
    """Open a stage that publishes into a folder of its own."""
    tell_run(monkeypatch, tmp_path, out=tmp_path)
    st = study.open(stage, parameters.load()[stage] | {"seed": 1, "lang": lang})
    return st, publish.open(st)


def line_figure(label="x"):
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot([1, 2], [1, 2], label=label)
    axes.legend()
    return figure


def test_catalogues_have_the_same_keys_and_placeholders():
    domains = {path.stem for path in LOCALE.rglob("*.po")}
    assert {
        "common", "sampling", "scoring", "disparity", "force_field", "synthesis", "overview", "site"
    } <= domains
    for domain in domains:
        first, *others = (catalogue(domain, lang) for lang in languages())
        for texts in others:
            assert list(first) == list(texts), domain
            for key, text in first.items():
                fields = [sorted((field, spec) for _, field, spec, _ in Formatter().parse(one)
                                 if field) for one in (text, texts[key])]
                assert fields[0] == fields[1], f"{domain}: {key}"
                assert text.strip() and texts[key].strip(), f"{domain}: {key}"


def test_every_published_column_and_title_has_a_text():
    for lang in languages():
        for name, columns in tables.schemas().items():
            assert Texts(lang, "common").has(f"table.{name}.title")
            for column in columns:
                assert Texts(lang, "common").has(f"column.{column}"), column


@pytest.mark.parametrize("lang", languages())
def test_no_table_that_is_only_shown_has_a_key_for_a_heading(lang):
    shown_only = settings(tables.__file__, "shown.yml")
    bare = [(stage, key, column) for stage, found in shown_only.items()
            for key, columns in found.items() for column in columns
            if column != "*" and not Texts(lang, stage).has(f"column.{column}")]
    assert len(shown_only) > 4 and bare == []
    t = Texts(lang, "synthesis")
    assert tables.heading("rule", t) != tables.heading("condition", t)
    # What is not varied is told by its name too.
    kept = yaml.safe_load((ROOT / "multiverse.yml").read_text(encoding="utf-8"))["not_varied"]
    unnamed = [name for name, texts in kept.items()
               if "label_en" not in texts and not t.has(f"choice.{name}")]
    assert kept and unnamed == []


@pytest.mark.parametrize("lang, number, percent, p",
                         [("id", "-1.234,50", "12,3%", "< 0,001"),
                          ("en", "-1,234.50", "12.3%", "< 0.001")])
def test_numbers_follow_the_language(lang, number, percent, p):
    t = Texts(lang, "common")
    assert t.number(-1234.5, 2) == number
    assert t.percent(0.1234, 1) == percent
    assert t.format("{p:p}", p=1e-5) == p
    assert t.format("{a:.1f} {b:d}", a=float("nan"), b=None) == "– –"


def test_values_cannot_become_markdown():
    t = Texts("en", "common").for_markdown()
    assert t.format("{name}", name="<b>*x* [y](z)") == r"\<b\>\*x\* \[y\](z)"


def test_table_has_exact_columns_status_twin_and_side_car(tmp_path, monkeypatch):
    _, out = open_stage(tmp_path, monkeypatch)
    out.table("sample_size", SIZES, made_from=["frame"])
    written = (tmp_path / "tables" / "sample_size.csv").read_text(encoding="utf-8")
    assert written == ("method,population,margin,confidence,n_exact,n,status\n"
                       "slovin,128951,0.05,0.95,398.76,399,published\n")
    twin = (tmp_path / "tables" / "sample_size.html").read_text(encoding="utf-8")
    assert "128.951" in twin and "398,760" in twin and "data publikasi" in twin
    side = json.loads((tmp_path / "tables" / "sample_size.json").read_text(encoding="utf-8"))
    assert side["status"] == "published" and side["made_from"] == ["frame"
                                                                   ] and side["stage"] == "sampling"


def test_status_is_the_weakest_of_what_it_is_made_from(tmp_path, monkeypatch):
    _, out = open_stage(tmp_path, monkeypatch)
    assert out.status(["frame"]) == "published"
    assert out.status(["frame", "responses"]) == "simulated"
    assert out.status(["frame", "ratings", "responses"]) == "illustrative"
    with pytest.raises(
            ValueError,
            match="'nothing' is neither a resource of this package nor a published table"):
        out.status(["nothing"])


def test_status_travels_through_a_published_table(tmp_path, monkeypatch):
    _, out = open_stage(tmp_path, monkeypatch)
    out.table("sample_size", SIZES, made_from=["responses"])
    _, synthesis = open_stage(tmp_path, monkeypatch, stage="synthesis")
    assert synthesis.status(["sample_size"]) == "simulated"


def test_rows_of_one_table_may_rest_on_different_data(tmp_path, monkeypatch):
    st, out = open_stage(tmp_path, monkeypatch, stage="synthesis")
    claims = pd.DataFrame({column: ["x", "y", "z"] for column in tables.schemas()["claims"]}
                          | dict.fromkeys(
            ["value", "robustness", "low", "high", "p_value"], 1.0))
    claims["verdict"], claims["basis"] = "supported", ["published", None, ""]
    out.table("claims", claims, made_from=["ratings", "series"], row_status="basis")
    written = pd.read_csv(tmp_path / "tables" / "claims.csv")
    assert written["status"].tolist() == ["published", "illustrative", "illustrative"]
    assert st.published_status("claims") == "illustrative"


@pytest.mark.parametrize("frame, part", [
    (SIZES.rename(columns={"n": "N"}), "has the columns method"),
    (SIZES[["n", "method"]], "it must have: method, population"),
    (SIZES.head(0), "has no row"),
])
def test_wrong_table_is_refused(tmp_path, monkeypatch, frame, part):
    _, out = open_stage(tmp_path, monkeypatch)
    with pytest.raises(ValueError, match=part):
        out.table("sample_size", frame, made_from=["frame"])
    assert not (tmp_path / "tables").exists()


def test_unknown_table_is_refused():
    with pytest.raises(ValueError, match="there is no published table 'sizes'"):
        tables.check_columns("sizes", SIZES)


def test_html_from_the_data_stays_text():
    html = tables.to_html(pd.DataFrame({"name": ["<script>alert(1)</script>"]}), {"name": "text"},
                          Texts("en", "common"), "a & b", "published")
    assert "<script>" not in html and "&lt;script&gt;" in html and "a &amp; b" in html


def test_figure_repeats_its_bytes_and_shows_a_dollar_sign_as_it_is():
    first = figures.render(line_figure("US$ 5 and $10"), "name")
    second = figures.render(line_figure("US$ 5 and $10"), "name")
    assert first == second
    assert b"<dc:date>" not in first[1] and b"Software" not in first[0][:400]


@pytest.mark.parametrize("status, marks", [("published", 0), ("simulated", 1), ("illustrative", 1)])
def test_what_is_not_published_is_marked_inside_the_axes(status, marks):
    figure = line_figure()
    t = Texts("en", "common")
    figures.finish(figure, t, "Title", "a source", status)
    inside = [text for text in figure.axes[0].texts if text.get_text() == t.word(status).upper()]
    assert (len(inside) >= 2) == bool(marks) and (len(inside) == 0) != bool(marks)
    footer = " ".join(text.get_text() for text in figure.texts)
    assert t.word(status) in footer and "a source" in footer


@pytest.mark.parametrize("hidden, from_top", [((1,), False), ((0, 1), True)])
def test_a_figure_with_hidden_panels_is_published(hidden, from_top):
    """Where no panel is seen, or there is none, the whole picture is shown."""
    figure = Figure(figsize=(4, 3), layout="constrained")
    panels = figure.subplots(1, 2)
    for number in hidden:
        panels[number].set_visible(False)
    figures.finish(figure, Texts("en", "common"), "Title", "a source", "published")
    top, bottom = figures.render(figure, "name")[2]["shows"]
    assert (top == 0, bottom == 1) == (from_top, from_top) and 0 <= top < bottom <= 1


@pytest.mark.parametrize("panels, status, marks", [
    ((), "published", 0), ((), "simulated", 4), (("",), "illustrative", 4),
    (("<colorbar>",), "simulated", 4)])
def test_a_figure_without_panels_is_marked_across_itself(panels, status, marks):
    """Of 4 x 3 inches hold two columns and two rows; hidden panels and legends are none."""
    figure, t = Figure(figsize=(4, 3), layout="constrained"), Texts("en", "common")
    figure.text(0.5, 0.5, "No panel.")
    for label in panels:
        figure.subplots(subplot_kw={"label": label}).set_visible(bool(label))
    figures.finish(figure, t, "Title", "a source", status)
    said = [text.get_text() for text in figure.texts]
    assert said.count(t.word(status).upper()) == marks
    shown = figures.render(figure, "name")[2]["shows"]
    assert shown == [0, 1] or panels == ("<colorbar>",)


def test_writing_replaces_whole_files_only(tmp_path):
    files.write(tmp_path / "a" / "b.txt", "one\n")
    with pytest.raises(TypeError):
        files.write(tmp_path / "a" / "b.txt", ["not", "bytes"])
    assert [(file.name, file.read_bytes())
            for file in (tmp_path / "a").iterdir()] == [("b.txt", b"one\n")]


def bars(frame, *, t, scale=1, unit=""):
    """Chart that asks for a parameter, a remembered value and the texts."""
    assert isinstance(t, Texts) and unit == "people"
    figure = line_figure()
    figure.axes[0].plot([1, 2], [1, scale])
    return figure


@pytest.fixture
def shown(monkeypatch):
    """What a publisher shows, instead of a notebook that would show it."""
    seen = []
    monkeypatch.setattr("helpers.publish.publisher.show",
                        lambda forms, about=None: seen.append((forms, about)))
    return seen


def sidecar(folder, name):
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def test_without_made_from_everything_that_was_read_counts(tmp_path, monkeypatch):
    st, out = open_stage(tmp_path, monkeypatch)
    st.table("frame")
    out.table("sample_size", SIZES)
    assert sidecar(tmp_path, "tables/sample_size")["made_from"] == ["frame"]
    st.table("areas"), st.table("items", beside=True)
    assert out.status() == "published", "what stands beside is not counted"
    st.table("responses")
    out.table("sample_size", SIZES)
    about = sidecar(tmp_path, "tables/sample_size")
    assert about["made_from"] == ["frame", "areas", "responses"]
    assert about["status"] == out.status() == "simulated"
    assert out.status(["frame"]) == "published"


def test_an_intermediate_table_carries_its_status(tmp_path, monkeypatch):
    st, out = open_stage(tmp_path, monkeypatch)
    assert out.status() == "illustrative", "what rests on nothing is the notebook's own"
    st.table("frame")
    assert st.handed_over("sizes") is None and out.status() == "published"
    out.hand_over("sizes", SIZES)
    handed = st.processed / "sizes.csv"
    assert handed.read_text().splitlines()[1].endswith(",published")
    assert [*st.handed_over("sizes")] == [*SIZES] and out.status() == "published"
    st.table("responses")
    out.hand_over("sizes", SIZES)
    assert st.handed_status("sizes") == "simulated"
    handed.write_text(handed.read_text().replace(",simulated", "").replace(",status", ""))
    assert out.status(["sizes"]) == "illustrative", "one that does not say so counts as weakest"


def test_a_figure_is_called_like_its_chart_which_gets_what_it_asks_for(
        tmp_path, monkeypatch, shown):
    st, out = open_stage(tmp_path, monkeypatch, lang="en")
    monkeypatch.setitem(catalogue("sampling", "en"), "figure.bars.alt", "{n:d} bars")
    for lang in ("id", "en"):
        for part in ("title", "caption", "alt"):
            monkeypatch.setitem(catalogue("sampling", lang), f"figure.bars.{part}",
                                "{n:d} bars of {unit}, {margin:.0%}")
    st.table("frame")
    out.remember(unit="people")
    out.figure(bars, SIZES, n=3, scale=2)
    about = sidecar(tmp_path, "figures/bars")
    assert about["alt"] == "3 bars of people, 5%" and about["made_from"] == ["frame"]
    assert pd.read_csv(tmp_path / "figures" / "bars.csv")["n"].tolist() == [399]
    [(forms, drawn)] = shown
    assert drawn["image/png"]["figure"] == "bars" and forms["text/plain"] == about["alt"]


@pytest.mark.parametrize("values, said", [([1.0, 2.0], ""), ([1.0, None], "Hatched: no data. ")])
def test_a_caption_says_hatched_where_a_value_is_missing_and_only_there(
        tmp_path, monkeypatch, shown, values, said):
    st, out = open_stage(tmp_path, monkeypatch, lang="en")
    for lang in ("id", "en"):
        for part in ("title", "caption", "alt"):
            monkeypatch.setitem(catalogue("sampling", lang), f"figure.plain.{part}", "{no_data}|")
    st.table("frame")
    areas = pd.DataFrame({"value": values, "other": [None, None], "geometry": [None, None]})
    out.figure(lambda areas, columns: line_figure(), areas, ["value"], name="plain")
    assert sidecar(tmp_path, "figures/plain")["caption"] == f"{said}|"
    years = areas.rename(columns={"value": 2020})
    for columns in ("value", ("value",), {"Title": "value"}, pd.Index([2020])):
        out.figure(lambda areas, columns: line_figure(), years if isinstance(columns, pd.Index)
                   else areas, columns, name="plain")
        assert sidecar(tmp_path, "figures/plain")["caption"] == f"{said}|"
    # What else a chart takes beside areas is none of their columns.
    for other in (3, 0.5, None, "Title", [0.5, 1.0], [[1], None], {"a": 1.5}, areas):
        out.figure(lambda areas, other: line_figure(), areas, other, name="plain")
        assert sidecar(tmp_path, "figures/plain")["caption"] == "|"


def test_gaps_are_looked_for_where_the_caption_tells_of_them(tmp_path, monkeypatch, shown):
    from helpers.publish import publisher

    st, out = open_stage(tmp_path, monkeypatch, lang="en")
    for lang in ("id", "en"):
        for part in ("title", "caption", "alt"):
            monkeypatch.setitem(catalogue("sampling", lang), f"figure.plain.{part}", "x")
    monkeypatch.setattr(publisher, "_has_gaps", lambda *_: pytest.fail("looked for gaps"))
    st.table("frame")
    areas = pd.DataFrame({"value": [None], "geometry": [None]})
    out.figure(lambda areas, columns: line_figure(), areas, ["value"], name="plain")


def test_a_sketch_is_shown_as_a_draft_and_refused_by_the_build_with_all_that_lacks(
        tmp_path, monkeypatch, shown):
    st, out = open_stage(tmp_path, monkeypatch, lang="en")
    st.table("frame"), out.remember(unit="people")
    monkeypatch.setitem(catalogue("sampling", "id"), "figure.bars.title", "Batang")
    out.figure(bars, SIZES)
    out.show(SIZES, "sketch.caption")
    out.table("sketch", SIZES)
    out.text("sketch.words", n=3)
    told = " ".join(str(forms) for forms, _ in shown)
    assert "figure.bars.title (en), figure.bars.caption (id, en), figure.bars.alt (id, en)" in told
    assert "Still to be written: sketch.caption (id, en), columns in shown.yml." in told
    assert "table.sketch.title (id, en), columns in tables.yml." in told
    assert "sketch.words (id, en)" in told
    assert told.count("status-draft") == 2 and not list(tmp_path.rglob("*.*"))
    tell_run(monkeypatch, tmp_path, out=tmp_path, staging=tmp_path)
    building = publish.open(st)
    with pytest.raises(ValueError, match=r"first: figure\.bars\.title \(en\), .*alt \(id, en\)"):
        building.remember(unit="people")
        building.figure(bars, SIZES)
    with pytest.raises(ValueError, match=r"write first: sketch\.words \(id, en\)"):
        building.text("sketch.words", n=3)


def test_rows_become_sentences_and_values_words(tmp_path, monkeypatch, shown):
    _, out = open_stage(tmp_path, monkeypatch, lang="en")
    for lang in ("id", "en"):
        for word in ("up", "down"):
            text = "{zone:word} goes " + word + " by {change:.1f} ({names}, {way:way.})"
            monkeypatch.setitem(catalogue("sampling", lang), f"trend.{word}", text)
            monkeypatch.setitem(catalogue("sampling", lang), f"way.{word}", f"*{word}*")
    rows = pd.DataFrame({"zone": ["north", "south"], "way": ["up", "down"], "change": [1.0, -2.0]})
    out.texts("trend.{way}", rows, names=["a", "b_"])
    out.text("trend.up", when=rows.empty)
    assert [forms["text/markdown"] for forms, _ in shown] == [
        r"north goes up by 1.0 (a, b\_, \*up\*)", r"south goes down by -2.0 (a, b\_, \*down\*)"]
    assert out.told("way.{way}", rows) == ["*up*", "*down*"]


@pytest.mark.parametrize("names, left_out", [
    ({"here": True}, False), ({"here": []}, True), ({"here": None}, True), ({"here": SIZES}, False),
    ({"here": SIZES.head(0)}, True), ({"here": 0}, True), ({"here": "boundaries"}, False)])
def test_a_cell_runs_when_its_condition_holds_and_keeps_its_lines(names, left_out):
    code = answered("%%when here\nx = 1\ny = x / 0", names, Texts("en", "common"))
    assert ("`here` is empty" in code) == left_out
    assert left_out or code.splitlines() == ["", "x = 1", "y = x / 0"]
    assert answered("x = 1", names, None) == "x = 1"
    assert answered("%%when there\nx = 1", names, None).splitlines() == ["there", "x = 1"]


def test_a_condition_may_be_a_part_of_something_and_have_its_own_reason(tmp_path, monkeypatch):
    st, out = open_stage(tmp_path, monkeypatch, lang="en")
    assert answered("%%when st.borders\nx", {"st": st}, out.t) == "\nx"
    monkeypatch.setattr(type(st), "borders", None)
    assert "neither borders nor village points" in answered(
        "%%when st.borders\nx", {"st": st}, out.t)


def test_evidence_is_told_by_its_titles():
    """Also where there is one piece, with a name that might be a word."""
    frame = pd.DataFrame({"evidence": ["scores", "claim_periods;scores", "<b>"]})
    html = tables.to_html(frame, {"evidence": "names"}, Texts("en", "synthesis"), "x", "published")
    told = tables.spelled(html, {"scores": "Mean scores", "claim_periods": "Periods"})
    assert re.findall("<td.*?</td>", told) == [
        "<td>Mean scores <code>scores</code></td>",
        "<td>Periods; Mean scores <code>claim_periods;scores</code></td>",
        '<td class="names">&lt;b&gt;</td>']
    styles = settings(tables.__file__, "shown.yml")["synthesis"]["table.claims.title"]
    assert styles["evidence"] == tables.schemas()["claims"]["evidence"] == "names"


def test_codes_of_the_package_are_named_in_tables_texts_and_choices(tmp_path, monkeypatch):
    """One place names them: tables of a stage, sentences, alternatives of a choice, the site."""
    from helpers.study import codes
    from helpers.study.package import Package

    _, out = open_stage(tmp_path, monkeypatch, "synthesis", "en")
    assert choices.alternative_name(out.t, "synthesis.growth_source", "S28") == (
        "BPS Jawa Timur, via WindyRRR (S28)")
    assert choices.alternative_name(out.t, "synthesis.growth_source", "longest") == "the longest"
    _, out = open_stage(tmp_path, monkeypatch, "scoring", "en")
    said = out.t.for_markdown()("items.reversed", items=["need_capital_2"])
    assert "My business needs capital to buy or repair equipment (need\\_capital\\_2)" in said
    frame = pd.DataFrame({"item": ["need_capital_2"]})
    assert ("<td>My business needs capital to buy or repair equipment. <code>need_capital_2</code>"
            in out._html(frame, {"item": "text"}, "x", "simulated"))
    package = Package(ROOT / "data" / "raw")
    named = codes.names(package, package.resources, "id")
    assert named["35.05.01"] == "Wonodadi" and named["S28"] == "BPS Jawa Timur, via WindyRRR"
    # Whose of two it is nobody can say from the code alone.
    monkeypatch.setattr(codes, "CODES", {"areas": "zone", "sources": "source"})
    assert "north" not in codes.names(package, package.resources, "id")


def test_a_source_that_is_called_like_something_else_keeps_its_publisher(package_copy, tmp_path,
                                                                         monkeypatch, shown):
    """Like an indicator, or like a key word: the line below a figure tells of sources alone."""
    package_copy.edit_entry("sources", lambda entry: [
        field.pop("constraints", None) for field in entry["schema"]["fields"]])
    package_copy.edit_text("sources", lambda text: text + "".join(
        f"{key},A page,,An office.,2026,,\n" for key in ("kelurahan_share", "north")))
    tell_run(monkeypatch, tmp_path, raw=package_copy.folder, out=tmp_path)
    st = study.Study("disparity", parameters.load()["disparity"] | {"seed": 1, "lang": "en"},
                     raw=package_copy.folder)
    out = publish.open(st)
    for lang in ("id", "en"):
        for part in ("title", "caption", "alt"):
            monkeypatch.setitem(catalogue("disparity", lang), f"figure.plain.{part}", "x")
    frame = st.table("indicators")
    keys = ["kelurahan_share", "north", "S0"]
    out.figure(lambda frame: line_figure(), frame, name="plain", sources=keys)
    told = ["An office (kelurahan_share)", "An office (north)", "S0"]
    assert sidecar(tmp_path, "figures/plain")["source"] == "; ".join(told)
    assert out.t.named("kelurahan_share") == "kelurahan_share", "one of two"
    figure = synthesis.growth_and_poverty(pd.DataFrame({
        "area": "a", "indicator": synthesis.POOR[0], "year": 2020, "value": 1.0, "source": keys,
        "used": True}), split=2015, t=Texts("en", "synthesis", sources=out.t.sources))
    legend = [text.get_text() for text in figure.axes[-1].get_legend().get_texts()]
    assert {*legend[:-1]} == {*told}


def test_no_word_of_a_stage_heads_a_column_of_a_published_table_by_accident():
    """One of a stage's own tables may head a column otherwise; a published one keeps its word."""
    from helpers.chain import STEPS

    meant = {("claim_tests", "rule"), ("claim_periods", "indicators")}
    for lang in ("id", "en"):
        common = catalogue("common", lang)
        for name, step in STEPS.tables.items():
            own = catalogue(STEPS.stage(step), lang)
            found = {(name, column) for column in tables.schemas()[name]
                     if own.get(f"column.{column}", common.get(f"column.{column}"))
                     != common.get(f"column.{column}") and f"column.{column}" in common}
            assert found <= meant


@pytest.mark.parametrize("lang, name", [("id", "Rata-rata cahaya malam"),
                                        ("en", "Mean night-time light")])
def test_a_shown_table_names_indicators_before_their_codes(tmp_path, monkeypatch, shown, lang,
                                                           name):
    _, out = open_stage(tmp_path, monkeypatch, lang=lang, stage="disparity")
    found = pd.DataFrame({"indicator": ["nightlight_mean"], "gini": [0.25]})
    out.show(found, caption="x", columns={"indicator": "text", "gini": ".2f"},
             made_from=["indicators"])
    assert f"<td>{name} <code>nightlight_mean</code></td>" in "".join(map(str, shown))


def test_a_series_of_growth_is_called_by_its_publisher_whatever_shares_its_key():
    t = Texts("en", "synthesis", names={"S1": "An item"}, sources={"S1": "A bureau"})
    assert choices.alternative_name(t, "synthesis.growth_source", "S1") == "A bureau (S1)"
    assert choices.alternative_name(t, "disparity.index_leave_out", "S1") == "An item (S1)"


def test_several_key_words_of_one_cell_are_each_put_in_words():
    told = tables.cell("economic_growth_computed;poor_number", "word", Texts("en", "synthesis"))
    assert told == "growth computed from GRDP; number of poor people"
