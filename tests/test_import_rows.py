"""Rows, weights and personal data of an import: what counts, what is left out, what is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_imports import AREAS, FRAME, ITEMS, rows

from helpers import scoring
from helpers.errors import Error, InputError
from helpers.intake.imports import convert, personal
from helpers.intake.imports import turned as turned_codes
from helpers.intake.imports.instrument import Instrument
from helpers.intake.imports.source import Source
from helpers.messages import translate


def table(lines):
    return pd.DataFrame(lines[1:], columns=lines[0])


@pytest.fixture(scope="module")
def instrument():
    items = table(ITEMS).astype({"lowest": int, "highest": int})
    items["reverse"] = False
    return Instrument(items, table(AREAS), table(FRAME).astype({"units": int}), set(),
                      {"items": "items.csv", "areas": "areas.csv", "frame": "frame.csv"}, [])


def source(extra=None, change=None, labels=None):
    """Twelve respondents, three in each of four areas, rows 2 to 13; cells changed by place."""
    cells = table(rows(extra)).astype("str")
    cells.index += 2
    for (row, column), value in (change or {}).items():
        cells.loc[row, column] = value
    return Source("a.csv", cells, labels=labels or {})


def good(given, instrument, **options):
    found = convert.convert(given, instrument, **options)
    return found.responses, "\n".join(found.said)


def stop(given, instrument, **options):
    with pytest.raises(InputError) as error:
        convert.convert(given, instrument, **options)
    assert translate(error.value.message, "id") != str(error.value)
    return str(error.value)


def emptied(*numbers):
    return {(row, item): "" for row in numbers for item in ("n1", "n2", "n3", "a1", "a2")}


# Rows that are no interview


@pytest.mark.parametrize(("extra", "kind", "why"), [
    ({"_validation_status": ["Approved", "Not Approved", ""]}, "rejected", "not approved"),
    ({"meta/ReviewState": ["approved", "rejected", "hasIssues"]}, "rejected", "not approved"),
    ({"Status": ["IP Address", "Survey Preview", "0"], "ResponseId": "x"}, "test", "preview or"),
    ({"DistributionChannel": ["anonymous", "preview", "qr"]}, "test", "preview or test")])
def test_rows_that_say_they_are_no_interview_are_left_out(instrument, extra, kind, why):
    responses, said = good(source(extra), instrument)
    assert len(responses) == 8 and "NO INTERVIEW: 4 rows " in said and why in said
    assert f"rows 3, 6, 9 and 1 more); left out (rows={kind} counts them)" in said
    for option in ("keep", kind):
        responses, said = good(source(extra), instrument, rows=option)
        assert len(responses) == 12 and "rows 3, 6, 9 and 1 more); counted as told" in said


@pytest.mark.parametrize(("extra", "kind", "why"), [
    ({"submitdate": ["2026-01-01", "", "2026-01-02"], "lastpage": "3"}, "incomplete", "incomplete"),
    ({"survey_complete": ["2", "0", "Complete"]}, "incomplete", "marked as incomplete"),
    ({"Finished": ["True", "False", "1"]}, "incomplete", "marked as incomplete"),
    ({"filter_$": ["1", "0", "1"]}, "filtered", "left out by the filter of SPSS"),
    ({"consent": ["yes", "no", "yes"]}, "refused", "of people who refused"),
    ({"Apakah Anda bersedia menjadi responden?": ["Ya", "Tidak", "Ya"]}, "refused", "refused"),
    ({"visit_timestamp": ["2026-01-05", "[not completed]", ""]}, "incomplete", "incomplete"),
    ({}, "hidden", "hidden in the spreadsheet")])
def test_rows_of_which_only_the_person_knows_ask(instrument, extra, kind, why):
    given = source(extra)
    if kind == "hidden":
        given.hidden_rows = [3, 6, 9, 12]
    message = stop(given, instrument)
    assert message.startswith("a.csv: 4 rows with answers are ") and why in message
    assert f"say rows=out to leave them out, or rows={kind} to count them" in message
    responses, said = good(given, instrument, rows="out")
    assert len(responses) == 8 and responses["respondent"].tolist()[:3] == ["P0", "P2", "P3"]
    assert "left out (rows=" in said
    assert len(good(given, instrument, rows=kind)[0]) == 12
    given.cells.loc[[3, 6, 9, 12], ["n1", "n2", "n3", "a1", "a2"]] = ""
    assert len(good(given, instrument)[0]) == 8


def test_rows_without_an_answer_do_not_weigh(instrument):
    given = source(change=emptied(2) | {(6, item): "-" for item in ("n1", "n2", "n3", "a1", "a2")})
    responses, said = good(given, instrument)
    assert len(responses) == 10
    assert "NO INTERVIEW: 2 rows without one answer (rows 2 and 6); left out (rows=empty" in said
    design = scoring.with_design(responses, instrument.areas, instrument.frame)
    assert design["weight"][responses["code"] == "k1"].tolist() == [100.0]
    assert len(good(given, instrument, rows="keep")[0]) == 12


@pytest.mark.parametrize(("name", "cells", "cell", "row"), [
    ("consent", ["1", "2"], "'1' and '2'", 3), ("Persetujuan responden", ["2"], "'2'", 2),
    ("q1_consent", ["1", "entah"], "'entah'", 3), ("setuju", ["ya", "tidak keberatan"],
                                                   "'tidak keberatan'", 3),
    ("Kesediaan (1/2)", ["1", "", "2"], "'1' and '2'", 4)])
def test_consent_that_may_mean_either_stops(instrument, name, cells, cell, row):
    given = source({name: cells})
    assert stop(given, instrument) == (
        f"a.csv: row {row}, column '{name}': {cell} may mean yes or no; write ya or tidak in this "
        "column, or say rows=refused to count all of its rows")
    assert "may mean yes or no" in stop(given, instrument, rows="out")
    assert len(good(given, instrument, rows="refused")[0]) == 12


def test_words_of_rows_that_say_what_they_mean(instrument):
    assert len(good(source({"setuju": ["Ya, saya bersedia", "OK"]}), instrument)[0]) == 12
    assert len(good(source({"consent": ["Ya", "Saya tidak mau"]}), instrument,
                    rows="out")[0]) == 6
    # A statement to agree with is no consent.
    assert len(good(source({"setuju_2": ["1", "3", "4", "5"]}), instrument)[0]) == 12
    _, said = good(source({"_validation_status": ["ditunda"]}), instrument)
    assert "'ditunda' may tell of rows that are no interview; they are counted" in said
    labels = {"consent": {"1": "Ya", "2": "Tidak"}}
    assert len(good(source({"consent": ["1", "2"]}, labels=labels), instrument, rows="out")[0]) == 6
    # A column "status" is a mark only beside others that Qualtrics writes.
    assert len(good(source({"Status": ["1", "2"]}), instrument)[0]) == 12
    assert len(good(source({"Apakah Anda bersedia meminjam?": ["Ya", "Tidak"]}),
                    instrument)[0]) == 12
    assert len(good(source({"plan_complete": ["2", "maybe"]}), instrument)[0]) == 12


@pytest.mark.parametrize(("options", "message"), [
    ({"rows": "all"}, "rows=all: allowed is out, keep, or the kinds of rows to keep: refused, "),
    ({"missing": ("98",)}, "a.csv: missing=98: no cell holds it")])
def test_options_that_do_not_fit(instrument, options, message):
    assert message in stop(source(), instrument, **options)


def test_a_decimal_sign_that_nothing_needs(instrument):
    own = Instrument(instrument.items, instrument.areas, None, {"items", "areas"},
                     {"items": "i", "areas": "a"}, [])
    assert "decimal=comma: no column of weights" in stop(source(), own, decimal="comma")


def test_no_row_is_left(instrument):
    given = source({"_validation_status": "rejected"})
    assert "no row is an interview; say rows=keep" in stop(given, instrument)


# Rows that cannot be used


@pytest.mark.parametrize(("place", "value", "reason"), [
    ((3, "code"), "", "the area is empty; fill it in, or take the row out (unusable=out"),
    ((3, "code"), "k9", "'k9' is not an area"),
    ((3, "business_type"), "-", "'-' means no answer, so the type of business is empty"),
    ((3, "business_type"), "", "the type of business is empty; fill it in, or take the row out"),
    ((3, "n2"), "4 5", "the answer '4 5' is not in answers.yml"),
    ((3, "n2"), "7", "7 is outside the scale of 'n2'"),
    ((3, "respondent"), "P0", "'P0' stands in row 2 already")])
def test_one_row_does_not_end_the_import(instrument, place, value, reason):
    given = source(change={place: value})
    assert reason in stop(given, instrument)
    responses, said = good(given, instrument, unusable="out")
    assert len(responses) == 11 and "P1" not in set(responses["respondent"])
    assert f"row 3 left out as told (unusable=out): a.csv: row 3, column '{place[1]}': " in said


def test_half_of_the_rows_must_be_of_use(instrument):
    bad = {(row, "code"): "" for row in range(2, 9)}
    assert "more than half of the rows cannot be used, the first of them: a.csv: row 2" in stop(
        source(change=bad), instrument, unusable="out")


# Weights


def test_weights_of_the_person_are_used(instrument):
    responses, said = good(source({"bobot": ["1", "2", "3"]}), instrument,
                           named={"weight": "bobot"})
    assert "stage 2 counts respondents by it, scaled in every area to the units of the fr" in said
    design = scoring.with_design(responses, instrument.areas, instrument.frame)
    first = design[responses["code"] == "k1"]["weight"]
    share = pd.Series([1, 2, 3] * 4)[responses["code"] == "k1"]
    assert first.tolist() == pytest.approx((100 * share / share.sum()).tolist())
    assert design["weight"].sum() == pytest.approx(340)
    alone = scoring.with_design(responses, instrument.areas)["weight"]
    assert alone.tolist() == pytest.approx((np.array([1, 2, 3] * 4) / 2).tolist())
    assert set(scoring.with_design(responses, instrument.areas, own=False)["weight"]) == {1.0}


def test_a_mean_with_weights_equals_the_formula(instrument):
    responses, _ = good(source({"weight": ["10", "0.5"]}), instrument)
    design = scoring.with_design(responses, instrument.areas, instrument.frame)
    scores = scoring.scores_by_respondent(responses[instrument.items["item"]].astype(float),
                                          instrument.items, "listwise", 0.5)
    found = scoring.score_table(scores, design, instrument.items, confidence=0.95).query(
        "domain == 'all' and dimension == 'need' and aspect == 'capital'").iloc[0]
    values = responses[["n1", "n2", "n3"]].astype(float).mean(axis=1)
    w, units = design["weight"], design["units"]
    mean = (w * values).sum() / w.sum()
    u = w * (values - mean) / w.sum()
    of = responses["code"]
    parts = [(1 - 3 / units[of == code].iloc[0]) * 3 / 2 * ((u[of == code] - u[of == code].mean())
                                                           ** 2).sum() for code in set(of)]
    assert found["mean"] == pytest.approx(mean) and found["se"] == pytest.approx(sum(parts) ** 0.5)


@pytest.mark.parametrize("weight", [0, -1, "x", float("nan"), float("inf")])
def test_a_package_with_wrong_weights_stops(instrument, weight):
    responses = pd.DataFrame({"code": ["k1", "k2"], "weight": [1, weight]})
    with pytest.raises(Error, match="row 1 .*; give a number above zero"):
        scoring.with_design(responses, instrument.areas)


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_a_package_without_one_weight_says_so_in_words(instrument, missing):
    responses = pd.DataFrame({"code": ["k1", "k2"], "weight": ["1", missing]})
    with pytest.raises(Error) as caught:
        scoring.with_design(responses, instrument.areas)
    assert str(caught.value) == "row 1 has no weight; give a number above zero"
    assert translate(caught.value, "id") == (
        "baris 1 tidak mempunyai bobot; berikan angka di atas nol")


def test_a_weight_that_means_no_answer(instrument):
    message = stop(source({"weight": "1"}, {(4, "weight"): "-"}), instrument)
    assert "row 4, column 'weight': the weight is missing" in message


# Other columns, personal data


def test_types_of_business_in_one_spelling(instrument):
    kinds = ["Warung", "warung", "WARUNG ", "Usaha_Kecil", "informal", "Warung"]
    responses, said = good(source({"jenis": kinds}), instrument, named={"business_type": "jenis"})
    assert responses["business_type"].unique().tolist() == ["Warung", "small", "informal"]
    assert "'warung' as Warung" in said


def test_names_of_shops_are_not_types(instrument):
    names = [f"TOKO {word}" for word in ("SARI", "MAJU", "BARU", "JAYA", "INDAH", "MURAH", "RAYA",
                                         "ANEKA", "BERKAH", "SUMBER", "LANCAR", "REJEKI")]
    given = source({"jenis usaha": names})
    given.cells = given.cells.drop(columns="business_type")
    assert "'jenis usaha' has 12 different values in 12 rows, such as names of shops" in stop(
        given, instrument)
    _, said = good(given, instrument, named={"business_type": "jenis usaha"})
    assert "12 different values in 12 rows, as told; names of shops would be published" in said


NAMES = ["Susuwa", "Rasusu", "Tisuka", "Wasuno", "Darmi", "Parto", "Ngatmi", "Sukro", "Bejo",
         "Tukinem", "Legi", "Wage"]


@pytest.mark.parametrize("keys", [
    NAMES, [name.upper() for name in NAMES], [name.lower() for name in NAMES],
    [f"Bu {name}" for name in NAMES], [f"{name}{number}" for number, name in enumerate(NAMES)],
    [f"350501{number:010d}" for number in range(12)], [f"08123456{n:04d}" for n in range(12)],
    [f"BLT-{name[:3]}-{number}" for number, name in enumerate(NAMES)]])
def test_keys_that_name_people_are_replaced(instrument, keys):
    change = {(row, "respondent"): key for row, key in enumerate(keys, 2)}
    responses, said = good(source(change=change), instrument)
    assert responses["respondent"].tolist() == [f"R{number:04d}" for number in range(1, 13)]
    assert "so respondents are numbered in the order of the rows (keep=respondent keeps it)" in said
    assert not set(keys) & set(responses.to_numpy().ravel())
    assert good(source(change=change), instrument,
                keep=["respondent"])[0]["respondent"].tolist() == keys


def test_keys_that_were_asked_for_stay_unless_they_name_people(instrument):
    keys = [f"{n * n + 350501}" for n in range(12)]
    change = {(row, "respondent"): key for row, key in enumerate(keys, 2)}
    named = {"named": {"respondent": "respondent"}}
    assert good(source(change=change), instrument)[0]["respondent"][0] == "R0001"
    assert good(source(change=change), instrument, **named)[0]["respondent"].tolist() == keys
    change = {(row, "respondent"): name for row, name in enumerate(NAMES, 2)}
    assert good(source(change=change), instrument, **named)[0]["respondent"][0] == "R0001"


@pytest.mark.parametrize("keys", [[f"r{n:03d}" for n in range(1, 13)],
                                  [str(n) for n in range(1, 13)],
                                  [f"P-{n}" for n in range(101, 113)]])
def test_running_numbers_stay(instrument, keys):
    change = {(row, "respondent"): key for row, key in enumerate(keys, 2)}
    assert good(source(change=change), instrument)[0]["respondent"].tolist() == keys


@pytest.mark.parametrize("values", [
    NAMES, [name.upper() for name in NAMES], [name.lower() for name in NAMES],
    [f"{name} {name[::-1]}".upper() for name in NAMES]])
def test_names_are_recognised_in_any_column(instrument, values):
    assert personal.kind("q7", pd.Series(values)) == "names"
    _, said = good(source({"q7": values}), instrument)
    assert "left out, PERSONAL DATA (names): 'q7'" in said
    _, said = good(source({"q7": values}), instrument, keep=["q7"])
    assert "kept as told: 'q7', although it seems to hold names" in said


def test_words_that_mean_no_answer_are_empty_in_kept_columns_too(instrument):
    responses, _ = good(source({"umur": ["20", "N/A", "99"]}), instrument, keep=["umur"],
                        missing=("99",))
    assert responses["umur"].tolist()[:3] == ["20", "", ""]


def test_a_note_behind_other_words_is_not_the_item(instrument):
    given = source()
    given.cells = given.cells.rename(columns={"n1": "catatan-n1"})
    assert "the column 'catatan-n1' ends in the item 'n1', while all other items" in stop(
        given, instrument)


def test_an_end_of_the_scale_that_nobody_gave_is_said(instrument):
    given = source()
    given.cells = given.cells.replace({item: {"5": "4"} for item in ("n1", "n2", "n3", "a1", "a2")})
    assert "nobody gave 5 to any item of the scale 1 to 5; if the questionnaire had fewer" in good(
        given, instrument)[1]


@pytest.mark.parametrize(("column", "cell", "kind", "why"), [
    ("respondent", "Total", "summary", "named as a total or a mean"),
    ("respondent", "Rata-rata", "summary", "named as a total or a mean"),
    ("business_type", "JUMLAH", "summary", "named as a total or a mean"),
    ("respondent", "Std. Dev", "summary", "named as a total or a mean"),
    ("respondent", "TEST", "trial", "named as a trial"),
    ("respondent", "Uji coba", "trial", "named as a trial"),
    ("business_type", "Kunci jawaban", "trial", "named as a trial")])
def test_rows_of_sums_and_trials_with_valid_cells_are_asked_about(instrument, column, cell, kind,
                                                                  why):
    given = source(change={(13, column): cell})
    assert f"1 rows with answers are {why} (column '{column}', rows 13); say rows=out" in stop(
        given, instrument)
    responses, said = good(given, instrument, rows="out")
    assert len(responses) == 11 and f"NO INTERVIEW: 1 rows {why}" in said
    assert len(good(given, instrument, rows=kind)[0]) == 12
    # Words within others are none.
    assert len(good(source(change={(13, "business_type"): "Contoh Jaya Total"}),
                    instrument)[0]) == 12


@pytest.mark.parametrize(("name", "values", "uses"), [
    ("pweight", ["1.5", "0.5"], True), ("WT", ["1.5", "0.5"], True), ("wgt2", ["2", "1"], True),
    ("Bobot akhir", ["1,5", "0,5"], True), ("final_weight", ["2", "1"], True),
    ("wt_final", ["1.5", "0.5"], True), ("design_wgt", ["2", "1"], True),
    ("faktor pengali", ["20,5", "31"], True), ("weight_kg", ["61", "70"], False),
    ("wt_kg", ["61", "70"], False), ("kg_weight", ["61", "70"], False),
    ("pweight", ["1", "1"], False),
    ("pweight", ["1", "a"], False), ("berat", ["1", "2"], False)])
def test_a_column_that_may_weigh_is_named(instrument, name, values, uses):
    _, said = good(source({name: values}), instrument)
    assert (f"'{name}' may hold survey weights, and is NOT used; weight=" in said) is uses


def test_somebody_who_was_asked_twice_is_named(instrument):
    phones = [f"0812345678{n % 11:02d}" for n in range(12)]
    _, said = good(source({"hp": phones}), instrument)
    assert "'hp': 1 rows have the phone numbers of an earlier row (rows 13): was somebody" in said
    people = [f"{name} Wati" for name in NAMES[:11]] + [f"{NAMES[0]} WATI"]
    assert "'nama': 1 rows have the names of an earlier row (rows 13)" in good(
        source({"nama": people}), instrument)[1]
    officers = ["Ibu Sari", "Pak Joko", "H. Umar"]
    _, said = good(source({"petugas": officers}), instrument)
    assert "PERSONAL DATA (names): 'petugas'" in said and "earlier row" not in said


def test_missing_that_the_file_declares_may_be_told_again(instrument):
    given = source(change={(2, "n1"): ""})
    given.declared = {"a", "9"}
    for told in ("NA(a)", ".a", "a", "9"):
        assert good(given, instrument, missing=(told,))[0]["n1"].isna().sum() == 1
    assert "missing=.b: no cell holds it" in stop(given, instrument, missing=(".b",))


# Rows that are coded the other way round

EIGHT = pd.DataFrame({"dimension": ["need"] * 4 + ["access"] * 4, "lowest": 1, "highest": 5})


def refuse_turned(answers, cells=None):
    """What is said of answers from 1 to 5; eight items are four of need and four of access."""
    items = EIGHT if answers.shape[1] == 8 else pd.DataFrame(
        {"dimension": ["scale"] * answers.shape[1], "lowest": 1, "highest": 5})
    return turned_codes.refuse_turned(answers.astype("Int64"), items, "a.csv",
                                      pd.DataFrame(index=answers.index) if cells is None else cells)


def leaning(turned, seed=1):
    """Sixty respondents and eight items: four that most affirm, four that most deny."""
    draws = np.random.default_rng(seed)
    answers = np.clip(np.round(np.repeat([4.3, 2.1], 4) + draws.normal(0, 0.9, (60, 8))), 1, 5)
    answers[:turned] = 6 - answers[:turned]
    return pd.DataFrame(answers.astype(int), index=range(2, 62)).astype("Int64")


@pytest.mark.parametrize(("turned", "number", "rows"), [
    (30, 30, "2, 3, 4, 5, 6 and 25 more"), (6, 6, "2, 3, 4, 5, 6 and 1 more"),
    (50, 10, "52, 53, 54, 55, 56 and 5 more")])
def test_rows_that_mirror_the_others_stop(turned, number, rows):
    with pytest.raises(InputError) as error:
        refuse_turned(leaning(turned))
    assert str(error.value) == (
        f"a.csv: {number} of 60 rows ({rows}) mirror the answers of the others in every item, as "
        "if they were coded the other way round; turn them in the file, or say rows=mirrored to "
        "count them as they are")
    assert "cermin" in translate(error.value.message, "id")


def test_people_who_differ_are_not_taken_for_mirrored():
    for seed in range(20):
        assert refuse_turned(leaning(0, seed)) == []
        refuse_turned(leaning(2, seed))
        draws = np.random.default_rng(seed)
        trait = 3 + draws.normal(0, 1, (60, 1)) + draws.normal(0, 0.8, (60, 8))
        assert refuse_turned(pd.DataFrame(np.clip(np.round(trait), 1, 5))) == []


def two_opinions(spread):
    """Two hundred people, every fifth of whom dislikes what the others like, in 12 items."""
    draws = np.random.default_rng(1)
    liking = np.where(np.arange(200) % 5 == 0, -1.2, 0.3)[:, None]
    answers = 3.3 + liking + draws.permutation(np.linspace(-spread, spread, 12)) + (
        draws.normal(0, 0.8, (200, 12)))
    return pd.DataFrame(np.clip(np.round(answers), 1, 5))


def test_people_of_another_opinion_are_no_turned_codes():
    """Who dislikes everything has the items in the order of the others; items of one height have no
    order, so that rows are named there and counted."""
    assert refuse_turned(two_opinions(0.8)) == []
    [said] = refuse_turned(two_opinions(0))
    assert str(said).startswith("44 of 200 rows (0, 5, 10, 15, 20 and 39 more) lie on the other "
                                "side of the middle than the others, item by item (8 by chance)")
    assert "di seberang titik tengah" in translate(said, "id")


@pytest.mark.parametrize(("spread", "least", "most"), [(0.5, 0, 4), (0.8, 8, 10)])
def test_how_many_turned_rows_near_the_middle_are_seen(spread, least, most):
    """What docs/own-questionnaire.md says of 20 turned rows of 200, anywhere in the file."""
    named = 0
    for seed in range(10):
        draws = np.random.default_rng(seed)
        answers = np.linspace(3 - spread, 3 + spread, 12) + draws.normal(0, 0.6, (200, 1)) + (
            draws.normal(0, 0.8, (200, 12)))
        answers = np.clip(np.round(answers), 1, 5)
        assert refuse_turned(pd.DataFrame(answers)) == []
        answers[::10] = 6 - answers[::10]
        named += len(refuse_turned(pd.DataFrame(answers)))
    assert least <= named <= most


def near_the_middle(seed: int = 1) -> pd.DataFrame:
    """Answers of 90 people to 8 items, all near the middle, some items higher than others."""
    draws = np.random.default_rng(seed)
    heights = np.array([2.6, 3.4, 2.7, 3.3, 3.4, 2.6, 3.2, 2.8])
    answers = heights + draws.normal(0, 0.7, (90, 1)) + draws.normal(0, 0.7, (90, 8))
    return pd.DataFrame(np.clip(np.round(answers), 1, 5).astype(int), range(2, 92)).astype("Int64")


TURNS = {"about rows 2 to 46": range(45), "about rows 32 to 61": range(30, 60),
         "column 'petugas': 'Siti'": range(2, 90, 3)}


@pytest.mark.parametrize("where", TURNS)
def test_turned_groups_near_the_middle_stop(where):
    """Whole rows show nothing there, the order of the items in rows that belong together does."""
    answers, turned = near_the_middle(), list(TURNS[where])
    cells = pd.DataFrame({"petugas": ["Adi", "Budi", "Siti"] * 30}, answers.index)
    assert refuse_turned(answers, cells) == []
    answers.iloc[turned] = 6 - answers.iloc[turned]
    with pytest.raises(InputError) as error:
        refuse_turned(answers, cells)
    assert str(error.value).startswith(
        f"a.csv: in {len(turned)} of 90 rows ({where}) the items stand in the opposite order")
    assert "berlawanan" in translate(error.value.message, "id")


def test_groups_that_differ_are_not_taken_for_turned():
    """Neither lower answers throughout nor groups made by chance stand the other way round."""
    for seed in range(20):
        answers, draws = near_the_middle(seed), np.random.default_rng(seed)
        cells = pd.DataFrame({f"g{k}": draws.integers(0, k, 90).astype(str) for k in range(2, 9)},
                             answers.index)
        assert refuse_turned(answers, cells) == []
        answers.iloc[:45] = (answers.iloc[:45] - 1).clip(1, 5)
        refuse_turned(answers, cells)


def test_a_turned_sheet_or_interviewer_ends_the_import(instrument):
    """Said from the file, and counted when a person says so."""
    answers = near_the_middle()
    answers.iloc[::2] = 6 - answers.iloc[::2]
    items = instrument.items.iloc[[0] * 8].assign(
        item=[f"i{n}" for n in range(8)], dimension=EIGHT["dimension"].tolist(), aspect="a",
        reverse=False, lowest=1, highest=5).reset_index(drop=True)
    other = replace(instrument, items=items, frame=None)
    cells = answers.set_axis(items["item"], axis=1).astype("str").assign(
        code=instrument.areas["code"].iloc[0], business_type="small", petugas=["A", "B"] * 45)
    given = Source("a.csv", cells)
    assert "(column 'petugas': 'A') the items stand" in stop(given, other)
    assert len(good(given, other, rows="mirrored")[0]) == 90


def test_a_long_cell_is_read_in_time():
    """Case B26: a cell of a million letters was searched from every letter on."""
    assert personal.kind("z", pd.Series(["a" * 1_000_000, "b"])) is None
    assert personal.kind("z", pd.Series(["tanya " * 9 + "ani@contoh.id"])) == "e-mail addresses"
