"""Builds of other packages: of the first steps, the examples, and as little as there may be."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import shared_build
from conftest import QUICK, ROOT
from language_checks import of_own_region, readings
from report_checks import text_of
from shared_build import helpers

from helpers.publish import tables

FIRST_STEPS = {lang: (ROOT / "docs" / name).read_text(encoding="utf-8")
               for lang, name in (("en", "first-steps.md"), ("id", "first-steps.id.md"))}


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "tables" / f"{name}.csv", keep_default_na=False, na_values=[""])


def by_lines(block: str) -> subprocess.CompletedProcess:
    """The lines of a document, one after the other; those that call the project in this process,
    whose fork server they share."""
    for words in (shlex.split(line, comments=True) for line in block.splitlines()):
        call = next((words[len(start):] for start in (["make"], ["python3", "src/helpers"])
                     if words[:len(start)] == start), None)
        if call:
            done = helpers(*call)
            if done.returncode:
                break
        elif words:
            subprocess.run(words, cwd=ROOT, check=True)
    return done


def test_the_example_of_the_first_steps_runs(tmp_path):
    block, same = (next(block for block in re.findall(r"```sh\n(.*?)```", text, re.S)
                        if "my-region" in block) for text in FIRST_STEPS.values())
    assert [line.split("lang=")[0] for line in block.splitlines() if line[0] != "#"] == [
        line.split("lang=")[0] for line in same.splitlines() if line[0] != "#"]
    done = by_lines(block.replace("my-region", str(tmp_path / "my-region")).replace(
        "my-results", str(tmp_path / "my-results")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "scoring      not in this package: items, responses" in done.stdout
    assert (tmp_path / "my-results" / "tables" / "inequality.csv").is_file()
    assert not (tmp_path / "my-results" / "tables" / "scores.csv").exists()


def test_the_other_region_of_the_first_steps_runs(tmp_path):
    """From village points to pages, by the lines of docs/first-steps.md."""
    blocks = [next(block for block in re.findall(r"```sh\n(.*?)```", text, re.S)
                   if "my-regency" in block) for text in FIRST_STEPS.values()]
    assert blocks[0].split("lang=")[0] == blocks[1].split("lang=")[0]
    done = by_lines(blocks[0].replace("my-regency", str(tmp_path / "my-regency")))
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "my-regency-results"
    clusters = read(folder, "local_clusters")
    assert len(clusters) == 19 and set(clusters["status"]) == {"illustrative"}
    assert (folder / "site" / "index.html").is_file()


@pytest.mark.parametrize("example", ["mexico", "tulungagung"])
def test_another_region_runs_through_the_disparity_stage(tmp_path_factory, example):
    """With the parameters that the package carries."""
    out = (shared_build.mexico(tmp_path_factory) if example == "mexico" else
           shared_build.example(tmp_path_factory, example, "all"))
    for name in ("zone_indicators", "inequality", "spatial_autocorrelation", "local_clusters",
                 "development_index"):
        assert list(read(out, name).columns) == [*tables.schemas()[name], "status"], name


@pytest.mark.parametrize("example", ["mexico", "tulungagung"])
def test_no_page_of_another_region_speaks_of_the_projects_own(tmp_path_factory, example):
    """Neither do titles, captions, alternative texts, the site's cards, the report."""
    out = (shared_build.mexico(tmp_path_factory) if example == "mexico" else
           shared_build.example(tmp_path_factory, example, "all"))
    read = {name: text for name, (_, text) in readings(out).items()}
    # What parameters mean is the same everywhere.
    read.pop("site/provenance.html")
    if example == "mexico":
        text = text_of(out / "report.pdf")
        read["report.pdf"] = text[:text.index("disparity.year")]
    assert not {name: found for name, text in read.items() if (found := of_own_region(text))}


def test_the_status_of_zones_marks_only_what_rests_on_zones(tmp_path_factory):
    """Tulungagung's zones are made up by a rule, its densities simulated."""
    out = shared_build.example(tmp_path_factory, "tulungagung", "all")
    about = {path.stem: json.loads(path.read_text(encoding="utf-8"))
             for kind in ("figures", "tables") for path in (out / kind).glob("*.json")}
    for name in ("reference_maps", "map_distance_to_capital", "lorenz", "moran_scatter",
                 "local_clusters", "spatial_autocorrelation"):
        assert about[name]["status"] == "simulated" and "areas" not in about[name]["made_from"]
    for name in ("zone_gaps", "inequality_intervals", "zone_indicators", "inequality"):
        assert about[name]["status"] == "illustrative" and "land" not in about[name]["made_from"]
    assert set(read(out, "local_clusters")["status"]) == {"simulated"}
    assert "theil_by_year" not in about, "one time is no series of years"
    assert about["reference_maps"]["caption"].endswith("(zones: illustrative).")
    assert not [name for name in about if "Hatched" in about[name].get("caption", "")]


def test_a_bare_package_has_no_text_of_the_projects_own(tmp_path):
    """Four areas and nothing else, in Indonesian."""
    rows = [f"A{place},Wilayah {place},{'barat' if place < 3 else 'timur'}" for place in range(5)]
    (tmp_path / "areas.csv").write_text("\n".join(["code,name,zone", *rows]), encoding="utf-8")
    raw, out = tmp_path / "raw", tmp_path / "out"
    assert helpers("new", raw, "--areas", tmp_path / "areas.csv").returncode == 0
    done = helpers("all", f"RAW={raw}", f"OUT={out}", "lang=id")
    assert done.returncode == 0, done.stderr
    read = {name: text for name, (_, text) in readings(out).items()}
    read.pop("site/provenance.html")
    assert "site/3_disparity.html" in read
    assert not {name: found for name, text in read.items() if (found := of_own_region(text))}


def test_areas_and_indicators_are_enough_for_the_disparity_stage(package_copy, tmp_path):
    package_copy.keep("areas", "indicators")
    (tmp_path / "quick.yml").write_text(QUICK, encoding="utf-8")
    done = helpers("all", f"RAW={package_copy.folder}", f"OUT={tmp_path / 'out'}",
                   f"PARAMS={tmp_path / 'quick.yml'}")
    assert done.returncode == 0, done.stderr
    assert "synthesis    not in this package: claims" in done.stdout
    assert {"zone_indicators",
            "inequality"} <= {path.stem for path in (tmp_path / "out" / "tables").glob("*.csv")}
