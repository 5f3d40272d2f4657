"""Polygons from points: they cover the land once, and what is wrong is said in words."""

import geopandas
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers import geography, study
from helpers.messages import translate
from helpers.publish.maps import class_legend
from helpers.study.paths import ROOT

UTM = 32749


def blitar_points() -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / "raw" / "villages.csv", dtype={"code": "str", "area": "str"})


def blitar_land():
    return geopandas.read_file(ROOT / "data" / "raw" / "land.geojson").union_all()


@pytest.fixture(scope="module")
def blitar():
    return geography.tessellate(blitar_points(), blitar_land(), UTM)


@pytest.fixture(scope="module")
def mexico():
    return geopandas.read_file(libpysal.examples.get_path("mexicojoin.shp")).set_crs(4326)


def square(*codes, side=1000.0, gap=0.0):
    """Return squares in a row."""
    shapes = [
        shapely.box(place * (side + gap), 0,
                    place * (side + gap) + side, side) for place in range(len(codes))
    ]
    return geopandas.GeoDataFrame({"code": list(codes)}, geometry=shapes, crs=UTM)


def test_one_valid_polygon_per_area(blitar):
    areas = pd.read_csv(ROOT / "data" / "raw" / "areas.csv", dtype="str")
    assert blitar["code"].tolist() == sorted(areas["code"])
    assert blitar.crs.to_epsg() == UTM
    assert blitar.is_valid.all() and not blitar.is_empty.any()
    assert set(blitar.geom_type) <= {"Polygon", "MultiPolygon"}


def test_no_gaps_and_no_overlaps(blitar):
    assert shapely.coverage_is_valid(blitar.geometry.to_numpy())
    union = blitar.union_all()
    assert blitar.area.sum() == pytest.approx(union.area, abs=0.01)  # square metres
    holes = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    assert sum(shapely.Polygon(ring).area for ring in holes) < 0.01


def test_covers_exactly_the_land_nearest_to_its_points(blitar):
    """Random places on land belong to the area of the nearest village, neighbours included."""
    from scipy.spatial import KDTree

    points = blitar_points()
    placed = geopandas.GeoSeries(geopandas.points_from_xy(points["lon"], points["lat"]),
                                 crs=4326).to_crs(UTM)
    tree = KDTree(shapely.get_coordinates(placed.to_numpy()))
    rng = np.random.default_rng(1)
    west, south, east, north = blitar.total_bounds
    places = rng.uniform((west, south), (east, north), (4000, 2))
    land = geopandas.GeoSeries([blitar_land()], crs=4326).to_crs(UTM)[0]
    places = places[shapely.contains_xy(land, places)]
    owner = points["area"].to_numpy(dtype=object)[tree.query(places)[1]]
    for code, shape in zip(blitar["code"], blitar.geometry, strict=True):
        assert (shapely.contains_xy(shape, places) == (owner == code)).all()


def test_every_village_on_land_lies_in_its_own_kecamatan(blitar):
    points = blitar_points().dropna(subset="area")
    placed = geopandas.GeoDataFrame(points,
                                    geometry=geopandas.points_from_xy(points["lon"],
                                                                      points["lat"]), crs=4326)
    placed = placed[placed.intersects(blitar_land())].to_crs(UTM)
    joined = placed.sjoin(blitar, predicate="within")
    assert len(placed) > 240
    assert len(joined) == len(placed) and (joined["area"] == joined["code_right"]).all()


def test_order_of_the_rows_changes_nothing(blitar):
    again = geography.tessellate(blitar_points().sample(frac=1, random_state=3), blitar_land(), UTM)
    assert again.equals(blitar)


def test_coast_is_respected(blitar):
    land = geopandas.GeoSeries([blitar_land()], crs=4326).to_crs(UTM)[0]
    assert shapely.difference(blitar.union_all(), land).area < 0.01


@settings(max_examples=25, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 40), some.integers(0, 40),
                              some.sampled_from(["a", "b", "c", None])),
                  min_size=2, max_size=40))
def test_any_points_fill_the_square(rows):
    """Points at one place, points in a row, areas of one point: the square is always covered
    once."""
    points = pd.DataFrame([{"lon": 112 + x / 100, "lat": -8 + y / 100, "area": area}
                           for x, y, area in rows])
    points["area"] = points["area"].astype("str").where(points["area"].notna())
    land = shapely.box(111.9, -8.1, 112.5, -7.5)
    if points["area"].isna().all():
        with pytest.raises(ValueError, match="no village belongs to an area"):
            geography.tessellate(points, land, UTM)
        return
    everything = points.assign(area=points["area"].fillna("z"))
    shapes = geography.tessellate(everything, land, UTM)
    whole = geopandas.GeoSeries([land], crs=4326).to_crs(UTM).area[0]
    assert shapes.area.sum() == pytest.approx(whole, rel=1e-9)
    assert shapes.union_all().area == pytest.approx(whole, rel=1e-9)


ISLANDS = shapely.MultiPolygon([
    shapely.box(112, -8, 112.15, -7.6),
    shapely.box(112.2, -8, 112.4, -7.85),
    shapely.box(112.2, -7.8, 112.4, -7.6)
])


@settings(max_examples=25, deadline=None)
@given(some.lists(some.tuples(some.integers(1, 39), some.integers(1, 39),
                              some.sampled_from("abcd")), min_size=4,
                  max_size=40), some.randoms(use_true_random=False))
def test_islands_are_parted_once_in_any_order(rows, chance):
    """Areas that lie on several islands, and some that meet no coast: equal to cutting each at the
    whole land."""
    points = pd.DataFrame([{"lon": 112 + x / 100, "lat": -8 + y / 100, "area": area}
                           for x, y, area in rows])
    around = shapely.box(111.9, -8.1, 112.5, -7.5)
    whole = geography.tessellate(points, around, UTM)
    land = geopandas.GeoSeries([ISLANDS], crs=4326).to_crs(UTM)[0]
    cut = shapely.intersection(whole.geometry.to_numpy(), land)
    if shapely.is_empty(cut).any():
        with pytest.raises(ValueError, match="all its village points lie in the sea"):
            geography.tessellate(points, ISLANDS, UTM)
        return
    shapes = geography.tessellate(points, ISLANDS, UTM)
    assert shapes.area.to_numpy() == pytest.approx(shapely.area(cut), rel=1e-9)
    assert shapes.area.sum() == pytest.approx(land.area, rel=1e-9) and shapes.is_valid.all()
    chance.shuffle(rows)
    again = pd.DataFrame([{"lon": 112 + x / 100, "lat": -8 + y / 100, "area": area}
                          for x, y, area in rows])
    assert geography.tessellate(again, ISLANDS, UTM).equals(shapes)


def test_points_at_one_place_count_once_for_the_lowest_code():
    points = pd.DataFrame(
        {"area": ["b", "a", "b", None], "lon": [112.1, 112.1, 112.3, 112.1], "lat": [-8.0] * 4})
    shapes = geography.tessellate(points, shapely.box(112.0, -8.1, 112.4, -7.9), UTM)
    assert shapes["code"].tolist() == ["a", "b"]
    assert shapes.area.iloc[0] == pytest.approx(shapes.area.iloc[1], rel=2e-3)


def test_without_land_the_polygons_end_near_the_points():
    points = blitar_points()
    shapes = geography.tessellate(points, None, UTM)
    placed = geopandas.GeoSeries(geopandas.points_from_xy(points["lon"], points["lat"]),
                                 crs=4326).to_crs(UTM)
    hull = placed.union_all().convex_hull
    assert shapely.difference(shapes.union_all(), hull.buffer(5000)).area == 0
    assert len(shapes) == 25 and shapes.is_valid.all()


def test_a_system_in_degrees_is_measured_in_metres(blitar):
    degrees = geography.tessellate(blitar_points(), blitar_land(), 4326)
    assert degrees.crs.to_epsg() == 4326
    assert degrees.to_crs(UTM).area.to_numpy() == pytest.approx(blitar.area.to_numpy(), rel=1e-6)


@pytest.mark.parametrize("change, message", [
    (lambda v: v.rename(columns={"lon": "lat", "lat": "lon"}), "seem swapped"),
    (lambda v: v.assign(lon=v["lon"] * 100_000), "no place on Earth"),
    (lambda v: v.assign(lon=v["lon"] - 40), "no village lies near the land"),
    (lambda v: v.assign(area=None), "the column 'area' is empty"),
    (lambda v: v.assign(lon=v["lon"].where(v.index != 4)), "row 5: a village has no lon or lat"),
])
def test_wrong_points_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        geography.tessellate(change(blitar_points()), blitar_land(), UTM)


def test_swapped_coordinates_that_are_possible_places_are_found_by_the_land():
    points = pd.DataFrame({"area": ["a", "b"], "lon": [10.0, 10.1], "lat": [50.0, 50.1]})
    with pytest.raises(ValueError, match="seem swapped"):
        geography.tessellate(points, shapely.box(49, 9, 51, 11), 3035)


def test_an_area_in_the_sea_is_named():
    points = pd.DataFrame({"area": ["a", "b"], "lon": [112.1, 112.9], "lat": [-8.0, -8.0]})
    with pytest.raises(ValueError, match="area b: all its village points lie in the sea"):
        geography.tessellate(points, shapely.box(112.0, -8.1, 112.2, -7.9), UTM)


def test_one_point_without_land_has_no_limit():
    with pytest.raises(ValueError, match="add the resource land"):
        geography.tessellate(pd.DataFrame({"area": ["a"], "lon": [112.0], "lat": [-8.0]}), None,
                             UTM)


def test_one_point_owns_all_land():
    one = geography.tessellate(pd.DataFrame({"area": ["a"], "lon": [112.0], "lat": [-8.0]}),
                               shapely.box(111.9, -8.1, 112.1, -7.9), UTM)
    assert shapely.area(one.to_crs(4326).geometry[0]) == pytest.approx(0.04, rel=1e-6)


def test_broken_land_is_named():
    bow = shapely.Polygon([(112, -8), (113, -7), (113, -8), (112, -7)])
    with pytest.raises(ValueError, match="the land is no valid geometry"):
        geography.tessellate(blitar_points(), bow, UTM)


@pytest.mark.parametrize("bounds, epsg",
                         [((111.9, -8.4, 112.5, -7.9), 32749), ((9, 47, 12, 49), 32632),
                                          ((179, -1, 180, 0), 32760)])
def test_small_regions_get_their_utm_zone(bounds, epsg):
    assert geography.metric_crs(bounds).to_epsg() == epsg


def test_large_regions_keep_their_areas(mexico):
    crs = geography.metric_crs(mexico.total_bounds)
    assert crs.axis_info[0].unit_name == "metre"
    # The same areas as in Albers' equal-area projection for North America.
    assert mexico.to_crs(crs).area.to_numpy() == pytest.approx(
        mexico.to_crs("ESRI:102008").area.to_numpy(), rel=1e-3)


def test_neighbours_equal_the_queen_weights_of_pysal(blitar, mexico):
    for shapes in (blitar, mexico):
        queen = libpysal.weights.Queen.from_dataframe(shapes, use_index=True, silence_warnings=True)
        assert (geography.neighbours(shapes) != queen.sparse).nnz == 0


def test_areas_that_do_not_touch_have_no_neighbours():
    with pytest.raises(ValueError, match="no area touches another"):
        geography.neighbours(square("a", "b", gap=5))


def test_zone_border_is_the_shared_edge(blitar):
    areas = pd.read_csv(ROOT / "data" / "raw" / "areas.csv", dtype="str").set_index("code")
    zoned = blitar.join(areas["zone"], on="code")
    border = geography.zone_border(zoned, tolerance=0.001)
    union = {zone: part.union_all() for zone, part in zoned.groupby("zone")}
    # Perimeters count shared edges twice, that of the whole region counts them not at all.
    shared = (sum(part.length for part in union.values()) - zoned.union_all().length) / 2
    assert border.length == pytest.approx(shared, rel=1e-3)
    assert geography.zone_border(zoned.assign(zone="one")).is_empty


def test_borders_that_miss_each_other_by_centimetres_still_meet():
    apart = square("a", "b", gap=0.05).assign(zone=["n", "s"])
    assert geography.zone_border(apart).length == pytest.approx(1000, abs=3)


def test_polygons_without_fault_pass(mexico):
    geography.check_polygons(mexico.rename(columns={"CODE": "code"}), mexico["CODE"])


BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize("change, message", [
    (lambda s: s.set_crs(None, allow_override=True), "no coordinate reference system"),
    (lambda s: s[s["code"] != "b"], "no polygon for area b"),
    (lambda s: pd.concat([s, s.iloc[[0]]]), "more than one polygon for area a"),
    (lambda s: s.set_geometry([BOW, *s.geometry[1:]]), "area a is invalid \\(Self-intersection"),
    (lambda s: s.set_geometry([shapely.Polygon(), *s.geometry[1:]]), "area a is empty"),
    (lambda s: s.set_geometry([None, *s.geometry[1:]]), "area a is empty"),
    (lambda s: s.set_geometry([shapely.Point(0, 0), *s.geometry[1:]]), "area a is a Point"),
    (lambda s: s.set_crs(4326, allow_override=True), "no place on Earth"),
])
def test_wrong_polygons_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        geography.check_polygons(change(square("a", "b", "c")), ["a", "b", "c"])


def test_swapped_polygons_are_named():
    shapes = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(-8, 112, -7, 113)],
                                    crs=4326)
    with pytest.raises(ValueError, match="seem swapped"):
        geography.check_polygons(shapes, ["a"])


def test_class_limits_by_hand():
    values = [1, 2, 3, 10, 11, 12, 50, np.nan]
    assert geography.class_limits(values, "equal_interval",
                                  7).tolist() == [1, 8, 15, 22, 29, 36, 43, 50]
    for classifier in ("fisher_jenks", "natural_breaks"):
        assert geography.class_limits(values, classifier, 3).tolist() == [1, 3, 12, 50]


def test_class_limits_equal_mapclassify():
    import mapclassify

    values = np.random.default_rng(5).lognormal(size=80)
    assert geography.class_limits(values, "quantiles",
                                  5)[1:] == pytest.approx(mapclassify.Quantiles(values, k=5).bins)
    assert geography.class_limits(values, "equal_interval", 4)[1:] == pytest.approx(
        mapclassify.EqualInterval(values, k=4).bins)


CLASSIFIERS = ("quantiles", "equal_interval", "fisher_jenks", "natural_breaks")


@given(some.lists(some.one_of(some.integers(0, 6), some.just(0), some.sampled_from([0.5, 100, -3])),
                  min_size=1, max_size=30), some.integers(2, 9), some.sampled_from(CLASSIFIERS),
       some.booleans())
@settings(max_examples=150, deadline=None)
def test_class_limits_rise_and_hold_all_values(values, k, classifier, whole):
    values = np.ceil(values) if whole else np.array(values, float)
    limits = geography.class_limits(values, classifier, k, whole)
    assert (np.diff(limits)[1:] > 0).all() and limits[1] >= limits[0] and len(limits) <= k + 1
    assert limits[0] == min(values) and limits[-1] == pytest.approx(max(values))
    classes = [class_legend.class_of(value, limits) for value in values]
    assert len(set(classes)) > 1 or len(set(values)) == 1, "one colour for values that differ"
    many = (values == min(values)).sum()
    if many > 1 and many * k >= len(values):
        assert {value for value, place in zip(values, classes) if place == 0} == {min(values)}


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_zero_and_one_share_no_class_where_most_are_zero(classifier):
    assert geography.class_limits([0] * 23 + [100], classifier, 5).tolist() == [0, 0, 100]
    assert geography.class_limits([100] * 23 + [0], classifier, 5)[:2].tolist() == [
        0, 20 if classifier == "equal_interval" else 0]
    limits = geography.class_limits([0] * 16 + [1] * 3 + [2, 5, 9], classifier, 5)
    assert limits[:2].tolist() == [0, 0]
    assert geography.class_limits([1, 2, 3, *[90] * 40], "quantiles", 2).tolist() == [1, 3, 90]


def test_class_limits_bad_input():
    with pytest.raises(ValueError, match="at least one value"):
        geography.class_limits([np.nan])
    with pytest.raises(ValueError, match="classifier is 'jenks'; allowed are 'quantiles'"):
        geography.class_limits([1.0, 2.0], "jenks")


def test_the_package_gives_a_polygon_for_every_area():
    values = study.parameters.load()
    shapes = study.open("disparity", {**values["disparity"], "seed": 1, "lang": "id"}).polygons()
    assert list(shapes.columns) == ["code", "name", "zone", "geometry"] and len(shapes) == 25


def test_more_areas_than_are_named_are_counted_in_the_reader_s_language():
    areas = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=23836)
    with pytest.raises(ValueError, match="no polygon for area b, c, d, e, f and 2 more;") as error:
        geography.check_polygons(areas, "abcdefgh")
    assert "b, c, d, e, f dan 2 lagi" in translate(error.value, "id")
