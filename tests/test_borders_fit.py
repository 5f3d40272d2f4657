"""How borders fit together: gaps, overlaps, near neighbours and islands are measured and said; one
tolerance counts for neighbours, shared borders and the line between zones. And whose borders a
package has when no file is given."""

import geopandas
import pandas as pd
import pytest
import shapely
import small_sources

from helpers import geography
from helpers.disparity import neighbourhood
from helpers.geography.coverage import far_parts
from helpers.intake import boundaries, new
from helpers.intake.sources import pinned
from helpers.messages import translate
from helpers.study import borders
from helpers.study.package import Package
from helpers.study.validation import validate
from tools.checks import real_borders

SIDE = 2000.0


def row(*gaps, height=SIDE):
    """Squares of two km in a row, each a gap after the one before; zones by turns."""
    west, shapes = 0.0, []
    for gap in (0.0, *gaps):
        west += gap
        shapes.append(shapely.box(500_000 + west, 9_100_000, 500_000 + west + SIDE,
                                  9_100_000 + height))
        west += SIDE
    codes = [chr(97 + number) for number in range(len(shapes))]
    return geopandas.GeoDataFrame({"code": codes, "zone": ["n", "s"] * (len(codes) // 2)},
                                  geometry=shapes, crs=32749)


def pairs(shapes) -> int:
    return int(geography.neighbours(shapes).sum()) // 2


def told(shapes, tolerance=2.0) -> list[str]:
    return geography.coverage_messages(geography.coverage(shapes, tolerance), tolerance)


@pytest.mark.parametrize("tolerance, count, length", [(0, 1, 2), (2, 2, 4), (60, 3, 6)])
def test_one_tolerance_counts_for_neighbours_borders_and_the_line_of_zones(tolerance, count,
                                                                           length):
    """Four squares: touching, half a metre apart, and 50 m apart."""
    shapes = geography.with_tolerance(row(0, 0.5, 50), tolerance)
    assert pairs(shapes) == count
    assert int(neighbourhood("rook")(shapes).sum()) // 2 == count
    kept = geography.with_tolerance(row(0, 0.5, 50), tolerance or 0.1)
    assert geography.zone_border(kept, tolerance=tolerance_drawn(tolerance)).length == (
        pytest.approx(1000 * length, rel=0.07))
    joined = shapes.merge(shapes[["code"]].assign(value=1)).join(shapes[["zone"]], rsuffix="_2")
    assert geography.tolerance_of(joined) == tolerance, "it stays with what is joined"


def tolerance_drawn(tolerance):
    return None if tolerance else 0.1


def test_a_corner_within_the_tolerance_is_no_border():
    corner = geopandas.GeoDataFrame(
        {"code": ["a", "b", "c"]}, crs=32749,
        geometry=[shapely.box(0, 0, 2e3, 2e3), shapely.box(2001, 2001, 4e3, 4e3),
                  shapely.box(2001, 0, 4e3, 1900)])
    shapes = geography.with_tolerance(corner, 2)
    assert geography.neighbours(shapes).toarray().tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    assert neighbourhood("rook")(shapes).toarray().tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_what_does_not_fit_is_measured_and_said_in_one_line():
    text, *rest = told(row(0.5, 40, -200))
    assert text == (
        "borders that miss each other by up to 2 m count as shared (SNAP=): pairs of areas that "
        "touch within 2 m only, and count as neighbours: a–b; pairs within 100 m of each other "
        "along more than 1 km that do not touch: b–c (neighbours with SNAP=50); overlaps of areas: "
        "2.6% of the surface, most of it c–d")
    assert not rest
    assert text.translated("id") == (
        "batas yang terpisah sampai 2 m dianggap bersama (SNAP=): pasangan wilayah yang "
        "bersentuhan hanya dalam jarak 2 m, dan dihitung bertetangga: a–b; pasangan yang berjarak "
        "kurang dari 100 m sepanjang lebih dari 1 km tetapi tidak bersentuhan: b–c (bertetangga "
        "dengan SNAP=50); tumpang tindih wilayah: 2.6% dari luas, terbanyak c–d")
    assert told(row(0)) == ["borders that miss each other by up to 2 m count as shared (SNAP=); "
                            "none does"]


def test_slivers_holes_islands_and_lonely_areas_are_named():
    shapes = row(0)
    sliver, lake = shapely.box(500_100, 9_100_100, 501_900, 9_100_110), shapely.box(
        502_500, 9_100_500, 503_000, 9_101_000)
    island = shapely.box(520_000, 9_100_000, 521_000, 9_101_000)
    shapes.loc[0, "geometry"] = shapely.MultiPolygon([shapes.geometry[0].difference(sliver),
                                                      island])
    shapes.loc[1, "geometry"] = shapes.geometry[1].difference(lake)
    far = row(0).assign(code=["x", "y"]).translate(50_000)
    alone = geopandas.GeoDataFrame({"code": ["z"]}, geometry=[far.iloc[0]], crs=32749)
    shapes = pd.concat([shapes, alone], ignore_index=True)
    said = told(shapes)
    assert said[0].endswith("(SNAP=): gaps between areas: 1, together 0.02 km2")
    assert said[1:] == [
        "places inside that belong to no area (lakes, or another region?): 1, the largest of 0.2 "
        "km2 between b", "areas in several parts (islands): a (2)", "areas without a neighbour: z"]


@pytest.mark.parametrize("km, width, impossible", [(149, 1, False), (151, 1, True),
                                                   (151, 0.1, False)])
def test_a_far_second_polygon_of_a_code_is_named_or_refused(package, tmp_path, capsys, km, width,
                                                            impossible):
    shapes = row(0, 0, 0)
    west, south = shapes.total_bounds[:2]
    away = shapely.box(west - 1000 * (km + width), south, west - 1000 * km, south + 1000 * width)
    shapes = pd.concat([shapes, shapes.iloc[:1].set_geometry([away])])
    shapes.to_crs(4326).to_file(tmp_path / "far.geojson")
    call = [f"RAW={package}", f"FILE={tmp_path / 'far.geojson'}", f"TO={tmp_path / 'far'}"]
    assert boundaries.main(call) == (2 if impossible else 0)
    told = capsys.readouterr()
    if impossible:
        assert f"far.geojson: a part of a lies {km} km from the rest of it" in told.err
    else:
        assert f"lie far from the rest of them: a ({width:.0f} km2, {km} km)" in told.out


# --- from file to map
# -------------------------------------------------------------------------------------

@pytest.fixture
def package(tmp_path):
    """Package of four areas in a row, two zones, without villages."""
    (tmp_path / "areas.csv").write_text(
        "code,name,zone\na,Alpha,n\nb,Beta,s\nc,Gamma,n\nd,Delta,s\n")
    assert new.main([str(tmp_path / "raw"), "--areas", str(tmp_path / "areas.csv")]) == 0
    return tmp_path / "raw"


@pytest.mark.parametrize("arguments, count", [([], 2), (["SNAP=0"], 1), (["SNAP=100"], 3)])
def test_the_tolerance_of_a_call_is_that_of_the_package(package, tmp_path, arguments, count,
                                                        capsys):
    row(0, 0.5, 50).to_file(tmp_path / "x.gpkg")
    assert boundaries.main([f"RAW={package}", f"TO={tmp_path / 'made'}",
                            f"FILE={tmp_path / 'x.gpkg'}", *arguments]) == 0
    made = Package(tmp_path / "made")
    validate(made)
    assert pairs(borders.polygons(made)) == count
    assert "count as shared (SNAP=)" in (tmp_path / "made" / "boundaries.txt").read_text()


def test_a_tolerance_that_is_no_number_is_refused(package, tmp_path):
    row(0, 0, 0).to_file(tmp_path / "x.gpkg")
    made = tmp_path / "made"
    assert boundaries.main([f"RAW={package}", f"TO={made}", f"FILE={tmp_path / 'x.gpkg'}"]) == 0
    path = made / "datapackage.json"
    path.write_text(path.read_text().replace('"tolerance": 2.0', '"tolerance": "wide"'))
    with pytest.raises(ValueError) as caught:
        borders.polygons(Package(made))
    assert str(caught.value) == ("boundaries.geojson: its tolerance in datapackage.json is wide; "
                                 "it is a number of metres")
    assert "harus jumlah meter" in translate(caught.value, "id")


def test_a_map_draws_the_line_of_zones_at_the_tolerance(package, tmp_path):
    row(0, 0.5, 50).to_file(tmp_path / "x.gpkg")
    made = tmp_path / "made"
    assert boundaries.main([f"RAW={package}", f"TO={made}", f"FILE={tmp_path / 'x.gpkg'}",
                            "SNAP=100"]) == 0
    values = pd.DataFrame({"value": [1.0, 2, 3, 4]}, index=list("abcd"))
    shapes = borders.polygons(Package(made)).join(values, on="code")
    assert geography.zone_border(shapes).length == pytest.approx(3 * SIDE, rel=0.1)


# --- no file given
# ----------------------------------------------------------------------------------------

@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """Small sources in the form of the public ones."""
    yield small_sources.write(tmp_path, monkeypatch)
    small_sources.forget()


def regency(tmp_path, codes):
    (tmp_path / "areas.csv").write_text("code,name,zone\n" + "".join(
        f"{code},{name},{'ns'[number % 2]}\n" for number, (code, name) in enumerate(codes)))
    assert new.main([str(tmp_path / "raw"), "--areas", str(tmp_path / "areas.csv")]) == 0
    return tmp_path / "raw"


@pytest.mark.parametrize("level", ["villages", "kecamatan"])
def test_without_a_file_the_borders_are_those_of_the_pinned_source(mirror, tmp_path, capsys, level):
    raw = regency(tmp_path, [(code, name.replace("''", "'")) for code, name, _, _ in
                             small_sources.areas() if code.startswith("35.01")])
    arguments = [] if level == "villages" else ["FROM=kecamatan"]
    assert boundaries.main([f"RAW={raw}", f"TO={tmp_path / 'made'}", f"MIRROR={mirror}",
                            *arguments]) == 0, capsys.readouterr().err
    made = Package(tmp_path / "made")
    shapes = borders.polygons(made).to_crs(4326)
    assert shapely.area(shapes.geometry.to_numpy()) == pytest.approx(0.01, rel=1e-3)
    entry = made.resource("boundaries").descriptor
    assert entry["status"] == "published" and entry["licenses"][0]["name"] == "MIT"
    [source] = entry["sources"]
    [file] = source["files"]
    assert "BIG" in source["title"] and source["title_id"].startswith("Batas ")
    assert file.endswith("_kel_35.01.sql" if level == "villages" else "_kec_35.sql")
    assert len(source["files"][file]) == 64 and source["path"] == pinned.sources()["borders"].page


def test_whose_borders_they_are_can_still_be_said(mirror, tmp_path):
    raw = regency(tmp_path, [(code, name) for code, name, _, _ in small_sources.areas()
                             if code.startswith("35.03")])
    assert boundaries.main([f"RAW={raw}", f"TO={tmp_path / 'made'}", f"MIRROR={mirror}",
                            "FROM=kecamatan", "SOURCE=Peta kami", "STATUS=illustrative"]) == 0
    entry = Package(tmp_path / "made").resource("boundaries").descriptor
    assert entry["sources"][0]["title"] == "Peta kami" and entry["status"] == "illustrative"
    assert "title_id" not in entry["sources"][0]


def test_a_region_elsewhere_needs_a_file(package, mirror, capsys):
    assert boundaries.main([f"RAW={package}", f"MIRROR={mirror}"]) == 2
    assert capsys.readouterr().err == (
        "error: a is no code of an Indonesian kecamatan (35.05.01), whose borders are known here; "
        "give yours with FILE=, or FROM=address\n")


def test_agreement_of_two_sets_of_borders_is_computed_and_shown_as_it_was_measured():
    """Two squares drawn half a square too far west: half of the land, a third of the union."""
    real = row(0)
    moved = real.set_geometry(real.translate(xoff=-SIDE / 2))
    found = real_borders.compared(moved, real)
    assert found["land"] == 0.5 and found["iou_median"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["sizes"] == 0 and found["centres"] == 1.0
    assert (found["pairs"], found["pairs_right"], found["pairs_drawn"]) == (1, 1, 1)
    measured = pd.read_csv(real_borders.MEASURED)
    page = real_borders.PAGE.read_text(encoding="utf-8")
    assert real_borders.on_page(page, measured) == page, "docs/geography.md shows other numbers"
    assert list(measured["borders"]) == ["voronoi", "kecamatan"] and "| 96.2% |" in page


def test_only_what_lies_too_far_makes_an_area_impossible():
    """60 km2 at 55 km may belong to an area of 400 km2, and so may a rock at 220 km."""
    def far(*boxes):
        shape = shapely.MultiPolygon([shapely.box(0, 0, 20e3, 20e3), *boxes])
        area = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[shape], crs=32749)
        return far_parts(area).iloc[0].to_list()

    near, rock = shapely.box(75e3, 0, 85e3, 6e3), shapely.box(240e3, 0, 240.1e3, 100)
    assert far(near, rock) == ["a", 220, 60.01, False]
    assert far(near, rock, shapely.box(300e3, 0, 310e3, 6e3)) == ["a", 280, 120.01, True]
