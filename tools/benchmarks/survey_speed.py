"""What the counts of a large survey cost, against svy, polars and plain numpy on the same data in
the same run."""

import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pandas as pd

from helpers import scoring
from tools.benchmarks.measuring import alone, as_rows, highest_memory

STRATA, STEPS = 38, 5
DOMAINS = {"all": None, "zone": "zone", "area": "code", "business_type": "business_type"}
PARTS = ("capital", "market", "policy")
SVY_ITEMS = 4


def measure(respondents: int = 1_000_000, fewer: int = 100_000, files: int = 10) -> list[dict]:
    """Time and memory of all means and shares of the scoring stage, by all, zone, area and type of
    business.

    Parameters
    ----------
    respondents : int
        Size at which the hand-written ways are timed, and of one file.
    fewer : int
        Size at which svy is timed.
    files : int
        Parquet files of `respondents` each that are read in parts, one after the other.

    Returns
    -------
    list of dict
        name, value, unit, goal (at most), against; the goals are for these sizes.
    """
    data, items = survey(respondents)
    names = list(items["item"])
    plain, frame = _plain_columns(data, items), _polars_frame(data)
    times, results = _race({
        "counts": lambda: _all_estimates(data, items),
        "numpy": lambda: _numpy_means(plain),
        "polars": lambda: _polars_means(frame, names),
    })
    for other in ("numpy", "polars"):
        np.testing.assert_allclose(_items_by_area(results["counts"], items), results[other],
                                   rtol=1e-9)
    small, _ = survey(fewer)
    few, _ = _race({"counts": lambda: _all_estimates(small, items)})
    svy, _ = _race({"svy": lambda: _svy_means(small, items)}, rounds=1)
    read = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.parquet"
        write_survey(path, data, items)
        for times_over in (1, files):
            read[times_over] = alone(estimate_file, str(path), times_over)
    million = f"{respondents:,} respondents x {len(items)} items"
    growth = read[files][1] / read[1][1] / files
    found = [
        ("survey by counts", times["counts"], "s", None, million),
        ("counts over polars", times["counts"] / times["polars"], "", 1,
         f"{million}, by hand in polars"),
        ("counts over numpy", times["counts"] / times["numpy"], "", 3,
         f"{million}, by hand in numpy"),
        ("counts over svy", few["counts"] / (svy["svy"] * len(items) / SVY_ITEMS), "", 0.02,
         f"{fewer:,} respondents; svy: means of {SVY_ITEMS} items, times {len(items) // SVY_ITEMS},"
         f" no shares"
         ),
        (f"growth over {files} files", growth, "", 1.3,
         "processor time for a respondent, one file"),
    ]
    for (number, (seconds, _, memory)), goal in zip(read.items(), (1, 4)):
        against = f"{number} x {respondents:,} respondents from Parquet in {seconds:.1f} s"
        found.append((f"memory of {number * respondents:,} respondents", memory / 2**30, "GiB",
                      goal, against))
    return as_rows(found)


def survey(respondents: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Made-up answers of any number of respondents: 38 strata, unequal weights, two answers in a
    hundred missing.

    Returns
    -------
    tuple of DataFrame
        Respondents (code, zone, business_type, units, weight and 24 items) and items.
    """
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, STRATA, respondents, dtype=np.int8)
    asked = np.bincount(stratum, minlength=STRATA)
    codes = [f"35.{number:02d}" for number in range(STRATA)]
    items = pd.DataFrame(
        [(f"{side}_{part}_{number}", side, part) for side in ("need", "access") for part in PARTS
         for number in range(1, 5)],
        columns=["item", "dimension", "aspect"],
    ).assign(lowest=1, highest=STEPS, reverse=False)
    columns = {
        "code": pd.Categorical.from_codes(stratum, codes),
        "zone": pd.Categorical.from_codes(stratum % 3, ["north", "south", "city"]),
        "business_type": pd.Categorical.from_codes(rng.integers(0, 2, respondents),
                                                   ["small", "informal"]),
        "units": (asked * 100)[stratum], "weight": 30 * rng.uniform(0.5, 1.5, respondents),
    }
    for item in items["item"]:
        answers = rng.integers(1, STEPS + 1, respondents).astype(np.float32)
        answers[rng.random(respondents) < 0.02] = np.nan
        columns[item] = answers
    return pd.DataFrame(columns), items


def write_survey(path: Path, data: pd.DataFrame, items: pd.DataFrame) -> None:
    """Write `survey` to Parquet, answers as small whole numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = data.assign(**{item: data[item].astype("Int8") for item in items["item"]})
    pq.write_table(pa.Table.from_pandas(whole, preserve_index=False), path, row_group_size=250_000)


def estimate_file(path: str, times_over: int) -> tuple[float, float, int]:
    """Seconds by the clock and of the processor, and highest memory, for a survey in so many copies
    of a Parquet file."""
    from helpers.study.parquet_parts import add_up, parts_of

    _, items = survey(1)
    start, busy = perf_counter(), process_time()
    count = partial(scoring.count_answers, items=items, weight="weight", stratum="code",
                    population="units", domains=("zone", "business_type"))
    _tables(add_up(count, parts_of(path) * times_over), items)
    return perf_counter() - start, process_time() - busy, highest_memory()


def _race(ways: dict, rounds: int = 2) -> tuple[dict, dict]:
    """Best time of each way; they take turns, so that a busy moment hits all alike."""
    times, results = dict.fromkeys(ways, np.inf), {}
    for _ in range(rounds):
        for name, way in ways.items():
            start = perf_counter()
            results[name] = way()
            times[name] = min(times[name], perf_counter() - start)
    return times, results


def _all_estimates(data, items):
    return _tables(
        scoring.count_answers(data, items, "weight", "code", "units", ("zone", "business_type")),
        items)


def _tables(counts, items):
    names = list(items["item"])
    return {
        name: (counts.means(by), counts.shares(by, variables=names))
        for name, by in DOMAINS.items()
    }


def _items_by_area(tables, items) -> np.ndarray:
    means, shares = tables["area"]
    means = means[means["variable"].isin(items["item"])]
    shares = shares.sort_values(["variable", "answer", "level"])
    mean = means.sort_values(["variable", "level"])[["mean", "se"]].to_numpy()
    return np.concatenate([mean, shares[["share", "se"]].to_numpy()])


def _svy_means(data, items) -> None:
    from helpers.scoring.estimates import by_svy

    for by in DOMAINS.values():
        by_svy(data, list(items["item"][:SVY_ITEMS]), "weight", "code", "units", by, 0.95)


# The same by hand: sums in one pass, then means and shares with errors in every domain. Scores as
# sums of powers.


def _plain_columns(data, items) -> dict:
    """What plain numpy likes best: small whole numbers, 5 for no answer."""
    answers = data[list(items["item"])].fillna(STEPS + 1).to_numpy(np.int8).T - 1
    return {
        "answers": np.ascontiguousarray(answers), "weight": data["weight"].to_numpy(),
        "stratum": data["code"].cat.codes.to_numpy(),
        "type": data["business_type"].cat.codes.to_numpy(),
        "units": data.groupby("code", observed=False)["units"].first().to_numpy(),
        "order": np.argsort(items["item"].to_numpy()),
    }


def _numpy_means(columns) -> np.ndarray:
    weight, answers = columns["weight"], columns["answers"]
    squared, cell = weight**2, columns["stratum"].astype(np.intp) * 2 + columns["type"]
    asked = np.bincount(columns["stratum"], minlength=STRATA)
    shape, length = (STRATA, 2, STEPS + 1), STRATA * 2 * (STEPS + 1)
    sums = np.array([
        [np.bincount(cell * (STEPS + 1) + row, with_weight, length).reshape(shape)[..., :STEPS]
         for with_weight in (None, weight, squared)]
        for row in answers
    ])
    _numpy_scores(answers, weight, squared, cell)
    targets = np.concatenate([np.arange(1.0, STEPS + 1)[None], np.eye(STEPS)])
    correction = (1 - asked / columns["units"]) * asked / (asked - 1)
    zones = np.arange(STRATA) % 3
    found = {}
    for domain, inside in {
            "all": np.ones(
                (1, STRATA, 2)), "zone": (zones == np.arange(3)[:, None])[..., None] * np.ones(2),
            "area": np.eye(STRATA)[..., None] * np.ones(2), "type": np.eye(2)[:, None] * np.ones(
                (STRATA, 1)),
    }.items():
        _, first, second = np.moveaxis(np.einsum("lht,ivhta->ivlha", inside, sums), 1, 0)
        whole = first.sum(axis=(2, 3))
        mean = np.einsum("ilha,ka->ilk", first, targets) / whole[..., None]
        away = targets[None, None] - mean[..., None]
        total = np.einsum("ilha,ilka->ilhk", first, away)
        spread = np.einsum("ilha,ilka->ilhk", second, away**2) - total**2 / asked[:, None]
        error = np.sqrt(np.einsum("h,ilhk->ilk", correction, spread)) / whole[..., None]
        found[domain] = np.stack([mean, error], axis=-1)[columns["order"]]
    area = found["area"]
    return np.concatenate(
        [area[:, :, 0].reshape(-1, 2), area[:, :, 1:].swapaxes(1, 2).reshape(-1, 2)])


def _numpy_scores(answers, weight, squared, cell) -> list:
    sums = []
    for rows in [answers[place:place + 4]
                 for place in range(0, 24, 4)] + [answers[:12], answers[12:]]:
        given = rows < STEPS
        n = given.sum(axis=0)
        score = np.where(given, rows + 1, 0).sum(axis=0) / np.maximum(n, 1)
        kept = np.where(n * 2 >= len(rows), 1.0, 0.0)
        weights = (kept, weight * kept, weight * kept * score, squared * kept,
                   squared * kept * score, squared * kept * score**2)
        sums.append([np.bincount(cell, values, STRATA * 2) for values in weights])
    return sums


def _polars_frame(data):
    import polars as pl

    frame = pl.from_pandas(data)
    answers = [name for name in frame.columns if name.startswith(("need_", "access_"))]
    return frame.with_columns(pl.col(answers).fill_nan(None).cast(pl.Int8))


def _polars_means(frame, names) -> np.ndarray:
    import polars as pl

    weight, keys = pl.col("weight"), ["code", "zone", "business_type"]
    lazy = frame.lazy()
    items = [
        lazy.group_by([*keys, name]).agg(pl.len().alias("n"), weight.sum().alias("first"),
                                         (weight**2).sum().alias("second"))
        .rename({name: "answer"}).with_columns(pl.lit(name).alias("item"))
        for name in names
    ]
    scores = []
    for columns in [names[place:place + 4] for place in range(0, 24, 4)] + [names[:12], names[12:]]:
        score = pl.mean_horizontal(columns)
        enough = pl.sum_horizontal(pl.col(columns).is_null()) * 2 <= len(columns)
        parts = [
            weight**power * score**other
            for power, other in ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))
        ]
        scores.append(lazy.filter(enough).group_by(keys).agg(
            pl.len(), *(part.sum().alias(str(number)) for number, part in enumerate(parts))))
    design = lazy.group_by("code").agg(pl.len().alias("asked"), pl.col("units").first())
    *cells, design = pl.collect_all([*items, *scores, design])
    cells = pl.concat(cells[: len(names)]).drop_nulls("answer")
    design = design.with_columns(((1 - pl.col("asked") / pl.col("units")) * pl.col("asked") /
                                  (pl.col("asked") - 1)).alias("correction"))
    answer = pl.col("answer")
    cells = pl.concat([
        cells.with_columns(pl.lit(0).alias("target"),
                           answer.cast(pl.Float64).alias("value")),
        *(cells.with_columns(
            pl.lit(step).alias("target"), (answer == step).cast(pl.Float64).alias("value"))
          for step in range(1, STEPS + 1)),
    ])
    found = {}
    for domain, column in DOMAINS.items():
        by = ["item", "target", *([column] if column else [])]
        mean = cells.group_by(by).agg(pl.col("first").sum().alias("whole"),
                                      (pl.col("first") * pl.col("value")).sum().alias("total"))
        mean = mean.with_columns((pl.col("total") / pl.col("whole")).alias("mean"))
        away = pl.col("value") - pl.col("mean")
        found[domain] = (cells.join(mean, on=by).group_by([*dict.fromkeys([*by, "code"])]).agg(
            (pl.col("first") * away).sum().alias("one"),
            (pl.col("second") * away**2).sum().alias("two"),
            pl.col("mean", "whole").first()).join(design, on="code").with_columns(
                (pl.col("correction") * (pl.col("two") - pl.col("one")**2 / pl.col("asked"))
                 ).alias("part")).group_by(by).agg(
                     pl.col("mean").first(),
                     (pl.col("part").sum().sqrt() / pl.col("whole").first()).alias("se")))
    area = found["area"].with_columns(pl.col("code").cast(pl.String))
    means = area.filter(pl.col("target") == 0).sort("item", "code")
    shares = area.filter(pl.col("target") > 0).sort("item", "target", "code")
    return np.concatenate(
        [means.select("mean", "se").to_numpy(),
         shares.select("mean", "se").to_numpy()])
