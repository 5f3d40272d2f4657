"""Borders as people have them: formats, layers, encodings, codes and names of real files; what
could read another file or run for ever is refused. The cases are those of real sources, made small.
"""

import os
import socket
import sqlite3
import zipfile

import geopandas
import pandas as pd
import pyogrio
import pytest
import shapely
import small_sources
from conftest import ROOT, PackageCopy

from helpers.errors import InputError
from helpers.intake import boundaries
from helpers.intake.boundaries import fit, kml, reading
from helpers.messages import translate
from helpers.study import borders
from helpers.study.package import Package

RAW = Package(ROOT / "data" / "raw")


@pytest.fixture(scope="module")
def areas():
    """Code, name and polygon of the areas, drawn from villages, in degrees."""
    return borders.polygons(RAW).to_crs(4326)[["code", "name", "geometry"]]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The project's areas and villages alone."""
    folder = tmp_path_factory.mktemp("package") / "raw"
    PackageCopy(folder).keep("areas", "villages", "land")
    return Package(folder)


def known(shapes) -> int:
    return fit.known(RAW, fit.Columns(), shapes)


def surface(shapes):
    return shapely.area(shapes.geometry.to_numpy())


def read(path, **options):
    return reading.read_polygons(path, path.name, known, **options)


def refusal(call, *arguments, **options) -> InputError:
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    assert "\n" not in str(caught.value)
    return caught.value


def zipped(folder, name="borders.zip"):
    with zipfile.ZipFile(folder / name, "w") as archive:
        for file in sorted(folder.iterdir()):
            if file.suffix != ".zip":
                archive.write(file, f"data/{file.name}")
    return folder / name


# --- formats
# ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["borders.geojson", "borders.gpkg", "borders.fgb", "borders.gml",
                                  "borders.geojsonl", "borders.gdb", "borders.parquet",
                                  "borders.shp"])
def test_every_format_that_is_promised_is_read(tmp_path, areas, name):
    file = tmp_path / name
    areas.to_parquet(file) if name.endswith("parquet") else areas.to_file(file)
    shapes, said = read(file)
    assert known(shapes) == 50 and not said and shapes.crs.to_epsg() in (4326, None)
    assert surface(shapes).sum() == pytest.approx(surface(areas).sum(), rel=1e-6)


@pytest.mark.parametrize("inner", ["borders.shp", "borders.geojson", "borders.gdb"])
def test_an_archive_is_read_as_it_was_published(tmp_path, areas, inner):
    areas.to_file(tmp_path / inner)
    if inner.endswith("gdb"):
        with zipfile.ZipFile(tmp_path / "borders.zip", "w") as archive:
            for file in (tmp_path / inner).iterdir():
                archive.write(file, f"{inner}/{file.name}")
    else:
        zipped(tmp_path)
    assert known(read(tmp_path / "borders.zip")[0]) == 50


KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>
<Placemark><name>Wonodadi</name><ExtendedData><SchemaData>
<SimpleData name="kode">35.05.01</SimpleData></SchemaData>
<Data name="luas"><value>40</value></Data></ExtendedData><MultiGeometry>
<Polygon><outerBoundaryIs><LinearRing><coordinates>112,-8,0 112.3,-8,0 112.3,-7.7,0 112,-8,0
</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>
112.2,-7.95 112.25,-7.95 112.25,-7.9 112.2,-7.95</coordinates></LinearRing></innerBoundaryIs>
</Polygon>
<Polygon><outerBoundaryIs><LinearRing><coordinates>113,-8 113.1,-8 113.1,-7.9 113,-8</coordinates>
</LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>a point</name><Point><coordinates>112,-8</coordinates></Point></Placemark>
</Folder></Document></kml>"""


@pytest.mark.parametrize("archive", [False, True])
def test_kml_is_read_with_its_values_holes_and_islands(tmp_path, archive):
    file = tmp_path / "map.kml"
    file.write_text(KML)
    [row] = read(zipped(tmp_path, "map.kmz") if archive else file)[0].to_dict("records")
    assert (row["Name"], row["kode"], row["luas"]) == ("Wonodadi", "35.05.01", "40")
    # Two triangles of 0.045 and 0.005 square degrees, less a hole of 0.00125.
    assert row["geometry"].area == pytest.approx(0.045 + 0.005 - 0.00125)


def test_kml_that_declares_entities_is_refused(tmp_path):
    file = tmp_path / "map.kml"
    file.write_text('<!DOCTYPE x [<!ENTITY a "b">]>' + KML.partition("?>")[2])
    assert "it declares entities" in str(refusal(read, file))
    with pytest.raises(ValueError, match="entities"):
        kml.read_kml(file)


def test_rows_of_sql_are_read_latitude_first_as_they_were_published(tmp_path):
    (tmp_path / "kec.sql").write_text(small_sources.borders_sql())
    shapes, said = read(tmp_path / "kec.sql")
    assert len(shapes) == len(list(small_sources.areas())) and not said
    assert shapes.crs == 4326 and shapes["name"][5] == "ra'as"
    assert shapes.total_bounds.tolist() == pytest.approx([112.1, -8.3, 113.3, -3.95])
    assert not shapes.is_valid.all(), "mended where the areas are known, and said"
    (tmp_path / "kec.sql").write_text("CREATE TABLE t (a int);")
    assert "holds no polygons" in str(refusal(read, tmp_path / "kec.sql"))
    (tmp_path / "17.json").write_text('{"k": "17", "kec": []}')
    assert str(refusal(read, tmp_path / "17.json")).endswith("(it does not begin like one)")


TOPOJSON = """{"type":"Topology","arcs":[[[112,-8],[112.2,-8],[112.2,-7.8],[112,-8]]],"objects":{
"nation":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]]}]},
"states":{"type":"GeometryCollection","geometries":[
{"type":"Polygon","arcs":[[0]],"id":"35.05.01","properties":{"name":"Wonodadi"}}]}}}"""


def test_topojson_is_in_degrees_and_its_layer_is_found_and_named(tmp_path):
    file = tmp_path / "states.json"
    file.write_text(TOPOJSON)
    shapes, said = read(file)
    assert shapes.crs.to_epsg() == 4326 and shapes["id"].tolist() == ["35.05.01"]
    assert said == ["states.json: layer 'states' of nation, states"]
    assert said[0].translated("id") == "states.json: lapisan 'states' dari nation, states"


# --- layers
# -------------------------------------------------------------------------------------------

@pytest.fixture
def layered(tmp_path, areas):
    """GeoPackage with points first, then polygons of something else, then the areas."""
    file = tmp_path / "layers.gpkg"
    points = areas.set_geometry(shapely.point_on_surface(areas.geometry), crs=4326)
    points.to_file(file, layer="kantor")
    areas[["geometry"]].assign(blok="?").to_file(file, layer="blok")
    areas.to_file(file, layer="batas")
    return file


def test_the_layer_that_knows_the_areas_is_taken_and_named(layered):
    shapes, said = read(layered)
    assert known(shapes) == 50 and said == ["layers.gpkg: layer 'batas' of kantor, blok, batas"]


def test_layers_of_a_file_geodatabase_are_found_and_named(tmp_path, areas):
    file = tmp_path / "x.gdb"
    layers = {"kantor": areas.set_geometry(areas.representative_point()), "batas": areas,
              "luar": areas.dissolve()[["geometry"]]}
    for name, shapes in layers.items():
        kind = "Point" if name == "kantor" else "MultiPolygon"
        pyogrio.write_dataframe(shapes, file, layer=name, driver="OpenFileGDB",
                                geometry_type=kind, promote_to_multi=kind != "Point")
    shapes, said = read(file)
    assert known(shapes) == 50 and said == ["x.gdb: layer 'batas' of kantor, batas, luar"]
    assert known(read(file, layer="batas")[0]) == 50
    assert "holds no polygons" in str(refusal(read, file, layer="kantor"))


def test_a_layer_can_be_named(layered):
    assert "blok" in read(layered, layer="blok")[0]
    text = refusal(read, layered, layer="desa")
    assert str(text) == "LAYER=desa: layers.gpkg has no such layer; it has: kantor, blok, batas"
    assert "holds no polygons" in str(refusal(read, layered, layer="kantor"))


def test_two_layers_that_both_know_the_areas_are_asked_back(layered, areas):
    areas.to_file(layered, layer="lama")
    text = refusal(read, layered)
    assert str(text) == ("layers.gpkg: has several layers with polygons; say which is meant with "
                         "LAYER= (blok, batas, lama)")
    assert translate(text, "id").startswith("layers.gpkg: memuat beberapa lapisan")


# --- Shapefiles
# ----------------------------------------------------------------------------------------

def accented(areas):
    return areas.drop(columns="code").assign(name=areas["name"].str.replace("a", "á"))


@pytest.mark.parametrize("written, stated, found", [
    ("UTF-8", None, "UTF-8"), ("cp1252", None, "ISO-8859-1"), ("cp1252", "UTF-8", "cp1252"),
    ("UTF-8", "ISO-8859-1", "UTF-8")])
def test_the_encoding_is_the_one_whose_names_are_known(tmp_path, areas, written, stated, found):
    file = tmp_path / "borders.shp"
    accented(areas).to_file(file, encoding=written)
    file.with_suffix(".cpg").unlink(missing_ok=True)
    if stated:
        file.with_suffix(".cpg").write_text(stated)
    shapes, said = read(file)
    assert shapes["name"].tolist() == accented(areas)["name"].tolist()
    assert said == [f"borders.shp: text read as {found} (another one: ENCODING=)"]


def test_an_encoding_can_be_named(tmp_path, areas):
    file = tmp_path / "borders.shp"
    accented(areas).to_file(file, encoding="UTF-8")
    assert "Ã¡" in read(file, encoding="cp1252")[0]["name"].iloc[0]
    assert "is not written in nonsense" in str(refusal(read, file, encoding="nonsense"))
    areas.to_file(tmp_path / "borders.gpkg")
    assert "is no Shapefile" in str(refusal(read, tmp_path / "borders.gpkg", encoding="UTF-8"))


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
@pytest.mark.parametrize("archive", [False, True])
def test_a_missing_file_beside_a_shapefile_is_named(tmp_path, areas, suffix, archive):
    file = tmp_path / "borders.shp"
    areas.to_file(file)
    file.with_suffix(suffix).unlink()
    text = refusal(read, zipped(tmp_path) if archive else file)
    assert f"of the Shapefile borders.shp the file borders{suffix} is missing; copy" in str(text)
    assert f"berkas borders{suffix} tidak ada" in translate(text, "id")


# --- what reaches outside, or never ends
# ---------------------------------------------------------------

SECRET = ('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"a row '
          'of another file"},"geometry":{"type":"Polygon","coordinates":[[[112,-8],[112.2,-8],'
          "[112,-7],[112,-8]]]}}]}")
PIPELINE = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read %s"}'
VRT = ('{ }<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>secret.geojson</SrcDataSource>'
       "</OGRVRTLayer></OGRVRTDataSource>")


@pytest.mark.parametrize("content", [PIPELINE % "secret.geojson", VRT, VRT[3:],
                                     PIPELINE % "/vsicurl/http://127.0.0.1:{port}/x.geojson",
                                     "http://127.0.0.1:{port}/x.geojson"])
def test_a_file_that_names_another_one_is_refused_and_no_address_is_asked(tmp_path, monkeypatch,
                                                                         content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.geojson").write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        for name in ("x.geojson", "land.json"):
            file = tmp_path / name
            file.write_text(content.replace("{port}", str(listening.getsockname()[1])))
            assert "cannot be read as" in str(refusal(read, file))
            assert "cannot be read as" in str(refusal(borders.read_shapes, file, name))
        with pytest.raises(TimeoutError):
            listening.accept()


def database(path, areas, *statements):
    areas.to_file(path, layer="batas")
    with sqlite3.connect(path) as opened:
        for statement in statements:
            opened.execute(statement)
    opened.close()
    return path


@pytest.mark.parametrize("statement, part", [
    ("CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
     "SELECT i AS fid FROM n", "'endless' in it is a view"),
    ("CREATE VIRTUAL TABLE other USING fts5(body)", "'other' in it is a view"),
    ("CREATE TABLE computed (a, b AS (zeroblob(1000000000)))", "has computed columns"),
])
def test_a_geopackage_holds_tables_only(tmp_path, areas, statement, part):
    file = database(tmp_path / "x.gpkg", areas, statement)
    assert part in str(refusal(read, file))
    assert part in str(refusal(borders.read_shapes, file, "x.gpkg"))


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_geopackage_that_another_program_has_open_is_refused(tmp_path, areas, ending):
    """QGIS writes beside the file first: what is read there, no hash of the file knows."""
    file = database(tmp_path / "x.gpkg", areas)
    read(file)
    assert [path.name for path in tmp_path.iterdir()] == ["x.gpkg"]
    (tmp_path / f"x.gpkg{ending}").write_bytes(b"pages")
    error = refusal(borders.read_shapes, file, "x.gpkg")
    assert f"x.gpkg{ending} lies beside it: a program (QGIS?) still has the file open" in str(error)
    assert f"ada x.gpkg{ending} di sampingnya" in translate(error, "id")


def test_an_archive_writes_nothing_outside_its_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../../outside.geojson", SECRET)
    assert "a file outside of itself" in str(refusal(read, tmp_path / "x.zip"))
    assert not list(tmp_path.parent.glob("**/outside.geojson"))


def test_an_archive_that_grows_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 10**6)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.geojson", " " * 2 * 10**6)
    assert "unpacked it holds more than" in str(refusal(read, tmp_path / "x.zip"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"%PDF-1.7", b"{" * 100_000,
                                     b"PAR1 broken", b"fgb\x03fgb broken", b"<kml><unclosed></kml>",
                                     b'{"type":"Topology","arcs":7}', b"[]"])
def test_what_is_no_map_is_refused_in_one_line_with_the_formats(tmp_path, content):
    (tmp_path / "x.geojson").write_bytes(content)
    text = str(refusal(read, tmp_path / "x.geojson"))
    assert text.startswith("x.geojson: ") and len(text) < 500


def test_a_pipe_is_no_file(tmp_path, package, capsys):
    os.mkfifo(tmp_path / "x.geojson")
    assert boundaries.main([f"RAW={package.folder}", f"FILE={tmp_path / 'x.geojson'}",
                            f"TO={tmp_path / 'made'}"]) == 2
    assert "there is no such file" in capsys.readouterr().err


# --- codes and names, area by area
# --------------------------------------------------------------------

def matched(package, shapes, **columns):
    table, said = fit.match(shapes.reset_index(drop=True), "x.shp", package, fit.Columns(**columns),
                            {})
    return table.set_index("code"), said


@pytest.fixture(scope="module")
def villages():
    """Polygons of the villages, with code, name, and name of kecamatan and regency."""
    shapes = borders.village_polygons(RAW).to_crs(4326)
    table = RAW.table("areas").set_index("code")
    return geopandas.GeoDataFrame(
        {"KODE_DESA": shapes["code"].str.replace(".", ""), "DESA": shapes["name"],
         "KECAMATAN": shapes["area"].map(table["name"]), "KAB": shapes["area"].map(table["group"])},
        geometry=shapes.geometry)


def covered(shapes, table, areas) -> bool:
    fitted, _ = fit.fit(shapes.reset_index(drop=True), table.reset_index())
    return surface(fitted) == pytest.approx(
        surface(areas.set_index("code").loc[table.index]), rel=1e-4)


def test_villages_are_joined_by_the_beginning_of_their_code(package, villages, areas):
    shapes = villages[["KODE_DESA", "DESA", "geometry"]]
    table, said = matched(package, shapes)
    assert set(table["how"]) == {"code"} and covered(shapes, table, areas)
    assert said[0] == ("x.shp: joined by the codes in column 'KODE_DESA', which begin with those "
                       "of the areas")
    assert said[0].translated("id").startswith("x.shp: digabung menurut kode di kolom 'KODE_DESA'")


@pytest.mark.parametrize("columns", [["KECAMATAN", "KAB"], ["KECAMATAN"], ["DESA", "KECAMATAN"]])
def test_villages_are_joined_by_name_and_regency_or_where_they_lie_side_by_side(
        package, villages, areas, columns):
    shapes = villages[[*columns, "geometry"]]
    table, said = matched(package, shapes)
    assert set(table["how"]) == {"same"} and covered(shapes, table, areas)
    assert "matched by the names in column 'KECAMATAN'" in said[0]
    joined = "x.shp: polygons of one name that lie side by side count as one area: 35.05.01, "
    assert any(text.startswith(joined) for text in said) == ("KAB" not in columns)


def test_a_namesake_across_the_border_is_no_part_of_an_area(package, areas):
    """It lies beside the area, and holds villages of another regency only."""
    here = areas.set_index("name").loc["Wonodadi", "geometry"]
    points = RAW.table("villages").query("area.isna()")
    around = geopandas.points_from_xy(points["lon"], points["lat"])
    beyond = shapely.box(111.85, -8.25, 111.97, -8.0).difference(areas.geometry.union_all())
    assert shapely.dwithin(beyond, here, 1e-4) and around.within(beyond).any()
    both = pd.concat([areas[["name", "geometry"]], geopandas.GeoDataFrame(
        {"name": ["Wonodadi"]}, geometry=[beyond], crs=4326)])
    table, said = matched(package, both)
    assert set(table["how"]) == {"same"} and table.loc["35.05.01", "shape"] == [0]
    assert said == ["x.shp: matched by the names in column 'name'"]


def test_village_codes_of_statistics_are_not_those_of_home_affairs(package, villages):
    """BPS numbers kecamatan with three digits: 3505010001 is no village of 35.05.01."""
    order = villages["KODE_DESA"].str[:6].rank(method="dense").astype(int)
    number = villages.groupby(order).cumcount() + 1
    codes = [f"3505{(26 - area) * 10:03d}{village:03d}"
             for area, village in zip(order, number, strict=True)]
    table, said = matched(package, villages.assign(KODE_DESA=codes))
    assert set(table["how"]) == {"same"} and "names in column 'KECAMATAN'" in said[0]


def test_villages_of_dukcapil_with_the_code_of_their_kecamatan_as_a_number(tmp_path, package,
                                                                          villages, areas):
    """Its shapefile: a code such as 350501.0, 116 columns of counts, capitals, zipped, no .cpg."""
    counts = pd.DataFrame({f"JUMLAH_{n:03d}": 10 * n for n in range(116)}, index=villages.index)
    made = villages[["DESA", "KECAMATAN", "KAB", "geometry"]].join(counts)
    made.insert(1, "KODE", villages["KODE_DESA"].str[:6].astype(float))
    for column in ("DESA", "KECAMATAN", "KAB"):
        made[column] = made[column].str.upper()
    made.to_file(tmp_path / "BATAS_DESA.shp")
    (tmp_path / "BATAS_DESA.cpg").unlink()
    shapes, said = read(zipped(tmp_path))
    assert len(shapes) == len(villages) and not said
    table, said = matched(package, shapes)
    assert set(table["how"]) == {"code"} and covered(shapes, table, areas)
    assert "'KODE'" in said[0]


def test_units_above_the_areas_are_refused_with_the_reason(package, areas):
    regencies = areas.assign(kab=areas["code"].str[:5]).dissolve("kab").reset_index()[["kab",
                                                                                       "geometry"]]
    text = refusal(matched, package, regencies)
    assert str(text) == (
        "x.shp: holds units above the areas (column 'kab': 35.05, 35.72); an area cannot be cut "
        "out of them: give polygons of the areas, or of smaller units with the code of their area")
    assert "satuan di atas wilayah" in translate(text, "id")
    named = regencies.assign(kab=["Kabupaten Blitar", "Kota Blitar"])
    assert "holds units above the areas" in str(refusal(matched, package, named))


@pytest.mark.parametrize("pieces", [
    lambda codes: codes.str.split(".", expand=True),
    lambda codes: codes.str.split(".", expand=True).astype(int),
    lambda codes: codes.str.split(".", expand=True).astype(float)])
def test_a_code_in_three_columns_is_put_together(package, areas, pieces):
    shapes = areas[["geometry"]].join(
        pieces(areas["code"]).set_axis(["kdprov", "kdkab", "kdkec"], axis=1))
    for columns in ({}, {"code": "kdprov+kdkab+kdkec"}):
        table, said = matched(package, shapes, **columns)
        assert set(table["how"]) == {"code"} and covered(shapes, table, areas)
        assert said == ["x.shp: matched by the codes in column 'kdprov+kdkab+kdkec'"]
    assert "CODE=kdx: x.shp has no such column" in str(
        refusal(matched, package, shapes, code="kdprov+kdx"))


@pytest.mark.parametrize("name", ["{name}, Kab. Blitar", "{number}. {name}", "Kec. {name}",
                                  "KECAMATAN {name}", "{name} (KEC)", " {name} ",
                                  "{name} (Kabupaten Blitar)", "{number}) {name} - Kota Blitar"])
def test_names_that_carry_more_than_the_name_are_understood(package, areas, name):
    shapes = areas[["geometry"]].assign(
        nama=[name.format(name=own, number=number) for number, own in enumerate(areas["name"], 1)])
    assert set(matched(package, shapes)[0]["how"]) == {"same"}


def test_one_polygon_beside_its_villages_does_not_throw_away_all_codes(package, areas):
    """Its name agrees, and some of its villages lie inside: the code counts, and that is said."""
    moved = areas.copy()
    west, south, east, north = moved.geometry[0].bounds
    left = moved.geometry[0].intersection(
        shapely.box(west, south, west + 0.3 * (east - west), north))
    moved.loc[1, "geometry"] = moved.geometry[1].union(moved.geometry[0].difference(left))
    moved.loc[0, "geometry"] = left
    table, said = matched(package, moved)
    assert set(table["how"]) == {"code"}
    assert said[1].startswith("x.shp: code and name agree for 35.05.01, though most of their")


def test_two_areas_with_each_other_s_code_go_by_name_and_all_others_by_code(package, areas):
    wrong = areas.assign(code=[*areas["code"].iloc[[1, 0]], *areas["code"].iloc[2:]])
    table, said = matched(package, wrong)
    assert table["how"].value_counts().to_dict() == {"code": 23, "same": 2}
    assert covered(wrong, table, areas)
    assert "the codes of 35.05.01, 35.05.02 are those of" in said[1]


def test_villages_in_the_sea_count_for_the_nearest_polygon(package, areas):
    shrunk = areas.set_geometry(areas.to_crs(32749).buffer(-600).to_crs(4326))
    table, said = matched(package, shrunk)
    assert set(table["how"]) == {"code"}
    assert "villages that lie in no polygon and count for" in said[0]


def test_areas_without_a_polygon_are_named_and_no_table_of_names_is_offered(package, areas):
    text = refusal(matched, package, areas.iloc[2:])
    assert str(text) == ("x.shp: has no polygon for these areas (2): 35.05.01 Wonodadi, 35.05.02 "
                         "Udanawu; give a file that has all of them")
    assert translate(text, "id").startswith("x.shp: tidak memuat poligon untuk wilayah berikut (2)")


# --- where
# --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("change, part", [
    (lambda xy: xy[:, ::-1], "longitude and latitude seem swapped: swap the two in the file"),
    (lambda xy: xy * 5000, "give degrees, not metres: if these are metres, say of which system "
     "with CRS=, for example CRS=EPSG:32749"),
])
def test_swapped_axes_and_metres_called_degrees_are_one_line(package, areas, tmp_path, capsys,
                                                             change, part):
    file = tmp_path / "x.geojson"
    areas.set_geometry(shapely.transform(areas.geometry, change), crs=4326).to_file(file)
    assert boundaries.main([f"RAW={package.folder}", f"FILE={file}", f"TO={tmp_path / 'y'}"]) == 2
    said = capsys.readouterr()
    assert part in said.err and said.err.count("\n") == 1 and not said.out


def test_a_wrong_reference_system_can_be_put_right(package, areas, tmp_path):
    file = tmp_path / "x.geojson"
    areas.to_crs(32749).set_crs(4326, allow_override=True).to_file(file)
    assert boundaries.main([f"RAW={package.folder}", f"FILE={file}", "CRS=EPSG:32749",
                            f"TO={tmp_path / 'y'}"]) == 0
    made = borders.polygons(Package(tmp_path / "y")).to_crs(4326)
    assert surface(made).sum() == pytest.approx(surface(areas).sum(), rel=1e-5)


def test_axes_swapped_on_a_place_of_earth_are_found_by_the_villages(package, areas):
    """Where both are possible (here by 70 degrees of longitude less), the villages tell."""
    west = PackageShifted(package)
    moved = areas.set_geometry(shapely.transform(areas.geometry, lambda xy: xy - [70, 0]), crs=4326)
    assert set(matched(west, moved)[0]["how"]) == {"code"}
    swapped = moved.set_geometry(shapely.transform(moved.geometry, lambda xy: xy[:, ::-1]),
                                 crs=4326)
    assert "longitude and latitude seem swapped" in str(refusal(matched, west, swapped))


class PackageShifted:
    """A package whose villages lie 70 degrees farther west."""

    def __init__(self, package):
        self.package = package

    def has(self, name):
        return self.package.has(name)

    def table(self, name):
        table = self.package.table(name)
        return table.assign(lon=table["lon"] - 70) if name == "villages" else table


# --- repaired
# ------------------------------------------------------------------------------------------

def loop(polygon, side):
    """Add a loop to a ring that crosses itself."""
    ring = list(shapely.get_coordinates(polygon.exterior))
    x, y = ring[0]
    return shapely.Polygon(
        [*ring[:1], (x + side, y + side), (x + side, y), (x, y + side), *ring[1:]])


def test_an_invalid_polygon_is_repaired_where_that_hardly_changes_it_and_said(package, areas):
    shapes = areas.copy()
    shapes.loc[0, "geometry"] = loop(shapes.geometry[0], 0.0005)
    shapes.loc[3, "geometry"] = loop(shapes.geometry[3], 0.0005)
    table, _ = matched(package, shapes)
    made, said = fit.fit(shapes, table.reset_index())
    assert made.is_valid.all() and said[0].startswith(
        "2 invalid polygons were repaired (35.05.01, 35.05.04); surfaces changed by 0.0")
    assert said[0].translated("id").startswith("2 poligon yang tidak sah diperbaiki")
    shapes.loc[0, "geometry"] = loop(shapes.geometry[0], 0.05)
    with pytest.raises(ValueError, match=r"area 35.05.01 is invalid"):
        fit.fit(shapes, table.reset_index())


def test_joined_villages_stay_valid_when_their_corners_are_rounded(package, villages, tmp_path):
    """Rounding alone turned slivers between villages into rings of two corners."""
    from helpers.intake import geojson

    coarse = villages.set_geometry(shapely.set_precision(villages.geometry, 1e-5))
    table, _ = matched(package, coarse)
    made, _ = fit.fit(coarse, table.reset_index())
    text = geojson.text(made)
    (tmp_path / "x.geojson").write_text(text)
    assert geopandas.read_file(tmp_path / "x.geojson").is_valid.all()


def test_a_table_of_a_gap_in_codes_keeps_its_numbers():
    from helpers.intake.boundaries import codes

    found = codes.find(pd.DataFrame({"k": [350501.0, None, 350502.0]}),
                       pd.Series(["35.05.01", "35.05.02"]), None)
    assert found.rows == {"35.05.01": [0], "35.05.02": [2]}
