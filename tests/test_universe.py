"""Whole analyses as a pure function: the same numbers as the stages, each table made once, every
choice read."""

import pandas as pd
import pytest

from helpers import claims, disparity, force_field, multiverse, sampling, scoring
from helpers.chain import RESOURCES, stage_needs
from helpers.messages import translate
from helpers.multiverse import Choices, own_product
from helpers.run.plan import STAGES
from helpers.study import InputError, choices, parameters
from helpers.study.package import Package
from helpers.study.paths import ROOT


@pytest.fixture(scope="module")
def package(study):
    return multiverse.read(study)


@pytest.fixture(scope="module")
def analysis(package, in_force, study):
    return multiverse.Analysis(package, in_force, study.child_seed("zones"))


@pytest.fixture(scope="module")
def own_choices(in_force):
    return choices.load(ROOT / "multiverse.yml", in_force, multiverse.known_choices())


@pytest.fixture(scope="module")
def few_choices(in_force, few_universes):
    return choices.load(few_universes.choices_file, in_force, multiverse.known_choices())


@pytest.fixture(scope="module")
def wanted(study):
    return study.table("claims")


@pytest.fixture(scope="module")
def decided(analysis, wanted, own_choices):
    return multiverse.evaluate(analysis, wanted, own_choices)


@pytest.fixture(scope="module")
def found(decided, own_choices):
    return {name: multiverse.at_thresholds(own_choices, product)
            for name, product in decided.items()}


# The tables are those of the stages.

@pytest.mark.parametrize(("missing", "share", "weights", "confidence"), [
    ("person_mean", 0.5, "design", 0.95), ("listwise", 0.5, "none", 0.9),
    ("pairwise", 0.25, "design", 0.99), ("person_mean", 0.5, "calibrated", 0.95),
])
def test_scores_are_those_of_the_reference_engine(analysis, package, missing, share, weights,
                                                  confidence):
    chosen = {
        "scoring.missing": missing, "scoring.missing_share": share, "scoring.weights": weights,
        "scoring.confidence": confidence
    }
    table = analysis.get("decisive_scores", chosen).set_index(["dimension", "aspect"])
    items = package["items"]
    scores = scoring.scores_by_respondent(scoring.align(package["responses"], items), items,
                                          missing, share)
    design = scoring.with_design(package["responses"], package["areas"],
                                 package["frame"] if weights != "none" else None)
    if weights == "calibrated":
        margins = scoring.calibration_margins(package["responses"], package["areas"],
                                              package["frame"], package["known_totals"])
        people = package["responses"].assign(weight=design["weight"])
        design["weight"] = sampling.rake(people, margins)
        by_type = design.groupby("business_type")["weight"].sum()
        assert by_type["small"] / by_type.sum() == pytest.approx(687 / (687 + 11378), abs=1e-6)
        by_area = design.groupby("code", observed=True)["weight"].sum()
        units = package["frame"].set_index("code")["units"]
        assert by_area.to_numpy() == pytest.approx(units[by_area.index].to_numpy(), rel=1e-6)
    expected = scoring.score_table(scores, design, items,
                                   confidence=confidence).query("domain == 'all'")
    expected = expected.set_index(["dimension", "aspect"])
    for column in ("n", "mean", "ci_low", "ci_high"):
        pd.testing.assert_series_equal(table[column], expected[column], rtol=1e-10,
                                       check_dtype=False, check_index_type=False)


@pytest.mark.parametrize(("year", "city_zone", "normalisation", "rule"), [
    (2024, "own", "min_max", "equal"), (2018, "north", "z", "pca"),
    (2021, "own", "rank", "entropy"),
])
def test_index_is_that_of_the_stage(analysis, package, study, year, city_zone, normalisation, rule):
    chosen = {"disparity.year": year, "disparity.city_zone": city_zone,
              "disparity.normalisation": normalisation, "disparity.index_weights": rule}
    table = analysis.get("decisive_index", chosen)
    areas, catalogue = package["areas"].set_index("code"), study.catalogue()
    parts, _ = disparity.index_parts(study.indicators(), catalogue, areas.index, year)
    zones = disparity.zones_of(areas, city_zone)
    expected = disparity.development_table(areas, zones, parts, catalogue, rule,
                                           normalisation).set_index("code")
    pd.testing.assert_series_equal(table["index"], expected["index"].reindex(table.index),
                                   check_exact=True)
    assert table["zone"].tolist() == expected["zone"].reindex(table.index).tolist()


@pytest.mark.parametrize("city_zone", ["own", "north"])
def test_zone_means_are_the_latest_of_the_stage(analysis, package, study, city_zone):
    table = analysis.get("area_measures", {"disparity.city_zone": city_zone})
    indicators = study.indicators()
    directed = disparity.directed_indicators(indicators, study.catalogue())
    zones = disparity.zones_of(package["areas"].set_index("code"), city_zone)
    expected = disparity.zone_table(indicators, directed, zones, "population_registered")
    last = expected["year"].fillna(0) == expected.groupby("indicator")["year"].transform(
        "max").fillna(0)
    table["total"] = table["value"] * table["people"]
    by_zone = table.groupby(["indicator", "zone"])
    weighted = by_zone["total"].sum() / by_zone["people"].sum()
    latest = expected[last].set_index(["indicator", "zone"]).sort_index()
    pd.testing.assert_series_equal(by_zone["value"].mean(), latest["mean"], check_names=False)
    pd.testing.assert_series_equal(weighted, latest["weighted_mean"], check_names=False)


@pytest.mark.parametrize("rule", force_field.STRATEGY_RULES)
@pytest.mark.parametrize(("weighting", "divisor", "scope", "aggregate"), [
    ("separate", "n_minus_1", "all", "mean"), ("joint", "rated", "own", "mode"),
    ("joint", "n", "all", "median"),
])
def test_ranks_are_those_of_the_stage(analysis, package, weighting, divisor, scope, aggregate,
                                      rule):
    chosen = {"force_field.weighting": weighting, "force_field.divisor": divisor,
              "force_field.linkage_scope": scope, "force_field.aggregate": aggregate,
              "force_field.strategy_rule": rule}
    table = analysis.get("decisive_ranks", chosen).set_index("strategy")["rank"]
    judged = [package[name] for name in ("factors", "ratings", "linkages")]
    analysed = force_field.analyse(*judged, weighting, divisor, aggregate, linkage_scope=scope)
    expected = force_field.rank_strategies(package["strategies"], analysed,
                                           rule).set_index("strategy")["rank"]
    assert table.to_dict() == expected.to_dict()


@pytest.mark.parametrize("source", ["ratings", "eigenvector", "wins"])
def test_ranks_in_force_are_those_of_the_stage_wherever_urgency_comes_from(
        package, in_force, source):
    """What is published under a source of urgency is one of the universes."""
    factors, ratings, linkages = (package[name] for name in ("factors", "ratings", "linkages"))
    # against the ratings, so that the source matters
    compared = ratings.assign(urgency=6 - ratings["urgency"])
    comparisons = force_field.ratio_comparisons(factors, compared)
    chosen = in_force | {"force_field": in_force["force_field"] | {"urgency_source": source}}
    analysis = multiverse.Analysis(package | {"comparisons": comparisons}, chosen, 7)
    options = force_field.urgency_options(factors, urgency_source=source, comparisons=comparisons)
    analysed = force_field.analyse(factors, ratings, linkages, **options)
    expected = force_field.rank_strategies(package["strategies"],
                                           analysed).set_index("strategy")["rank"]
    assert analysis.get("decisive_ranks",
                          {}).set_index("strategy")["rank"].to_dict() == expected.to_dict()
    rated = multiverse.Analysis(package, in_force,
                                7).get("decisive_ranks", {"force_field.urgency_source": "ratings"})
    assert (rated.set_index("strategy")["rank"].to_dict() == expected.to_dict()) == (
        source == "ratings")


def test_strategies_that_gaps_inform_are_beyond_any_universe(package, in_force, wanted,
                                                             few_choices):
    """Their ranks rest on every choice of scoring: better no robustness than that of another
    analysis."""
    informed = in_force | {"force_field": in_force["force_field"] | {"evidence": "gaps"}}
    found = multiverse.evaluate(multiverse.Analysis(package, informed, 7), wanted, few_choices)
    ranked = set(wanted.loc[wanted["test"] == "strategy_priority", "claim"])
    assert ranked and set(found) == set(wanted["claim"]) - ranked


@pytest.mark.parametrize("alternatives", [{"force_field.urgency_source": ["ratings", "wins"]}, {}])
def test_comparisons_that_are_not_there_are_refused(package, in_force, wanted, alternatives):
    given = "ratings" if alternatives else "wins"
    chosen = in_force | {"force_field": in_force["force_field"] | {"urgency_source": given}}
    with pytest.raises(
            ValueError,
            match="'force_field.urgency_source' has the alternative 'wins', but the data package "
            "has no comparisons"):
        multiverse.evaluate(multiverse.Analysis(package, chosen, 7), wanted, Choices(alternatives))
    without = {name: table for name, table in package.items() if name != "ratings"}
    multiverse.check_resources(Choices(alternatives), without, chosen)


# Universes.

def test_shared_work_gives_what_each_universe_gives_alone(package, in_force, study, wanted, found):
    """A fresh analysis for each universe has nothing to share."""
    for claim in wanted.iloc[[0, 1, 3, 4, 6, 9, 11]].to_dict("records"):
        product = found[claim["claim"]]
        for row in product.sample(2, random_state=3).to_dict("records"):
            chosen = {name: row[name] for name in multiverse.choices_of(product)}
            alone = multiverse.Analysis(package, in_force,
                                        study.child_seed("zones")).decide(claim, chosen)
            assert (alone.verdict, alone.statistic) == (row["verdict"], row["statistic"])
            assert alone.value == row["value"]


def test_choices_that_a_claim_does_not_read_change_nothing(analysis, wanted, own_choices):
    reads = multiverse.claim_reads(wanted, own_choices.listed)
    for claim in wanted.to_dict("records"):
        others = {
            name: values[-1] for name, values in own_choices.listed.items()
            if name not in reads[claim["claim"]]
        }
        one, other = analysis.decide(claim, {}), analysis.decide(claim, others)
        assert (one.verdict, one.value) == (other.verdict, other.value), claim["claim"]


def test_the_universe_in_force_is_what_the_claims_table_says(analysis, wanted, found, own_choices,
                                                             in_force):
    own = choices.own_universe(own_choices, in_force)
    for claim in wanted.to_dict("records"):
        product = found[claim["claim"]]
        mine = product[(product[multiverse.choices_of(product)] == pd.Series(own)[
            multiverse.choices_of(product)]).all(axis=1)]
        assert mine["verdict"].tolist() == [analysis.decide(claim, {}).verdict]


def test_every_claim_meets_its_whole_own_product(wanted, own_choices, found):
    reads = multiverse.claim_reads(wanted, own_choices.alternatives)
    for name, product in found.items():
        expected = own_product(own_choices, reads[name])
        assert sorted(map(tuple, product[expected.columns].astype(str).values)) == sorted(
            map(tuple, expected.astype(str).values))
    assert set().union(*map(set, reads.values())) == set(own_choices.alternatives)


@pytest.mark.parametrize("size", [1, 5, 100])
def test_pieces_give_the_same_however_they_are_cut(analysis, wanted, few_choices, size):
    pieces = multiverse.work_units(wanted, few_choices, size)
    decided = multiverse.evaluate(analysis, wanted, few_choices)
    cut = multiverse.join(wanted, pieces,
                          [multiverse.judge(analysis, wanted, piece) for piece in pieces])
    for name, product in decided.items():
        names = [*multiverse.choices_of(product),
                 *(few_choices.thresholds.keys() & {*product.columns})]
        pd.testing.assert_frame_equal(cut[name].sort_values(names, ignore_index=True),
                                      product.sort_values(names, ignore_index=True),
                                      check_exact=True)


def test_rows_say_what_the_products_say(wanted, own_choices, decided, found):
    reads = multiverse.claim_reads(wanted, own_choices.listed)
    chosen = multiverse.universes(own_choices, reads, 1)
    rows = multiverse.assemble(chosen, decided, own_choices)
    assert len(rows) == len(chosen) * sum(
        len(product) // len(found[name]) for name, product in decided.items())
    assert rows["verdict"].notna().all()
    assert rows["universe"].nunique() == own_choices.count >= 2000
    mine = multiverse.at_thresholds(own_choices, rows)
    assert len(mine) == len(chosen) * len(wanted)
    for name, product in found.items():
        part = mine[mine["claim"] == name]
        names = multiverse.choices_of(product)
        assert len(part[names].drop_duplicates()) == len(product)
        assert (part["verdict"] == "supported").mean() == pytest.approx(
            multiverse.share_supported(product), abs=0.02)


def test_a_threshold_is_moved_alone_and_the_share_in_force_is_the_robustness(
        decided, found, own_choices, in_force, analysis, wanted):
    own = choices.own_universe(own_choices, in_force)
    table = multiverse.threshold_table(decided, own_choices, own)
    shares = multiverse.robustness(found).set_index("claim")["supported"]
    own_rows = table[table["in_force"]]
    assert own_rows["share"].tolist() == pytest.approx(shares[own_rows["claim"]].tolist())
    for row in table.to_dict("records"):
        claim = wanted[wanted["claim"] == row["claim"]].iloc[0].to_dict()
        assert row["verdict"] == analysis.decide(claim, {row["threshold"]: row["limit"]}).verdict
    # Of the kinds of test one counts; the others, which err too often, would support far more.
    nulls = table[table["threshold"] == "synthesis.zone_null"].set_index(["claim", "limit"])
    assert nulls.index[nulls["in_force"]].tolist() == [("c01", "neighbours"), ("c02", "neighbours")]
    assert (nulls["share"].unstack()[["contiguous", "labels"]] > 0.8).all(axis=None)
    # A mean need of some 4.15 is strong by every limit but the highest of five classes.
    need = table[(table["claim"] == "c06") & (table["threshold"] == "synthesis.strong_need")]
    assert dict(zip(need["limit"], need["share"])) == {3.67: 1, 3.4: 1, 4.0: 1, 4.2: 0}


def test_summaries_agree_with_each_other(found):
    summary, table = multiverse.robustness(found).set_index("claim"), multiverse.choice_table(found)
    for (claim, _), part in table.groupby(["claim", "choice"]):
        mean = (part["share"] * part["universes"]).sum() / part["universes"].sum()
        assert mean == pytest.approx(summary.loc[claim, "supported"])
    shares = multiverse.shapley_table(found).groupby("claim")["share"].sum()
    contested = summary["supported"].between(0, 1, inclusive="neither")
    assert shares[contested].tolist() == pytest.approx(
        [1.0] * contested.sum()) and (shares[~contested] == 0).all()


def test_published_claims_of_the_project(found):
    """The gap between north and south hangs on how light counts in the index. That poverty rises is
    supported by no choice: too few steps in the thesis's period, against it since."""
    summary = multiverse.robustness(found).set_index("claim")
    by_light = multiverse.choice_table(found).query(
        "claim == 'c01' and choice == 'disparity.index_activity'").set_index("alternative")["share"]
    assert by_light["nightlight_mean"] > by_light["nightlight_per_head"] + 0.1
    assert 0.1 < summary.loc["c01", "supported"] < 0.15 and summary.loc["c02", "supported"] == 0.25
    assert 0.5 < summary.loc["c03", "supported"] < 1
    assert summary.loc[["c04", "c05"], "supported"].tolist() == [0, 0]
    by_period = found["c04"].groupby("synthesis.period")["verdict"].unique()
    assert by_period["thesis"].tolist() == ["mixed"]
    assert by_period["today"].tolist() == ["not_supported"]


def test_a_package_without_a_stage_leaves_its_claims_untestable(package, in_force, wanted,
                                                                few_choices):
    without = {
        name: table for name, table in package.items()
        if name not in ("responses", "ratings", "catalogue")
    }
    found = multiverse.evaluate(multiverse.Analysis(without, in_force, 7), wanted, few_choices)
    told = {name: set(product["verdict"]) for name, product in found.items()}
    assert all(told[name] == {"not_testable"} for name in ("c01", "c02", "c06", "c09", "c12"))
    assert "not_testable" not in told["c04"]
    assert multiverse.robustness(found)["not_testable"].max() == 1
    assert multiverse.most_contested(found, dict.fromkeys(found, "all"))


# What the build declares.

def test_the_build_declares_what_the_chain_reads(in_force):
    synthesis = next(stage for stage in STAGES if stage.name == "synthesis")
    weighed = synthesis.weighed()
    assert {"scoring.minimum_cell", "force_field.evidence", "disparity.year"} <= set(weighed)
    known = {f"{section}.{name}" for section, values in in_force.items() for name in values}
    others = {name for name in multiverse.known_choices() if not name.startswith("synthesis.")}
    assert set(weighed) == others | {"force_field.evidence", "disparity.reference_indicator"}
    assert set(weighed) <= known
    everything = [*RESOURCES, "claims", "sources", "villages", "land", "business"]
    assert synthesis.reads(everything) == everything[:-1]


def test_stages_need_what_their_tables_cannot_be_made_without():
    for stage in STAGES[1:]:
        assert stage_needs(stage.name) == set(stage.needs), stage.name


def test_every_parameter_that_a_test_reads_is_a_known_choice():
    names = {f"synthesis.{name}" for name in parameters.names("synthesis")}
    rules = {name for name in multiverse.known_choices() if name.startswith("synthesis.")}
    assert rules == names - {"synthesis.seed", "synthesis.lang", "synthesis.permutations"}


def test_rules_have_the_names_of_the_parameters():
    assert set(vars(claims.Rules())) - {"seed"} == set(
        parameters.names("synthesis")) - {"seed", "lang"}


# multiverse.yml.

@pytest.mark.parametrize(("text", "message"), [
    ("choices: {scoring.mising: [listwise]}",
     "there is no parameter 'scoring.mising'; did you mean 'scoring.missing'?"),
    ("choices: {scoring: [1]}",
     "'scoring' names no parameter of a stage; write it as stage.parameter"),
    ("choices: {seed: [1, 2]}", "'seed' names no parameter of a stage"),
    ("choices: {sampling.margin: [0.05, 0.1]}",
     "no stage reads the choice 'sampling.margin' for a claim; leave it out"),
    ("choices: {scoring.missing: [listwise, maybe]}",
     "'scoring.missing' is 'maybe'; allowed is one of: person_mean,"),
    ("choices: {scoring.missing: listwise}",
     "'scoring.missing' needs a list of alternatives, such as [a, b], not 'listwise'"),
    ("choices: {scoring.missing: []}", "'scoring.missing' needs a list of alternatives"),
    ("choices: {scoring.missing: [listwise, listwise]}",
     "'scoring.missing' names an alternative twice"),
    ("thresholds: {synthesis.strong_need: [4, 5000]}",
     "'synthesis.strong_need' is 5000; allowed is a number at least -1000 and at most 1000"),
    ("thresholds: {synthesis.alpha: [0.05, 0.7]}",
     "'synthesis.alpha' is 0.7; allowed is a number above 0 and at most 0.2 (share)"),
    ("thresholds: {synthesis.alpha: [0.1]}\nchoices: {synthesis.alpha: [0.05, 0.1]}",
     "'synthesis.alpha' under 'choices' is a threshold, a part of what the claim says, and no "
     "choice; move it to 'thresholds'"),
    ("thresholds: {scoring.missing: [listwise]}",
     "'scoring.missing' under 'thresholds' is a choice of the analysis; move it to 'choices'"),
    ("choices: {synthesis.zone_null: [neighbours, labels]}",
     "'synthesis.zone_null' under 'choices' is a kind of test, of which one counts and the others "
     "stand beside it; move it to 'compared'"),
    ("not_varied: {scoring.missing: because}",
     "'scoring.missing' under 'not_varied' needs text_id, text_en, each a sentence"),
    ("not_varied: {wording: {text_id: Begitu., text_en: So.}}",
     "'wording' under 'not_varied' needs text_id, text_en, label_id, label_en, each a sentence"),
    ("choices: {scoring.missing: [listwise]}\n"
     "not_varied: {scoring.missing: {text_id: Begitu., text_en: So.}}",
     "'scoring.missing' stands under 'not_varied', but has alternatives; keep one of them"),
    ("not_varied: {scoring.mising: {text_id: Begitu., text_en: So.}}",
     "there is no parameter 'scoring.mising'; did you mean 'scoring.missing'?"),
    ("choices: {scoring.missing: [listwise]}\nexclude: [{scoring.weights: none}]",
     "an exclusion names the choice 'scoring.weights', which is not one of the choices; known are "
     "scoring.missing"),
    ("choices: {scoring.missing: [listwise]}\nexclude: [{scoring.missing: pairwise}]",
     "an exclusion names scoring.missing = pairwise, which is none of its alternatives (listwise)"),
    ("choices: {scoring.missing: [listwise, pairwise]}\nexclude: [{scoring.missing: [listwise, "
     "pairwise]}]",
     "the exclusions leave no universe: every combination of scoring.missing is excluded"),
    ("choices: {scoring.missing: [person_mean, pairwise]}\nexclude: [{scoring.missing: "
     "person_mean}]",
     "the parameters in force are among the excluded combinations (scoring.missing = person_mean)"),
    ("exclude: [scoring.missing]", "each entry of 'exclude' names choices and their values"),
    ("exclude: {scoring.missing: listwise}", "'exclude' holds a list, not {"),
    ("choices: [a]", "'choices' holds names with values, not ['a']"),
    ("thesis: {scoring.missing: listwise}",
     "'thesis' names scoring.missing = listwise, which is not among the choices"),
    ("universes: many", "'universes' is 'many'; allowed is a whole number up to"),
    ("universe: 3", "'universe' is not known here; it holds universes, choices, thresholds, "
     "compared, exclude, thesis, not_varied"),
    ("choices: {disparity.map_indicators: [[idm_index]]}",
     "'disparity.map_indicators' is itself a list"),
    ("choices: [", "not valid YAML at line 1"),
])
def test_wrong_choices_are_refused_in_one_line(tmp_path, in_force, text, message):
    file = tmp_path / "multiverse.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        choices.load(file, in_force, multiverse.known_choices())
    assert message in str(caught.value)
    assert str(caught.value).startswith("multiverse.yml: ") and "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "message"), [
    ("choices: {synthesis.alpha: [0.05, 0.1]}",
     "'synthesis.alpha' di bawah 'choices' adalah ambang, bagian dari isi klaim, bukan pilihan; "
     "pindahkan ke 'thresholds'"),
    ("choices: {synthesis.zone_null: [labels]}",
     "'synthesis.zone_null' di bawah 'choices' adalah macam uji; hanya satu yang dihitung dan yang "
     "lain berdiri di sampingnya; pindahkan ke 'compared'"),
    ("thresholds: {synthesis.alpha: [0.05, 0.7]}",
     "'synthesis.alpha' bernilai 0.7; yang boleh angka di atas 0 dan paling banyak 0.2"),
    ("not_varied: {scoring.missing: because}",
     "'scoring.missing' di bawah 'not_varied' memerlukan text_id, text_en, masing-masing satu"),
    ("threshold: {}", "'threshold' tidak dikenal di sini; isinya universes, choices, thresholds"),
])
def test_wrong_choices_are_refused_in_indonesian_too(tmp_path, in_force, text, message):
    file = tmp_path / "multiverse.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        choices.load(file, in_force, multiverse.known_choices())
    assert f"multiverse.yml: {message}" in translate(caught.value, "id")


def test_values_that_a_package_cannot_take_are_cut_from_the_projects_list_and_refused_in_its_own(
        package_copy, in_force):
    package_copy.keep("areas", "items", "responses", "series", "sources", "claims")
    own = package_copy.folder / "multiverse.yml"
    own.write_text("thresholds: {synthesis.strong_need: [3.67, 4, 7]}\n"
                   "choices: {synthesis.growth_source: [longest, S25, S9]}", encoding="utf-8")
    listed, package = choices.load(own, in_force), Package(package_copy.folder)
    fitted = choices.fitting(listed, package, ROOT / "multiverse.yml", in_force)
    assert fitted.alternatives == {"synthesis.growth_source": ["longest", "S25"]}
    assert fitted.thresholds == {"synthesis.strong_need": [3.67, 4]}
    with pytest.raises(InputError) as caught:
        choices.fitting(listed, package, own, in_force)
    assert str(caught.value) == (
        "multiverse.yml: 'synthesis.strong_need' has the value 7, which does not suit the data "
        "package; it allows scores from 1 to 5")
    assert "punya nilai 7, yang tidak cocok dengan paket data ini; yang diperbolehkan skor " in (
        translate(caught.value, "id"))
    own.write_text("choices: {synthesis.growth_source: [longest, S9]}", encoding="utf-8")
    with pytest.raises(InputError, match="has the value S9, .* it allows longest, S25"):
        choices.fitting(choices.load(own, in_force), package, own, in_force)


def test_a_value_in_force_is_always_an_alternative(tmp_path, in_force):
    file = tmp_path / "multiverse.yml"
    file.write_text("choices: {scoring.weights: [none]}\n"
                    "thresholds: {synthesis.alpha: [0.01, 0.1]}", encoding="utf-8")
    loaded = choices.load(file, in_force)
    assert loaded.alternatives == {"scoring.weights": ["design", "none"]}
    assert loaded.thresholds == {"synthesis.alpha": [0.05, 0.01, 0.1]}


def test_without_a_file_there_are_no_choices(tmp_path, in_force):
    assert choices.load(tmp_path / "multiverse.yml", in_force) == Choices({})


def test_a_package_may_carry_its_own_choices(tmp_path):
    assert choices.place(tmp_path) == ROOT / "multiverse.yml"
    (tmp_path / "multiverse.yml").touch()
    assert choices.place(tmp_path) == tmp_path / "multiverse.yml"


def test_values_from_real_answers_are_coarse_and_verdicts_are_not(package, in_force, wanted):
    """Two rules for missing answers differ by single persons."""
    from helpers.chain import STEPS, evidence_of
    from helpers.multiverse.evaluation import ANSWERS, REAL

    rest = wanted["test"].map(lambda test: ANSWERS in STEPS.needs(evidence_of(test)))
    own = pd.concat([wanted[rest][:1], wanted[~rest][:1]])
    listed = Choices({"scoring.missing": ["person_mean", "listwise"]})
    exact, coarse = (multiverse.evaluate(multiverse.Analysis(package | more, in_force, 7), own,
                                         listed) for more in ({}, {REAL: True}))
    of_answers, of_others = own["claim"]
    values = [found[of_answers]["value"].tolist() for found in (exact, coarse)]
    assert values[0] != values[1] and values[1] == [round(round(value * 20) / 20, 2)
                                                    for value in values[0]]
    assert exact[of_answers]["verdict"].equals(coarse[of_answers]["verdict"])
    assert exact[of_others].equals(coarse[of_others])


def test_another_package_has_no_reasons_of_this_project_s():
    raw, mexico = Package(ROOT / "data" / "raw"), Package(ROOT / "examples" / "mexico")
    path, in_force = ROOT / "multiverse.yml", parameters.load()
    listed = choices.load(path, in_force)
    own = choices.fitting(listed, raw, path, {})
    other = choices.fitting(listed, mexico, path, {})
    assert own.thesis and "members" in own.not_varied
    assert other.thesis == other.not_varied == {} and other.alternatives


def test_index_and_ranks_stand_behind_the_verdicts_under_every_choice(analysis, few_choices, study):
    found = multiverse.followed(analysis, few_choices)
    index, ranks = found["index"], found["strategies"]
    own = index.loc[_in_force(index, study)].iloc[0]
    published = analysis.table("development_index").set_index("code")["index"]
    assert own[published.index].astype(float).to_numpy() == pytest.approx(
        published.to_numpy(), abs=1e-11), "in force it is the published index"
    listed = [name for name in few_choices.alternatives if name in index]
    assert len(index) == len(multiverse.own_product(few_choices, listed)) > 1
    strategies = study.table("strategies")["strategy"].tolist()
    assert (ranks[strategies].min(axis=1) == 1).all()
    informed = {**analysis.parameters, "force_field": analysis.parameters["force_field"] | {
        "evidence": "gaps"}}
    assert "strategies" not in multiverse.followed(
        multiverse.Analysis(analysis.inputs, informed, 7), few_choices)


def _in_force(rows, study):
    own = study.own_universe
    return rows.apply(lambda row: all(row[name] == own[name] for name in rows if "." in name
                                      and name in own), axis=1)
