"""Five questionnaires as programs export them, for the examples of docs/own-questionnaire.md.

    python -m tools.data.questionnaires FOLDER

They hold simulated answers of the project (``data/raw/responses.csv``), so that what an import
makes of them can be compared cell by cell. Names and numbers of people are made up.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.study.package import Package
from helpers.study.paths import DEFAULT_RAW, ROOT

RESPONDENTS = 60
WORDS = {1: "Sangat tidak setuju", 2: "Tidak setuju", 3: "Netral", 4: "Setuju", 5: "Sangat setuju"}
TYPES = {"small": "Usaha kecil", "informal": "Usaha informal"}
NAMES = ["Budi Santoso", "Siti Aminah", "Joko Widodo Putra", "Sri Lestari", "Agus Salim"]
# The third example asks eight statements on one scale, of which the third is worded the other way.
MOOD = [f"q{number}" for number in range(1, 9)]


def table() -> pd.DataFrame:
    """Respondents of the project's answers, spread over the areas."""
    answers = Package(ROOT / DEFAULT_RAW).table("responses")
    return answers.iloc[:: len(answers) // RESPONDENTS].head(RESPONDENTS).reset_index(drop=True)


def items() -> pd.DataFrame:
    """Statements of the project's questionnaire."""
    return Package(ROOT / DEFAULT_RAW).table("items")


def names_of_areas() -> dict[str, str]:
    """Name of every area by its code."""
    areas = Package(ROOT / DEFAULT_RAW).table("areas")
    return dict(zip(areas["code"], areas["name"], strict=True))


def google(folder: Path) -> None:
    """Google Forms in Indonesian: questions as headers, words as answers, a name and a number."""
    rows, names = table(), names_of_areas()
    made = pd.DataFrame({
        "Cap waktu": [f"{1 + n % 28}/11/2026 9:{n % 60:02d}:00" for n in range(len(rows))],
        "Nama": [NAMES[n % 5] for n in range(len(rows))],
        "Nomor HP": [f"0812-3456-7{n:03d}" for n in range(len(rows))],
        "Kecamatan tempat usaha": rows["code"].map(names), "Jenis usaha":
        rows["business_type"].map(TYPES)})
    for number, item in enumerate(items().itertuples(), 1):
        made[f"{number}. {item.text_id}"] = rows[item.item].map(WORDS).fillna("Tidak tahu")
    made.to_csv(folder / "google.csv", index=False)


def kobo(folder: Path) -> None:
    """KoboToolbox with XML values: groups before the names, and three forms not approved."""
    rows = table()
    made = pd.DataFrame({
        "start": [f"2026-11-{1 + n % 28:02d}T09:00:00.000+07:00" for n in range(len(rows))],
        "end": [f"2026-11-{1 + n % 28:02d}T09:{12 + n % 9}:00.000+07:00" for n in range(len(rows))],
        "consent": "yes", "code": rows["code"].str.replace(".", "_"),
        "business_type": rows["business_type"]})
    for item in items().itertuples():
        made[f"{item.dimension}_{item.aspect}/{item.item}"] = rows[item.item].map(
            {code: word.lower().replace(" ", "_") for code, word in WORDS.items()}).fillna("")
    made["_id"] = range(5001, 5001 + len(made))
    made["_validation_status"] = ["validation_status_not_approved" if n in (7, 8, 9)
                                  else "validation_status_approved" for n in range(len(made))]
    made.to_excel(folder / "kobo.xlsx", index=False, sheet_name="Survei")


def spss(folder: Path) -> None:
    """SPSS: 1 is labelled as the highest answer, 9 is declared missing."""
    import pyreadstat

    rows, keys = table(), list(items()["item"])
    made = (6 - rows[keys].astype(float)).fillna(9)
    made.insert(0, "code", rows["code"])
    made.insert(1, "business_type", rows["business_type"].map({"small": 1.0, "informal": 2.0}))
    labels = {float(6 - code): word for code, word in WORDS.items()} | {9.0: "Tidak menjawab"}
    pyreadstat.write_sav(
        made, folder / "spss.sav", missing_ranges={key: [9.0] for key in keys},
        column_labels=dict(zip(keys, items()["text_id"], strict=True)),
        variable_value_labels=dict.fromkeys(keys, labels)
        | {"business_type": {1.0: "Usaha kecil", 2.0: "Usaha informal"}})


def excel(folder: Path) -> None:
    """Excel with a title, two rows of names, and two rows that a filter hides."""
    from openpyxl import Workbook

    rows, about, names = table(), items(), names_of_areas()
    book = Workbook()
    page = book.active
    page.append(["Rekap survei 2026"])
    groups = [f"{item.dimension} {item.aspect}" for item in about.itertuples()]
    page.append(["Responden", "Kecamatan", "Jenis usaha", *[
        group if number == 0 or group != groups[number - 1] else None
        for number, group in enumerate(groups)]])
    page.append([None, None, None, *about["item"]])
    for number, row in enumerate(rows.itertuples(), 1):
        page.append([number, f"Kec. {names[row.code]}", TYPES[row.business_type],
                     *[None if pd.isna(value) else f"{value} - {WORDS[value]}"
                       for value in (getattr(row, item) for item in about["item"])]])
    for row in (10, 11):
        page.row_dimensions[row].hidden = True
    book.save(folder / "excel.xlsx")


def stata(folder: Path) -> None:
    """Stata: one scale of eight statements on four own areas, weights, and .a for a refusal."""
    import pyreadstat

    draws = np.random.default_rng(1848)
    mood = draws.normal(size=(80, 1)) + draws.normal(size=(80, len(MOOD)))
    answers = (3 + mood).round().clip(1, 5).astype(int)
    answers[:, 2] = 6 - answers[:, 2]
    made = pd.DataFrame(answers.astype(float), columns=MOOD).astype(object)
    made.loc[[3, 20], "q5"] = "a"
    made.insert(0, "desa", [f"d{n % 4 + 1}" for n in range(80)])
    made.insert(1, "jenis", [("pedagang", "petani")[n // 4 % 2] for n in range(80)])
    made["bobot"] = [1.5, 0.5] * 40
    words = dict(enumerate(["Tidak pernah", "Jarang", "Kadang-kadang", "Sering", "Selalu"], 1))
    pyreadstat.write_dta(made, folder / "stata.dta", version=15,
                         missing_user_values={name: ["a"] for name in MOOD},
                         variable_value_labels={name: words | {"a": "Menolak"} for name in MOOD})
    pd.DataFrame({
        "item": MOOD, "aspect": ["calm"] * 4 + ["trust"] * 4,
        "text_id": [f"Pernyataan {n}." for n in range(1, 9)],
        "text_en": [f"Statement {n}." for n in range(1, 9)],
        "reverse": ["true" if name == "q3" else "false" for name in MOOD], "lowest": 1,
        "highest": 5}).to_csv(folder / "stata-items.csv", index=False)
    pd.DataFrame({"code": ["d1", "d2", "d3", "d4"], "name": ["Sumber", "Tegal", "Rejo", "Mulyo"],
                  "zone": ["north", "north", "south", "south"]}).to_csv(
                      folder / "stata-areas.csv", index=False)


EXAMPLES = {"google": google, "kobo": kobo, "spss": spss, "excel": excel, "stata": stata}


def main(arguments: list[str]) -> None:
    """Write all files into the folder that is named."""
    folder = Path(*arguments)
    folder.mkdir(parents=True, exist_ok=True)
    for write in EXAMPLES.values():
        write(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
