"""What an import decides: exactly the person's answers, or a stop that says where and why."""

import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.intake.imports import answers
from helpers.intake.imports.source import Source
from helpers.messages import translate

ID5 = ["Sangat tidak setuju", "Tidak setuju", "Netral", "Setuju", "Sangat setuju"]
UP = dict(enumerate(ID5, 1))
DOWN = dict(enumerate(ID5[::-1], 1))


def read(cells, labels=None, points=(1, 5), own=None, tmp_path=None, **options):
    """Numbers of one item, "-" for no answer, and all that was said."""
    columns = cells if isinstance(cells, dict) else {"q1": cells}
    table = pd.DataFrame(columns, dtype="str")
    table.index += 2
    declared = {name: {str(code): label for code, label in labels.items()}
                for name in columns} if labels else {}
    items = pd.DataFrame({"item": list(columns), "lowest": points[0], "highest": points[1]})
    known = answers.load()
    if own:
        path = tmp_path / "own.yml"
        path.write_text(own, encoding="utf-8")
        known = answers.load(str(path))
    found, _, said = answers.to_numbers(Source("a.csv", table, labels=declared),
                                     {name: name for name in columns}, items, known, **options)
    numbers = ["".join("-" if pd.isna(value) else str(value) for value in found[name])
               for name in columns]
    return (numbers if isinstance(cells, dict) else numbers[0]), "\n".join(said)


def stop(*given, **options):
    with pytest.raises(InputError) as error:
        read(*given, **options)
    text = str(error.value)
    assert "\n" not in text and translate(error.value.message, "id") != text
    return text


@pytest.mark.parametrize(("cells", "labels", "points", "options", "numbers"), [
    # Which way codes run: labels that agree, at the ends only, with unknown ones between.
    ("12345", UP, (1, 5), {}, "12345"),
    ("12345", {1: ID5[0], 5: ID5[4]}, (1, 5), {}, "12345"),
    ("12345", {1: "Strongly disagree", 2: "Hm", 5: "Strongly agree"}, (1, 5), {}, "12345"),
    ("1234567", {1: "Sangat tidak penting", 7: "Sangat penting"}, (1, 7), {}, "1234567"),
    ("12", {1: "Tidak", 2: "Ya"}, (1, 2), {}, "12"),
    ("1245", {1: "Tidak setuju", 5: "Sangat setuju"}, (1, 5), {}, "1245"),
    ("1245", {2: "Kurang setuju", 4: "Setuju"}, (1, 5), {}, "1245"),
    ("1245", {5: "Tidak setuju", 1: "Sangat setuju"}, (1, 5), {"coding": "labels"}, "5421"),
    ("1245", {1: "Sama sekali bukan", 5: "Persis begitu"}, (1, 5), {}, "1245"),
    # coding=labels turns every code, coding=codes none.
    ("12345", DOWN, (1, 5), {"coding": "labels"}, "54321"),
    ("12345", {1: ID5[4], 5: ID5[0]}, (1, 5), {"coding": "labels"}, "54321"),
    ("12345", {1: ID5[4]}, (1, 5), {"coding": "labels"}, "54321"),
    ("12345", {1: "Strongly agree", 3: "Hm", 5: "Strongly disagree"}, (1, 5),
     {"coding": "labels"}, "54321"),
    ("1234567", {1: "Sangat penting", 7: "Sangat tidak penting"}, (1, 7), {"coding": "labels"},
     "7654321"),
    ("123456", {1: "Very satisfied", 6: "Very dissatisfied"}, (1, 6), {"coding": "labels"},
     "654321"),
    (["0", "3", "10"], {0: "Selalu", 10: "Tidak pernah"}, (0, 10), {"coding": "labels"}, "1070"),
    ("12", {1: "Ya", 2: "Tidak"}, (1, 2), {"coding": "labels"}, "21"),
    ("12345", DOWN, (1, 5), {"coding": "codes"}, "12345"),
    ("01234", dict(enumerate(ID5[::-1])), (1, 5), {"coding": "labels"}, "54321"),
    # No answer: by label inside and outside the scale, by number, in many words.
    ("12345", UP | {3: "Tidak tahu"}, (1, 5), {}, "12-45"),
    ("1290", {0: "Tidak menjawab", 9: "Don't know"}, (1, 5), {}, "12--"),
    (["1. Sangat tidak setuju", "3. Tidak tahu", "5. Sangat setuju"], None, (1, 5), {}, "1-5"),
    (["2", "99", "99.0", "99,0", "99 - entah", "99. Tidak tahu"], None, (1, 5),
     {"missing": ("99",)}, "2-----"),
    (["2", "8", "9"], None, (1, 5), {"missing": ("8", "9.0")}, "2--"),
    (["2", "98 - Tidak tahu"], None, (1, 5), {}, "2-"),
    (["4", "#N/A", "NULL", "NaN", ".", "TT", "Tidak tahu.", "Tdk tahu", "Tidak jawab", "—", "N.A.",
      "tidak tahu / tidak menjawab", "Prefer not to say", "tidak_tahu", "NA(a)", ".z", "Menolak",
      "Tidak Tahu (TT)"], None, (1, 5), {}, "4" + 17 * "-"),
    # Words, in all the ways in which they are written.
    (["b. Tidak setuju", "E) Sangat setuju", "😀 Setuju", "Netral 😐", "🙁 TS"], None, (1, 5), {},
     "25432"),
    (["Netral (N)", "Sangat Tidak Setuju (STS)", "SS - Sangat setuju", "sangat_setuju",
      "Setuju / Agree", "1 Sangat tidak setuju", "(2) Tidak setuju", "Setuju (4)", "4 = Setuju",
      "5: SS"], None, (1, 5), {}, "3155412445"),
    (["Puas", "Sangat puas", "Cukup puas", "Tidak puas"], None, (1, 5), {}, "4532"),
    (["Somewhat agree", "Strongly disagree", "Neutral", "Somewhat disagree"], None, (1, 5), {},
     "4132"),
    (["Somewhat agree", "Agree", "Neither agree nor disagree", "Strongly agree"], None, (1, 7), {},
     "5647"),
    (["Agak setuju", "Setuju", "Agak tidak setuju"], None, (1, 6), {}, "453"),
    (["Ya", "Tidak", "ya"], None, (0, 1), {}, "101"),
    (["STS", "TS", "KS", "S", "SS"], None, (1, 5), {}, "12345"),
    (["STS", "TS", "R", "S", "SS"], None, (1, 5), {}, "12345"),
    (["Sangat tidak setuju", "Tidak setuju", "Cukup setuju", "Setuju", "SS"], None, (1, 5), {},
     "12345"),
    (["STS", "TS", "S", "SS"], None, (1, 5), {"scale": "agreement"}, "1245"),
    (["3", "Netral", "4", "Tidak setuju"], None, (1, 5), {}, "3342")])
def test_answers_are_read(cells, labels, points, options, numbers):
    found, said = read(list(cells), labels, points, **options)
    assert found == numbers
    if empty := numbers.count("-"):
        assert f"{empty} answers that mean no answer read as empty: " in said


@pytest.mark.parametrize(("cells", "labels", "points", "options", "message"), [
    ("1245", DOWN, (1, 5), {}, "code 1 is labelled 'Sangat setuju', which counts as 5"),
    ("1245", {1: ID5[4], 5: ID5[0]}, (1, 5), {}, "say coding=labels to count by the labels"),
    ("1245", {1: "Strongly agree", 2: "Agree", 3: "Hm", 4: "Disagree", 5: "Hmm"}, (1, 5), {},
     "the codes run against their labels (1 is 'Strongly agree'); say coding=labels"),
    ("1245", {1: "Agree", 2: "Hm", 4: "Disagree"}, (1, 5), {},
     "the codes run against their labels (1 is 'Agree'); say coding=labels"),
    ("1267", {1: "Sangat penting", 7: "Sangat tidak penting"}, (1, 7), {},
     "the codes run against their labels (1 is 'Sangat penting')"),
    ("1256", {1: "Very satisfied"}, (1, 6), {}, "the codes run against their labels"),
    (["0", "10"], {0: "Selalu", 10: "Tidak pernah"}, (0, 10), {}, "run against their labels"),
    ("12", {1: "Yes", 2: "No"}, (1, 2), {}, "the code 1 is labelled 'Yes', which counts as 2"),
    (["1 (Sangat setuju)", "2", "5 (Sangat tidak setuju)"], None, (1, 5), {},
     "the code 1 is labelled 'Sangat setuju', which counts as 5"),
    ("12345", {1: ID5[0], 2: ID5[3], 3: "Hm", 4: ID5[1], 5: ID5[4]}, (1, 5), {},
     "codes and labels contradict each other"),
    ("12345", {1: ID5[0], 2: ID5[1], 3: ID5[3], 4: ID5[4], 5: "Lainnya"}, (1, 5), {},
     "codes and labels contradict each other"),
    ("12345", {1: ID5[4], 2: ID5[1], 5: ID5[0]}, (1, 5), {"coding": "labels"},
     "coding=labels: the code 3 has no label"),
    ("1234", {1: ID5[0], 2: ID5[1], 3: ID5[3], 4: ID5[4]}, (1, 5), {},
     "its labels are a scale of 4 answers ('agreement_without_a_middle'), but item 'q1' has 5"),
    (["STS", "TS", "S", "SS"], None, (1, 5), {},
     "its answers are all those of a scale of 4 ('agreement_without_a_middle'), and nobody gave"),
    (["4 - Setuju", "4 - Setuju", "4 - Sangat tidak setuju"], None, (1, 5), {},
     "row 4, column 'q1': '4 - Sangat tidak setuju', while 4 is 'Setuju' elsewhere"),
    (["Setuju / Tidak setuju"], None, (1, 5), {}, "'Setuju / Tidak setuju' is not in answers.yml"),
    # What Excel made of answers, and text that is no label.
    *[([cell], None, (1, 5), options, f"row 2, column 'q1': '{cell}' is a date: Excel")
      for cell in ("05-Jan", "1-Mei", "2.Feb", "Jan-05", "3/5/2026", "2026-05-01 00:00:00",
                   "4-Agu-26") for options in ({}, {"coding": "codes"})],
    (["1900-01-04 00:00:00"], None, (1, 5), {}, "a number that Excel shows as a date; give the"),
    *[([cell], None, (1, 5), {}, f"row 2, column 'q1': the answer '{cell}' is not in answers.yml")
      for cell in ("2) lainnya: 5", "5-an", "4=>5 lalu", "1.a", "4 5", "1*", "+4", "3. Entahlah")],
    *[([cell], None, (1, 5), {}, f"row 2, column 'q1': the answer '{cell}' is not in answers.yml")
      for cell in ("😡", "★★", "++", "❌ Setuju", "👎 Setuju", "b", "IV", "3/5", "3 dari 5", "3%")],
    (["A1", "A3"], None, (1, 5), {}, "'A1' is an answer code of LimeSurvey"),
    (["AO01", "AO03"], None, (1, 5), {}, "'AO01' is an answer code of LimeSurvey"),
    # A letter and a number is no answer of its own; codes from 0 on are another scale.
    (["P1", "S4"], None, (1, 5), {}, "'P1' is not in answers.yml"),
    ("01234", None, (1, 5), {}, "0 is outside the scale of 'q1', 1 to 5, and nobody gave 5; if "
     "answers were coded from 0 on, give items=FILE with that scale"),
    (["Tidak setuju", "Cukup setuju", "Setuju"], None, (1, 5), {}, "two readings are possible"),
    # Options that do not fit.
    (["STS", "TS", "KS"], None, (1, 5), {"scale": "agreement_kurang_below_the_middle"},
     "scale=agreement_kurang_below_the_middle does not know 'ts'"),
    (["Setuju", "Netral"], None, (1, 5), {"scale": "importance"}, "no column holds answers of"),
    ("123", None, (1, 5), {"scale": "agreement"}, "scale=agreement: no column holds answers of"),
    (["Setuju"], None, (1, 5), {"scale": "agreement_without_a_middle"}, "has 4 points, but item"),
    ("123", None, (1, 5), {"coding": "labels"}, "no column of an item has codes with labels"),
    (["1", "2", "98 - Tidak tahu"], None, (1, 5), {"coding": "labels"}, "has codes with labels")])
def test_what_contradicts_itself_stops(cells, labels, points, options, message):
    assert message in stop(list(cells), labels, points, **options)


def beside(*rows, **options):
    """As `read`, of an item whose file has these rows of cells beside its answers 1, 2, 5, 4."""
    table = pd.DataFrame({"q1": list("1254")}, index=range(2, 6))
    items = pd.DataFrame({"item": ["q1"], "lowest": [1], "highest": [5]})
    found, _, said = answers.to_numbers(
        Source("a.csv", table, beside=[row.split("|") for row in rows]), {"q1": "q1"}, items,
        answers.load(), **options)
    return "".join(map(str, found["q1"])), said


@pytest.mark.parametrize("rows", [
    [f"{code}. {word}" for code, word in DOWN.items()],
    [f"{code} - {word}" for code, word in DOWN.items()],
    ["Keterangan: " + " ".join(f"({code}) {word}" for code, word in DOWN.items())],
    ["Kode|1|2|3|4|5", "Arti|" + "|".join(ID5[::-1])], ["|".join(ID5[::-1]), "1|2|3|4|5"],
    ["Sangat setuju|1|Setuju|2|Netral|3"], ["Sangat setuju (1), Setuju (2), Netral (3)"],
    ["1= sangat setuju s/d 5= sangat tidak setuju"], ["1|=|Sangat setuju|SS", "2|=|Setuju|S"],
    ["Angka 1 berarti sangat setuju dan angka 5 berarti sangat tidak setuju"],
    ["Scale 1-5: 1 = strongly agree to 5 = strongly disagree"],
    ["Sangat setuju|1|2|3|4|5|Sangat tidak setuju"], ["Sangat setuju diberi nilai 1", "Setuju: 2"],
    ["1.0 = Sangat setuju; 5.0 = Sangat tidak setuju"], ["1,0|Sangat setuju", "2,0|Setuju"],
    ["1 ~ 'Sangat setuju' ~ 2 => <b>Setuju</b>"],
    ["• 1: Sangat setuju (SS)\n• 2: Setuju (S)"],
    # The number of a row agrees, the code behind the word does not.
    [f"{6 - code}|{word}|{code}" for code, word in reversed(DOWN.items())],
    # Perhaps counts, perhaps codes: a person knows.
    ["Sangat setuju|1", "Setuju|2"]])
def test_a_reversed_legend_in_any_form_asks(rows):
    with pytest.raises(InputError, match="say coding=labels to count by the labels, or coding=cod"):
        beside(*rows)
    assert beside(*rows, coding="codes")[0] == "1254"
    assert beside(*rows, coding="labels")[0] == "5412"


def test_a_legend_whose_ends_run_against_its_codes_asks():
    ends, known = "(1 = setuju, 5 = tidak setuju)", {"scale": "agreement"}
    with pytest.raises(InputError, match="the code 1 is labelled 'setuju', which counts as 4"):
        beside(ends, **known)
    assert beside(ends, coding="codes", **known)[0] == "1254"


@pytest.mark.parametrize(("rows", "part"), [
    (["1= sangat tidak setuju s/d 5= sangat setuju"], "codes are explained beside the answers"),
    (["1|Sangat tidak setuju|12", "2|Tidak setuju|40"], "codes are explained beside the answers"),
    (["; ".join(ID5)], "no codes were read from them"),
    # Counts: not all of them can be codes, or they are in no order.
    (["Sangat setuju|1", "Setuju|2", "Netral|30"], "no codes were read from them"),
    (["Jawaban|Sangat setuju|Setuju|Netral", "n|1|2|17"], "no codes were read from them"),
    (["L = 1, P = 2", "S|P|N"], None)])
def test_other_words_beside_the_answers_are_told(rows, part):
    numbers, said = beside(*rows)
    told = [line for line in said if "beside the answers" in line]
    assert numbers == "1254" and (part in told[0] if part else told == [])
    assert all(translate(line, "id") != str(line) for line in told)


def test_columns_that_show_no_direction_follow_the_labels_of_the_others():
    form = {"q1": ["1 (Sangat setuju)", "2", "3 (Netral)", "5 (Sangat tidak setuju)"],
            "q2": ["2", "3 (Netral)", "2", "4"]}
    assert "the code 1 is labelled" in stop(form)
    found, said = read(form, coding="labels")
    assert found == ["5431", "4342"] and "turned like those of the other items" in said
    message = "column 'q2': coding=labels: labels turn the codes of other items, but nothing tells"
    assert message in stop(form | {"q2": ["1", "2", "3", "4"]}, coding="labels")
    assert message in stop(form | {"q2": ["2", "4", "2", "4"], "q3": ["Setuju"] * 4},
                           coding="labels")
    assert read(form, coding="codes")[0] == ["1235", "2324"]


def test_codes_count_beside_unknown_words_only_when_told():
    assert read(["3. Entahlah", "4"], coding="codes")[0] == "34"


def test_columns_of_other_words_do_not_need_the_told_scale():
    columns = {"q1": ["Kurang setuju", "Setuju"], "q2": ["Mudah", "Sulit"]}
    assert read(columns, scale="agreement_kurang_in_the_middle")[0] == ["34", "42"]


def test_a_persons_own_table_wins(tmp_path):
    own = "scales:\n  mine:\n    1: [tidak, no]\n    2: [Tidak tahu]\n    3: [ya, yes]\n"
    assert read(["No", "Tidak tahu", "Yes", "-"], own=own, tmp_path=tmp_path,
                points=(1, 3))[0] == "123-"
    assert read(["3. Setuju", "1"], {3: "Setuju"}, (1, 3), tmp_path=tmp_path,
                own="scales:\n  mine: {1: [setuju], 2: [sama], 3: [lain]}\n",
                coding="labels")[0] == "13"
    assert "stands in no_answer and in the scale 'mine'" in stop(
        ["1"], own=f"no_answer: [ya]\n{own}", tmp_path=tmp_path)
    assert "has the label 'ya' twice" in stop(
        ["1"], own="scales: {mine: {1: [ya], 2: [Ya]}}", tmp_path=tmp_path)
