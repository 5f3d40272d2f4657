"""Many regencies at once, with a page over all of them: what a build makes is written by a stand-in
here, and one of the builds fails."""

import json
import re
import shutil
from pathlib import Path

import pytest
import small_sources

from helpers import messages
from helpers.cli import commands, regions

LIST = "35.01\n35.71 + 35.01\n35.71\nKelurahan\nkepulauan\n"
BUILT = []


def stand_in(raw: str, out: str, lang: str) -> tuple[str, float]:
    """What a build leaves, as far as the page reads it."""
    BUILT.append(Path(raw).name)
    if "kelurahan" in raw:
        return "error: it went wrong", 0.0
    tables = Path(out) / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    (tables / "inequality.csv").write_text(
        f"indicator,year,gini,theil,status\nidm_index,2024,0.03,{0.001 * len(out)},illustrative\n")
    return "", 0.0


@pytest.fixture
def given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(regions, "build", stand_in)
    mirror = small_sources.write(tmp_path / "mirror", monkeypatch)
    Path("list.txt").write_text(LIST)
    BUILT.clear()
    yield ["regions", "LIST=list.txt", "OUT=class", f"MIRROR={mirror}", "lang=en"]
    monkeypatch.undo()
    small_sources.forget()


def test_all_of_a_list_are_built_and_those_that_fail_are_named_and_passed_over(given, capsys):
    assert commands.main(given) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and lines[0].startswith(
        "regions: 1 of 5  35.71: passed over: Kota Sawah (35.71): has 3 kecamatan")
    assert any(line.endswith("Kelurahan: passed over: error: it went wrong") for line in lines)
    assert lines[-1].startswith("regions: 3 built, 2 passed over, in 0.")
    page = Path("class/index.html").read_text(encoding="utf-8")
    assert page.count('<th scope="row"><a href="results/') == 3
    assert page.count("<path class=") == 3 and "it went wrong" in page
    rows = re.findall(r'<td class="number">(\d+)</td>\s*<th scope="row"><a href="([^"]+)">', page)
    assert sorted(rows) == [("1", "results/35.01-kabupaten-sawah/site/index.html"),
                            ("1", "results/35.71-35.01-kota-sawah/site/index.html"),
                            ("3", "results/35.02-kabupaten-kepulauan/site/index.html")]
    table = Path("class/regions.csv").read_text().splitlines()
    assert table[0] == "name,areas,with_value,mean,gini,theil,status,link,rank_mean,rank_theil"
    assert "Kabupaten Kepulauan,4,4,0.645,0.03" in table[1] + table[2] + table[3]


def test_a_second_call_takes_the_packages_that_are_there(given, capsys):
    commands.main(given)
    before = {path: path.stat().st_mtime_ns for path in Path("class/packages").rglob("*.csv")}
    commands.main([*given[:-1], "lang=id"])
    assert len(BUILT) == 8, "every build is asked again; it finds out what is left to do"
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert "Kabupaten dan kota berdampingan" in Path("class/index.html").read_text(encoding="utf-8")


def test_what_is_wrong_in_a_call_is_one_line(given, capsys):
    Path("class").mkdir()
    Path("class/thesis.docx").write_text("mine")
    assert commands.main(given) == 2
    assert "OUT=class: holds something else than many regions" in capsys.readouterr().err
    assert commands.main([*given, "OUT=other", "BORDERS=desa"]) == 2
    assert "BORDERS=desa: allowed is one of: kecamatan, villages" in capsys.readouterr().err
    assert commands.main(["regions"]) == 2
    assert "LIST= is missing; give a file with one regency a line" in capsys.readouterr().err


def test_a_regency_that_is_named_twice_is_built_once(given, capsys):
    Path("list.txt").write_text("35.01\nKabupaten Sawah\n")
    assert commands.main(given) == 0
    assert BUILT == ["35.01-kabupaten-sawah"]
    assert "regions: 1 built, 0 passed over" in capsys.readouterr().out


def test_borders_of_villages_are_asked_for_all(given, capsys):
    assert commands.main([*given, "BORDERS=villages"]) == 1
    assert "kel_35.72.sql" in capsys.readouterr().out
    assert "villages (BIG), joined" in Path(
        "class/packages/35.01-kabupaten-sawah/sources.csv").read_text()


@pytest.mark.parametrize("lang, told", [
    ("en", "{folder} was made with other {what} than are asked for now, and stays as it is; name "
           "another folder, or remove this one and call again: rm -r {folder}"),
    ("id", "{folder} dibuat dengan {what} lain dari yang diminta sekarang, dan dibiarkan apa "
           "adanya; sebutkan folder lain, atau hapus folder ini lalu panggil lagi: rm -r "
           "{folder}")])
@pytest.mark.parametrize("other, what", [("BORDERS=villages", ("borders", "batas")),
                                         ("ZONES=longitude", ("zones", "zona")),
                                         ("ZONES=zones.csv", ("zones", "zona"))])
def test_other_borders_or_zones_than_those_of_a_package_are_refused(
        given, capsys, monkeypatch, lang, told, other, what):
    Path("list.txt").write_text("35.01\n")
    Path("zones.csv").write_text("code,zone\n" + "".join(
        f"35010{number},{'ab'[number > 3]}\n" for number in range(1, 7)))
    folder = Path("class/packages/35.01-kabupaten-sawah")
    commands.main(given)
    assert commands.main([*given, "BORDERS=kecamatan", "ZONES=latitude"]) == 0
    before = {path: path.read_bytes() for path in folder.iterdir()}
    capsys.readouterr()
    monkeypatch.setenv(messages.CHOSEN, lang)
    assert commands.main([*given[:-1], f"lang={lang}", other]) == 1
    assert told.format(folder=folder, what=what[lang == "id"]) in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    made = commands.main([*given, other])
    assert made == commands.main([*given, other]) == 0



def test_workers_of_a_dask_cluster_build_them(given, capsys):
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, host="127.0.0.1",
                      protocol="tcp://", dashboard_address=":0") as workers:
        assert commands.main([*given, f"SCHEDULER={workers.scheduler_address}"]) == 1
    assert len(BUILT) == 4 and "regions: 3 built, 2 passed over" in capsys.readouterr().out


def test_what_a_build_says_of_an_error_is_why_it_was_passed_over(tmp_path, monkeypatch):
    from subprocess import CompletedProcess

    monkeypatch.setattr(regions.subprocess, "run", lambda command, **_: CompletedProcess(
        command, 2, json.dumps(command), "error: no areas\n  st = study.open()\n\n"))
    assert regions.build("raw", "out", "id")[0] == "error: no areas"
    monkeypatch.setattr(regions.subprocess, "run",
                        lambda command, **_: CompletedProcess(command, 0, "", "a warning"))
    assert regions.build("raw", "out", "id")[0] == ""
