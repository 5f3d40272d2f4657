"""Real borders: downloaded once and checked, matched with the areas by code or name, and never
guessed in silence."""

import hashlib
import json
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
import shapely
from conftest import ROOT, PackageCopy
from hypothesis import given, settings
from hypothesis import strategies as some

from helpers.cli import commands, early, targets
from helpers.errors import InputError
from helpers.geography import names
from helpers.intake import atomic_package, boundaries, download
from helpers.intake.boundaries import source
from helpers.messages import CHOSEN
from helpers.study import borders
from helpers.study.package import Package
from helpers.study.validation import validate

PACKAGE = Package(ROOT / "data" / "raw")


# --- names
# ----------------------------------------------------------------------------------------------

def table(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


@pytest.mark.parametrize("one, other", [
    ("Sanankulon", "SANAN KULON"), ("Kepanjenkidul", "Kec. Kepanjen Kidul"),
    ("Kepanjen-Kidul", "Kecamatan Kepanjenkidul"),
    ("Ma'rang", "Marang"), ("Sukorejo", "Soekoredjo"), ("Jati", "Djati"), ("Panjang", "Pandjang"),
    ("Cokro", "Tjokro"),
    ("Surabaya", "Soerabaja"), ("Nyawangan", "Njawangan"), ("Syamsu", "Sjamsu"),
    ("Wonotirto ", "wono tirto"),
])
def test_spellings_of_one_name_have_one_key(one, other):
    assert names.respelled(one) == names.respelled(other)
    assert names.similarity(one, other) == 1


def test_the_names_of_blitar_and_of_all_its_neighbours_keep_apart():
    found = names.match_names(PACKAGE.table("areas"), PACKAGE.table("areas")[["name"]])
    assert (found["how"] == "same").all() and found["shape"].tolist() == list(range(25))


def test_a_name_that_consists_of_such_a_word_alone_is_kept():
    assert names.folded("Kecamatan") == "kecamatan"


def test_namesakes_are_told_apart_by_their_regency():
    areas = table(code=["1", "2"], name=["Gandusari", "Wates"], group=["Kabupaten Blitar"] * 2)
    shapes = table(name=["Gandusari", "Gandusari", "Wates", "Wates"],
                   parent=["TRENGGALEK", "BLITAR", "Kota Blitar", "KAB. BLITAR"])
    assert names.match_names(areas, shapes)["shape"].tolist() == [1, 3]
    assert names.match_names(areas, shapes[["name"]])["how"].tolist() == ["ambiguous"] * 2


def test_a_row_without_a_regency_counts_where_the_villages_tell():
    areas = table(code=["1", "2"], name=["Gandusari", "Wates"], group=["Kabupaten Blitar"] * 2)
    shapes = table(name=["Gandusari", "Gandusari", "Wates"], parent=["TRENGGALEK", None, "BLITAR"])
    assert names.match_names(areas, shapes)["how"].tolist() == ["none", "same"]
    found = names.match_names(areas, shapes, {("1", 1): 1.0, ("2", 2): 1.0})
    assert found[["shape", "how"]].to_numpy().tolist() == [[1, "same"], [2, "same"]]


def test_namesakes_are_told_apart_by_the_villages_inside():
    areas, shapes = table(code=["1"], name=["Wates"]), table(name=["Wates", "Wates", "Watas"])
    found = names.match_names(areas, shapes, {("1", 1): 0.9, ("1", 0): 0.1})
    assert found["shape"].tolist() == [1] and found["how"].tolist() == ["same"]


def test_a_namesake_that_holds_no_village_is_not_believed():
    found = names.match_names(table(code=["1"], name=["Wates"]), table(name=["Wates", "Other"]),
                              {("1", 1): 1.0})
    assert found["how"].tolist() == ["elsewhere"]


def test_a_similar_name_counts_when_the_villages_lie_inside():
    areas, shapes = table(code=["1"], name=["Selopuro"]), table(name=["Selapuro", "Selopura"])
    assert names.match_names(areas, shapes)["how"].tolist() == ["similar"]
    found = names.match_names(areas, shapes, {("1", 1): 0.8})
    assert found[["shape", "how"]].to_numpy().tolist() == [[1, "place"]]


def test_two_areas_never_get_one_shape():
    found = names.match_names(table(code=["1", "2"], name=["Jati", "Djati"]),
                              table(name=["Djatie"]))
    assert not found["how"].isin(names.SURE).any()
    found = names.match_names(table(code=["1", "2"], name=["Jati", "Yati"]),
                              table(name=["Jati", "Yati"]))
    assert found["shape"].tolist() == [0, 1]


def test_nothing_alike_is_said():
    found = names.match_names(table(code=["1"], name=["Garum"]), table(name=["Wlingi", None]))
    assert found["how"].tolist() == ["none"] and found["shape"].isna().all()


WORDS = some.text(alphabet="abdegijknoprstuwy ", min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(some.lists(WORDS, min_size=1, max_size=12, unique_by=names.respelled), some.randoms())
def test_any_different_names_find_themselves_in_any_order(words, random):
    shuffled = random.sample(words, len(words))
    found = names.match_names(table(code=[str(i) for i in range(len(words))], name=words),
                              table(name=shuffled))
    assert [shuffled[shape] for shape in found["shape"]] == words
    assert found["how"].isin(names.SURE).all()


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_similarity_is_symmetric_and_between_nought_and_one(one, other):
    assert 0 <= names.similarity(one, other) == names.similarity(other, one) <= 1


# --- download
# -------------------------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 2000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one content; breaks off after some bytes as often as told, and notes what it was
    asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.version, self.resumable = CONTENT, '"1"', True
        self.break_after, self.ranges = [], []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/deep/borders.geojson"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, asked = self.server, self.headers.get("Range")
        server.ranges.append((self.path, asked))
        if not self.path.endswith("borders.geojson"):
            self.send_error(404)
            return
        start = int(asked[6:-1]) if asked and server.resumable and self.headers.get(
            "If-Range") == server.version else 0
        body = server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("ETag", server.version)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = server.break_after.pop(0) if server.break_after else None
        self.wfile.write(body[:cut])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("KESENJANGAN_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy",
                 "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01},
                     daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def failure(wanted) -> str:
    with pytest.raises(InputError) as caught:
        download.fetch(wanted)
    return str(caught.value)


def test_a_file_is_downloaded_once(server, capsys, monkeypatch):
    monkeypatch.setenv(CHOSEN, "id")
    path, said = download.fetch(download.Wanted(server.address, DIGEST))
    assert capsys.readouterr().out.startswith("borders.geojson: sedang diunduh")
    assert path.read_bytes(
    ) == CONTENT and f"downloaded from {server.address}" in said[0] and DIGEST in said[0]
    again, said = download.fetch(download.Wanted(server.address, DIGEST))
    assert again == path and "from the cache" in said[0] and len(server.ranges) == 1
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no part, no note is left"


def test_a_download_tells_its_size_before_and_how_far_it_is(server, monkeypatch):
    monkeypatch.setattr(download, "STEP", 200_000)
    monkeypatch.setattr(download, "MEGABYTE", 1000)
    said = []
    wanted = download.Wanted(server.address, DIGEST, size=len(CONTENT))
    download.fetch(wanted, said.append)
    assert said[0].startswith("borders.geojson: downloading, 512 MB") and len(said) == 3
    far = [re.fullmatch(r"borders.geojson: (\d+) of 512 MB", line) for line in said[1:]]
    assert all(200 * number <= int(line[1]) < 200 * number + 17
               for number, line in enumerate(far, start=1))
    download.fetch(wanted, said.append)
    assert len(said) == 3


def test_a_broken_copy_in_the_cache_is_replaced_and_that_is_said(server):
    wanted = download.Wanted(server.address, DIGEST)
    path, _ = download.fetch(wanted)
    path.write_bytes(b"broken")
    path, said = download.fetch(wanted)
    assert path.read_bytes() == CONTENT and f"downloaded from {server.address}" in said[0]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server):
    server.break_after = [10 * download.PIECE, 5 * download.PIECE]
    path, _ = download.fetch(download.Wanted(server.address, DIGEST))
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked in server.ranges] == [None, "bytes=163840-", "bytes=245760-"]


def test_a_connection_that_stays_broken_goes_on_at_the_next_call(server):
    server.break_after = [10 * download.PIECE, 0]
    text = failure(download.Wanted(server.address, DIGEST))
    assert text == (
        "borders.geojson: the connection broke off after 163,840 bytes; run the same again, it "
        "goes on from "
        "there")
    path, _ = download.fetch(download.Wanted(server.address, DIGEST))
    assert path.read_bytes() == CONTENT and server.ranges[-1][1] == "bytes=163840-"


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(server):
    server.break_after = [10 * download.PIECE, 0]
    failure(download.Wanted(server.address))
    server.content, server.version = CONTENT[::-1], '"2"'
    path, _ = download.fetch(download.Wanted(server.address))
    assert path.read_bytes() == CONTENT[::-1]


def test_a_server_that_cannot_resume_sends_all(server):
    server.resumable, server.break_after = False, [200_000]
    path, _ = download.fetch(download.Wanted(server.address, DIGEST))
    assert path.read_bytes() == CONTENT


def test_another_file_than_expected_is_thrown_away(server):
    server.content = CONTENT[:-1]
    text = failure(download.Wanted(server.address, DIGEST))
    assert "is not the expected file" in text and DIGEST in text and "FILE=" in text
    assert list(download.cache_folder().glob("*.geojson")) == []
    server.content = CONTENT
    assert download.fetch(download.Wanted(server.address, DIGEST))[0].read_bytes() == CONTENT


def test_without_a_stated_hash_the_first_download_is_trusted_and_then_expected(server):
    path, said = download.fetch(download.Wanted(server.address))
    assert "this first download is trusted" in said[1] and f"SHA256={DIGEST}" in said[1]
    assert json.loads((path.parent / download.FIRST_SEEN).read_text()) == {server.address: DIGEST}
    path.unlink()
    server.content = CONTENT[:-1]
    assert "is not the expected file" in failure(download.Wanted(server.address))


def test_a_mirror_has_the_same_name_and_the_same_hash(server):
    mirror = f"http://127.0.0.1:{server.server_port}/mirror/"
    elsewhere = download.Wanted("https://nowhere.invalid/a/borders.geojson", DIGEST, mirror)
    assert download.fetch(elsewhere)[0].read_bytes() == CONTENT
    assert server.ranges == [("/mirror/borders.geojson", None)]


@pytest.mark.parametrize("address, part", [
    ("http://127.0.0.1:9/borders.geojson",
     "127.0.0.1:9 cannot be reached; is there a network? Without one, give a copy"),
    ("http://nowhere.invalid/borders.geojson", "nowhere.invalid cannot be reached"),
    ("ftp://nowhere.invalid/borders.geojson", "is no address that can be downloaded"),
])
def test_no_network_is_said_in_one_line(server, address, part):
    assert part in failure(download.Wanted(address, DIGEST))


def test_a_file_that_the_server_does_not_have(server):
    assert "answers 404" in failure(
        download.Wanted(server.address.replace("borders", "other"), DIGEST))


def test_known_polygons_name_one_version_and_its_hash():
    guide = (ROOT / "docs" / "another-region.md").read_text(encoding="utf-8")
    for name, facts in source.known().items():
        assert facts["address"].startswith("https://") and len(facts["sha256"]) == 64, name
        assert int(facts["sha256"],
                   16) and facts["bytes"] > 1_000_000 and facts["licence"]["title"], name
        assert guide.count(
            f"{facts['bytes'] / 1e6:.0f} MB") == 2, "the guide tells the size in both languages"
        # An address that names a commit never changes what it means.
        assert any(
            len(part) == 40 and set(part) <= set("0123456789abcdef")
            for part in facts["address"].split("/")), name


BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


# --- the whole way
# --------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def areas():
    """The areas with the polygons that the village points give, in metres."""
    return borders.polygons(PACKAGE)


@pytest.fixture
def save(areas, tmp_path):
    """Write polygons with other columns, in other forms."""
    def go(change=lambda shapes: shapes, name="borders.gpkg", crs=32749):
        shapes = areas.rename(columns={"code": "KODE", "name": "WADMKC"}).drop(
            columns="zone").to_crs(crs)
        path = tmp_path / name
        change(shapes).to_file(path)
        return path

    return go


@pytest.fixture(scope="module", autouse=True)
def small(tmp_path_factory):
    """The project's areas and villages alone: what the borders are matched with."""
    folder = tmp_path_factory.mktemp("package") / "raw"
    PackageCopy(folder).keep("areas", "villages", "land")
    run.raw = folder


def run(tmp_path, *arguments) -> tuple[int, Path]:
    target = tmp_path / "made"
    return boundaries.main([f"RAW={run.raw}", f"TO={target}", *arguments]), target


def upper(shapes):
    return shapes.assign(WADMKC="Kec. " + shapes["WADMKC"].str.upper()).drop(columns="KODE")


@pytest.mark.parametrize("name, crs",
                         [("borders.gpkg", 32749), ("borders.geojson", 4326),
                          ("borders.shp", 3857)])
@pytest.mark.parametrize("change, how",
                         [(lambda shapes: shapes.assign(KODE="ID" + shapes["KODE"].str.replace(".",
                                                                                               "")),
                                                                                               "code"),
                                         (upper, "same")])
def test_any_file_with_codes_or_names_becomes_the_package_s_borders(tmp_path, save, areas, capsys,
                                                                    name, crs, change, how):
    status, target = run(tmp_path, f"FILE={save(change, name, crs)}", "SOURCE=Badan Peta",
                         "LICENCE=CC BY 4.0", "STATUS=published")
    assert status == 0, capsys.readouterr().err
    package = Package(target)
    validate(package)
    made = borders.polygons(package)
    assert made["code"].tolist() == areas["code"].tolist()
    assert made.area.to_numpy() == pytest.approx(areas.area.to_numpy(), rel=1e-5)
    entry = package.resource("boundaries").descriptor
    assert entry["status"] == "published" and entry["licenses"][0]["title"] == "CC BY 4.0"
    [source] = entry["sources"]
    assert source["title"] == "Badan Peta" and source["sha256"] == hashlib.sha256(
        (tmp_path / name).read_bytes()).hexdigest()
    report = (target / "boundaries.txt").read_text()
    assert ("matched by the codes in column 'KODE'"
            if how == "code" else "matched by the names in column 'WADMKC'") in report


def test_provenance_tells_whose_borders_they_are(tmp_path, save):
    from helpers.run.inputs import read_inputs
    from helpers.run.project import Project

    file = save()
    _, target = run(tmp_path, f"FILE={file}", "SOURCE=Badan Peta", "LICENCE=CC BY 4.0",
                    "STATUS=published")
    told = read_inputs(Project(raw=target, out=tmp_path / "out")).described["boundaries"]
    assert told["path"] == "boundaries.geojson" and told["status"] == "published"
    assert told["sha256"] == hashlib.sha256(
        (target / "boundaries.geojson").read_bytes()).hexdigest()
    assert told["sources"] == [{
        "title": "Badan Peta", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()
    }]
    assert told["licences"] == [{"name": "notspecified", "title": "CC BY 4.0"}]


def test_the_project_s_own_package_stays_as_it_is(tmp_path, save):
    before = {path.name: path.read_bytes() for path in PACKAGE.folder.iterdir()}
    assert boundaries.main([f"TO={tmp_path / 'made'}", f"FILE={save()}"]) == 0
    assert {path.name: path.read_bytes() for path in PACKAGE.folder.iterdir()} == before
    others = {path.name for path in (tmp_path / "made").iterdir()} - set(before)
    assert others == {"boundaries.geojson", "boundaries.txt"}


def test_borders_of_borders_replace_the_first(tmp_path, save):
    assert run(tmp_path, f"FILE={save()}")[0] == 0
    assert boundaries.main(
        [f"RAW={tmp_path / 'made'}", f"TO={tmp_path / 'again'}", f"FILE={save()}",
         "SOURCE=Second"]) == 0
    resources = Package(tmp_path / "again").resources
    assert list(resources).count("boundaries") == 1
    assert resources["boundaries"].descriptor["sources"][0]["title"] == "Second"


def test_polygons_from_an_address(tmp_path, save, server, capsys):
    server.content = save(name="x.geojson", crs=4326).read_bytes()
    status, target = run(tmp_path, f"FROM={server.address}")
    said = capsys.readouterr().out
    assert status == 0 and "this first download is trusted" in said
    [source] = Package(target).resource("boundaries").descriptor["sources"]
    assert source["path"] == server.address and source["sha256"] == hashlib.sha256(
        server.content).hexdigest()
    assert Package(target).status("boundaries") == "illustrative", "nobody said what they are"


@pytest.mark.parametrize("told, status",
                         [([], "illustrative"), (["SOURCE=Badan Peta"], "illustrative"),
                                          (["STATUS=simulated"], "simulated")])
def test_polygons_of_a_file_are_published_only_where_that_is_said(tmp_path, save, told, status):
    _, target = run(tmp_path, f"FILE={save()}", *told)
    assert Package(target).status("boundaries") == status


def test_a_known_name_is_taken_from_a_mirror_and_checked(tmp_path, save, server, capsys,
                                                         monkeypatch):
    content = save(name="x.geojson", crs=4326).read_bytes()
    facts = {
        "title": "Known", "address": "https://nowhere.invalid/borders.geojson",
        "licence": {"name": "CC0"}, "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content)
    }
    monkeypatch.setattr(source, "known", lambda: {"known": facts})
    mirror = ["FROM=known", f"MIRROR=http://127.0.0.1:{server.server_port}/m"]
    assert run(tmp_path, *mirror)[0] == 2 and "is not the expected file" in capsys.readouterr().err
    server.content = content
    assert run(tmp_path, *mirror)[0] == 0
    assert Package(tmp_path
                   / "made").resource("boundaries").descriptor["licenses"] == [{"name": "CC0"}]


def strange(shapes):
    """Spell two names as nobody would, and move their polygons so that the villages cannot help."""
    shapes = upper(shapes)
    shapes.loc[shapes["WADMKC"] == "Kec. BAKUNG", "WADMKC"] = "Bakoeng Lama"
    shapes.loc[shapes["WADMKC"] == "Kec. WATES", "WADMKC"] = "Qqq"
    return shapes


def test_doubtful_names_are_listed_refused_and_can_be_confirmed(tmp_path, save, capsys):
    file, asked = save(strange), tmp_path / "match.csv"
    status, target = run(tmp_path, f"FILE={file}")
    said = capsys.readouterr()
    assert status == 2 and not target.exists()
    assert said.err.startswith(
        "error: areas without a sure polygon: 1, for example ") and "MATCH=table.csv" in said.err
    assert "'Bakoeng Lama' (place" in said.out and "Wates: '' (none, " in said.out
    assert run(tmp_path, f"FILE={file}", f"MATCH={asked}")[0] == 2
    rows = pd.read_csv(asked)
    assert rows.columns.tolist() == list(boundaries.CONFIRM) and rows["name"].tolist() == ["Wates"]
    assert run(tmp_path, f"FILE={file}", f"MATCH={asked}")[0] == 2, "nothing is confirmed yet"
    rows.assign(found="Qqq", confirmed="yes").to_csv(asked, index=False)
    capsys.readouterr()
    assert run(tmp_path, f"FILE={file}", f"MATCH={asked}")[0] == 0
    assert "Wates: 'Qqq' (confirmed" in capsys.readouterr().out


def test_a_confirmed_name_that_is_not_there(tmp_path, save, capsys):
    (tmp_path / "match.csv").write_text(
        "code,name,found,similarity,how,confirmed\n35.05.21,Wates,Zzz,,none,ya\n".replace(
            "35.05.21", code_of("Wates")))
    assert run(tmp_path, f"FILE={save(strange)}", f"MATCH={tmp_path / 'match.csv'}")[0] == 2
    assert "the name 'Zzz'" in capsys.readouterr().err


def code_of(name: str) -> str:
    return PACKAGE.table("areas").set_index("name").loc[name, "code"]


def test_rows_of_one_code_are_parts_of_one_area(tmp_path, save, areas):
    def split(shapes):
        left = shapely.box(*shapes.total_bounds[:2], shapes.geometry[0].centroid.x,
                           shapes.total_bounds[3])
        first = shapes.iloc[[0]]
        return pd.concat([
            first.set_geometry(first.intersection(left)),
            first.set_geometry(first.difference(left)), shapes.iloc[1:]
        ], ignore_index=True)

    status, target = run(tmp_path, f"FILE={save(split)}")
    assert status == 0
    assert borders.polygons(Package(target)).area[0] == pytest.approx(areas.area[0], rel=1e-4)


def test_an_invalid_part_of_an_area_is_named(tmp_path, save, capsys):
    """Two rows of one code, one of which crosses itself: joining them would end in a traceback."""
    def split(shapes):
        first = shapes.iloc[[0]]
        return pd.concat(
            [first, first.set_geometry([crossed(first.geometry[0])]), shapes.iloc[1:]],
            ignore_index=True)

    status, target = run(tmp_path, f"FILE={save(split)}")
    text = capsys.readouterr().err
    assert (status == 2
            and "borders.gpkg: the polygon of area 35.05.01 is invalid (Self-inter" in text)
    assert len(text.strip().splitlines()) == 1 and not target.exists()


def test_codes_of_a_column_with_a_gap_are_numbers_with_a_fraction(tmp_path, save, areas, capsys):
    def numbers(shapes):
        rest = shapes.iloc[[0]].assign(KODE=None).set_geometry(shapes.iloc[[0]].translate(400_000))
        numbered = shapes.assign(KODE=shapes["KODE"].str.replace(".", "").astype(float))
        return pd.concat([numbered, rest.assign(KODE=float("nan"))],
                         ignore_index=True).drop(columns="WADMKC")

    status, target = run(tmp_path, f"FILE={save(numbers)}")
    assert status == 0, capsys.readouterr().err
    assert "matched by the codes in column 'KODE'" in capsys.readouterr().out
    made = Package(target).resource("boundaries").path.read_text()
    assert '"name":"350501"' in made and "350501.0" not in made


def test_codes_of_another_list_are_not_believed(tmp_path, save, areas, capsys):
    """Codes that run in another order: the villages contradict them, so the names decide."""
    file = save(lambda shapes: shapes.assign(KODE=shapes["KODE"].to_numpy()[::-1]))
    assert run(tmp_path, f"FILE={file}", "CODE=KODE")[0] == 2
    assert "are these codes of another list?" in capsys.readouterr().err
    status, target = run(tmp_path, f"FILE={file}")
    assert status == 0 and "matched by the names" in capsys.readouterr().out
    assert borders.polygons(Package(target)).area.to_numpy() == pytest.approx(
        areas.area.to_numpy(), rel=1e-5)


def test_a_map_of_another_place_is_not_believed(tmp_path, save, capsys):
    file = save(lambda shapes: shapes.set_geometry(shapes.translate(300_000), crs=shapes.crs))
    assert run(tmp_path, f"FILE={file}")[0] == 2
    assert ("borders.gpkg: none of its polygons lies near the villages of the package (they lie at "
            "lon 112." in capsys.readouterr().err)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("change, name, arguments, part", [
    (lambda s: s.set_crs(None, allow_override=True), "b.shp", [],
     "names no coordinate reference system; say which with CRS="),
    (lambda s: s.set_crs(None, allow_override=True), "b.shp", ["CRS=nonsense"],
     "CRS=nonsense: is no coordinate"),
    (lambda s: s[["geometry"]].assign(x="?"), "b.gpkg", [],
     "no column holds the codes or the names"),
    (lambda s: s, "b.gpkg", ["NAME=NAMA"],
     "NAME=NAMA: b.gpkg has no such column; it has: KODE, WADMKC"),
    (lambda s: s.iloc[1:], "b.gpkg", ["CODE=KODE"],
     "b.gpkg: has no polygon for these areas (1): 35.05.01 Wonodadi; give a file that has all"),
    (lambda s: s.set_geometry(shapely.normalize(s.boundary)), "b.gpkg", [],
     "b.gpkg: holds no polygons"),
    (lambda s: s.set_geometry([None, *s.geometry[1:]]), "b.gpkg", [],
     "has no polygon for these areas (1): 35.05.01 Wonodadi"),
    (lambda s: s.set_geometry([BOW, *s.geometry[1:]]), "b.gpkg", ["CODE=KODE"],
     "areas without a sure polygon: 1, for example 35.05.01 Wonodadi ('Wonodadi', elsewhere)"),
    (lambda s: s.set_geometry([crossed(s.geometry[0]), *s.geometry[1:]]), "b.gpkg", [],
     "35.05.01 is invalid (Self-inter"),
])
def test_a_file_that_does_not_fit_is_refused_in_one_line(tmp_path, save, capsys, change, name,
                                                         arguments, part):
    status, target = run(tmp_path, f"FILE={save(change, name)}", *arguments)
    text = capsys.readouterr().err
    assert status == 2 and part in text and len(text.strip().splitlines()) == 1
    assert not target.exists() and not list(tmp_path.glob(".package-*"))


def crossed(shape):
    """Add a loop to a polygon's ring that crosses itself."""
    ring = list(shapely.get_coordinates(shape.exterior))
    (x, y), side = ring[0], 5000.0
    return shapely.Polygon(
        [*ring[:1], (x + side, y + side), (x + side, y), (x, y + side), *ring[1:]])


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_reference_system_can_be_told(tmp_path, save):
    assert run(tmp_path, f"FILE={save(lambda s: s.set_crs(None, allow_override=True), 'b.shp')}",
               "CRS=EPSG:32749")[0] == 0


@pytest.mark.parametrize("arguments, part", [
    (["FILE=absent.gpkg"], "FILE=absent.gpkg: there is no such file"),
    (["FILE=a", "FROM=b"], "FILE= and FROM= are both given"),
    (["FROM=gadm"], "FROM=gadm: not known; it is one of villages, kecamatan, geoboundaries"),
    (["FROM=villages", "SHA256=0"], "SHA256= is for an address of your own"),
    (["SNAP=far"], "SNAP=far: is no number of metres from 0 to 1000"),
    (["SNAP=nan"], "SNAP=nan: is no number of metres"),
    (["what"], "'what' is not known; boundaries takes NAME=value"),
    (["FILE=a", "FILE=b"], "FILE= is given twice"),
    (["STATUS=real"], "STATUS=real: allowed is one of: published"),
    (["RAW=tests"], "there is no datapackage.json"),
])
def test_a_call_that_is_not_understood(capsys, monkeypatch, arguments, part):
    monkeypatch.chdir(ROOT)
    assert boundaries.main(arguments) == 2
    assert part in capsys.readouterr().err


def test_a_folder_that_is_there_is_not_overwritten(tmp_path, save, capsys):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("mine")
    assert run(tmp_path, f"FILE={save()}")[0] == 2
    assert "is there already and not empty" in capsys.readouterr().err


@pytest.mark.parametrize("inside", ["", "deep/made"])
def test_a_package_is_never_written_into_the_one_it_copies(tmp_path, save, capsys, inside):
    before = sorted(run.raw.rglob("*"))
    file = save()
    assert boundaries.main([f"RAW={run.raw}", f"TO={run.raw / (inside or 'made')}",
                            f"FILE={file}"]) == 2
    assert ("lies in the data package raw, which is not changed; name another folder"
            in capsys.readouterr().err)
    assert sorted(run.raw.rglob("*")) == before


def test_what_fails_leaves_no_empty_folders(tmp_path, save):
    target = tmp_path / "new" / "deep" / "made"
    file = save(
        lambda shapes: shapes.set_geometry([crossed(shapes.geometry[0]), *shapes.geometry[1:]]))
    with pytest.raises(RuntimeError), atomic_package.new_package(target, "TO=made"):
        raise RuntimeError
    assert boundaries.main([f"RAW={run.raw}", f"TO={target}", f"FILE={file}"]) == 2
    assert not (tmp_path / "new").exists()


# Without the lines about folders: make says them when it is called by another make.
MAKE = ["make", "--no-print-directory", "-n", "boundaries"]


def test_make_passes_every_option_and_what_it_would_not_heed(monkeypatch):
    """What a build takes is refused by the command and not lost on the way."""
    monkeypatch.delenv("MAKEFLAGS", raising=False)  # of `make test jobs=4`
    for name in {*targets.BUILD, *boundaries.OPTIONS}:
        done = subprocess.run([*MAKE, f"{name}=x y"], cwd=ROOT, capture_output=True, text=True)
        assert done.stdout.split(maxsplit=3)[3].strip() == f"'{name}=x y'"
    for name in {*targets.BUILD} - {"RAW"}:
        with pytest.raises(InputError,
                           match=f"'{name}=x y' is not known; boundaries takes NAME=value"):
            boundaries.parse([f"{name}=x y"])
    monkeypatch.setenv("NAME", "of this machine")
    assert "of this machine" not in subprocess.run(MAKE, cwd=ROOT, capture_output=True,
                                                   text=True).stdout


def test_a_stopped_download_ends_in_one_line(tmp_path, server, capsys, monkeypatch):
    def stopped(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("requests.get", stopped)
    assert commands.main(
        ["boundaries", f"RAW={run.raw}", f"TO={tmp_path / 'made'}",
         f"FROM={server.address}"]) == early.STOPPED
    assert capsys.readouterr().err == "stopped; what was built before is intact\n"
    assert not (tmp_path / "made").exists()


def test_help_names_every_option(capsys):
    assert boundaries.main(["help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}=" in said for name in boundaries.OPTIONS) and "geoboundaries" in said
