"""Regressions of the gap between zones: against spreg, brute force, hand numbers, and laws that
must hold."""

import geopandas
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
import spreg
from hypothesis import given, settings
from hypothesis import strategies as some
from spreg import diagnostics

from helpers import disparity, geography
from helpers.disparity.regression import (
    NotEstimableError,
    gap_explained,
    gap_parts,
    least_squares,
    zone_design,
)
from helpers.disparity.space.spatial_regression import residual_tests, spatial_regression


@pytest.fixture(scope="module")
def columbus():
    """The 49 neighbourhoods of Columbus (Anselin 1988): crime, housing value, income, core (CP)."""
    return geopandas.read_file(
        libpysal.examples.get_path("columbus.shp")).assign(code=lambda table: table["POLYID"])


@pytest.fixture(scope="module")
def queen(columbus):
    w = libpysal.weights.Queen.from_dataframe(columbus, use_index=False, silence_warnings=True)
    w.transform = "r"
    return w


def crime(columbus):
    table = columbus.set_index("code")
    return table["CRIME"], table[["INC",
                                  "HOVAL"]].assign(constant=1.0)[["constant", "INC", "HOVAL"]]


def strip(areas: int, seed: int = 4):
    """Return a row of squares: zones north, south and city, a slope, logs that depend on both."""
    rng = np.random.default_rng(seed)
    codes = [f"s{place}" for place in range(areas)]
    zones = pd.Series(
        np.repeat(["north", "south", "city"], [areas - areas // 2 - 3, areas // 2, 3]), index=codes)
    slope = pd.Series(rng.random(areas) * 9, index=codes) + 2 * (zones == "south")
    logs = 1 - 0.1 * slope - 0.5 * (zones == "south") + rng.normal(0, 0.1, areas)
    shapes = geopandas.GeoDataFrame({"code": codes},
                                    geometry=[shapely.box(x, 0, x + 1, 1) for x in range(areas)])
    return logs, zones, pd.DataFrame({"slope": slope, "wet": rng.random(areas)}), shapes


# Least squares


def test_least_squares_equals_spreg(columbus):
    y, design = crime(columbus)
    ours = least_squares(y, design)
    theirs = spreg.OLS(y.to_numpy(), design[["INC", "HOVAL"]].to_numpy(), vif=True)
    assert ours["coefficient"].tolist() == pytest.approx(theirs.betas.ravel().tolist(), rel=1e-10)
    assert ours["vif"][1:].tolist() == pytest.approx(
        [pair[0] for pair in diagnostics.vif(theirs)[1:]], rel=1e-8)
    assert np.isnan(ours.loc["constant", "vif"])


def test_published_coefficients_of_columbus(columbus):
    """68.6190, -1.5973 and -0.2739: Anselin (1988), table 12.4, and the documentation of spdep."""
    ours = least_squares(*crime(columbus))["coefficient"]
    assert ours.round(4).tolist() == [68.6190, -1.5973, -0.2739]


def test_hc3_is_the_sum_of_squared_moves_when_areas_are_left_out(columbus):
    y, design = crime(columbus)
    whole = least_squares(y, design)
    moves = [
        whole["coefficient"] - least_squares(y.drop(code), design.drop(code))["coefficient"]
        for code in y.index
    ]
    assert whole["se"].tolist() == pytest.approx(
        np.sqrt((np.array(moves)**2).sum(axis=0)).tolist(), rel=1e-9)


def test_white_of_spreg_lies_below_hc3(columbus):
    y, design = crime(columbus)
    white = spreg.OLS(y.to_numpy(), design[["INC", "HOVAL"]].to_numpy(), robust="white").std_err
    assert (least_squares(y, design)["se"] > white).all()


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(2)
    design = pd.DataFrame({"constant": 1.0, "south": np.repeat([0.0, 1.0], [18, 7])})
    inside = 0
    for _ in range(400):
        y = pd.Series(rng.normal(0, np.where(design["south"] == 1, 2.0, 1.0)))
        fit = least_squares(y, design).loc["south"]
        inside += fit["ci_low"] <= 0 <= fit["ci_high"]
    assert 0.92 < inside / 400 < 0.99


@pytest.mark.parametrize("change, reason, message", [
    (lambda y, x: (y.where(y.index != 2), x), "missing",
     "area 2 has no value or lacks a regressor"),
    (lambda y, x: (y, x.assign(INC=x["INC"].where(x.index != 3))), "missing",
     "area 3 has no value or lacks"),
    (lambda y, x: (y * 0 + 5, x), "equal", r"all values are equal \(5\)"),
    (lambda y, x: (y[:8], x[:8]), "few_areas",
     "8 areas are too few for 3 coefficients; at least 9 are needed"),
    (lambda y, x: (y, x.assign(twice=2 * x["INC"] + 1)), "collinear",
     "the regressors INC, HOVAL, twice follows"),
    (lambda y, x: (y, x.assign(nothing=0.0)), "collinear", "one of the regressors"),
    (lambda y, x: (y, x.assign(city=(x.index == 5) * 1.0)), "lone_area",
     "area 5 alone decides a coefficient"),
])
def test_what_can_not_be_estimated_is_named(columbus, change, reason, message):
    y, design = change(*crime(columbus))
    with pytest.raises(NotEstimableError, match=message) as caught:
        least_squares(y, design)
    assert caught.value.reason == reason


@pytest.mark.parametrize("zones, message", [(["north"] * 4,
                                             "no gap: all areas are in the zone north"),
                                            (["south"] * 4, "no gap: no area is in the zone north"),
                                            (["south", "city"] * 2,
                                             "no gap: no area is in the zone north")])
def test_a_gap_needs_two_zones(zones, message):
    with pytest.raises(NotEstimableError, match=message):
        zone_design(pd.Series(zones), "north")


# The gap


def test_raw_gap_is_the_difference_of_means_and_parts_add_up():
    logs, zones, drivers, _ = strip(40)
    gaps = gap_explained(logs, zones, "north", drivers).set_index("zone")
    means = logs.groupby(zones).mean()
    assert gaps["raw"].to_dict() == pytest.approx(
        {zone: means[zone] - means["north"] for zone in ("south", "city")})
    fit = least_squares(logs, zone_design(zones, "north", drivers))
    for zone in ("south", "city"):
        assert gaps.loc[zone,
                        ["adjusted", "adjusted_low", "adjusted_high"]].tolist() == pytest.approx(
                            fit.loc[zone, ["coefficient", "ci_low", "ci_high"]].tolist())
    assert (gaps["raw"] - gaps["adjusted"]).tolist() == pytest.approx(gaps["explained"].tolist())
    assert gaps["share"].tolist() == pytest.approx((1 - gaps["adjusted"] / gaps["raw"]).tolist())
    parts = gap_parts(logs, zones, "north", drivers)
    assert parts.groupby("zone")["part"].sum().to_dict() == pytest.approx(
        gaps["explained"].to_dict())
    slopes = drivers["slope"].groupby(zones).mean()
    one = parts[(parts["zone"] == "south") & (parts["driver"] == "slope")].iloc[0]
    assert one["driver_gap"] == pytest.approx(slopes["south"] - slopes["north"])


def test_what_slope_explains_is_found():
    logs, zones, drivers, _ = strip(2000)
    south = gap_explained(logs, zones, "north", drivers).set_index("zone").loc["south"]
    assert south["adjusted"] == pytest.approx(
        -0.5, abs=0.02) and south["explained"] == pytest.approx(-0.2, abs=0.04)
    assert south["explained_low"] < -0.2 < south["explained_high"] < 0
    assert south["share_low"] < 2 / 7 < south["share_high"]


def test_interval_of_the_explained_part_agrees_with_a_bootstrap():
    logs, zones, drivers, _ = strip(120)
    zones = zones.replace("city", "south")
    south = gap_explained(logs, zones, "north", drivers).set_index("zone").loc["south"]
    rng, draws = np.random.default_rng(6), []
    for _ in range(400):
        codes = rng.choice(logs.index, len(logs))
        again = [table.loc[codes].reset_index(drop=True) for table in (logs, zones, drivers)]
        draw = gap_explained(again[0], again[1], "north", again[2]).set_index("zone").loc["south"]
        draws.append((draw["explained"], draw["share"]))
    for name, spread in zip(("explained", "share"), np.std(draws, axis=0), strict=True):
        half = (south[f"{name}_high"] - south[f"{name}_low"]) / 2
        assert half / 1.98 == pytest.approx(spread, rel=0.15), name


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 1000), some.floats(-5, 5), some.floats(0.1, 50), some.randoms())
def test_units_and_order_do_not_matter(seed, shift, factor, random):
    logs, zones, drivers, _ = strip(30, seed)
    one = gap_explained(logs, zones, "north", drivers).set_index("zone")
    order = list(logs.index)
    random.shuffle(order)
    other = gap_explained(logs[order] + shift, zones[order], "north",
                          drivers * factor + shift).set_index("zone")
    assert other.loc[one.index].to_numpy() == pytest.approx(one.to_numpy(), rel=1e-6, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 1000))
def test_the_other_side_sees_the_opposite_gap(seed):
    logs, zones, drivers, _ = strip(30, seed)
    zones = zones.replace("city", "south")
    one = gap_explained(logs, zones, "north", drivers).iloc[0]
    other = gap_explained(logs, zones, "south", drivers).iloc[0]
    assert other[["raw", "adjusted", "explained"]].tolist() == pytest.approx(
        (-one[["raw", "adjusted", "explained"]]).tolist(), abs=1e-9)
    assert other["share"] == pytest.approx(one["share"], abs=1e-9)


# Space


def test_residual_tests_equal_spreg(columbus, queen):
    y, design = crime(columbus)
    ours = residual_tests(y, design, columbus)
    theirs = spreg.OLS(y.to_numpy(), design[["INC", "HOVAL"]].to_numpy(), w=queen, spat_diag=True,
                       moran=True)
    assert ours[[
        "r2", "moran_i", "moran_p", "lm_error_p", "lm_lag_p", "robust_error_p", "robust_lag_p"
    ]].tolist() == (pytest.approx([
        theirs.r2, theirs.moran_res[0], theirs.moran_res[2], theirs.lm_error[1], theirs.lm_lag[1],
        theirs.rlm_error[1], theirs.rlm_lag[1]
    ], rel=1e-9))
    assert ours["asks_for"] == "lag" and ours["areas"] == 49


def test_residual_moran_and_lagrange_multipliers_by_their_formulas(columbus, queen):
    y, design = crime(columbus)
    ours = residual_tests(y, design, columbus)
    w, x = queen.sparse.toarray(), design.to_numpy()
    keep = np.eye(49) - x @ np.linalg.inv(x.T @ x) @ x.T
    e = keep @ y
    assert ours["moran_i"] == pytest.approx(49 / w.sum() * (e @ w @ e) / (e @ e), rel=1e-9)
    from scipy.stats import chi2
    variance, trace = e @ e / 49, np.trace((w + w.T) @ w)
    assert ours["lm_error_p"] == pytest.approx(chi2.sf((e @ w @ e / variance)**2 / trace, 1),
                                               rel=1e-9)
    lagged = w @ x @ np.linalg.lstsq(x, y.to_numpy(), rcond=None)[0]
    information = lagged @ keep @ lagged / variance + trace
    assert ours["lm_lag_p"] == pytest.approx(
        chi2.sf((e @ w @ y.to_numpy() / variance)**2 / information, 1), rel=1e-9)


@pytest.mark.parametrize("model, reference, name",
                         [("error", spreg.ML_Error, "lambda"), ("lag", spreg.ML_Lag, "rho")])
def test_spatial_models_equal_spreg(columbus, queen, model, reference, name):
    y, design = crime(columbus)
    ours = spatial_regression(y, design, columbus, model)
    theirs = reference(y.to_numpy(), design[["INC", "HOVAL"]].to_numpy(), queen)
    assert ours.index.tolist() == ["constant", "INC", "HOVAL", name]
    assert ours["coefficient"].tolist() == pytest.approx(np.ravel(theirs.betas).tolist(), rel=1e-8)
    assert ours["se"].tolist() == pytest.approx(np.ravel(theirs.std_err).tolist(), rel=1e-8)
    assert ours["p_value"].tolist() == pytest.approx([pair[1] for pair in theirs.z_stat], rel=1e-7)
    spread = 1 / (1 - ours.loc["rho", "coefficient"]) if model == "lag" else 1
    assert ours["total"][:3].tolist() == pytest.approx((ours["coefficient"][:3] * spread).tolist())
    assert (ours["direct"] + ours["indirect"])[:3].tolist() == pytest.approx(
        ours["total"][:3].tolist())
    back = np.eye(49) if model == "error" else np.linalg.inv(
        np.eye(49) - ours.loc["rho", "coefficient"] * queen.full()[0])
    assert ours["direct"][:3].tolist() == pytest.approx(
        (ours["coefficient"][:3] * np.trace(back) / 49).tolist())
    assert np.isnan(ours["total"].iloc[-1])


@pytest.mark.parametrize("p, model", [
    ((0.5, 0.5, 0.01, 0.01), "ols"), ((0.01, 0.5, 0.5, 0.5), "error"),
    ((0.5, 0.01, 0.5, 0.5), "lag"),
    ((0.01, 0.01, 0.02, 0.3), "error"), ((0.01, 0.01, 0.3, 0.02), "lag"),
    ((0.05, 0.06, 0.9, 0.9), "error"),
])
def test_the_rule_of_anselin(p, model):
    from helpers.disparity.space.spatial_regression import _asks_for
    assert _asks_for(*p, alpha=0.05) == model


def test_other_neighbours_give_other_tests(columbus):
    y, design = crime(columbus)
    near = residual_tests(y, design, columbus, weights=disparity.neighbourhood("knn", 3))
    assert near["r2"] == residual_tests(y, design, columbus)["r2"]
    assert near["moran_i"] != residual_tests(y, design, columbus)["moran_i"]


def test_an_area_without_neighbours_stays_in_the_regression():
    logs, zones, drivers, shapes = strip(30)
    shapes.loc[0, "geometry"] = shapely.box(-9, 0, -8, 1)
    tests = residual_tests(logs, zone_design(zones, "north", drivers), shapes)
    assert tests["areas"] == 30 and np.isfinite(tests.drop("asks_for").astype(float)).all()


def test_bad_input_of_spatial_models():
    logs, zones, drivers, shapes = strip(30)
    design = zone_design(zones, "north", drivers)
    with pytest.raises(ValueError, match="spatial_model is 'both'; allowed are 'error', 'lag'"):
        spatial_regression(logs, design, shapes, "both")
    with pytest.raises(ValueError, match="area s0 has no polygon"):
        residual_tests(logs, design, shapes[1:])


# All together


def test_explanation_of_several_indicators():
    logs, zones, drivers, shapes = strip(30)
    outcomes = {
        "light": np.exp(logs), "holes": np.exp(logs).where(logs.index != "s2"),
        "zero": np.exp(logs) * 0, "same": logs * 0 + 3, "few": np.exp(logs)[:9],
        "north_only": np.exp(logs)[zones == "north"]
    }
    found = disparity.explain_gaps(outcomes, zones, "north", drivers, shapes)
    assert found.left_out.values.tolist() == [["zero", "not_positive"], ["same", "equal"],
                                              ["few", "one_zone"], ["north_only", "one_zone"]]
    assert found.gaps["indicator"].tolist() == ["light", "light", "holes", "holes"]
    pd.testing.assert_frame_equal(found.gaps.iloc[:2, 1:-1],
                                  gap_explained(logs, zones, "north", drivers))
    assert found.tests[["indicator",
                        "model", "areas"]].values.tolist() == [["light", "raw", 30],
                                                               ["light", "adjusted", 30],
                                                               ["holes", "raw", 29],
                                                               ["holes", "adjusted", 29]]
    ols = found.terms[(found.terms["estimator"] == "ols") & (found.terms["indicator"] == "light")]
    assert ols["term"].tolist() == [
        "constant", "south", "city", "constant", "south", "city", "slope", "wet"
    ]
    assert found.parts["driver"].tolist() == ["slope", "wet"] * 4


def test_the_spatial_model_is_there_where_it_is_asked_for(columbus):
    table = columbus.set_index("code")
    zones = table["CP"].map({0: "rim", 1: "core"})
    found = disparity.explain_gaps({"value": table["HOVAL"], "income": table["INC"]}, zones, "rim",
                                   table[["DISCBD"]], columbus)
    asked = found.tests.set_index(["indicator", "model"])["asks_for"]
    for (indicator, model), kind in asked.items():
        rows = found.terms[(found.terms["indicator"] == indicator)
                           & (found.terms["model"] == model)]
        assert set(rows["estimator"]) == {"ols", kind}
    assert set(asked) > {"ols"}


def test_nothing_that_could_explain_and_zones_of_one_area():
    logs, zones, drivers, shapes = strip(30)
    none = disparity.explain_gaps({"light": np.exp(logs)}, zones, "north", drivers[[]], shapes)
    assert none.left_out["reason"].tolist() == ["no_drivers"
                                                ] and none.gaps.empty and none.tests.empty
    zones.iloc[-1] = "island"
    lone = disparity.explain_gaps({"light": np.exp(logs)}, zones, "north", drivers, shapes)
    assert lone.left_out["reason"].tolist() == ["lone_area"]


@pytest.mark.parametrize("south, slope, verdict",
                         [(0.0, 0.0, "no_gap"), (-1.0, 0.0, "unclear"), (0.0, -0.3, "part")])
def test_verdict_on_the_gap(south, slope, verdict):
    _, zones, drivers, shapes = strip(30, seed=2)
    noise = np.random.default_rng(1).normal(0, 0.2, 30)
    drivers["slope"] += 3.0 * (zones == "south")
    values = np.exp(south * (zones == "south") + slope * drivers["slope"] + noise)
    found = disparity.explain_gaps({"light": values}, zones, "north", drivers,
                                   shapes).gaps.set_index("zone")
    assert found.loc["south", "verdict"] == verdict


# Distance


def test_distance_to_the_common_centroid():
    shapes = geopandas.GeoDataFrame({"code": ["a", "b", "c"]}, geometry=[
        shapely.box(0, 0, 2000, 2000),
        shapely.box(2000, 0, 4000, 1000),
        shapely.box(0, 5000, 2000, 7000)
    ])
    middle = shapely.union_all(shapes.geometry[:2].to_numpy()).centroid
    km = geography.distance_to(shapes, ["a", "b"])
    assert km["c"] == pytest.approx(shapely.distance(middle, shapes.geometry[2].centroid) / 1000)
    with pytest.raises(ValueError, match="none of the areas z has a polygon"):
        geography.distance_to(shapes, ["z"])
    with pytest.raises(ValueError, match=r"none of the areas \(none given\)"):
        geography.distance_to(shapes, [])
    with pytest.raises(ValueError, match="the polygons are in degrees"):
        geography.distance_to(shapes.set_crs("EPSG:4326"), ["a"])
