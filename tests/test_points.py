"""Points of villages: without a place, nowhere, far away, in other spellings, on islands that the
coast lacks, and across 180 degrees."""

import json
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import ROOT

from helpers import geography
from helpers.errors import InputError
from helpers.intake import new
from helpers.messages import translate
from helpers.study import borders
from helpers.study.package import Package
from helpers.study.validation import semantic_checks, validate

AREAS = "code,name,zone\n" + "".join(f"35.04.0{n},Area {n},{'ns'[n // 3]}\n" for n in (1, 2, 3, 4))
POINTS = [(f"35.04.0{area}.200{number}", f"35.04.0{area}", round(112 + number / 50, 5),
           round(-8 - area / 50, 5)) for area in (1, 2, 3, 4) for number in (1, 2, 3)]


@pytest.fixture
def make(tmp_path, capsys):
    """Call `new` with points and further arguments; its status, folder, and what it said."""
    def go(points=POINTS, *arguments, head="code,area,lon,lat", areas=AREAS):
        (tmp_path / "areas.csv").write_text(areas)
        (tmp_path / "villages.csv").write_text(
            head + "\n" + "".join(",".join(map(str, point)) + "\n" for point in points))
        status = new.main([str(tmp_path / "made"), "--areas", str(tmp_path / "areas.csv"),
                           "--villages", str(tmp_path / "villages.csv"), *arguments])
        said = capsys.readouterr()
        assert status == 0 or said.err.count("\n") == 1
        return status, tmp_path / "made", said.err if status else said.out

    return go


def moved(*place, of=0):
    return [(*point[:2], *place) if number == of else point for number, point in enumerate(POINTS)]


def test_villages_without_a_place_are_left_out_and_named(make):
    status, folder, said = make(moved("", ""))
    assert status == 0 and "left out (1): 35.04.01.2001\n" in said
    assert len(Package(folder).table("villages")) == len(POINTS) - 1


@pytest.mark.parametrize("place, part, indonesian", [
    ((0, 0), "villages.csv: village 35.04.01.2001 lies at lon 0, lat 0, where a program puts what "
     "has no place; correct lon and lat, or leave both empty", "menaruh yang tidak diketahui"),
    ((102.02, -8.02), "villages.csv: village 35.04.01.2001 lies at lon 102.02, lat -8.02, which is "
     "1,103 km from the other villages of its area 35.04.01", "km dari desa lain di wilayahnya"),
])
def test_a_village_that_lies_nowhere_is_refused_by_name(make, monkeypatch, place, part, indonesian):
    status, folder, said = make(moved(*place))
    assert status == 2 and part in said and not folder.exists()
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")
    monkeypatch.delenv("KESENJANGAN_MESSAGES", raising=False)
    table = pd.DataFrame(moved(*place), columns=["code", "area", "lon", "lat"])
    with pytest.raises(ValueError) as caught:
        geography.check_places(table)
    assert indonesian in translate(caught.value, "id")


def test_a_package_with_such_a_village_is_not_built(make):
    _, folder, _ = make()
    path = folder / "villages.csv"
    path.write_text(path.read_text().replace("112.02,-8.02\n", "0,0\n").replace(
        "112.02,-8.02,", "0,0,"))
    with pytest.raises(ValueError, match="lies at lon 0, lat 0"):
        borders.polygons(Package(folder))


def test_a_village_that_lies_oddly_is_named_and_kept(make):
    status, folder, said = make(moved(112.92, -8.02))
    assert status == 0 and len(Package(folder).table("villages")) == len(POINTS)
    assert "villages far from the others of their area, look at their lon and lat: 35.04.01" in said


@pytest.mark.parametrize("capital, part", [
    ((-8.06, 111.9), "--capital -8.06 111.9: longitude and latitude seem swapped; give "
     "--capital 111.9 -8.06"),
    ((106.8, -6.2), "lies more than 5 degrees away from every village of the areas"),
])
def test_a_capital_elsewhere_is_refused(make, capital, part):
    status, _, said = make(POINTS, "--capital", *map(str, capital))
    assert status == 2 and part in said and "indicators.csv" not in said


def test_codes_without_dots_and_names_of_areas_are_understood(make):
    plain = [(code.replace(".", ""), area.replace(".", ""), *place) for code, area, *place in
             POINTS]
    assert make(plain)[0] == 0


def test_columns_are_understood_as_others_spell_them(make):
    named = [(code, f"Kec. Area {area[-1]}", *place) for code, area, *place in POINTS]
    status, folder, _ = make(named, head="Kode,Kecamatan,Longitude,Latitude")
    assert status == 0
    assert set(Package(folder).table("villages")["area"]) == {point[1] for point in POINTS}


def test_three_areas_have_no_two_halves(make, tmp_path, capsys):
    status, _, said = make(POINTS[:9], "--zones", "latitude", areas="\n".join(
        AREAS.splitlines()[:4]))
    assert status == 2
    assert said.startswith("error: areas.csv: a region of 3 areas has no two halves of two; take")


# --- land
# ---------------------------------------------------------------------------------------------

def land(tmp_path, shape, crs=4326):
    path = tmp_path / "coast.geojson" if crs else tmp_path / "coast.shp"
    geopandas.GeoSeries([shape], crs=crs).to_file(path)
    return str(path)


def test_without_land_there_is_no_density(make, tmp_path):
    _, folder, said = make()
    assert "village_density: left out, as without --land nobody knows how much of the" in said
    assert "village_density" not in set(Package(folder).table("indicators")["indicator"])
    assert "reference_indicator: village_spacing" in (folder / "params.yml").read_text()


def test_islands_that_the_coast_lacks_get_land_round_their_villages(make, tmp_path):
    """Area 4 and its villages lie in the sea: half the spacing of 2.1 km, 1 km at most, each."""
    coast = shapely.box(111.9, -8.07, 112.2, -7.9)
    status, folder, said = make(POINTS, "--land", land(tmp_path, coast))
    assert status == 0 and ("coast.geojson: lacks islands of these areas: 35.04.04; land of 1000 m "
                            "was drawn round their villages there, and their surfaces") in said
    package = Package(folder)
    validate(package)
    made = borders.polygons(package).set_index("code")
    assert made.area["35.04.04"] == pytest.approx(3 * np.pi * 1e6, rel=0.05)
    assert "land was drawn round" in package.resource("land").descriptor["description"]


def test_a_coast_that_has_all_islands_stays_as_it_is(make, tmp_path):
    coast = shapely.box(111.9, -8.2, 112.2, -7.9)
    _, folder, said = make(POINTS, "--land", land(tmp_path, coast))
    assert "lacks islands" not in said
    assert (folder / "land.geojson").read_bytes() == (tmp_path / "coast.geojson").read_bytes()


def test_a_coast_that_crosses_itself_is_mended_and_said(make, tmp_path):
    ring = [(111.9, -8.2), (112.2, -8.2), (112.2, -7.9), (112.1999, -7.8999), (112.2, -7.8999),
            (112.1999, -7.9), (111.9, -7.9)]
    status, folder, said = make(POINTS, "--land", land(tmp_path, shapely.Polygon(ring)))
    assert status == 0 and "its outline crosses itself and was mended" in said
    assert len(borders.polygons(Package(folder))) == 4


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_coast_without_a_reference_system_is_named(make, tmp_path):
    path = land(tmp_path, shapely.box(111.9, -8.2, 112.2, -7.9), crs=None)
    status, _, said = make(POINTS, "--land", path)
    assert status == 2 and ("coast.shp: the land must be one file" in said
                            or "coast.shp: names no coordinate reference system" in said)


# --- 180 degrees
# --------------------------------------------------------------------------------------

def across():
    """Eight areas in two rows around 180 degrees, four villages each, and their codes."""
    rows = []
    for area in range(8):
        west, south = 178 + area % 4, -18 + area // 4
        for number, (x, y) in enumerate([(0.3, 0.3), (0.3, 0.7), (0.7, 0.3), (0.7, 0.7)]):
            lon = west + x
            rows.append((f"F{area}{number}", f"F{area}", round(lon - 360 * (lon > 180), 3),
                         south + y))
    return rows


def test_across_180_degrees_neighbours_and_surfaces_are_right(make):
    areas = "code,name,zone\n" + "".join(f"F{n},Area {n},{'ns'[n // 4]}\n" for n in range(8))
    status, folder, _ = make(across(), areas=areas)
    assert status == 0
    made = borders.polygons(Package(folder))
    links = geography.neighbours(made).toarray()
    assert links[1, 2] and links[5, 6] and not links[0, 3] and links.sum(axis=1).min() >= 2
    assert set(made.geom_type) == {"Polygon"} and made.area.max() / made.area.min() < 2
    assert abs(made.crs.to_dict().get("lon_0", 177)) > 176


def test_polygons_cut_at_180_degrees_are_measured_there(make, tmp_path):
    from helpers.intake import boundaries

    areas = "code,name,zone\n" + "".join(f"F{n},Area {n},{'ns'[n // 4]}\n" for n in range(8))
    _, folder, _ = make(across(), areas=areas)
    shapes = []
    for area in range(8):
        west, south = 178.5 + area % 4, -18 + area // 4
        pieces = [(west, min(west + 1, 180)), (max(west, 180), west + 1)]
        shapes.append(shapely.union_all([
            shapely.box(left - 360 * (left >= 180), south, right - 360 * (left >= 180), south + 1)
            for left, right in pieces if right > left]))
    file = tmp_path / "x.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": f"F{n}"},
         "geometry": json.loads(shapely.to_geojson(shape))} for n, shape in enumerate(shapes)]}))
    assert boundaries.main([f"RAW={folder}", f"FILE={file}", f"TO={tmp_path / 'b'}"]) == 0
    made = borders.polygons(Package(tmp_path / "b"))
    assert geography.neighbours(made).sum(axis=1).tolist() == [3, 5, 5, 3, 3, 5, 5, 3]
    assert made.area.to_numpy() == pytest.approx(111.3**2 * 1e6 * 0.954, rel=0.02)


@pytest.mark.parametrize("area, lon, refused", [
    ("c", 107.5, None), ("a", 107.5, "5 degrees away"), (None, 107.5, "5 degrees away"),
    ("c", 12.0, "100 degrees away")])
def test_islands_far_away_are_known_by_all_villages_of_their_area(area, lon, refused):
    """The Tambelan islands lie 3 degrees from the rest of their regency, Bintan."""
    points = pd.DataFrame({"code": [str(n) for n in range(20)], "lat": -8.0,
                           "area": ["a"] * 12 + ["b"] * 5 + [area] * 3,
                           "lon": [112 + n / 100 for n in range(17)] + [lon] * 3})
    if refused is None:
        return semantic_checks.check_far(points, "villages.csv")
    with pytest.raises(InputError, match=refused):
        semantic_checks.check_far(points, "villages.csv")


def test_villages_on_both_sides_of_180_degrees_are_near_each_other():
    lon = [179.85 + n / 100 for n in range(20)]
    points = pd.DataFrame({"code": [str(n) for n in range(20)], "lat": -8.0, "area": "a",
                           "lon": [x - 360 if x > 180 else x for x in lon]})
    semantic_checks.check_far(points, "villages.csv")


def test_areas_without_a_neighbour_are_counted_among_those_with_a_value(monkeypatch):
    """Moran's I is of 3 areas, one of them alone: c, whose neighbour d has no value."""
    [source] = [cell["source"] for cell in json.loads(
        (ROOT / "notebooks/3_disparity.ipynb").read_text(encoding="utf-8"))["cells"]
        if cell["id"] == "neighbours-alone"]
    squares = geopandas.GeoDataFrame({"code": list("abcd")}, crs=32749, geometry=[
        shapely.box(x, 0, x + 1, 1) for x in (0, 1, 5, 6)])
    told = {}
    out = SimpleNamespace(text=lambda key, **values: told.update(key=key, **values))
    exec("".join(source[1:]), {"shapes": squares, "near": geography.neighbours, "out": out,
                               "now": pd.Series(1.0, index=list("abc"))})
    assert (told["key"], told["areas"]) == ("space.alone", 3)
    assert (told["alone"], told["factor"]) == pytest.approx((1, 2 / 3))
