"""Published findings beside the claims: what they hold, and what is made of them."""

from pathlib import Path

import pandas as pd
import pytest

from helpers import claims
from helpers.errors import InputError
from helpers.messages import translate
from helpers.publish import findings
from helpers.publish.texts import Texts, catalogue
from helpers.study import validation
from helpers.study.package import Package

ROOT = Path(__file__).resolve().parents[1]
LANGS = pytest.mark.parametrize("lang", ["id", "en"])


@pytest.fixture(scope="module")
def package():
    return Package(ROOT / "data" / "raw")


@pytest.fixture(scope="module")
def found(package):
    return claims.published_comparison(package.table("claims"), package.table("findings"))


def value(found, claim, source):
    rows = found[(found["claim"] == claim) & (found["source"] == source)]
    return rows["value"].tolist()


def test_the_published_counter_evidence_is_there(found):
    against = found[found["direction"] == "against"]
    assert set(against["claim"]) == {"c01", "c02", "c03", "c04", "c05", "c11", "c14"}
    assert {"T23", "T29"} <= set(against.loc[against["claim"] == "c11", "source"])
    assert value(found, "c14", "T28") == [84.6]
    assert value(found, "c11", "T29") == [76] and value(found, "c11", "T23") == [1]
    assert set(found.loc[found["source"] == "T07", "direction"]) == {"mixed", "against"}


def test_only_the_need_for_policy_has_no_finding(package, found):
    assert set(package.table("claims")["claim"]) - set(found["claim"]) == {"c08"}


def test_shares_of_assisted_businesses_are_those_of_the_list(package, found):
    rows = package.table("business")
    rows = rows[rows["source"] == "S53"]

    def share(indicator, category):
        one = rows[rows["indicator"] == f"assisted_business_{indicator}"]
        counts = one["value"].astype(int)
        return round(100 * counts[one["category"] == category].sum() / counts.sum(), 1)

    assert value(found, "c06", "S53") == [share("needs_outside_loan", "YA")] == [57.9]
    assert value(found, "c09", "S53") == [share("received_credit", "YA")] == [37.4]
    assert value(found, "c14", "S53") == [share("legal_status",
                                                "PERSEORANGAN (BELUM ADA LEGALITAS)")] == [21.5]


def test_findings_on_growth_and_poverty_are_values_of_the_series(package, found):
    series = package.table("series")
    known = set(zip(series["source"], series["year"], series["value"], strict=True))
    rows = found[found["claim"].isin(["c03", "c04", "c05"])]
    assert set(rows["source"]) == {"S28", "S31", "S34", "T02", "T22", "T31"}
    for row in rows[rows["year"].str.len() == 4].itertuples():
        assert (row.source, int(row.year), row.value) in known
    growth = series[series["source"].eq("T22") & series["year"].between(2003, 2019)
                    & series["indicator"].eq("economic_growth_computed")]
    assert value(found, "c03", "T22")[0] == growth["value"].min() > 0


def test_what_was_read_as_an_abstract_says_so(package, found):
    notes = package.table("sources").set_index("source")["note"].fillna("")
    read = set(notes.index[notes.str.contains("nly the abstract was read")])
    assert read == {"T06", "T07", "T08"}
    rows = found[found["source"].isin(read)]
    assert rows["differs_id"].str.contains("hanya abstraknya yang dibaca").all()
    assert rows["differs_en"].str.contains("only the abstract was read").all()


def test_every_population_is_said_in_both_languages(found):
    own_names = {"Kabupaten Blitar", "Kota Blitar"}
    for population in set(found["population"]) - own_names:
        assert f"word.{population}" in catalogue("common", "id")
        assert catalogue("common", "en")[f"word.{population}"] == population


@LANGS
def test_counts_name_every_direction_and_say_where_nothing_was_found(found, lang):
    t = Texts(lang, "synthesis")
    told = dict(zip(["c08", "c11", "c14"],
                    findings.counted(found, ["c08", "c11", "c14"], t=t), strict=True))
    assert told == {"id": {"c08": "tidak ditemukan", "c11": "mendukung: 1, membantah: 2",
                           "c14": "mendukung: 1, membantah: 2, dua arah: 1"},
                    "en": {"c08": "none found", "c11": "for: 1, against: 2",
                           "c14": "for: 1, against: 2, both ways: 1"}}[lang]
    assert findings.counted(None, ["c08"], t=t) == [""]


@LANGS
def test_findings_stand_beside_the_verdicts_in_the_language(found, lang):
    verdicts = pd.DataFrame({"claim": ["c06"], "label": ["C"], "verdict": ["supported"],
                             "basis": ["simulated"]})
    rows = findings.beside_verdicts(found, verdicts, t=Texts(lang, "synthesis"))
    own = found[found["claim"] == "c06"]
    assert rows["text"].tolist() == own[f"text_{lang}"].tolist()
    assert rows["differs"].tolist() == own[f"differs_{lang}"].tolist()


@LANGS
@pytest.mark.parametrize("column, cell, said", [
    ("claim", "c99", {"id": "'c99' tidak ada di claims.claim",
                      "en": "'c99' is not in claims.claim"}),
    ("direction", "maybe", {"id": "'maybe' tidak boleh", "en": "'maybe' is not allowed"}),
    ("source", "", {"id": "selnya kosong", "en": "the cell is empty"})])
def test_a_wrong_finding_is_refused_in_one_line(package_copy, lang, column, cell, said):
    package_copy.edit_cell("findings", 2, column, cell)
    with pytest.raises(InputError) as caught:
        validation.validate(Package(package_copy.folder))
    text = translate(caught.value, lang)
    assert said[lang] in text and "findings.csv" in text and "\n" not in text
