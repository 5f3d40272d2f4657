"""Bad geometry and thin figures: each is refused in one line, or follows a rule that stands here by
name."""

import json

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import tell_run
from notebook_cells import run_cells

from helpers import geography, study
from helpers.errors import InputError
from helpers.intake import describe, new
from helpers.messages import translate
from helpers.study import borders, parameters
from helpers.study.package import Package
from helpers.study.validation import check_parameters, validate

SIDE = 0.02  # degrees
PLACES = [(row, column) for row in range(4) for column in range(4)]
CODES = [f"k{row}{column}" for row, column in PLACES]
CHANGES = {
    "reference_indicator": "income", "map_indicators": [], "year": 2020, "first_year": 2010,
    "permutations": 99, "bootstrap": 99, "population_indicator": "people"
}


def square(row, column):
    west, north = 112 + column * SIDE, -8 - row * SIDE
    return shapely.box(west, north - SIDE, west + SIDE, north)


class Region:
    """A package of sixteen squares, north and south, with polygons and indicators to be spoiled."""

    def __init__(self, folder):
        self.folder = folder
        lines = ["code,name,zone", *(f"{code},{code.upper()},{'north' if row < 2 else 'south'}"
                                     for code, (row, _) in zip(CODES, PLACES, strict=True))]
        (folder.parent / "areas.csv").write_text("\n".join(lines))
        assert new.main(
            [str(folder), "--areas",
             str(folder.parent / "areas.csv"), "--status", "published"]) == 0
        self.shapes = geopandas.GeoDataFrame({"code": CODES},
                                             geometry=[square(*place) for place in PLACES],
                                             crs=4326)
        rows = [(code, "income", year, 10.0 + 3 * row + column + (year - 2010) / 5, "Rp", "given")
                for code, (row, column) in zip(CODES, PLACES, strict=True) for year in (2010, 2020)]
        rows += [(code, "people", 2020, 100.0 + 10 * column, "persons", "given")
                 for code, (_, column) in zip(CODES, PLACES, strict=True)]
        self.indicators = pd.DataFrame(
            rows, columns=["code", "indicator", "year", "value", "unit", "source"])
        (folder / "catalogue.csv").write_text(
            "indicator,label_id,label_en,unit,direction,theme\n"
            "income,Pendapatan,Income,Rp,1,x\npeople,Penduduk,People,persons,0,x\n")

    def write(self, name="boundaries.geojson") -> "Region":
        """Put everything into the folder and state its hashes."""
        self.indicators.to_csv(self.folder / "indicators.csv", index=False)
        if name.endswith(".geojson") and self.shapes.crs is not None:
            (self.folder / name).write_text(self.shapes.to_json(drop_id=True))
        else:
            self.shapes.to_file(self.folder / name)
        path = self.folder / "datapackage.json"
        descriptor = json.loads(path.read_text())
        descriptor["resources"].append({"name": "boundaries", "path": name, "status": "published",
                                        "sources": [{"title": "Sixteen squares"}]})
        path.write_text(json.dumps(descriptor))
        describe.refresh(self.folder)
        return self

    def refusal(self) -> str:
        """Return the one line with which the package is refused."""
        with pytest.raises(InputError) as caught:
            validate(Package(self.folder))
        text = str(caught.value)
        assert "\n" not in text and len(text) < 400
        return text

    def polygons(self):
        """Return the polygons of the package, which must be valid."""
        package = Package(self.folder)
        validate(package)
        return borders.polygons(package)


@pytest.fixture
def region(tmp_path) -> Region:
    return Region(tmp_path / "region")


# --- refused
# --------------------------------------------------------------------------------------------

def crossing(shape):
    west, south, east, north = shape.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def first(change):
    return lambda shapes: shapes.set_geometry([change(shapes.geometry[0]), *shapes.geometry[1:]])


@pytest.mark.parametrize("spoil, part", [
    (first(crossing), "the polygon of area k00 is invalid (Self-intersection"),
    (first(lambda shape: None), "the polygon of area k00 is empty; draw it"),
    (first(lambda shape: shapely.Polygon()), "the polygon of area k00 is empty; draw it"),
    (first(lambda shape: shape.centroid),
     "the geometry of area k00 is a Point; it must be a polygon"),
    (first(lambda shape: shapely.LineString(shape.exterior)),
     "the geometry of area k00 is a LineString; it must be a polygon"),
    (first(lambda shape: shapely.transform(shape, lambda xy: xy[:, ::-1])),
     "longitude and latitude seem swapped"),
    (first(lambda shape: shapely.transform(shape, lambda xy: xy * 111_000)),
     "is no place on Earth"),
    (lambda shapes: shapes.iloc[1:], "no polygon for area k00; every area needs exactly one"),
    (lambda shapes: shapes.iloc[3:],
     "no polygon for area k00, k01, k02; every area needs exactly one"),
    (lambda shapes: pd.concat([shapes, shapes.iloc[[5]]]),
     "more than one polygon for area k11; dissolve the parts"),
    (lambda shapes: shapes.rename(columns={"code": "kode"}), "has no column 'code'; it has: kode"),
])
def test_polygons_that_cannot_stand_for_areas_are_refused(region, spoil, part):
    region.shapes = spoil(region.shapes)
    text = region.write().refusal()
    assert text.startswith("boundaries.geojson: ") and part in text


def test_a_shapefile_without_a_reference_system_is_refused(region):
    region.shapes = region.shapes.set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        region.write("boundaries.shp")
    assert ("have no coordinate reference system; save them with one (e.g. EPSG:4326)"
            in region.refusal())


@pytest.fixture
def shapefile(region):
    """The squares as a Shapefile: four files and the encoding beside them, one resource."""
    region.write("boundaries.shp")
    assert len(Package(region.folder).resource("boundaries").files) == 5
    return region


@pytest.mark.parametrize("ending", ["shp", "shx", "dbf", "prj", "cpg"])
@pytest.mark.parametrize("spoil, told", [
    (lambda part: part.write_bytes(part.read_bytes() + b" "), "not together those that "),
    (lambda part: part.unlink(), "not together those that "),
    (lambda part: (part.rename(part.parents[1] / part.name),
                   part.symlink_to(part.parents[1] / part.name)), "points outside the package")])
def test_a_shapefile_is_one_resource_with_all_its_files(shapefile, spoil, told, ending):
    spoil(shapefile.folder / f"boundaries.{ending}")
    gone = told.startswith("not") and not (shapefile.folder / f"boundaries.{ending}").exists()
    told = {"shp": "is not there", "shx": "the file boundaries.shx is missing",
            "dbf": "the file boundaries.dbf is missing"}.get(ending, told) if gone else told
    assert told in shapefile.refusal()


def test_a_file_of_the_same_name_is_no_part_of_a_shapefile(shapefile):
    (shapefile.folder / "boundaries.xlsx").write_text("answers")
    shapefile.polygons()
    shapefile.shapes.to_file(shapefile.folder / "boundaries.shp", encoding="latin1")
    with pytest.raises(InputError) as caught:
        validate(Package(shapefile.folder))
    assert str(caught.value) == (
        "boundaries.shp: the files of this Shapefile (boundaries.shp, boundaries.cpg, "
        "boundaries.dbf, boundaries.prj, boundaries.shx) are not together those that "
        "datapackage.json describes; restore them all, or accept the change with: python "
        "src/helpers describe FOLDER")
    assert translate(caught.value, "id").startswith("boundaries.shp: berkas-berkas Shapefile ini (")


def villages(region, change=lambda table: table):
    """Replace the polygons by village points, two in each area."""
    points = pd.DataFrame([{
        "code": f"{code}-{n}", "area": code, "name": code, "lon": 112 + (column + n / 3) * SIDE,
        "lat": -8 - (row + n / 3) * SIDE
    } for code, (row, column) in zip(CODES, PLACES, strict=True) for n in (1, 2)])
    change(points).to_csv(region.folder / "villages.csv", index=False)
    region.indicators.to_csv(region.folder / "indicators.csv", index=False)
    path = region.folder / "datapackage.json"
    descriptor = json.loads(path.read_text())
    fields = [{"name": name, "type": "number" if name in ("lon", "lat") else "string"}
              for name in points]
    descriptor["resources"].append({
        "name": "villages", "path": "villages.csv", "status": "published",
        "schema": {"fields": fields, "missingValues": [""]}
    })
    path.write_text(json.dumps(descriptor))
    describe.refresh(region.folder)
    return region


def land(region, shape):
    """Add land to the package."""
    geopandas.GeoSeries([shape], crs=4326).to_file(region.folder / "land.gpkg")
    path = region.folder / "datapackage.json"
    descriptor = json.loads(path.read_text())
    descriptor["resources"].append({"name": "land", "path": "land.gpkg", "status": "published"})
    path.write_text(json.dumps(descriptor))
    describe.refresh(region.folder)


def test_swapped_villages_are_refused(region):
    region = villages(region,
                      lambda table: table.rename(columns={"lon": "lat", "lat": "lon"})[list(table)])
    assert "villages.csv: row 2, column 'lat': '112.00" in region.refusal()


def test_areas_whose_villages_all_lie_in_the_sea_are_named(region):
    region = villages(region)
    land(region, shapely.box(112, -8 - 4 * SIDE, 112 + 2.5 * SIDE, -8))
    with pytest.raises(
            InputError, match=
            "area k03, k13, k23, k33: all its village points lie in the sea, so that it has no land"
    ):
        borders.polygons(Package(region.folder))


def test_an_area_without_a_village_is_named(region):
    assert "no village belongs to the area 'k12'" in villages(
        region, lambda table: table[table["area"] != "k12"]).refusal()


# --- rules
# ----------------------------------------------------------------------------------------------

def test_heights_are_dropped(region):
    flat = region.shapes.copy()
    region.shapes = region.shapes.set_geometry(shapely.force_3d(region.shapes.geometry, 12.5))
    made = region.write().polygons()
    assert not made.has_z.any()
    assert made.area.to_numpy() == pytest.approx(flat.to_crs(made.crs).area.to_numpy(), rel=1e-9)


def test_any_reference_system_is_taken_and_made_metric(region):
    region.shapes = region.shapes.to_crs(3857)
    made = region.write("boundaries.gpkg").polygons()
    assert made.crs.to_epsg() == 32749
    assert made.area.sum() == pytest.approx(16 * (SIDE * 111_000) ** 2, rel=0.02)


def test_islands_of_an_area_belong_to_it(region):
    """A multipolygon is one area: its surface counts whole, and each part can touch neighbours."""
    islet = shapely.box(113, -8.1, 113.01, -8.09)
    region.shapes = first(lambda shape: shapely.MultiPolygon([shape, islet]))(region.shapes)
    made = region.write().polygons()
    assert made.geometry[0].geom_type == "MultiPolygon" and made.area[0] > made.area[1] * 1.2
    assert geography.neighbours(made).sum(axis=1)[0] == 3


def test_polygons_of_other_areas_are_ignored(region):
    other = geopandas.GeoDataFrame({"code": ["elsewhere"]}, geometry=[crossing(square(9, 9))],
                                   crs=4326)
    region.shapes = pd.concat([region.shapes, other], ignore_index=True)
    assert region.write().polygons()["code"].tolist() == CODES


def test_a_village_in_the_sea_counts_for_its_area_s_land(region):
    """The point still owns the land that is nearest to it; only an area without any land is an
    error."""
    def drowned(table):
        table.loc[table["code"] == "k00-1", ["lon", "lat"]] = [112 - SIDE, -8 - 0.3 * SIDE]
        return table

    region = villages(region, drowned)
    land(region, shapely.box(112, -8 - 4 * SIDE, 112 + 4 * SIDE, -8))
    made = borders.polygons(Package(region.folder))
    whole = geopandas.GeoSeries([shapely.box(112, -8 - 4 * SIDE, 112 + 4 * SIDE, -8)],
                                crs=4326).to_crs(made.crs)
    assert made.area.sum() == pytest.approx(whole.area[0], rel=1e-4)


# --- the whole stage
# ------------------------------------------------------------------------------------

@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the cells of the disparity notebook on a package; return its tables and what it said."""
    said = []
    monkeypatch.setattr("helpers.publish.publisher.Publisher.text",
                        lambda self, key, /, **values: said
                        .append(self.t(key, **self._known(values))))
    monkeypatch.setattr("helpers.publish.figures.DPI", 30)

    def go(region, **changed):
        tell_run(monkeypatch, tmp_path, raw=region.folder, out=tmp_path / "out")
        values = parameters.load()
        state = {"seed": values["seed"], "lang": "en", **values["disparity"], **CHANGES, **changed}
        said.extend(run_cells("disparity", state).values())
        return {
            path.stem: pd.read_csv(path) for path in (tmp_path / "out" / "tables").glob("*.csv")
        }, " ".join(said)

    return go


def test_an_island_a_divided_zone_a_gap_and_an_empty_area_run_through(region, run):
    """One area lies far off, the north has a piece in the south, one area has no value and one has
    no people."""
    region.shapes.loc[15, "geometry"] = shapely.transform(square(3, 3), lambda xy: xy + [0.3, 0])
    areas = pd.read_csv(region.folder / "areas.csv").set_index("code")
    areas.loc["k30", "zone"] = "north"
    areas.to_csv(region.folder / "areas.csv")
    rows = region.indicators
    rows = rows[~((rows["code"] == "k11") & (rows["indicator"] == "income"))]
    region.indicators = rows.assign(
        value=rows["value"].mask((rows["code"] == "k22") & (rows["indicator"] == "people"), 0.0))
    tables, _ = run(region.write())
    local = tables["local_clusters"].set_index("code")
    assert len(local) == 15 and "k11" not in local.index
    assert local.loc["k33",
                     "cluster"] == "not_significant" and local.loc["k33",
                                                                   ["p_permutation"]].isna().all()
    assert tables["zone_indicators"].query("indicator == 'income' and year == 2020").set_index(
        "zone")["areas"].to_dict() == {"north": 8, "south": 7}
    assert np.isfinite(tables["inequality"]["williamson"]).all()
    about = json.loads(
        (region.folder.parent / "out" / "figures" / "reference_maps.json").read_text())
    assert about["source"].endswith(
        "; borders: Sixteen squares") and "boundaries" in about["made_from"]


def of_reference(rows, change):
    """Change the values of the reference indicator."""
    return rows.assign(
        value=change(rows["value"]).where(rows["indicator"] == "income", rows["value"]))


@pytest.mark.parametrize("change, part", [
    (lambda rows: of_reference(rows, lambda value: value * 0 + 7),
     "'income' is 7 in every area of indicators.csv in 2020: "
     "there is no disparity to study; choose another indicator or year"),
    (lambda rows: of_reference(rows, lambda value: value - 15).assign(year=None),
     "has negative values (indicators.csv: row 2: -5)"),
    (lambda rows: of_reference(rows,
                               lambda value: value * 0).assign(year=None).drop_duplicates(["code",
                                                                                           "indicator"]),
     "'income' is 0 in every area of indicators.csv: there is no disparity"),
])
def test_a_reference_that_cannot_be_unequal_is_refused_before_anything_runs(region, change, part):
    region.indicators = change(region.indicators)
    with pytest.raises(InputError) as caught:
        check_parameters("disparity",
                         parameters.load()["disparity"] | CHANGES, Package(region.write().folder))
    assert part in str(caught.value)


def test_an_indicator_of_one_year_with_equal_values_elsewhere_runs_through(region, run):
    """Nothing changes and nothing converges, and another indicator that is the same everywhere is
    left out of the tests."""
    rows = region.indicators
    region.indicators = rows[rows["year"] == 2020].assign(
        value=lambda table: table["value"].where(table["indicator"] == "income", 100.0))
    tables, _ = run(region.write(), map_indicators=["people"])
    assert tables["inequality"]["year"].tolist() == [2020]
    assert tables["spatial_autocorrelation"]["indicator"].tolist() == ["income"]


def test_the_study_names_what_its_polygons_come_from(region, tmp_path, monkeypatch):
    tell_run(monkeypatch, tmp_path, raw=region.write().folder)
    values = parameters.load()["disparity"] | CHANGES
    opened = study.open("disparity", {**values, "seed": 1, "lang": "id"})
    assert opened.borders == "boundaries" and opened.drawn_from == ["boundaries"]
