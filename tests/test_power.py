"""Power diagrams: every place belongs to the point with the smallest power distance, and areas get the size they should."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers import geography
from helpers.study.paths import ROOT

UTM = 32749
SQUARE = shapely.box(0, 0, 100, 100)


def clipped(diagram: geography.power.Diagram, limit=SQUARE) -> np.ndarray:
    return shapely.intersection(diagram.cells, limit)


def region(rows) -> tuple[pd.DataFrame, shapely.Polygon]:
    """Villages on a grid of hundredths of a degree, and the land around them."""
    points = pd.DataFrame([{"area": area, "lon": 112 + x / 100, "lat": -8 + y / 100} for x, y, area in rows])
    return points, shapely.box(111.9, -8.1, 112.5, -7.5)


@pytest.fixture(scope="module")
def blitar():
    points = pd.read_csv(ROOT / "data" / "raw" / "villages.csv", dtype={"code": "str", "area": "str"})
    land = geopandas.read_file(ROOT / "data" / "raw" / "land.geojson").union_all()
    indicators = pd.read_csv(ROOT / "data" / "raw" / "indicators.csv", dtype={"code": "str"})
    sizes = indicators[indicators["indicator"] == "area_big_polygon"].set_index("code")["value"]
    return points, land, sizes


places = some.lists(some.tuples(some.integers(0, 20), some.integers(0, 20)), min_size=1, max_size=30, unique=True)


@settings(max_examples=60, deadline=None)
@given(places, some.randoms(use_true_random=False))
def test_cells_part_the_land_by_power_distance(spots, chance):
    """On a grid many points lie on one circle; hidden points and equal weights occur as well."""
    xy = np.array(spots, dtype=float) * 5
    weights = np.array([chance.choice([0.0, 0.0, 30.0, chance.uniform(-400, 400)]) for _ in spots])
    diagram = geography.power_diagram(xy, weights, SQUARE)
    cells = clipped(diagram)
    assert shapely.is_valid(diagram.cells).all()
    assert shapely.area(cells).sum() == pytest.approx(1e4, rel=1e-9)
    assert shapely.union_all(cells).area == pytest.approx(1e4, rel=1e-9)
    there = np.random.default_rng(1).uniform(0, 100, (300, 2))
    power = ((there[:, None] - xy) ** 2).sum(axis=2) - weights
    best, second = np.sort(np.column_stack([power, np.full(300, np.inf)]), axis=1)[:, :2].T
    clear = second - best > 1e-6
    owner = cells[power.argmin(axis=1)]
    assert shapely.contains_xy(owner, there)[clear].all()


def test_equal_weights_give_the_voronoi_diagram():
    xy = np.random.default_rng(3).uniform(0, 100, (400, 2))
    cells = clipped(geography.power_diagram(xy, np.full(400, 7.0), SQUARE))
    plain = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=SQUARE, ordered=True))
    assert shapely.area(shapely.symmetric_difference(cells, shapely.intersection(plain, SQUARE))).max() < 1e-8


def test_edges_are_where_the_cells_meet():
    rng = np.random.default_rng(4)
    diagram = geography.power_diagram(rng.uniform(0, 100, (60, 2)), rng.uniform(0, 80, 60), SQUARE)
    cells, edges = clipped(diagram), shapely.intersection(diagram.edges, SQUARE)
    around = shapely.length(cells).sum() - SQUARE.length
    assert 2 * shapely.length(edges).sum() == pytest.approx(around, rel=1e-9)


def test_a_light_point_beside_a_heavy_one_is_hidden():
    """The border lies (100 - 0) / (2 x 10) = 5 m beyond the middle, on the light point, and further with more weight."""
    xy = np.array([[40.0, 50.0], [50.0, 50.0], [90.0, 50.0]])
    first = clipped(geography.power_diagram(xy, np.array([150.0, 0.0, 0.0]), SQUARE))
    assert first[0].bounds[2] == pytest.approx(52.5)
    hidden = geography.power_diagram(xy, np.array([1000.0, 0.0, 0.0]), SQUARE).cells
    assert hidden[1].is_empty and not hidden[0].is_empty and not hidden[2].is_empty


@settings(max_examples=30, deadline=None)
@given(some.integers(2, 6), some.integers(0, 10_000))
def test_sizes_are_reached_wherever_points_lie(owners, seed):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (owners * 4, 2))
    owner = np.repeat(np.arange(owners), 4)
    sizes = rng.dirichlet(np.full(owners, 3.0)) * 0.9e4 + 0.1e4 / owners
    weights = geography.fit_weights(xy, owner, sizes, SQUARE)
    cells = clipped(geography.power_diagram(xy, weights[owner], SQUARE))
    assert np.bincount(owner, shapely.area(cells)) == pytest.approx(sizes, rel=1e-5)


def test_points_without_owner_keep_their_weight_and_give_way():
    xy = np.array([[10.0, 50.0], [30.0, 50.0], [90.0, 50.0]])
    weights = geography.fit_weights(xy, np.array([0, 1, -1]), np.array([2500.0, 4500.0]), SQUARE)
    # Borders at 25 and 70: 5 m and 10 m beyond the middles of points that are 20 m and 60 m apart.
    assert weights == pytest.approx([2 * 60 * 10 + 2 * 20 * 5, 2 * 60 * 10], rel=1e-5)


def test_sizes_out_of_reach_are_refused():
    islands = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(90, 0, 100, 10)])
    with pytest.raises(ValueError, match="cannot be reached by moving borders"):
        geography.fit_weights(np.array([[5.0, 5.0], [95.0, 5.0]]), np.array([0, 1]), np.array([150.0, 50.0]), islands)


@settings(max_examples=20, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 40), some.integers(0, 40), some.sampled_from("abc")), min_size=4,
                  max_size=30, unique_by=lambda row: row[:2]))
def test_calibrated_areas_cover_the_land_once_in_any_order(rows):
    points, land = region(rows)
    sizes = pd.Series({"a": 3.0, "b": 4.0, "c": 5.0})[sorted(points["area"].unique())]
    shapes = geography.tessellate(points, land, UTM, sizes=sizes)
    whole = geopandas.GeoSeries([land], crs=4326).to_crs(UTM).area[0]
    assert (shapes.area / whole).to_numpy() == pytest.approx((sizes / sizes.sum()).to_numpy(), rel=1e-5)
    assert shapes.union_all().area == pytest.approx(whole, rel=1e-9)
    again = geography.tessellate(points.iloc[::-1], land, UTM, sizes=sizes.iloc[::-1])
    assert again.geometry.to_numpy().tolist() == shapes.geometry.to_numpy().tolist()


def test_blitar_gets_its_published_areas(blitar):
    points, land, sizes = blitar
    shapes = geography.tessellate(points, land, UTM, sizes=sizes).set_index("code")
    assert (shapes.area / 1e6).to_numpy() == pytest.approx(sizes[shapes.index].to_numpy(), rel=1e-5)
    assert shapely.coverage_is_valid(shapes.geometry.to_numpy()) and shapes.is_valid.all()
    plain = geography.tessellate(points, land, UTM).set_index("code")
    off = (plain.area / 1e6 / sizes[plain.index] - 1).abs()
    assert off.median() == pytest.approx(0.027, abs=0.001) and off.max() == pytest.approx(0.214, abs=0.001)


@pytest.mark.parametrize("change, message", [
    (lambda sizes: sizes.drop("35.05.03"), "area 35.05.03: its size is missing or not positive"),
    (lambda sizes: sizes.mask(sizes.index == "35.05.04", 0.0), "area 35.05.04: its size is missing or not positive"),
    (lambda sizes: sizes * 1000, "the published areas cannot be reached"),
])
def test_wrong_sizes_are_named(blitar, change, message):
    points, land, sizes = blitar
    with pytest.raises(ValueError, match=message):
        geography.tessellate(points, land, UTM, sizes=change(sizes))


def test_overlap_of_the_same_areas_is_whole(blitar):
    shapes = geography.tessellate(*blitar[:2], UTM)
    same = geography.overlap(shapes.iloc[::-1], shapes)
    assert same.index.tolist() == shapes["code"].tolist() and same["iou"].to_numpy() == pytest.approx(1)
    with pytest.raises(ValueError, match="different systems"):
        geography.overlap(shapes.to_crs(4326), shapes)
    with pytest.raises(ValueError, match="area 35.05.01 is drawn or real, but not both"):
        geography.overlap(shapes.iloc[1:], shapes)
