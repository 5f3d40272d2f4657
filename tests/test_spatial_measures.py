"""Measures in space against PySAL (esda, libpysal, inequality) to eight digits, and laws that must
hold."""

from itertools import permutations

import esda
import geopandas
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some
from inequality.gini import Gini_Spatial

from helpers import disparity
from helpers.disparity.space.neighbourhoods import KINDS, components

EXACT = {"rel": 1e-9, "abs": 1e-12}
VALUES = some.lists(some.integers(1, 1000), min_size=9,
                    max_size=9).filter(lambda values: len(set(values)) > 1)


@pytest.fixture(scope="module")
def mexico():
    states = geopandas.read_file(
        libpysal.examples.get_path("mexicojoin.shp")).rename(columns={"CODE": "code"})
    return states.set_crs("EPSG:4326").to_crs("EPSG:6372")


@pytest.fixture(scope="module")
def income(mexico):
    return mexico.set_index("code")["PCGDP2000"]


@pytest.fixture(scope="module")
def grid():
    """Nine squares, three by three."""
    return geopandas.GeoDataFrame({"code": [f"s{place}" for place in range(9)]}, geometry=[
        shapely.box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)])


def squares(*corners) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"code": [f"s{place}" for place in range(len(corners))]},
                                  geometry=[shapely.box(x, y, x + 1, y + 1) for x, y in corners])


def on(shapes, values) -> pd.Series:
    return pd.Series(values, index=list(shapes["code"]), dtype=float)


def pysal(shapes, kind, k=4):
    rule = disparity.neighbourhood(kind, k)
    return libpysal.weights.WSP(rule(shapes)).to_W(silence_warnings=True)


# Who is whose neighbour


def least_distance(shapes) -> float:
    """Return the distance within which every polygon has a neighbour, as PySAL finds it."""
    return libpysal.weights.min_threshold_distance(
        libpysal.weights.util.get_points_array(shapes.geometry))


@pytest.mark.parametrize("kind, reference", [
    ("queen", lambda shapes: libpysal.weights.Queen.from_dataframe(shapes, use_index=False,
                                                                   silence_warnings=True)),
    ("rook", lambda shapes: libpysal.weights.Rook.from_dataframe(shapes, use_index=False,
                                                                 silence_warnings=True)),
    ("knn", lambda shapes: libpysal.weights.KNN.from_dataframe(shapes, k=4, silence_warnings=True)),
    ("distance", lambda shapes: libpysal.weights.DistanceBand.from_dataframe(
        shapes, threshold=least_distance(shapes) * (1 + 1e-12), silence_warnings=True)),
])
def test_neighbours_equal_those_of_pysal(mexico, kind, reference):
    links = disparity.neighbourhood(kind, 4)(mexico)
    assert (links != reference(mexico).sparse).nnz == 0
    assert links.data.min() == links.data.max() == 1 and not links.diagonal().any()


def test_a_common_corner_counts_for_the_queen_alone(grid):
    queen, rook = (disparity.neighbourhood(kind)(grid).sum(axis=1).tolist()
                   for kind in ("queen", "rook"))
    assert queen == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert rook == [2, 3, 2, 3, 4, 3, 2, 3, 2]


def test_of_equally_near_areas_the_first_ones_are_taken(grid):
    links = disparity.neighbourhood("knn", 2)(grid)
    assert links[[4]].indices.tolist() == [1, 3]
    assert links.sum(axis=1).tolist() == [2] * 9
    turned = disparity.neighbourhood("knn", 2)(grid.iloc[::-1])
    assert sorted(turned[[4]].indices) == [1, 3]


def test_areas_at_the_same_place_are_neighbours_but_not_of_themselves():
    same = squares((0, 0), (0, 0), (0, 0), (9, 0))
    assert disparity.neighbourhood("knn", 2)(same).toarray().tolist() == [
        [0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 0, 0]]


@pytest.mark.parametrize("kind, alone",
                         [("queen", [4]), ("rook", [4]), ("knn", []), ("distance", [])])
def test_an_island_under_each_rule(kind, alone):
    shapes = squares((0, 0), (1, 0), (2, 0), (3, 0), (9, 0))
    degree = disparity.neighbourhood(kind, 2)(shapes).sum(axis=1)
    assert np.flatnonzero(degree == 0).tolist() == alone
    values = on(shapes, [1, 2, 3, 4, 9])
    local = disparity.local_moran(values, shapes, 99, weights=disparity.neighbourhood(kind, 2))
    assert local["p_permutation"].isna().tolist() == [place in alone for place in range(5)]


def test_the_distance_reaches_the_remotest_area():
    links = disparity.neighbourhood("distance")(squares((0, 0), (1, 0), (2, 0), (5, 0)))
    assert links.toarray().tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]]


def test_parts_that_no_chain_joins(mexico):
    assert components(disparity.neighbourhood("queen")(mexico)) == 1
    assert components(disparity.neighbourhood("knn",
                                              1)(squares((0, 0), (1, 0), (7, 0), (8, 0)))) == 2


@pytest.mark.parametrize("kind, k, shapes, message", [
    ("bishop", 4, squares((0, 0), (1, 0)),
     "spatial_weights is 'bishop'; allowed are 'queen', 'rook', 'knn', 'distance'"),
    ("knn", 0, squares((0, 0), (1, 0)),
     "0 nearest neighbours is not possible; neighbours_k must be at least 1"),
    ("knn", 2, squares((0, 0), (1, 0)),
     "2 areas have no 2 nearest neighbours each; neighbours_k must be smaller"),
    ("distance", 4, squares((0, 0)), "one area alone has no neighbour at any distance"),
    ("rook", 4, squares((0, 0), (1, 1)),
     "no area shares a border with another one: choose queen, knn or distance"),
    ("queen", 4, squares((0, 0), (3, 1)), "no area touches another one"),
    ("knn", 1, squares((0, 0), (1, 0)).set_crs("EPSG:4326"),
     "the polygons are in degrees; project them first"),
])
def test_neighbourhoods_that_are_not_possible(kind, k, shapes, message):
    with pytest.raises(ValueError, match=message):
        disparity.neighbourhood(kind, k)(shapes)


def many(count=7280) -> geopandas.GeoDataFrame:
    """As many small areas as Indonesia has kecamatan, strewn over a square of a thousand
    kilometres."""
    places = shapely.points(np.random.default_rng(1).random((count, 2)) * 1e6)
    return geopandas.GeoDataFrame({"code": range(count)},
                                  geometry=shapely.buffer(places, 1.0, quad_segs=1))


def test_seven_thousand_areas_stay_sparse():
    assert disparity.neighbourhood("knn", 4)(many()).nnz == 4 * 7280
    assert 7280 < disparity.neighbourhood("distance")(many()).nnz < 500_000


def test_a_distance_that_joins_everything_is_refused():
    far = pd.concat([many(), geopandas.GeoDataFrame(geometry=[shapely.box(5e6, 0, 5e6 + 1, 1)])])
    with pytest.raises(
            ValueError,
            match="the areas have 7278 each on average: too many; choose queen, rook or knn"):
        disparity.neighbourhood("distance")(far)


def test_no_rule_means_the_queen(mexico, income):
    queen = disparity.neighbourhood("queen")
    assert disparity.moran(income, mexico,
                           99).equals(disparity.moran(income, mexico, 99, weights=queen))
    assert disparity.local_moran(income, mexico,
                                 99).equals(disparity.local_moran(income, mexico, 99,
                                                                  weights=queen))


@pytest.mark.parametrize("kind", KINDS)
def test_moran_equals_esda_under_every_rule(mexico, income, kind):
    ours = disparity.moran(income, mexico, 99, weights=disparity.neighbourhood(kind, 4))
    theirs = esda.Moran(income, pysal(mexico, kind), permutations=0)
    assert ours[:5].tolist() == pytest.approx(
        [theirs.I, theirs.EI, theirs.VI_norm, theirs.z_norm, theirs.p_norm], **EXACT)


def test_effect_of_the_rule(mexico, income):
    table = disparity.weights_effect(income, mexico, 999, 5, 4, 0.05).set_index("weights")
    assert table.index.tolist() == list(KINDS)
    for kind in KINDS:
        alone = disparity.moran(income, mexico, 999, 5, disparity.neighbourhood(kind, 4))
        assert table.loc[kind, ["moran_i", "p_permutation"]].tolist() == alone[[
            "moran_i", "p_permutation"
        ]].tolist()
    assert table.loc["knn", "neighbours"] == 4 and (table["alone"] == 0).all() and (table["parts"]
                                                                                    == 1).all()
    assert set(table["pattern"]) == {"random"}
    lenient = disparity.weights_effect(income, mexico, 999, 5, 4, 0.11)
    assert lenient["pattern"].tolist() == ["random", "clustered", "random", "random"]


def test_effect_where_a_rule_is_not_possible():
    shapes = squares((0, 0), (1, 1), (2, 0), (3, 1))
    table = disparity.weights_effect(on(shapes, [1, 5, 1, 5]), shapes, 99, k=4).set_index("weights")
    assert table.loc[["rook", "knn"], "pattern"].tolist() == ["not_possible"] * 2
    assert table["moran_i"].isna().to_dict() == {
        "queen": False, "rook": True, "knn": True, "distance": False
    }
    assert table["same_as"].dropna().to_dict() == {"distance": "queen"
                                                   }, "an impossible rule is like no other"


def test_dispersed_values_are_called_so():
    shapes = squares(*((x, 0) for x in range(12)))
    table = disparity.weights_effect(on(shapes, [1, 9] * 6), shapes, 999)
    assert table.set_index("weights").loc[["queen", "rook"],
                                          "pattern"].tolist() == ["dispersed"] * 2


# Geary, Getis and Ord


@pytest.mark.parametrize("kind", KINDS)
def test_geary_and_g_equal_esda(mexico, income, kind):
    rule = disparity.neighbourhood(kind, 4)
    geary = disparity.geary(income, mexico, 99, weights=rule)
    theirs = esda.Geary(income.to_numpy(), pysal(mexico, kind), permutations=0)
    assert geary[:5].tolist() == pytest.approx(
        [theirs.C, 1.0, theirs.VC_norm, theirs.z_norm, 2 * theirs.p_norm], **EXACT)
    g = disparity.getis_ord(income, mexico, 99, weights=rule)
    theirs = esda.G(income.to_numpy(), pysal(mexico, kind), permutations=0)
    assert g[:5].tolist() == pytest.approx(
        [theirs.G, theirs.EG, theirs.VG, theirs.z_norm, 2 * theirs.p_norm], **EXACT)


@pytest.mark.parametrize("ours, theirs",
                         [(disparity.geary, esda.Geary), (disparity.getis_ord, esda.G)])
def test_permutation_p_is_twice_the_folded_one_of_esda(mexico, income, ours, theirs):
    np.random.seed(5)
    folded = theirs(income.to_numpy(), pysal(mexico, "queen"), permutations=9999).p_sim
    assert ours(income, mexico, 9999, 3)["p_permutation"] == pytest.approx(2 * folded, abs=0.01)


@pytest.mark.parametrize("measure", [disparity.geary, disparity.getis_ord])
def test_permutation_p_under_chance_is_uniform(mexico, income, measure):
    rng = np.random.default_rng(8)
    p = [
        measure(pd.Series(rng.permutation(income), index=income.index), mexico, 99,
                seed)["p_permutation"] for seed in range(60)
    ]
    assert 0.35 < np.mean(p) < 0.65 and np.mean(np.array(p) <= 0.1) < 0.25


@pytest.mark.parametrize("measure, statistic", [
    (disparity.geary, lambda a, b, c, d: -((a - b)**2 * 1.5 + (b - c)**2 + (c - d)**2 * 1.5)),
    (disparity.getis_ord, lambda a, b, c, d: a * b + b * c + c * d),
])
def test_all_arrangements_of_four_values(measure, statistic):
    """The p-value tends to twice the share of the 24 orders of 1, 2, 3, 4 in a row that are as
    smooth as this one."""
    shapes = squares(*((x, 0) for x in range(4)))
    orders = np.array([statistic(*order) for order in permutations([1, 2, 3, 4])])
    expected = 2 * np.mean(orders >= statistic(1, 2, 3, 4))
    result = measure(on(shapes, [1, 2, 3, 4]), shapes, 9999, 1)
    assert result["p_permutation"] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_local_g_equals_esda(mexico, income, kind):
    ours = disparity.local_getis_ord(income, mexico, 99, weights=disparity.neighbourhood(kind, 4))
    theirs = esda.G_Local(income.to_numpy(), pysal(mexico, kind), transform="B", star=True,
                          permutations=0)
    assert ours["g_star"].tolist() == pytest.approx(theirs.Gs.tolist(), **EXACT)
    assert ours["z"].tolist() == pytest.approx(theirs.Zs.tolist(), rel=1e-8)


def test_local_g_has_the_p_values_of_local_moran(mexico, income):
    g = disparity.local_getis_ord(income, mexico, 999, 7)
    local = disparity.local_moran(income, mexico, 999, 7)
    assert g["p_permutation"].tolist() == local["p_permutation"].tolist()
    assert (g["spot"] == "cold")[local["cluster"] == "low_low"].all()


def test_a_bright_area_in_the_dark_is_no_hot_spot():
    shapes = squares(*((x, y) for y in range(5) for x in range(5)))
    values = np.r_[np.zeros(12), 60, np.zeros(12)]
    values[[0, 4, 20, 24, 2, 10, 14, 22]] = 9
    local = disparity.local_getis_ord(on(shapes, values), shapes, 999, 1, alpha=0.5)
    assert local.loc["s12", "z"] > 0 and local.loc["s12", "p_permutation"] < 0.5
    assert local.loc["s12", "spot"] == "not_significant"


@pytest.mark.filterwarnings("error")
def test_two_by_two_squares_have_no_order_at_all():
    shapes = squares((0, 0), (1, 0), (0, 1), (1, 1))
    values = on(shapes, [1, 2, 3, 4])
    for measure in (disparity.moran, disparity.geary, disparity.getis_ord):
        result = measure(values, shapes, 99)
        assert result["p_permutation"] == 1 and (measure is disparity.moran
                                                 or np.isnan(result["z"]))
    assert (disparity.local_getis_ord(values, shapes, 99)["z"] == 0).all()
    assert np.isnan(disparity.spatial_gini(values, shapes, 99)["polarisation"])


def test_one_table_of_global_statistics(mexico, income):
    table = disparity.global_statistics(income, mexico, 99, 2).set_index("statistic")
    assert table.index.tolist() == ["moran", "geary", "getis_ord"]
    assert table.columns.tolist() == ["value", "expected", "z", "p_normal", "p_permutation"]
    assert table.loc["getis_ord", "value"] == disparity.getis_ord(income, mexico, 99, 2)["g"]
    assert disparity.global_statistics(income - 9000, mexico,
                                       99)["statistic"].tolist() == ["moran", "geary"]


@pytest.mark.parametrize("values, message", [
    ([-1, 2, 3, 4, 5, 6, 7, 8, 9],
     "area s0 has the value -1; Getis and Ord's G needs values of zero or more"),
    ([0, 0, 0, 0, 0, 0, 0, 0, 9], "fewer than two values are above zero"),
])
def test_g_needs_positive_values(grid, values, message):
    for measure in (disparity.getis_ord, disparity.local_getis_ord):
        with pytest.raises(ValueError, match=message):
            measure(on(grid, values), grid, 99)


@pytest.mark.parametrize("measure",
                         [disparity.geary, disparity.getis_ord, disparity.local_getis_ord,
                                     disparity.spatial_gini, disparity.weights_effect])
@pytest.mark.parametrize("values, message", [
    ([5] * 9, "all values are equal"),
    ([1, None, 3, 4, 5, 6, 7, 8, 9], "area s1 has no value; leave out areas without a value first"),
])
def test_bad_values_are_named_by_every_measure(grid, measure, values, message):
    with pytest.raises(ValueError, match=message):
        measure(on(grid, values), grid, 99)


@pytest.mark.parametrize("measure",
                         [disparity.geary, disparity.getis_ord, disparity.local_getis_ord,
                                     disparity.spatial_gini])
def test_three_areas_are_too_few(grid, measure):
    with pytest.raises(ValueError, match="of 3 areas cannot be judged; at least 4 are needed"):
        measure(on(grid, range(9))[:3], grid, 99)


# False discoveries


def test_false_discovery_control_by_hand():
    p = pd.Series([0.01, 0.02, 0.03, 0.2, np.nan], index=list("abcde"))
    assert disparity.adjusted(p)[:4].tolist() == pytest.approx([0.04, 0.04, 0.04, 0.2])
    assert np.isnan(disparity.adjusted(p)["e"])
    assert disparity.adjusted(p, "none") is p
    assert disparity.adjusted(pd.Series([np.nan, np.nan])).isna().all()
    with pytest.raises(ValueError, match="correction is 'holm'; allowed are 'none', 'fdr'"):
        disparity.adjusted(p, "holm")


@pytest.mark.parametrize("measure, found",
                         [(disparity.local_moran, "cluster"), (disparity.local_getis_ord, "spot")])
def test_correction_changes_the_verdicts_alone(mexico, income, measure, found):
    plain = measure(income, mexico, 999, 3)
    fdr = measure(income, mexico, 999, 3, correction="fdr")
    assert plain.drop(columns=found).equals(fdr.drop(columns=found))
    kept = disparity.adjusted(plain["p_permutation"], "fdr") <= 0.05
    assert (fdr.loc[~kept, found] == "not_significant").all()
    assert fdr.loc[kept, found].equals(plain.loc[kept, found])
    assert (fdr[found] != "not_significant").sum() < (plain[found] != "not_significant").sum()


# Spatial Gini


@pytest.mark.parametrize("kind", KINDS)
def test_spatial_gini_equals_pysal(mexico, income, kind):
    ours = disparity.spatial_gini(income, mexico, 999, 4, disparity.neighbourhood(kind, 4))
    theirs = Gini_Spatial(income.to_numpy(), pysal(mexico, kind), permutations=0)
    parts_of_g = [part / theirs.den for part in (theirs.wg, theirs.wcg)]
    assert ours[:5].tolist() == pytest.approx(
        [theirs.g, *parts_of_g, theirs.wcg / theirs.dtotal, theirs.polarization], **EXACT)
    assert ours["neighbours"] + ours["others"] == pytest.approx(ours["gini"], **EXACT)


def test_spatial_gini_p_is_twice_the_folded_one_of_pysal(mexico, income):
    ours = disparity.spatial_gini(income, mexico, 9999, 4)["p_permutation"]
    np.random.seed(3)
    theirs = Gini_Spatial(income.to_numpy(), pysal(mexico, "queen"), permutations=4999).p_sim
    assert ours == pytest.approx(2 * theirs, abs=0.006)


def test_spatial_gini_of_regimes_as_printed_in_pysal(mexico):
    """Income of 1940, states of one regime as neighbours: 0.04 with 99 permutations in the
    documentation of PySAL."""
    names = mexico.set_index("code")
    regimes = libpysal.weights.block_weights(names["HANSON98"], silence_warnings=True).sparse
    result = disparity.spatial_gini(names["PCGDP1940"], mexico, 9999, 1, lambda shapes: regimes)
    assert result["others"] * 2 * 32**2 * names["PCGDP1940"].mean() == pytest.approx(4353856.0)
    assert result["p_permutation"] / 2 == pytest.approx(0.04, abs=2 * np.sqrt(0.04 * 0.96 / 99))


# Laws


@settings(max_examples=25, deadline=None)
@given(VALUES, some.integers(-500, 500), some.integers(1, 50))
def test_moran_and_geary_know_neither_origin_nor_unit(grid, values, shift, factor):
    for measure in (disparity.moran, disparity.geary):
        one = measure(on(grid, values), grid, 99, 1)
        other = measure(on(grid, np.multiply(values, factor) + shift), grid, 99, 1)
        assert other.iloc[0] == pytest.approx(one.iloc[0], abs=1e-9)
        assert other["p_permutation"] == one["p_permutation"]


@settings(max_examples=25, deadline=None)
@given(VALUES, some.integers(1, 50))
def test_g_and_spatial_gini_know_no_unit(grid, values, factor):
    for measure in (disparity.getis_ord, disparity.spatial_gini):
        one, other = (measure(on(grid, np.multiply(values, times)), grid, 99, 1)
                      for times in (1, factor))
        assert other.tolist() == pytest.approx(one.tolist(), abs=1e-9, nan_ok=True)


@settings(max_examples=15, deadline=None)
@given(VALUES, some.permutations(range(9)), some.sampled_from(["queen", "rook", "distance"]))
def test_order_of_the_areas_changes_no_statistic(grid, values, order, kind):
    rule, y = disparity.neighbourhood(kind), on(grid, values)
    for measure in (disparity.moran, disparity.geary, disparity.getis_ord, disparity.spatial_gini):
        one = measure(y, grid, 9, 1, rule)
        other = measure(y.iloc[order], grid.iloc[order[::-1]], 9, 1, rule)
        assert other.iloc[0] == pytest.approx(one.iloc[0], abs=1e-12)
    one, other = disparity.local_getis_ord(y, grid,
                                           9), disparity.local_getis_ord(y.iloc[order], grid, 9)
    assert other["z"].loc[one.index].tolist() == pytest.approx(one["z"].tolist(), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(VALUES)
def test_geary_and_moran_are_tied_together(grid, values):
    """With symmetric weights C = (n - 1) / S0 x (sum of degree x z^2 / sum of z^2 - z'Wz / sum of
    z^2)."""
    rook = disparity.neighbourhood("rook")(grid)
    z = np.array(values) - np.mean(values)
    averaging = rook / rook.sum(axis=1)[:, None]
    ends = (averaging.sum(axis=1) + averaging.sum(axis=0)) / 2
    expected = 8 / 9 * (ends @ z**2 - z @ (averaging @ z)) / (z @ z)
    result = disparity.geary(on(grid, values), grid, 9, weights=disparity.neighbourhood("rook"))
    assert result["geary_c"] == pytest.approx(expected, abs=1e-10)


def test_the_global_random_state_is_left_alone(mexico, income):
    before = np.random.get_state()[1].copy()
    for measure in (disparity.geary, disparity.getis_ord, disparity.local_getis_ord,
                    disparity.spatial_gini):
        assert measure(income, mexico, 99, 1).equals(measure(income, mexico, 99, 1))
    assert (np.random.get_state()[1] == before).all()
