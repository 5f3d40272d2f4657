"""Maps: one colour means one class, what is missing is named, and the furniture is there."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Patch

from helpers import geography
from helpers.publish import figures, maps
from helpers.publish.texts import Texts

UTM = 32749
T = Texts("en", "disparity")


@pytest.fixture
def grid():
    """Sixteen squares of 1 km, the upper half north."""
    shapes = [
        shapely.box(x, y, x + 1000, y + 1000) for y in range(0, 4000, 1000)
        for x in range(0, 4000, 1000)
    ]
    table = {
        "code": [f"c{n:02}" for n in range(16)], "name": [f"Area {n}" for n in range(16)],
        "zone": ["south"] * 8 + ["north"] * 8, "value": np.arange(16.0),
        "later": np.arange(16.0) + 4
    }
    return geopandas.GeoDataFrame(table, geometry=shapes, crs=UTM)


def fills(axes) -> dict[str, str]:
    """Return the colour drawn at each area's corner of lowest x and y."""
    found = {}
    for collection in axes.collections:
        if isinstance(collection, PathCollection):
            colours = collection.get_facecolors()
            for place, path in enumerate(collection.get_paths()):
                found[tuple(path.vertices.min(axis=0))] = to_hex(colours[place % len(colours)])
    return found


def drawn(figure, areas, panel=0) -> list[str]:
    found = fills(figure.axes[panel])
    return [found[shape.bounds[:2]] for shape in areas.geometry]


def legend(figure) -> dict[str, Patch]:
    box = figure.legends[0]
    return dict(zip([text.get_text() for text in box.get_texts()], box.legend_handles, strict=True))


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_swatches_equal_fills(grid):
    figure = maps.choropleth(grid, "value", t=T, bins=[0, 4, 8, 15])
    swatches = legend(figure)
    assert list(swatches) == ["8 – 15", "4 – 8", "0 – 4", "zone boundary"]
    by_hand = ["0 – 4"] * 5 + ["4 – 8"] * 4 + ["8 – 15"] * 7  # a class holds its upper limit
    assert drawn(figure, grid) == [to_hex(swatches[name].get_facecolor()) for name in by_hand]


def test_panels_share_their_classes(grid):
    limits = geography.class_limits(grid[["value", "later"]].to_numpy(), "quantiles", 4)
    figure = maps.series(grid, {"2018": "value", "2024": "later"}, t=T, bins=limits)
    before, after = drawn(figure, grid, 0), drawn(figure, grid, 1)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["2018", "2024"]
    assert before[4:] == after[:-4], "equal values have equal colours in both panels"
    assert len(figure.legends) == 1
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_an_empty_class_keeps_its_swatch(grid):
    grid.loc[grid["value"].between(5, 8), "value"] = 1.0
    swatches = legend(maps.choropleth(grid, "value", t=T, bins=[0, 4, 8, 15]))
    assert [to_hex(swatches[name].get_facecolor())
            for name in ("0 – 4", "4 – 8", "8 – 15")] == maps.sequential(3)


def test_missing_values_are_hatched_and_named(grid):
    grid.loc[3, "value"] = np.nan
    figure = maps.choropleth(grid, "value", t=T, bins=[0, 8, 15])
    swatch = legend(figure)["no data"]
    assert (to_hex(swatch.get_facecolor()), swatch.get_hatch()) == maps.NO_DATA
    assert drawn(figure, grid)[3] == maps.NO_DATA[0]
    assert "no data" not in legend(
        maps.choropleth(grid.fillna({"value": 1}), "value", t=T, bins=[0, 8, 15]))


def test_values_beyond_the_limits_fall_into_the_outer_classes(grid):
    figure = maps.choropleth(grid, "value", t=T, bins=[4, 6, 8])
    low, high = maps.sequential(2)
    assert drawn(figure, grid) == [low] * 7 + [high] * 9


def test_equal_values_make_one_class(grid):
    figure = maps.choropleth(grid.assign(value=3.0), "value", t=T,
                             bins=geography.class_limits([3.0, 3.0]))
    assert list(legend(figure)) == ["3", "zone boundary"]


def test_the_one_area_above_zero_is_seen(grid):
    values = grid.assign(value=[0.0] * 15 + [100.0])
    figure = maps.choropleth(values, "value", t=T, bins=geography.class_limits(values["value"]))
    assert list(legend(figure)) == ["> 0 – 100", "0", "zone boundary"]
    assert drawn(figure, grid) == [maps.sequential(2)[0]] * 15 + [maps.sequential(2)[1]]


@pytest.mark.parametrize("bins, message",
                         [([], "class limits must rise; they are none"), ([1, 3, 3], "1, 3, 3")])
def test_limits_that_do_not_rise(grid, bins, message):
    with pytest.raises(ValueError, match=message):
        maps.choropleth(grid, "value", t=T, bins=bins)


def test_furniture(grid):
    figure = maps.choropleth(grid, "value", t=T, bins=[0, 8, 15], unit="km", borders="tessellation")
    said = texts(figure)
    assert "N" in said and "1 km" in said
    assert "Approximate borders, drawn from village points" in said
    assert set(grid["name"]) <= set(said)
    assert figure.legends[0].get_title().get_text() == "km"


def test_scale_bar_has_its_length(grid):
    figure = maps.choropleth(grid, "value", t=T, bins=[0, 8, 15])
    bars = [patch for patch in figure.axes[0].patches if hasattr(patch, "get_width")]
    assert sum(bar.get_width() for bar in bars) == pytest.approx(1000)


def test_real_borders_are_not_called_approximate(grid):
    for borders in ("boundaries", None):
        said = texts(maps.choropleth(grid, "value", t=T, bins=[0, 8, 15], borders=borders))
        assert not any("Approximate" in text for text in said)


def test_zone_border_is_drawn_where_zones_meet(grid):
    figure = maps.choropleth(grid, "value", t=T, bins=[0, 8, 15])
    lines = [line for line in figure.axes[0].collections if isinstance(line, LineCollection)]
    assert [line.get_linewidth()[0]
            for line in lines] == [maps.CASING["linewidth"], maps.BORDER["linewidth"]]
    y = np.concatenate([segment[:, 1] for segment in lines[0].get_segments()])
    assert y == pytest.approx(2000, abs=1.5)
    one_zone = maps.choropleth(grid.assign(zone="one"), "value", t=T, bins=[0, 8, 15])
    assert not any(isinstance(line, LineCollection) for line in one_zone.axes[0].collections)
    assert list(legend(one_zone)) == ["8 – 15", "0 – 8"]


def test_many_areas_carry_no_names(grid):
    many = pd.concat([grid.assign(geometry=grid.translate(shift)) for shift in (0, 4000, 8000)],
                     ignore_index=True)
    assert len(many) > maps.MOST_LABELS
    assert not set(grid["name"]) & set(texts(maps.choropleth(many, "value", t=T, bins=[0, 8, 15])))


def test_categories_keep_colour_hatch_and_order(grid):
    grid["cluster"] = ["low_low"] * 8 + ["high_low"] * 7 + [None]
    figure = maps.categories(grid, "cluster", t=T, styles=maps.CLUSTERS, heading="Cluster")
    swatches = legend(figure)
    assert list(swatches) == [T.word(name) for name in maps.CLUSTERS] + ["no data", "zone boundary"]
    low_low, high_low, none = maps.CLUSTERS["low_low"][0], maps.CLUSTERS["high_low"][
        0], maps.NO_DATA[0]
    assert drawn(figure, grid) == [low_low] * 8 + [high_low] * 7 + [none]
    hatches = {
        path.get_hatch() for path in figure.axes[0].collections if isinstance(path, PathCollection)
    }
    assert hatches == {None, maps.CLUSTERS["high_low"][1], maps.NO_DATA[1]}


def luminance(colour: str) -> float:
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16  # CIE lightness, 0 black to 100 white


@pytest.mark.parametrize("k", range(2, 10))
def test_classes_can_be_told_apart_in_grey(k):
    lightness = [luminance(colour) for colour in maps.sequential(k)]
    assert (np.diff(lightness) < -7).all()


def test_clusters_can_be_told_apart_in_grey():
    styles = [(luminance(colour), hatch) for colour, hatch in maps.CLUSTERS.values()]
    for place, (light, hatch) in enumerate(styles):
        for other, other_hatch in styles[place + 1:]:
            assert hatch != other_hatch or abs(light - other) > 15


def test_holes_stay_open():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    ring = shapely.box(0, 0, 3000, 3000).difference(shapely.box(1000, 1000, 2000, 2000))
    areas = geopandas.GeoDataFrame({"name": ["ring"], "zone": ["a"], "value": [1.0]}, crs=UTM,
                                   geometry=[ring])
    figure = maps.choropleth(areas, "value", t=T, bins=[0, 1], labels=False)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())

    def colour_at(x, y):
        across, up = figure.axes[0].transData.transform((x, y)).astype(int)
        return to_hex(pixels[-up, across] / 255)

    assert colour_at(1500, 1500) == "#ffffff"
    assert colour_at(500, 500) == maps.sequential(1)[0]


def test_display_shapes_keep_their_shared_borders():
    rng = np.random.default_rng(4)
    points = pd.DataFrame({
        "area": [f"a{n % 9}" for n in range(300)], "lon": 112 + rng.random(300) * 0.5,
        "lat": -8 + rng.random(300) * 0.5
    })
    shapes = geography.tessellate(points, shapely.box(112, -8, 112.5, -7.5), UTM)
    light = maps.for_display(shapes)
    assert shapely.coverage_is_valid(light.geometry.to_numpy())
    assert light.count_coordinates().sum() < shapes.count_coordinates().sum()
    assert light.area.sum() == pytest.approx(shapes.area.sum(), rel=1e-3)


@pytest.mark.parametrize("lang, decimal", [("id", "0,5"), ("en", "0.5")])
def test_numbers_follow_the_language(grid, lang, decimal):
    small = grid.assign(value=grid["value"] / 30)
    figure = maps.choropleth(small, "value", t=Texts(lang, "disparity"), bins=[0, 0.25, 0.5])
    assert any(decimal in name for name in legend(figure))


def test_vector_output_is_light_and_stable(grid):
    def made() -> bytes:
        figure = maps.series(grid, {"2018": "value", "2024": "later"}, t=T, bins=[0, 4, 8, 12, 19],
                             labels=True)
        figures.finish(figure, T, "Title", "source", "published")
        return figures.render(figure, "a_map")[1]

    first = made()
    assert first == made()
    assert len(first) < 500_000


def test_no_count_stands_in_two_ranges_of_the_legend(grid):
    counts = grid.assign(value=grid["value"].astype(int))
    swatches = legend(maps.choropleth(counts, "value", t=T, bins=[0, 4, 5, 15], whole=True))
    assert list(swatches) == ["6 – 15", "5", "0 – 4", "zone boundary"]
    alone = legend(maps.choropleth(counts, "value", t=T, bins=[0, 0, 5, 15], whole=True))
    plain = legend(maps.choropleth(counts, "value", t=T, bins=[0, 0, 5, 15]))
    assert [*alone][1:] == [*plain][1:] and [*alone][0] == "6 – 15"


def test_losses_and_gains_part_at_zero(grid):
    changes = grid.assign(value=grid["value"] - 3)
    figure = maps.change(changes, "value", t=T, bins=maps.around_zero(changes["value"]), unit="%")
    swatches = legend(figure)
    assert list(swatches) == [
        "10 – 14", "6 – 10", "2 – 6", "-2 – 2", "-6 – -2", "-10 – -6", "-14 – -10", "zone boundary"
    ]
    styles = [style for style, _ in maps.diverging()]
    by_hand = [2] * 2 + [3] * 4 + [4] * 4 + [5] * 4 + [6] * 2
    assert drawn(figure, grid) == [styles[place] for place in by_hand]


def test_thirds_need_a_value():
    with pytest.raises(ValueError, match="all are missing"):
        maps.thirds([np.nan])


@pytest.mark.parametrize("values, largest",
                         [([0.3], 0.35), ([-700, 2], 700), ([7.0], 7), ([0, 0], 7), ([np.nan], 7)])
def test_limits_around_zero_hold_all_values(values, largest):
    limits = maps.around_zero(values)
    assert limits == pytest.approx(-limits[::-1]) and limits[-1] == pytest.approx(largest) and len(
        limits) == 8


def test_two_numbers_make_nine_colours(grid):
    grid = grid.assign(need=np.repeat([1.0, 2.0, 3.0, 4.0], 4),
                       access=np.tile([1.0, 3.0, 4.0, np.nan], 4))
    figure = maps.bivariate(grid, "need", "access", t=T, row_bins=[1, 2, 3, 4],
                            column_bins=[1, 2, 3, 4], headings=("need", "access"))
    rows = [0, 0, 1, 2]
    by_hand = [maps.NEED_ACCESS[row][column][0] if column is not None else maps.NO_DATA[0]
               for row in rows for column in (0, 1, 2, None)]
    assert drawn(figure, grid) == by_hand
    assert list(legend(figure)) == ["no data", "zone boundary"]
    key = next(axes for axes in figure.axes if axes.get_label() == "<key>")
    assert [to_hex(patch.get_facecolor()) for patch in key.patches] == [
        colour for styles in maps.NEED_ACCESS for colour, _ in styles]
    assert (key.get_xlabel(), key.get_ylabel()) == ("access →", "need →")
    with pytest.raises(ValueError, match="four class limits; there are 3"):
        maps.bivariate(grid, "need", "access", t=T, row_bins=[1, 2, 3], column_bins=[1, 2, 3, 4],
                       headings=("", ""))


def near_blitar(grid):
    return grid.translate(628_000, 9_110_000)


def test_an_inset_shows_where_the_areas_lie(grid):
    here = grid.set_geometry(near_blitar(grid))
    figure = maps.choropleth(here, "value", t=T, bins=[0, 8, 15])
    [inset] = [axes for axes in figure.axes if axes.get_label() == "<inset>"]
    marked = inset.collections[1].get_paths()
    assert len(marked) == 16
    west, east = inset.get_xlim()
    assert west < 112.1 < 112.2 < east
    assert marked[0].vertices == pytest.approx(np.tile([112.18, -8.05], (5, 1)), abs=0.05)
    figures.finish(figure, T, "Title", "source", "simulated")
    assert not inset.texts, "the mark of the status stands on the map itself"
    elsewhere = maps.choropleth(grid, "value", t=T, bins=[0, 8, 15])
    assert not [axes for axes in elsewhere.axes if axes.get_label() == "<inset>"
                ], "no coast is known there"


def test_an_island_too_small_to_be_seen_is_a_disc_that_is_explained():
    boxes = [shapely.box(0, 0, 50_000, 50_000), shapely.box(50_000, 0, 90_000, 50_000),
             shapely.box(99_900, 0, 100_000, 100)]
    areas = geopandas.GeoDataFrame({"code": list("abc"), "name": list("abc"), "zone": "n",
                                    "value": [1.0, 2.0, 3.0]}, geometry=boxes, crs=UTM)
    drawn = maps.choropleth(areas, "value", t=T, bins=[1, 1.5, 2.5, 3], unit="")
    texts = {text.get_text() for text in drawn.axes[0].texts}
    assert "Discs: islands that would be too small to be seen" in texts
    [paths] = [c for c in drawn.axes[0].collections if len(c.get_paths()) == 3]
    assert np.ptp(paths.get_paths()[2].vertices[:, 0]) == pytest.approx(0.02 * 100_000, rel=0.01)
    areas = areas.assign(geometry=[boxes[0], boxes[1], shapely.box(90_000, 0, 90_100, 100)])
    beside = maps.choropleth(areas, "value", t=T, bins=[1, 1.5, 2.5, 3], unit="")
    assert not any("Discs" in text.get_text() for text in beside.axes[0].texts), "it would cover b"


def test_a_long_note_takes_no_room_from_the_other_panels():
    boxes = [shapely.box(0, 0, 50_000, 150_000), shapely.box(99_900, 0, 100_000, 100)]
    areas = geopandas.GeoDataFrame({"code": ["a", "b"], "name": ["a", "b"], "zone": "n",
                                    "kind": "low"}, geometry=boxes, crs=UTM)
    figure = maps.categories(areas, {f"Panel {number}": "kind" for number in range(6)},
                             t=Texts("id", "disparity"), styles={"low": ("#111111", "")},
                             borders="tessellation")
    figure.draw_without_rendering()
    widths = np.diff([axes.get_position().x0 for axes in figure.axes[:3]])
    assert widths[0] == pytest.approx(widths[1], rel=0.05)
