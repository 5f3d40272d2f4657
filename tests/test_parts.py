"""Surveys from Parquet in parts, on this machine and on a cluster of worker processes."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from helpers import scoring
from helpers.study import InputError
from helpers.study.parquet_parts import ROWS, add_up, parts_of
from tools.benchmarks.survey_speed import measure, survey

COUNT = partial(scoring.count_answers, weight="weight", stratum="code", population="units",
                domains=("zone", "business_type"))
TEXTS = ["code", "zone", "business_type"]


@pytest.fixture(scope="module")
def data():
    return survey(12_000, seed=3)


@pytest.fixture(scope="module")
def path(data, tmp_path_factory):
    """Text as text, answers as small whole numbers, seven row groups."""
    path = tmp_path_factory.mktemp("parts") / "survey.parquet"
    respondents, items = data
    respondents = respondents.astype(
        dict.fromkeys(TEXTS, str) | dict.fromkeys(items["item"], "Int8"))
    respondents.to_parquet(path, row_group_size=1_800)
    return path


def all_tables(counts) -> list[pd.DataFrame]:
    return [table for by in (None, ["zone", "business_type"])
            for table in (counts.means(by), counts.shares(by))]


def assert_same(found, expected, **how) -> None:
    for one, other in zip(all_tables(found), all_tables(expected), strict=True):
        pd.testing.assert_frame_equal(one, other, **how)


def test_parts_hold_every_respondent_once(path, data):
    parts = parts_of(path, rows=4_000)
    assert [part.row_groups for part in parts] == [(0, 1, 2), (3, 4, 5), (6,)]
    frames = [frame for part in parts for frame in part.frames(rows=700)]
    assert max(map(len, frames)) == 700 and sum(map(len, frames)) == 12_000
    joined = pd.concat([frame.astype(dict.fromkeys(TEXTS, str)) for frame in frames],
                       ignore_index=True)
    expected = data[0].astype(dict.fromkeys(TEXTS, str))
    pd.testing.assert_frame_equal(joined, expected, check_dtype=False)
    assert list(next(parts_of(path, columns=["zone", "weight"])[0].frames())) == ["zone", "weight"]
    assert len(parts_of(path)) == 1 and ROWS > 12_000


def test_a_file_in_parts_gives_what_the_frame_gives(path, data):
    respondents, items = data
    order = {"zone": ["north", "south", "city"], "business_type": ["small", "informal"]}
    found = add_up(partial(COUNT, items=items), parts_of(path, order=order, rows=2_000))
    assert_same(found, COUNT(respondents, items), rtol=1e-11, atol=1e-13)
    assert found.means("zone")["level"].tolist()[:3] == ["north", "south", "city"]


def test_without_an_order_levels_are_sorted(path, data):
    counts = add_up(partial(COUNT, items=data[1]), parts_of(path, rows=2_000))
    assert counts.means("zone")["level"].tolist()[:3] == ["city", "north", "south"]
    assert counts.means("code")["level"].drop_duplicates().is_monotonic_increasing


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_cluster_gives_the_same_bytes(path, data, cluster, monkeypatch, way):
    parts, count = parts_of(path, rows=2_000), partial(COUNT, items=data[1])
    monkeypatch.delenv("SCHEDULER", raising=False)
    here = add_up(count, parts)
    if way == "environment":
        monkeypatch.setenv("SCHEDULER", cluster)
    there = add_up(count, parts, cluster if way == "argument" else None)
    assert len(parts) > 2
    assert_same(there, here, check_exact=True)


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
                      dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


def test_the_work_is_done_by_other_processes(path, cluster):
    import os

    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        workers = client.run(os.getpid)
    assert len(set(workers.values()) | {os.getpid()}) == 3


def test_a_scheduler_that_does_not_answer_is_named(path, data, monkeypatch):
    monkeypatch.setattr("helpers.study.parquet_parts.PATIENCE", 0.5)
    with pytest.raises(InputError,
                       match="no Dask scheduler answers at SCHEDULER=tcp://127.0.0.1:9; start one"):
        add_up(partial(COUNT, items=data[1]), parts_of(path), "tcp://127.0.0.1:9")


def test_a_scheduler_without_workers_is_named(path, data, monkeypatch):
    from distributed import LocalCluster

    # Long enough for a busy machine to connect, so that it is the workers that are missed.
    monkeypatch.setattr("helpers.study.parquet_parts.PATIENCE", 3)
    with (LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=":0") as empty,
          pytest.raises(InputError, match="has no workers; start some")):
        add_up(partial(COUNT, items=data[1]), parts_of(path), empty.scheduler_address)


def test_bad_files_are_named(tmp_path, path):
    (tmp_path / "text.parquet").write_text("not Parquet")
    with pytest.raises(InputError, match="text.parquet cannot be read as a Parquet file"):
        parts_of(tmp_path / "text.parquet")
    with pytest.raises(InputError, match="nowhere.parquet cannot be read as a Parquet file"):
        parts_of(tmp_path / "nowhere.parquet")
    with pytest.raises(InputError, match="survey.parquet has no column 'wage'; it has code, zone"):
        parts_of(path, columns=["wage"])
    with pytest.raises(InputError,
                       match="survey.parquet: zone is 'city', which is none of north, south"):
        list(parts_of(path, order={"zone": ["north", "south"]})[0].frames())
    pd.DataFrame({"y": np.zeros(0)}).to_parquet(tmp_path / "empty.parquet")
    with pytest.raises(InputError, match="empty.parquet has no rows"):
        parts_of(tmp_path / "empty.parquet")


def test_the_bench_compares_ways_that_agree():
    lines = measure(respondents=30_000, fewer=3_000, files=2)
    assert [line["name"] for line in lines] == [
        "survey by counts", "counts over polars", "counts over numpy", "counts over svy",
        "growth over 2 files", "memory of 30,000 respondents", "memory of 60,000 respondents",
    ]
    assert all(
        set(line) == {"name", "value", "unit", "goal", "against"} and line["value"] > 0
        for line in lines)
