"""Files of other programs as they write them: formats, sheets, header rows, what is too much."""

import base64
import lzma
import zipfile

import numpy as np
import pandas as pd
import pytest
from test_imports import ANSWERS, ITEMS, Kit, numbers, rows, statistics, text_of

from helpers.errors import InputError
from helpers.intake.imports import import_file
from helpers.intake.imports.areas import Areas
from helpers.intake.imports.columns import ItemNames, plain
from helpers.intake.imports.readers import package_parts, read, text

QUESTIONS = [row[3] for row in ITEMS[1:]]
KEYS = [row[0] for row in ITEMS[1:]]


@pytest.fixture
def kit(tmp_path, capsys) -> Kit:
    return Kit(tmp_path, capsys)


def known() -> ItemNames:
    return ItemNames(pd.DataFrame(ITEMS[1:], columns=ITEMS[0]))


def open_sheet(kit, body: str):
    """Return an .ods whose first sheet has these rows of XML."""
    file = kit.folder / "data.ods"
    spaces = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                      for short, name in (("office", "office"), ("table", "table"),
                                          ("text", "text")))
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:'
                         'names:tc:opendocument:xmlns:manifest:1.0"/>')
        package.writestr("content.xml", f'<office:document-content {spaces}><office:body>'
                         f'<office:spreadsheet><table:table table:name="S">{body}</table:table>'
                         "</office:spreadsheet></office:body></office:document-content>")
    return file


def open_row(cells: list[str], attributes: str = "") -> str:
    return f"<table:table-row {attributes}>" + "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells) + "</table:table-row>"


def test_open_document(kit):
    file = open_sheet(kit, "".join(map(open_row, rows())))
    assert numbers(kit.good(file)[0]) == ANSWERS


def test_open_document_of_millions_of_cells_is_refused(kit):
    filled = open_row(rows()[1], 'table:number-rows-repeated="1000000"')
    assert kit.bad(open_sheet(kit, open_row(rows()[0]) + filled)) == (
        "data.ods: a row is repeated 1000000 times; save the sheet as .csv")


FOUR = '<table:table-cell office:value-type="string"><text:p>4</text:p>'


@pytest.mark.parametrize(("change", "message"), [
    (('<table:table-row >', '<table:table-row table:visibility="filter">'),
     "1 rows with answers are hidden in the spreadsheet (rows 2)"),
    ((FOUR,
      '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
      'office:string-value=""><text:p>#DIV/0!</text:p>'),
     "row 2, column 'n1': the cell shows the error #DIV/0!"),
    ((FOUR, FOUR.replace("office", 'table:number-rows-spanned="2" office', 1)),
     "row 2, column 'n1': the cells D2:D3 are merged"),
    ((FOUR, FOUR.replace('"string"', '"date" office:date-value="2026-05-01"')),
     "row 2, column 'n1': '2026-05-01' is a date")])
def test_what_an_open_document_hides_or_damages(kit, change, message):
    header, first, *others = map(open_row, rows())
    file = open_sheet(kit, header + first.replace(*change, 1) + "".join(others))
    assert message in kit.bad(file)


def test_grouped_rows_and_texts_of_formulas_in_an_open_document(kit):
    """A group swallows none of its rows, and a text that begins with # is no error."""
    shop = ('<table:table-cell table:formula="of:=1" office:value-type="string">'
            '<text:p># 12 Toko</text:p></table:table-cell>')
    hidden = '<table:table-row table:visibility="collapse">' + shop + "</table:table-row>"
    faults = "".join(shop.replace("# 12 Toko", text)
                     for text in ("#N/A", "Err:502", "#NAME?", "#1"))
    file = open_sheet(kit, "<table:table-row-group>" + hidden * 2 + "</table:table-row-group>"
                      f"<table:table-row >{faults}</table:table-row>")
    with zipfile.ZipFile(file) as package:
        found = next(iter(package_parts.marks_by_title(package, file).values()))
    assert (found.hidden, found.rows) == ([1, 2], 3)
    assert found.errors == {(3, 1): "#N/A", (3, 2): "Err:502", (3, 3): "#NAME?"}


def test_codes_explained_beside_the_answers(kit):
    """A list of codes on another sheet, above the header, or in it, is what the codes mean."""
    table, turned = rows(), ["Sangat setuju", "Setuju", "Netral", "Tidak setuju",
                             "Sangat tidak setuju"]
    explained = [[str(code), word] for code, word in enumerate(turned, 1)]
    against = "column 'n1': the code 1 is labelled 'Sangat setuju', which counts as 5"
    book = kit.workbook({"Data": table, "Keterangan": [["Kode", "Arti"], *explained]})
    assert against in kit.bad(book)
    found, said = kit.good(book, "coding=labels")
    assert numbers(found) == ["".join(str(6 - int(sign)) for sign in row) for row in ANSWERS]
    assert "5 items: codes are explained beside the answers: 1 = Sangat setuju" in said
    title = ", ".join(f"{code} = {word}" for code, word in explained)
    assert against in kit.bad(kit.write("t.csv", [[title] + [""] * 7, *table]))
    # Codes of another question are none of these answers, nor are counts beside words.
    counts = zip(turned, "24531", strict=True)
    other = kit.workbook({"Data": table, "Kode": [["1", "Laki-laki"], ["2", "Perempuan"]],
                          "Rekap": [["Jawaban", "n"], *map(list, counts)]})
    _, said = kit.run(other, f"to={kit.folder / 'other'}")
    assert "answers are numbers" in said and "codes are explained" not in said


def test_a_file_of_two_encodings_is_refused(kit):
    table = rows({"tempat": "kafé"})
    parts = text_of(table).splitlines(keepends=True)
    content = "".join(parts[:4]).encode() + "".join(parts[4:]).encode("cp1252")
    (kit.folder / "data.csv").write_bytes(content)
    assert "is not UTF-8 while others are" in kit.bad(kit.folder / "data.csv")


def test_a_row_of_two_encodings_is_refused():
    row = "kafé;".encode() + "kafé\n".encode("cp1252")
    with pytest.raises(InputError) as refused:
        text.decode(b"nama;tempat\n" + row, "data.csv")
    assert "row 2 has 'é' as UTF-8 writes it, beside signs that are not" in str(refused.value)
    # The remedy reads it, and letters of Windows-1252 alone are read without one.
    assert text.decode(row, "data.csv", "cp1252")[0] == "kafÃ©;kafé\n"
    assert text.decode("kafé;“Äpfel” Ça\n".encode("cp1252"), "data.csv")[0] == "kafé;“Äpfel” Ça\n"


# A file of SAS with the small questionnaire, as ReadStat writes one: .A in n1, . in n2, a date.
SAS = (
    'T>t=p0RR90|NsC0{{R4NR-Ho5@k=<=F7xYNq(CgTXeM6mw83-#<b8vkm5(t|CFsgPc<eB?sCfyg=}N<AOxfUxmlM3T'
    '4sl?MKIol}YTF*LK>1iZr#sU@`e8<#(5fob*O2q}_sM9?egFW~(jKl86%###U03LML?%aXZ86DHt<bC@?L^QBu{$l-'
    '2XCD8?rVME+3R9WnNSV5!`}IPg@oQ*7;uJ}xp8AGeDS>yc=9f=%c_Zsb@p5>Yj<Nix!F(`<x*xuFB$Iz5{50n;w4D_'
    'EWO#pJ`l_Au6Oksvtwq;HZ#baaLUH=@d=!nh+(~3vECXJw=T?ZW-@lMnP(#{!e{N8tlGpadx%`P(FSc0ow01{l_3Zl'
    '1VBts)ibY3*VfrIhFlAl?*QBp(vo{YCx6TbpY-wSW$V5b**w)H`A{fx3V>J@=!vU~M<vi~8BJn{<Dk3e?8cJJ^HrSg'
    'yLfEkGd+|pdnAUMiAaFKSU#0GET^7R(Y?5Er|>tq;bor#(EH%6?vcjjFJ>&tw<w8j-zcY(zCB7Q4<2bjW_w=C7wU3<'
    'V5DHOSde5TVi_~p^%ld4frk8~9G#`mn6NE45)qaShCWILDR9{jk(N9VUnYRVYp#n218wt3bE;0VxN%8IA8}ne{6C?|'
    '5vF4>D5QUht357JhFKCYn=s2cfwQ&&E8D5q`r_j9>18dXZ2p<a`@E9FC`yMLuk?dF_0AL9j2SO+-V4b{oI6d5_=D7A'
    '?D=qsin#@Z2eB&8MYY{nh-H>r{e2Q-JerL~eSbR3nvVy7pDFX6MO1=DurJ-Z`O5zi?|3gU-%9SIEowRs5G~EKD6me1'
    'k*Brym3ZfA*%{y1zmou!)$t`{`*15dJMOEFHu*p$SYCv^WUTF;jD`iV9jzxQ8^q3Yg>K}Wc;L>#L1=vN@BS;#e_3iC'
    'G^R<xg0$<^W5@9^Ed+a&#xz<%kmJ-Sg8Ds)!m;LOxUbtB{KfZ5clo92oP7d7_~{e<7-gR0X^I!Z8fYT(2dU=HQM>@<'
    'z@yjww_6UNk}TNK#sAe{`8gDA67&Cgje7F')


def test_file_of_sas(kit):
    file = kit.folder / "data.sas7bdat"
    file.write_bytes(lzma.decompress(base64.b85decode(SAS)))
    found, said = kit.good(file, "keep=tgl")
    assert numbers(found) == ["-5521", "3-312", *ANSWERS[2:]]
    assert set(found["tgl"]) == {"2026-01-05"}
    assert "data.sas7bdat: variable 'n1': A declared missing, 1 cells read as empty" in said


def test_portable_file_of_spss(kit):
    import pyreadstat

    frame = pd.DataFrame(rows()[1:], columns=[name.upper()[:8] for name in rows()[0]])
    for item in KEYS:
        frame[item.upper()] = frame[item.upper()].astype(float)
    pyreadstat.write_por(frame, kit.folder / "data.por")
    responses, said = kit.good(kit.folder / "data.por", "area=CODE", "business_type=BUSINESS")
    assert numbers(responses) == ANSWERS
    assert "data.por: SPSS, 8 variables" in said


def test_transport_file_of_sas(kit):
    import datetime

    import pyreadstat

    frame = pd.DataFrame(rows()[1:], columns=[name[:8] for name in rows()[0]])
    frame[KEYS] = frame[KEYS].astype(float)
    frame["day"] = datetime.date(2026, 1, 5)
    frame.loc[3, "n2"] = None
    pyreadstat.write_xport(frame, kit.folder / "data.xpt")
    responses, said = kit.good(kit.folder / "data.xpt", "business_type=business", "keep=day")
    assert numbers(responses) == [*ANSWERS[:3], "2-344", *ANSWERS[4:]]
    assert "data.xpt: SAS, 9 variables" in said and responses["day"][0] == "2026-01-05"


def test_missing_values_of_stata_and_of_strings_of_spss(kit):
    import pyreadstat

    frame = pd.DataFrame(rows()[1:], columns=rows()[0]).astype(dict.fromkeys(KEYS, object))
    frame[KEYS] = frame[KEYS].astype(int).astype(object)
    frame.loc[0, "n1"] = "a"
    pyreadstat.write_dta(frame, kit.folder / "data.dta", missing_user_values={"n1": ["a"]})
    responses, said = kit.good(kit.folder / "data.dta")
    assert numbers(responses) == ["-5521", *ANSWERS[1:]]
    assert "variable 'n1': a declared missing, 1 cells read as empty" in said
    frame = pd.DataFrame(rows()[1:], columns=rows()[0])
    pyreadstat.write_sav(frame, kit.folder / "data.sav",
                         missing_ranges={"business_type": ["small"]})
    assert kit.bad(kit.folder / "data.sav").startswith(
        "data.sav: row 1, column 'business_type': the type of business is empty")


def test_dates_and_moments_of_statistics_files(kit):
    import datetime

    import pyreadstat

    frame = pd.DataFrame({"n1": [1.0, 2.0], "day": [datetime.date(2026, 1, 5)] * 2,
                          "then": [datetime.datetime(2026, 1, 5, 7, 30)] * 2})
    for write, name in ((pyreadstat.write_sav, "d.sav"), (pyreadstat.write_dta, "d.dta")):
        write(frame, kit.folder / name)
        cells = read(kit.folder / name, known()).cells
        assert cells["day"].tolist() == ["2026-01-05"] * 2
        assert cells["then"].tolist() == ["2026-01-05 07:30:00"] * 2


def test_months_quarters_and_weeks_of_spss_are_dates_and_moments_have_no_fraction(kit):
    import datetime

    import pyreadstat

    forms = {"month": "MOYR8", "quarter": "QYR8", "week": "WKYR10", "then": "DATETIME23.2",
             "time": "TIME11.2"}
    start = (datetime.datetime(2026, 2, 9) - datetime.datetime(1582, 10, 14)).total_seconds()
    frame = pd.DataFrame({name: [start + 25600.5, 1e17, None] for name in forms})
    frame.loc[1, ["then", "time"]] = start  # the library itself has no date so late
    pyreadstat.write_sav(frame, kit.folder / "d.sav", variable_format=forms)
    cells = read(kit.folder / "d.sav", known()).cells
    for name in ("month", "quarter", "week"):
        assert cells[name].tolist() == ["2026-02-09", "100000000000000000", ""]
    assert cells["then"].tolist() == ["2026-02-09 07:06:40", "2026-02-09", ""]
    assert cells["time"].tolist() == ["07:06:40", "00:00:00", ""]


def test_file_that_is_not_what_its_name_says(kit):
    for name, content, found in (
            ("a.xlsx", b"n1,n2\n1,2\n", "text; rename it so that it ends in .csv"),
            ("a.xls", b"<table><tr><td>n1</td></tr></table>", "a web page; open it in a"),
            ("a.csv", b"PK\x03\x04....", "a workbook of Excel or LibreOffice; rename it"),
            ("a.sav", b"<stata_dta>", "a file of Stata; rename it so that it ends in .dta")):
        (kit.folder / name).write_bytes(content)
        assert kit.bad(kit.folder / name).startswith(
            f"{name}: this is not what its name says but {found}")
    (kit.folder / "a.xlsx").write_bytes(package_parts_of_a_protected_file())
    assert kit.bad(kit.folder / "a.xlsx") == (
        "a.xlsx: is protected by a password; open it and save it without one")


def package_parts_of_a_protected_file() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")


def test_option_that_a_kind_of_file_does_not_have(kit):
    file = kit.write("data.csv", rows())
    assert kit.bad(file, "sheet=a") == (
        "data.csv: sheet=a: a file that ends in '.csv' has no such choice; leave the option out")
    assert kit.bad(statistics(kit, "sav"), "header=2").startswith("data.sav: header=2: a file that")


# Header rows


def qualtrics() -> list[list[str]]:
    table = rows()
    texts = ["Respondent", "Kecamatan", "Jenis usaha", *QUESTIONS]
    return [table[0], texts, [f'{{"ImportId":"{name}"}}' for name in table[0]], *table[1:]]


def monkey() -> list[list[str]]:
    table = rows()
    return [["Respondent ID", "Kecamatan", "Jenis usaha", "Seberapa setuju?", "", "", "", ""],
            ["", "Open-Ended Response", "Response", *QUESTIONS], *table[1:]]


@pytest.mark.parametrize(("table", "options"), [
    (qualtrics(), []), (qualtrics(), ["header=2"]), (qualtrics(), ["header=1"]),
    ([["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8"], *qualtrics()[1:]],
     ["area=Q2", "business_type=Q3"]),
    (monkey(), []), (monkey(), ["header=2"]),
    ([rows()[0], ["", *["Response"] * 7], *rows()[1:]], []),
    ([[*rows()[0][:3], *(f"G1[{key}]. {text}" for key, text in zip(KEYS, QUESTIONS, strict=True))],
      *rows()[1:]], [])])
def test_header_of_qualtrics_and_surveymonkey(kit, table, options):
    responses, _ = kit.good(kit.write("data.csv", table), *options)
    assert numbers(responses) == ANSWERS
    assert responses["code"].tolist() == [row[1] for row in rows()[1:]]


def test_header_rows_that_disagree_are_refused(kit):
    table = [rows()[0], ["", "", "", *reversed(QUESTIONS)], *rows()[1:]]
    assert "rows 1 and 2 both look like a header" in kit.bad(kit.write("data.csv", table))


def test_a_sheet_that_lists_the_items_is_no_sheet_of_answers(kit):
    listed = [["butir", "arti"], *map(list, zip(KEYS, QUESTIONS, strict=True))]
    responses, said = kit.good(kit.workbook({"Kamus": listed, "Jawaban": rows()}))
    assert numbers(responses) == ANSWERS
    assert "sheet 'Jawaban' of 2, the only one that names items" in said


@pytest.mark.parametrize("written", [
    "<b>{}</b>", '<span style="color:red">{}</span> *', "Q{n}. {}", "P{n}) {}", "({n}) {}",
    "1.{n} {}", "No. {n}: {}", "{n} - {}", "B{n}. {}", "**{}**", "{n}.\u00a0{}"])
def test_questions_with_markup_and_numbers(kit, written):
    table = rows()
    table[0] = [*table[0][:3], *(written.format(text, n=n) for n, text in enumerate(QUESTIONS, 1))]
    assert numbers(kit.good(kit.write("data.csv", table))[0]) == ANSWERS


@pytest.mark.parametrize("text", ["n1", "q_12", "2 pedagang", "5 orang atau lebih", "a < b", "x1y"])
def test_words_that_are_no_numbering_stay(text):
    assert plain(text) == text.replace("_", " ")


# Columns that nothing needs


def test_columns_that_nothing_needs_do_not_stop_an_import(kit):
    table = rows({"Alasan": "a", "": "b", "Rata": "=1/0", "Cek": "#DIV/0!"})
    table[0].append("Alasan")
    table = [table[0]] + [[*row, "c"] for row in table[1:]]
    responses, said = kit.good(kit.workbook({"a": table}))
    assert numbers(responses) == ANSWERS
    assert "columns without a name in the header: 10" in said
    assert "names that stand twice in the header: 'Alasan'" in said
    other = f"to={kit.folder / 'other'}"
    file = kit.folder / "data.xlsx"
    assert "keep=Alasan: 2 columns end in it" in kit.bad(file, other, "keep=Alasan")
    assert "column 'Cek': the cell shows the error #DIV/0!" in kit.bad(file, other, "keep=Cek")
    assert "column 'Rata': the cell holds a formula without" in kit.bad(file, other, "keep=Rata")


# Sheets


def by_district(kit, **changes):
    names = {"Garum": "k1", "Talun": "k2", "Bakung": "k3", "Wates": "k4"} | changes
    return kit.workbook({name: [rows()[0], *(row for row in rows()[1:] if row[1] == code)]
                         for name, code in names.items()} | {"Catatan": [["ok"]]})


def test_one_sheet_for_each_district(kit):
    responses, said = kit.good(by_district(kit))
    assert dict(zip(responses["respondent"], numbers(responses), strict=True)) == {
        f"P{number}": answers for number, answers in enumerate(ANSWERS)}
    assert "4 of 5 sheets, one for each area: Garum, Talun, Bakung, Wates" in said
    table = {name: [[row[0], *row[2:]] for row in rows() if row[1] in ("code", code)]
             for name, code in (("Kec. Garum", "k1"), ("TALUN", "k2"))}
    for name in table:
        table[name].append(["P99" + name, "small", "", "", "", "", ""])
    again, said = kit.good(kit.workbook(table), f"to={kit.folder / 'two'}")
    assert "area: the title of each row's sheet; 2 of 4 areas" in said


def test_sheets_that_may_be_copies_or_waves_are_asked_about(kit):
    assert kit.bad(kit.workbook({"pre": rows(), "post": rows()})).startswith(
        "data.xlsx: 2 sheets name the items; say sheet=NAME with one of: pre, post, or sheet=all")
    assert kit.bad(kit.workbook({"Garum": rows(), "Talun": rows()})).startswith(
        "data.xlsx: 12 of 12 rows of the sheet 'Talun' stand in 'Garum' too; is it a copy?")
    table = changed_sheet(kit, "n2", "9")
    assert kit.bad(table).startswith("data.xlsx: row Talun!2, column 'n2': 9 is outside the scale")


def changed_sheet(kit, column: str, value: str):
    first, second = ([rows()[0], *(row for row in rows()[1:] if row[1] == code)]
                     for code in ("k1", "k2"))
    second[1][second[0].index(column)] = value
    return kit.workbook({"Garum": first, "Talun": second})


def repeat(kit, parents: list[int], name: str = "rep"):
    table = rows()
    survey = [[*table[0][:3], "_index"], *([*row[:3], str(n)] for n, row in enumerate(table[1:]))]
    items = [[*KEYS, "_parent_index", "_parent_table_name"],
             *([*table[parent + 1][3:], str(parent), "survey"] for parent in parents)]
    return kit.workbook({"survey": survey, name: items})


def test_repeat_group_is_joined_to_its_submissions(kit):
    responses, said = kit.good(repeat(kit, [*range(1, 12), 0]))
    assert dict(zip(responses["respondent"], numbers(responses), strict=True)) == {
        f"P{number}": answers for number, answers in enumerate(ANSWERS)}
    assert "joined to the submissions of 'survey' by _parent_index" in said


def test_repeat_group_with_several_rows_a_submission_is_asked_about(kit):
    assert kit.bad(repeat(kit, [*range(12), 0])) == (
        "data.xlsx: the items stand in the repeat group 'rep', up to 2 times a submission; say "
        "sheet=rep to count each as a respondent")


def test_hidden_rows_columns_and_sheets_are_said(kit):
    from openpyxl import load_workbook

    file = kit.workbook({"a": rows(), "b": [["x"]]})
    book = load_workbook(file)
    for row in (3, 4):
        book["a"].row_dimensions[row].hidden = True
    book["a"].column_dimensions["D"].hidden = True
    book["a"].sheet_state = "hidden"
    book.active = 1
    book.save(file)
    assert kit.bad(file) == (
        "data.xlsx: 2 rows with answers are hidden in the spreadsheet (rows 3 and 4); say rows=out "
        "to leave them out, or rows=hidden to count them")
    responses, said = kit.good(file, "rows=out")
    assert len(responses) == len(ANSWERS) - 2
    assert "hidden columns of the sheet 'a', read like the others: 'n1'" in said
    assert "the sheet 'a' is hidden in the workbook" in said


# Size and safety


def test_stray_cells_cost_nothing(kit):
    import time

    from openpyxl import load_workbook

    for coordinate, value in (("XFD1048576", "x"), ("A1048576", None), ("C900000", " ")):
        file = kit.workbook({"a": rows()})
        book = load_workbook(file)
        book["a"][coordinate] = value
        book["a"][coordinate].number_format = "0.00"
        book.save(file)
        begun = time.process_time()
        source = read(file, known())
        assert time.process_time() - begun < 5
        assert source.cells["n1"].tolist() == [row[0] for row in ANSWERS]


def test_workbook_that_unpacks_to_too_much_is_refused_before(kit, monkeypatch):
    file = kit.workbook({"a": rows()})
    monkeypatch.setattr(package_parts, "LARGEST_UNPACKED", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(InputError, match=r"data.xlsx: unpacks to 0 MB in \d+ parts; workbooks up"):
        read(file, known())


@pytest.mark.parametrize("entity", ['SYSTEM "file:///etc/passwd"', '"&b;&b;&b;&b;"'])
def test_document_types_are_refused(kit, entity):
    file = kit.workbook({"a": rows()})
    changed = kit.folder / "x.xlsx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = f"<!DOCTYPE x [<!ENTITY a {entity}>]>".encode() + content
            new.writestr(part, content)
    assert "sheet1.xml declares a document type" in kit.bad(changed)


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls", "sav", "zsav", "por", "dta", "csv"])
@pytest.mark.parametrize("start", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                                   b"$FL2", b"<stata_dta>", b"\x00\x00\xfe\xff", b"\xff\xfe\x00"])
def test_damaged_files_give_one_line(kit, kind, start):
    for length in (3, 700):
        (kit.folder / f"a.{kind}").write_bytes(start + b"\x01\x80A" * length)
        with pytest.raises(InputError, match=r"^a\."):
            read(kit.folder / f"a.{kind}", known())


def test_truncated_files_give_one_line(kit):
    for kind in ("sav", "zsav", "dta"):
        file = statistics(kit, kind)
        whole = file.read_bytes()
        for part in range(10, len(whole) - 1, max(1, len(whole) // 12)):
            file.write_bytes(whole[:part])
            try:
                read(file, known())
            except InputError as error:
                assert str(error).startswith(f"data.{kind}: ")


# Areas


@pytest.mark.parametrize(("cell", "code"), [
    ("35.05.01", "35.05.01"), ("350501", "35.05.01"), ("35_05_01", "35.05.01"),
    ("Kab. Blitar, Kec. Wonodadi", "35.05.01"), ("Wonodadi (Kabupaten Blitar)", "35.05.01"),
    ("Jawa Timur / Blitar / Talun", "35.05.10"), ("35.05.10 - Talun", "35.05.10"),
    ("350510 Talun", "35.05.10"), ("kecamatan wonodadi", "35.05.01"), ("1.1", "1.1"), ("11", "11"),
    ("35.05.01 - Talun", "names 2 areas that are not the same"),
    ("Wonodadi, Talun", "names 2 areas that are not the same"),
    ("3505010", "is a code of BPS, which numbers districts in another order"),
    ("3505.1", "seems to be the number 3505.10 that lost its last zero"),
    ("Kab. Blitar", "is not an area of areas.csv"), ("", "the area is empty")])
def test_areas_as_people_write_them(cell, code):
    table = pd.DataFrame({"code": ["35.05.01", "35.05.10", "1.1", "11"],
                          "name": ["Wonodadi", "Talun", "Satu", "Sebelas"]})
    found, problem = Areas(table, "areas.csv").find(cell)
    assert found == code if problem is None else code in problem


# Public data sets by their description (psychTools, foreign): form, scale and labels as they are
# there, answers drawn here.

ACCURACY = ["Very Inaccurate", "Moderately Inaccurate", "Slightly Inaccurate", "Slightly Accurate",
            "Moderately Accurate", "Very Accurate"]
LABELS = dict(enumerate(ACCURACY, 1))


def public(folder, name, lowest, highest, people=24, items=6):
    """Write a plain scale and answers of a data set, some missing; return both as drawn."""
    draws = np.random.default_rng(7)
    keys = [f"{name}{number}" for number in range(1, items + 1)]
    drawn = pd.DataFrame(draws.integers(lowest, highest + 1, (people, items)), columns=keys)
    drawn = drawn.astype(float).mask(draws.random((people, items)) < 0.05)
    (folder / "items.csv").write_text("item,aspect,lowest,highest,reverse\n" + "".join(
        f"{key},one,{lowest},{highest},no\n" for key in keys), encoding="utf-8")
    (folder / "areas.csv").write_text("code,name,zone\nym,Young men,young\nyf,Young women,young\n"
                                      "om,Older men,old\nof,Older women,old\n", encoding="utf-8")
    return drawn, drawn.assign(id=range(61617, 61617 + people), gender=np.arange(people) % 2 + 1,
                               district=["ym", "yf", "om", "of"] * (people // 4))


@pytest.mark.parametrize(("file", "scale", "options"), [
    ("bfi.sav", (1, 6), {"business_type": "gender", "keep": ["education"]}),
    ("bfi.dta", (1, 6), {"business_type": "gender"}),
    ("bfi.csv", (1, 6), {"business_type": "gender", "answers": "answers.yml"}),
    ("sai.csv", (1, 4), {"business_type": "all:student"}),
    ("epi.csv", (1, 2), {"business_type": "all:x"}), ("msq.csv", (0, 3), {})])
def test_public_data_sets_by_their_description(tmp_path, file, scale, options):
    """Cases 70 to 75: every answer as drawn, from values with labels that no scale has, from words
    of an own scale, of two, four and six points and from 0 on."""
    import pyreadstat

    drawn, table = public(tmp_path, file[:3], *scale)
    table, path = table.assign(education=3.0), str(tmp_path / file)
    if file == "bfi.sav":
        pyreadstat.write_sav(table, path, variable_value_labels={
            **dict.fromkeys(drawn, LABELS), "gender": {1: "Male", 2: "Female"}})
    elif file == "bfi.dta":
        pyreadstat.write_dta(table, path, variable_value_labels=dict.fromkeys(drawn, LABELS))
    elif "answers" in options:
        words = table[list(drawn)].apply(lambda column: column.map(LABELS))
        table.assign(**words).to_csv(path, index=False)
        (tmp_path / "answers.yml").write_text("scales:\n  accuracy:\n" + "".join(
            f"    {code}: [{word}]\n" for code, word in LABELS.items()), encoding="utf-8")
        options = options | {"answers": str(tmp_path / "answers.yml")}
    else:
        table.to_csv(path, index=False)
    given = {"status": "simulated", "area": "district", "business_type": "all:x", "keep": [],
             "without": [], "missing": [], "items": str(tmp_path / "items.csv"),
             "areas": str(tmp_path / "areas.csv")}
    made = pd.read_csv(import_file(tmp_path / file, given | options)[1] / "responses.csv")
    pd.testing.assert_frame_equal(made[list(drawn)].astype(float), drawn)
    if file == "bfi.sav":
        assert set(made["business_type"]) == {"Male", "Female"} and set(made["education"]) == {3}


def test_a_declared_missing_area_names_its_row(tmp_path):
    """Case 76, as in foreign's testdata.sav: a string of which one value is declared missing."""
    import pyreadstat

    table = public(tmp_path, "fac", 1, 5)[1].astype({"district": "str"})
    table.loc[2, "district"] = "z"
    pyreadstat.write_sav(table, str(tmp_path / "testdata.sav"),
                         missing_ranges={"district": ["z"]})
    with pytest.raises(InputError, match="testdata.sav: row 3, column 'district': the area is emp"):
        import_file(tmp_path / "testdata.sav", {
            "status": "simulated", "area": "district", "business_type": "all:x", "keep": [],
            "without": [], "missing": [], "items": str(tmp_path / "items.csv"),
            "areas": str(tmp_path / "areas.csv")})
