"""The disparity notebook runs on packages of the same shape, whatever they lack, and says what it
skips."""

import json
import re
import shutil

import pandas as pd
import pytest
import small_sources
from conftest import tell_run
from make_mexico import make
from notebook_cells import run_cells

from helpers.intake import describe
from helpers.intake.new import make_regency
from helpers.publish import figures, tables
from helpers.study import parameters
from helpers.study.package import Package
from helpers.study.paths import ROOT

RAW = ROOT / "data" / "raw"
OVER_YEARS = {"reference_years", "reference_change"}
SPATIAL = OVER_YEARS | {"reference_maps", "moran_scatter", "local_clusters"}
INDEX = {"development_index", "rank_stability"}
FIGURES = SPATIAL | INDEX | {
    "zones_over_years", "lorenz", "theil_by_year", "zone_gaps", "inequality_intervals",
    "convergence"
}
TABLES = {
    "zone_indicators", "inequality", "spatial_autocorrelation", "local_clusters",
    "development_index"
}
MEXICO = {
    "year": 2000, "first_year": 1940, "reference_indicator": "income_per_head",
    "map_indicators": [], "permutations": 99, "bootstrap": 99
}


@pytest.fixture(scope="module")
def mexico(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mexico")
    make(folder)
    return folder


@pytest.fixture
def run(mexico, tmp_path, monkeypatch):
    """Run the notebook's cells in this process and return what it published and said."""
    said = {}

    def text(self, key, /, **values):
        told = self.t(key, **self._known(values))
        said[key] = "\n".join([*said.get(key, "").splitlines(), told])

    monkeypatch.setattr("helpers.publish.publisher.Publisher.text", text)
    monkeypatch.setattr("helpers.publish.figures.DPI", 40)

    def go(raw, **changed):
        # The project's own packages are found valid by other tests.
        checked = Package(raw).fingerprint if raw in (RAW, mexico) else None
        tell_run(monkeypatch, tmp_path, raw=raw, out=tmp_path / "out", checked=checked)
        values = parameters.load()
        state = {"seed": values["seed"], "lang": "en", **values["disparity"], **changed}
        said.update(run_cells("disparity", state))
        published = {
            path.stem: pd.read_csv(path) for path in (tmp_path / "out" / "tables").glob("*.csv")
        }
        drawn = {path.stem for path in (tmp_path / "out" / "figures").glob("*.svg")}
        return published, drawn, said

    return go


@pytest.fixture
def undrawn(monkeypatch):
    """Drawing takes half of the time; where another test draws the same charts, they are made and
    not drawn."""
    monkeypatch.setattr(figures, "_kept", {})  # what is not drawn is for no other test
    monkeypatch.setattr(figures, "render", lambda figure, name, **_: (b"", b"", {}))


@pytest.fixture
def laid_out(monkeypatch):
    """Nobody looks at the drawings, and others draw the same charts: each is laid out, with all its
    texts, and not drawn."""
    monkeypatch.setattr(figures, "_kept", {})
    monkeypatch.setattr(figures, "render",
                        lambda figure, name, **_: figures.settle(figure) or (b"", b"", {}))


def changed_copy(mexico, folder, change) -> str:
    """Copy the package, apply a change to its tables, and bring its descriptor up to date."""
    shutil.copytree(mexico, folder)
    change(folder)
    describe.refresh(folder)
    return folder


def edit(folder, name, change) -> None:
    path = folder / f"{name}.csv"
    change(pd.read_csv(path)).to_csv(path, index=False)


def beside(folder, *names) -> None:
    """Resources of the project's package put into another one."""
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    own = json.loads((RAW / "datapackage.json").read_text(encoding="utf-8"))
    for entry in own["resources"]:
        if entry["name"] in names:
            package["resources"].append(entry)
            shutil.copyfile(RAW / entry["path"], folder / entry["path"])
    path.write_text(json.dumps(package), encoding="utf-8")


def test_the_committed_package_is_what_the_code_makes(mexico):
    committed = ROOT / "examples" / "mexico"
    assert sorted(path.name for path in committed.iterdir()) == sorted(path.name
                                                                       for path in mexico.iterdir())
    for path in mexico.iterdir():
        assert (committed / path.name).read_bytes() == path.read_bytes(), path.name


def test_its_parameters_are_valid(mexico):
    chosen = parameters.load(mexico / "params.yml")["disparity"]
    quick = {"permutations", "bootstrap"}
    assert {name: chosen[name] for name in MEXICO if name not in quick} == {
        name: MEXICO[name] for name in MEXICO if name not in quick}


def test_blitar(run, laid_out, tmp_path):
    """`test_whole` draws the same charts in both languages."""
    published, drawn, said = run(RAW, permutations=99)
    assert set(published) == TABLES | {"national_context", "reference_beside", "scale_effect"}
    assert drawn == FIGURES | {
        "map_idm_index", "map_senior_secondary_share", "gap_explained", "population_cartogram",
        "national_context", "reference_beside", "gap_at_equal_density", "background",
        "villages_nightlight_mean", "villages_idm_index", "village_clusters"
    }
    for name in published:
        assert list(published[name]) == [*tables.schemas()[name], "status"]
        assert (published[name]["status"] == "published").all()
    light = published["zone_indicators"].query(
        "indicator == 'nightlight_mean' and year == 2024").set_index("zone")
    assert light["areas"].to_dict() == {"north": 15, "south": 7, "city": 3}
    assert light["weighted_mean"].idxmax() == "city" and light["weighted_mean"].idxmin() == "south"
    inequality = published["inequality"]
    assert inequality["year"].tolist() == list(range(2018, 2025))
    assert (inequality["theil_between"] + inequality["theil_within"]).to_numpy() == pytest.approx(
        inequality["theil"])
    assert published["development_index"]["rank"].tolist() == list(range(1, 26))
    assert "skipped" not in " ".join(said.values())
    assert {"local.corrected", "spots.found", "gini.spatial",
            "found.explained_unclear"} <= set(said)
    assert "nearly one thing here: the correlation of their logarithms is 0.991" in said[
        "found.density_same"]
    assert "7 have an interval" in said["density.count"] and said["density.count"].endswith("is 0.")
    assert {"effect.agree", "effect.differ"} & set(said)
    assert "3 rules that give different neighbours" in said.get("effect.agree",
                                                                said.get("effect.differ"))
    assert "city and north: not clear" in said["found.ratio_unclear"]
    assert "Theil T, all zones" in said["found.shift_unclear"]
    assert "7 are lost before a background of 0.25" in said["background.count"]
    assert "From 2022 to 2023" in said["leap"] and "found.ratio_above" not in said
    told = re.search(r"In 4,000 .* hold the truth in (9[45].\d)% .* lowest may be (9[34].\d)%",
                     said["coverage.count"])
    assert 93 <= float(told[2]) < float(told[1]) <= 95
    assert "(not corrected for the number of tests;" in said["found.clusters"]
    for path in (tmp_path / "out" / "figures").glob("*.svg"):
        sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert all(sidecar[part].strip()
                   for part in ("title", "caption", "alt", "source", "status"))


def test_another_first_year_reaches_every_sentence(run, undrawn):
    published, _, said = run(RAW, first_year=2021, permutations=99, bootstrap=99, alpha=0.1)
    assert "4 years (2021–2024)" in said["data.reference"]
    light = published["zone_indicators"].query("indicator == 'nightlight_mean' and year == 2021")
    means = light.set_index("zone")["weighted_mean"]
    changes = "\n".join(text for key, text in said.items() if key.startswith("found.ratio_"))
    for upper, lower in (("city", "north"), ("north", "south")):
        told = f"of {upper} and {lower}", f"from {means[upper] / means[lower]:.2f} (2021)"
        assert any(all(part in line for part in told) for line in changes.splitlines()), told
    theil = published["inequality"].set_index("year")["theil"]
    shifts = "\n".join(text for key, text in said.items() if key.startswith("found.shift_"))
    assert f"from {theil[2021]:.3f} (2021) to {theil[2024]:.3f} (2024)" in shifts
    assert "(90%:" in changes and "90% of the deals" in shifts and "95%" not in "".join(
        text for key, text in said.items() if not key.startswith("coverage."))


def test_the_city_can_be_counted_as_north(run, undrawn):
    published, _, said = run(RAW, city_zone="north", permutations=99, bootstrap=99)
    assert "intervals.pair" not in said and "found.sigma" in said, "two zones have no others"
    zones = published["zone_indicators"].query(
        "indicator == 'nightlight_mean' and year == 2024").set_index("zone")
    assert zones["areas"].to_dict() == {"north": 18, "south": 7}
    assert set(published["development_index"]["zone"]) == {"north", "south"}


def test_mexico(run, laid_out, mexico, tmp_path):
    published, drawn, said = run(mexico, **MEXICO)
    assert set(published) == TABLES and drawn == FIGURES
    assert published["inequality"]["williamson"].isna().all(), "no population, no weights"
    assert published["inequality"]["gini"].iloc[0] == pytest.approx(0.35372371173452)
    assert "data.unweighted" in said
    caption = json.loads((tmp_path / "out" / "figures" / "lorenz.json").read_text())["caption"]
    assert "each area counted once" in caption and "people" not in caption
    assert "not in this package" in said["national-context"]
    assert "not in this package" in said["scale-shapes"]
    assert "nothing that could explain the gap" in said["explain.left_out_no_drivers"]


def test_a_country_that_does_not_know_the_areas(run, undrawn, mexico, tmp_path):
    raw = changed_copy(mexico, tmp_path / "raw", lambda folder: beside(folder, "national"))
    published, _, said = run(raw, **MEXICO)
    assert set(published) == TABLES | {"national_context"}
    assert "not those of the Ministry of Home Affairs" in said["national.codes"]
    assert "do not both have kecamatan" in said["national-gap"]


def test_a_regency_with_few_kecamatan_is_said_and_not_ranked(run, undrawn, package_copy):
    package_copy.edit_text("national", lambda text: "\n".join(
        line for line in text.split("\n") if line[:5] != "35.05" or line[:8] < "35.05.05"))
    _, _, said = run(package_copy.folder, permutations=99, bootstrap=99, lang="id")
    assert "hanya memiliki 4 kecamatan dengan desa. Peringkat diberikan mulai dari 5" in said[
        "national.few"]
    assert "national.ranked" not in said and "national.absent" in said


def test_without_polygons(run, laid_out, mexico, tmp_path):
    raw = changed_copy(mexico, tmp_path / "raw", lambda folder: describe.keep(
        folder, ["areas", "indicators", "catalogue", "sources"]))
    published, drawn, said = run(raw, **MEXICO)
    assert set(published) == {"zone_indicators", "inequality", "development_index"}
    assert drawn == FIGURES - SPATIAL
    assert "skipped" in said["borders.None"] and "skipped" in said["moran"]
    assert "left out: this data package has neither borders" in said["reference-maps"]


def test_areas_and_indicators_alone(run, laid_out, mexico, tmp_path):
    raw = changed_copy(mexico, tmp_path / "raw",
                       lambda folder: describe.keep(folder, ["areas", "indicators"]))
    published, drawn, said = run(raw, **MEXICO)
    assert set(published) == {"zone_indicators", "inequality"}
    assert drawn == FIGURES - SPATIAL - INDEX
    assert "No indicator has a direction" in said["index"], "there is no catalogue"


def test_one_zone(run, laid_out, mexico, tmp_path):
    def merged(rows):
        return rows.assign(zone="one")

    raw = changed_copy(mexico, tmp_path / "raw", lambda folder: edit(folder, "areas", merged))
    published, drawn, said = run(raw, **MEXICO)
    assert drawn == FIGURES - {"zone_gaps"}
    assert (published["inequality"]["theil_between"].abs() < 1e-12).all()
    assert "one zone only" in said["gap"] and "one zone only" in said["when.pair"]


def test_one_year(run, laid_out, mexico, tmp_path):
    def last(rows):
        return rows[rows["year"] == 2000]

    raw = changed_copy(mexico, tmp_path / "raw", lambda folder: edit(folder, "indicators", last))
    published, drawn, said = run(raw, **MEXICO)
    over_years = OVER_YEARS | {"zones_over_years", "convergence", "theil_by_year"}
    assert drawn == FIGURES - over_years, "a point"
    assert len(published["inequality"]) == 1 and "no years" in said["zones-over-years"]
    assert "found.inequality_one_year" in said and "found.gap_no_change" in said


def test_no_year_at_all(run, laid_out, mexico, tmp_path):
    def undated(rows):
        return rows[rows["year"] == 2000].assign(year=None)

    raw = changed_copy(mexico, tmp_path / "raw", lambda folder: edit(folder, "indicators", undated))
    published, drawn, said = run(raw, **MEXICO)
    assert drawn == FIGURES - OVER_YEARS - {"zones_over_years", "convergence", "theil_by_year"}
    assert published["inequality"]["year"].isna().all() and "no years" in said["zones-over-years"]
    assert published["local_clusters"]["year"].isna().all()
    assert "In data without a year" in said["zones.gap"] and "without years" in said[
        "data.reference_undated"]
    assert not [key for key, text in said.items() if "2000" in text or "None" in text]


def test_a_tie_has_no_winner(run, undrawn, mexico, tmp_path):
    def mirrored(folder):
        edit(folder, "catalogue",
             lambda rows: pd.concat([rows, rows.iloc[:1].assign(indicator="mirror", direction=-1)]))
        edit(folder, "indicators", lambda rows: pd.concat([rows, rows.assign(indicator="mirror")]))

    _, _, said = run(changed_copy(mexico, tmp_path / "raw", mirrored), **MEXICO)
    assert "better off in 1 indicators each, of 2 with" in said[
        "found.lead_tie"] and "found.lead" not in said


def test_missing_values_of_some_areas(run, laid_out, mexico, tmp_path):
    def fewer(rows):
        return rows[~rows["code"].isin(["MX02", "MX31"])]

    raw = changed_copy(mexico, tmp_path / "raw", lambda folder: edit(folder, "indicators", fewer))
    published, drawn, _ = run(raw, **MEXICO)
    assert drawn == FIGURES and len(published["local_clusters"]) == 30
    assert published["development_index"]["rank"].isna().sum() == 2


def test_other_choices_run(run, laid_out, mexico):
    _, drawn, _ = run(
        mexico, **{
            **MEXICO, "classifier": "fisher_jenks", "k": 4, "normalisation": "rank",
            "index_weights": "theme_equal", "lang": "id", "spatial_weights": "knn",
            "neighbours_k": 3, "local_correction": "fdr"
        })
    assert drawn == FIGURES


def test_the_package_of_a_regency_goes_through_the_stage(run, undrawn, tmp_path, monkeypatch):
    """Four islands that lie apart, on the borders of their villages."""
    mirror = str(small_sources.write(tmp_path / "mirror", monkeypatch))
    raw = tmp_path / "made"
    make_regency(["35.02"], raw, None, mirror, by_village=True)
    small_sources.forget()
    given = parameters.load(raw / "params.yml")["disparity"] | {"permutations": 99, "bootstrap": 99}
    assert (given["spatial_weights"], given["neighbours_k"]) == ("knn", 3)
    published, drawn, said = run(raw, **given)
    values = published["inequality"].query("indicator == 'idm_index'")
    index = [0.57, 0.62, 0.67, 0.72]
    gini = sum(abs(a - b) for a in index for b in index) / (2 * 16 * 0.645)
    assert values["gini"].tolist() == [pytest.approx(gini, rel=1e-9)]
    assert set(values["status"]) == {"illustrative"}, "the share between zones that are nobody's"
    assert published["spatial_autocorrelation"]["status"].eq("published").all()
    assert said["data.reference_one"].endswith("4 areas, in 2024.")
    assert ("dealt out to 4 areas in 6 ways, so that no p-value can lie below 0.33"
            in said["gaps.never_clear"])
    maps = {name for name in drawn if name.startswith(("map_", "villages_"))}
    assert {"map_village_spacing", "villages_idm_index", "villages_idm_economic_ike"} <= maps
    assert "reference_maps" in drawn and not drawn & {"zones_over_years", "reference_change"}
    for name in maps:
        sidecar = json.loads((tmp_path / "out" / "figures" / f"{name}.json").read_text())
        assert sidecar["status"] == "published", name
    assert not re.search("Blitar|Brantas|thesis|light", "\n".join(said.values()))
