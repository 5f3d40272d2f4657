"""The bench: what it counts, and what it says. How fast things are is not tested; that depends on
the machine."""

import json
import os
import sys

import geopandas
import pytest

from helpers import geography
from helpers.run import universes
from helpers.run.inputs import read_inputs
from tools.benchmarks import (
    bench,
    force_field_speed,
    geography_speed,
    measuring,
    multiverse_speed,
    survey_speed,
)


def test_a_missed_goal_is_said_and_a_number_without_one_is_only_shown():
    row = {
        "name": "nothing changed", "value": 0.41, "unit": "s", "goal": 0.3, "against": "make all"
    }
    assert bench.line(row) == "nothing changed: 0.41 s (goal: at most 0.3, missed; make all)"
    assert bench.line(row | {"goal": None}) == "nothing changed: 0.41 s (make all)"


def test_memory_counts_a_command_and_its_children():
    child = "import time; held = bytearray(200 << 20); time.sleep(2)"
    peaks = []
    seconds = bench.timed([
        sys.executable, "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    ], peaks=peaks)
    assert seconds >= 2
    assert 200 << 20 <= max(peaks) < 300 << 20


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(RuntimeError, match="ended with 3: no luck"):
        bench.timed(
            [sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"])


def test_one_process_runs_the_cells_of_each_notebook_with_names_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "PRELOADS", "json")
    monkeypatch.setenv("KESENJANGAN_RUN", "")
    out = tmp_path / "out.txt"
    write = (f"import os; open({str(out)!r}, 'a').write(os.environ['KESENJANGAN_RUN'] + str('x' in "
             f"globals()))")
    conditional = f"%%when x\nopen({str(out)!r}, 'a').write('-')"
    programs = [{"variables": {"KESENJANGAN_RUN": name}, "cells": [write, "x = 1", conditional]}
                for name in ("a", "b")]
    (tmp_path / "programs.json").write_text(json.dumps(programs))
    bench.in_one_process(tmp_path / "programs.json")
    assert out.read_text() == "aFalse-bFalse-"
    assert os.environ["KESENJANGAN_RUN"] == "b"


def test_a_process_of_its_own_does_not_count_the_memory_of_the_one_that_started_it():
    held = bytearray(400 << 20)
    held[::4096] = b"x" * len(held[::4096])
    [highest] = measuring.alone(few, variables={"PYTHONPATH": os.path.dirname(__file__)})
    assert 5 << 20 < highest < 200 << 20


def few() -> list[int]:
    """Measure a process that does nothing."""
    return [measuring.highest_memory()]


def test_a_large_survey_is_measured_at_any_size():
    rows = survey_speed.measure(respondents=4_000, fewer=2_000, files=2)
    assert [row["name"] for row in rows] == [
        "survey by counts", "counts over polars", "counts over numpy", "counts over svy",
        "growth over 2 files", "memory of 4,000 respondents", "memory of 8,000 respondents"
    ]
    assert all(
        set(row) == {"name", "value", "unit", "goal", "against"} and row["value"] > 0
        for row in rows)


def test_the_national_run_is_measured_in_a_process_of_its_own():
    rows = geography_speed.measure(villages=4_000, kecamatan=300)
    assert [row["name"] for row in rows] == [
        "national tessellation", "national tessellation over plain shapely",
        "national tessellation clipped to the coast", "Moran's I with 999 permutations",
        "memory of the national run"
    ]
    assert all(
        set(row) == {"name", "value", "unit", "goal", "against"} and row["value"] > 0
        for row in rows)


def test_a_made_up_country_has_land_for_every_kecamatan():
    points, land = geography_speed.country(5_000, 400, seed=2)
    assert points["area"].nunique() == 400 and len(points) == 5_000
    assert points["lon"].between(geography_speed.WEST, geography_speed.EAST).all()
    shapes = geography.tessellate(points, land, 3395)
    assert len(shapes) == 400 and shapes.is_valid.all()
    assert shapes.area.sum() == pytest.approx(
        geopandas.GeoSeries([land], crs=4326).to_crs(3395).area[0], rel=0.01)


def test_draws_of_the_force_field_are_measured_against_a_loop():
    rows = force_field_speed.measure(draws=2_000)
    assert [row["name"] for row in rows] == [
        "2,000 draws of the force field", "draws over a loop of analyses", "memory of the draws"
    ]
    assert all(
        set(row) == {"name", "value", "unit", "goal", "against"} and row["value"] > 0
        for row in rows)
    assert rows[1]["value"] < 0.1


def test_the_multiverse_is_measured_with_one_and_two_workers(few_universes):
    inputs = read_inputs(few_universes)
    rows = multiverse_speed.measure(few_universes, inputs, more={"synthesis.alpha": [0.02]})
    assert [row["name"] for row in rows] == ["multiverse", "two workers over one"]
    count = universes.prepare(few_universes, inputs).choices.count
    assert rows[0]["against"].startswith(f"{count:,} of ")
    assert all(
        set(row) == {"name", "value", "unit", "goal", "against"} and row["value"] > 0
        for row in rows)
