"""Names on maps: none over another, each in its area or led to it, on paper as well as in
theory."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import geography
from helpers.publish import figures, maps
from helpers.publish.maps import labels
from helpers.publish.texts import Texts
from helpers.study.borders import polygons
from helpers.study.package import Package
from helpers.study.paths import ROOT

T = Texts("en", "disparity")


@pytest.fixture(scope="module")
def blitar():
    shapes = polygons(Package(ROOT / "data" / "raw"))
    return shapes.assign(value=np.arange(len(shapes), dtype=float),
                         people=np.linspace(4e4, 1e5, len(shapes)))


def drawn_names(figure, areas):
    """Return the box of every name and the foot of its line (None without one), in pixels of the
    PNG."""
    figures.finish(figure, T, "A title", "A long source " * 20, "published")
    figure.set_dpi(figures.DPI)
    figures.settle(figure)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    lines = {
        tuple(line.get_xydata()[0]): axes.transData.transform(line.get_xydata()[1])
        for line in axes.lines
    }
    found = {}
    for text in axes.texts:
        if text.get_text() in set(areas["name"]):
            box = text.get_bbox_patch().get_window_extent()
            found[text.get_text()] = shapely.box(box.x0, box.y0, box.x1,
                                                 box.y1), lines.get(text.get_position())
    return found, lambda shape: shapely.transform(shape, axes.transData.transform)


@pytest.mark.parametrize("kind", ["choropleth", "change", "bivariate", "cartogram"])
def test_names_of_the_kecamatan_do_not_collide(blitar, kind):
    limits = [0, 8, 16, 24]
    figure = {
        "choropleth": lambda: maps.choropleth(blitar, "value", t=T, bins=limits, borders=
                                              "tessellation"),
        "change": lambda: maps.change(blitar, "value", t=T, bins=maps.around_zero(blitar["value"])),
        "bivariate": lambda: maps.bivariate(blitar, "value", "value", t=T, row_bins=limits,
                                            column_bins=limits, headings=("need", "access")),
        "cartogram": lambda: maps.cartogram(blitar, "value", "people", t=T, bins=limits),
    }[kind]()
    found, on_paper = drawn_names(figure, blitar)
    assert set(found) == set(blitar["name"])
    boxes = [box for box, _ in found.values()]
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[number + 1:])
    if kind == "cartogram":
        return
    for name, shape in zip(blitar["name"], blitar.geometry, strict=True):
        box, foot = found[name]
        area = on_paper(shape).buffer(1)  # a pixel: shapes are simplified for display
        assert area.contains(box) if foot is None else area.contains(shapely.Point(foot)), name


def test_lines_cross_neither_names_nor_lines(blitar):
    sizes = labels.measured(blitar["name"]) * 100
    bounds = blitar.total_bounds + [-3000, -9000, 4000, 2000]
    places = labels.place(blitar.geometry.to_numpy(), sizes, bounds)
    lines = {number: shapely.LineString([found.foot, (found.x, found.y)])
             for number, found in enumerate(places) if found.foot}
    boxes = [
        labels._boxes((found.x, found.y), size)[0]
        for found, size in zip(places, sizes, strict=True)
    ]
    assert len(lines) >= 3
    for number, line in lines.items():
        assert not any(line.intersects(box) for other, box in enumerate(boxes) if other != number)
        assert not any(line.intersects(other) for key, other in lines.items() if key != number)


def test_a_name_without_any_room_is_left_out():
    square = np.array([shapely.box(0, 0, 1, 1)])
    assert labels.place(square, np.array([[3.0, 1.0]]), (0, 0, 1, 1)) == [None]


def test_boxes_are_as_wide_as_their_letters():
    narrow, wide = labels.measured(["ii", "WW"])
    assert wide[0] > 2 * narrow[0] and narrow[1] == wide[1]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), wide=st.floats(0.01, 0.4))
def test_names_of_any_areas_do_not_collide(seed, wide):
    rng = np.random.default_rng(seed)
    points = pd.DataFrame({
        "area": [f"a{n % 9}" for n in range(60)], "lon": 112 + rng.random(60) * 0.5,
        "lat": -8 + rng.random(60) * 0.5
    })
    areas = geography.tessellate(points, shapely.box(112, -8, 112.5, -7.5), 32749)
    size = np.tile([[wide * 50_000, 1500.0]], (len(areas), 1))
    places = labels.place(areas.geometry.to_numpy(), size,
                          areas.total_bounds + [-9000, -9000, 9000, 9000])
    assert places == labels.place(areas.geometry.to_numpy(), size,
                                  areas.total_bounds + [-9000, -9000, 9000, 9000])
    boxes = [labels._boxes((found.x, found.y), size[0])[0] for found in places if found]
    for number, box in enumerate(boxes):
        assert not any(box.intersection(other).area > 1e-6 for other in boxes[number + 1:])
    for shape, found in zip(areas.geometry, places, strict=True):
        if found and found.foot:
            assert shape.contains(shapely.Point(found.foot))
        elif found:
            assert shape.contains(labels._boxes((found.x, found.y), size[0])[0])


@settings(max_examples=40, deadline=None)
@given(data=st.data(), count=st.integers(1, 40))
def test_circles_keep_their_sizes_and_never_overlap(data, count):
    seed = data.draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    centres, people = rng.random((count, 2)) * 1000, rng.lognormal(10, 1, count)
    centres[-1] = centres[0]  # two at one place
    moved, radii = maps.circles(centres, people, 1e6)
    assert radii**2 / people == pytest.approx(np.full(count, radii[0]**2 / people[0]), rel=1e-12)
    assert np.pi * (radii ** 2).sum() == pytest.approx(0.55e6)
    for one in range(count):
        for other in range(one):
            assert np.hypot(*(moved[one]
                              - moved[other])) >= (radii[one] + radii[other]) * (1 - 1e-9)
    assert (moved == maps.circles(centres, people, 1e6)[0]).all()


def test_circles_stay_near_home(blitar):
    centres = shapely.get_coordinates(blitar.geometry.centroid.to_numpy())
    moved, radii = maps.circles(centres, blitar["people"].to_numpy(), blitar.area.sum())
    assert np.median(np.hypot(*(moved - centres).T)) < radii.mean()
    west, south, east, north = blitar.total_bounds
    assert (moved > [west, south]).all() and (moved < [east, north]).all()


@pytest.mark.parametrize("people", [[1.0, 0.0], [1.0, -1.0], [1.0, np.nan]])
def test_a_circle_needs_people(people):
    with pytest.raises(ValueError, match="leave areas without people out"):
        maps.circles(np.zeros((2, 2)), np.array(people), 1.0)


def test_a_cartogram_leaves_out_who_has_no_people(blitar):
    emptied = blitar.assign(people=[0.0, np.nan, *blitar["people"][2:]])
    figure = maps.cartogram(geopandas.GeoDataFrame(emptied), "value", "people", t=T,
                            bins=[0, 8, 16, 24], borders="tessellation")
    said = {text.get_text() for text in figure.axes[0].texts}
    assert "Approximate borders, drawn from village points" in said
    assert not set(blitar["name"][:2]) & said and set(
        blitar["name"][2:]) <= said and "50,000 people" in said


def test_a_name_stands_beside_the_scale_bar_and_not_on_it():
    """Of a square too small for its name the nearest place is below it, unless that is taken."""
    small, size = np.array([shapely.box(0, 0, 1, 1)]), np.array([[4.0, 1.0]])
    [free] = labels.place(small, size, (-1.6, -9, 2.6, 1.2))
    bar = shapely.box(-2, -3, 3, -0.2)
    [moved] = labels.place(small, size, (-9, -9, 2.6, 1.2), [bar])
    assert -2 < free.y < 0 and not bar.intersects(
        shapely.box(moved.x - 2, moved.y - 0.5, moved.x + 2, moved.y + 0.5))
