"""Errors and status lines in two languages: every sentence has its Indonesian, and is found again
when it is said."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import message_sources
import pytest
from babel.messages.pofile import read_po
from message_sources import ROOT, shape, templates

from helpers import messages
from helpers.study import paragraphs

CATALOGUE = messages.LOCALE + "/id/LC_MESSAGES/errors.po"
INDONESIAN = messages.entries(CATALOGUE)
HOW = "docs/translating.md says how; python tests/message_sources.py missing prints the entries"


def names(template):
    """Return the names of a template's values."""
    return {name for name in messages.PLACEHOLDER.findall(template) if name}


def sample(template):
    """Return a template filled with samples, and these: words, quoted values, and paths, such as no
    template holds."""
    kinds = ("X{}y", "'a-{}'", "data/raw-{}.csv")
    wanted = messages.Template(template, "").values
    values = {name: kinds[number % 3].format(number) for number, name in enumerate(wanted)}
    return messages.Template(template, template).fill(values), values


@pytest.fixture(scope="module")
def said():
    return {shape(template): (template, where) for template, where in templates().items()}


def test_every_message_has_its_indonesian_and_every_entry_its_message(said):
    known = {shape(template): template for template in INDONESIAN}
    missing = [
        f"{where}: {template}" for key, (template, where) in said.items() if key not in known
    ]
    unused = [template for key, template in known.items() if key not in said]
    assert not missing, f"no Indonesian in errors.po ({HOW}):\n" + "\n".join(missing)
    assert not unused, "in errors.po, but nobody says it any more:\n" + "\n".join(unused)


def test_both_languages_have_the_same_values():
    for template, text in INDONESIAN.items():
        assert names(template) == names(text), template
        assert text.strip() == text and text, template


def test_no_message_is_taken_for_another_one():
    known = messages.Catalogue(INDONESIAN)
    for template, text in INDONESIAN.items():
        filled, values = sample(template)
        assert known.line(filled) == messages.Template(template, text).fill(values), template


def test_the_reader_of_catalogues_reads_what_babel_reads():
    with open(CATALOGUE, "rb") as file:
        assert {entry.id: entry.string for entry in read_po(file) if entry.id} == INDONESIAN


@pytest.mark.parametrize("said, told", [
    ("error: params.yml: 'sampling.margin' is 0.7; allowed is a number above 0 and at most 0.5 (share)",
     "kesalahan: params.yml: 'sampling.margin' bernilai 0.7; yang boleh angka di atas 0 dan paling banyak 0.5 "
     "(proporsi)"),
    ("error: OUT=. holds the project itself; give a folder of its own, such as OUT=elsewhere",
     "kesalahan: OUT=. memuat proyek ini sendiri; berikan folder tersendiri, misalnya OUT=elsewhere"),
    ("error: x/frame.csv: Permission denied; say to=FILE where you may write",
     "kesalahan: x/frame.csv: izin ditolak; sebutkan to=BERKAS di tempat Anda boleh menulis"),
    ("scoring      done in 3.2 s  (parameter lang changed from a to b, and 2 more)",
     "scoring      selesai dalam 3.2 s  (parameter lang berubah dari a menjadi b, dan 2 lagi)"),
    ("             - items.csv changed", "             - items.csv berubah"),
    ("synthesis    not in this package: claims; earlier results removed",
     "synthesis    tidak ada dalam paket ini: claims; hasil terdahulu dihapus"),
    ("error: 1_sampling.ipynb, cell 5 (set-up), line 3: ValueError: n is 5, more than the 3 units of all strata; "
     "lower n\n  n = sampling.allocate(units)",
     "kesalahan: 1_sampling.ipynb, sel 5 (set-up), baris 3: ValueError: n bernilai 5, lebih dari 3 unit di semua "
     "strata; kecilkan n\n  n = sampling.allocate(units)"),
    ("1_sampling.ipynb, cell 5 (set-up): the kernel was killed by SIGKILL, having used 300 MiB of memory at most",
     "1_sampling.ipynb, sel 5 (set-up): kernel dimatikan oleh SIGKILL, setelah memakai paling banyak 300 MiB memori"),
    ("villages.csv: row 3, column 'lon': '200' is not allowed; allowed is at least -180 and at most 180; the columns "
     "lon and lat look swapped",
     "villages.csv: baris 3, kolom 'lon': '200' tidak boleh; yang boleh sekurang-kurangnya -180 dan paling banyak 180; "
     "kolom lon dan lat tampaknya tertukar"),
    ("areas.csv: row 2, column 'zone': 'the file is empty' is not a whole number; correct the cell or leave it empty",
     "areas.csv: baris 2, kolom 'zone': 'the file is empty' bukan bilangan bulat; perbaiki selnya atau kosongkan"),
    ("national tessellation: 3 s (goal: at most 2, missed; 80,000 made-up villages, 7,000 kecamatan, dissolved)",
     "tesselasi nasional: 3 s (sasaran: paling banyak 2, tidak tercapai; 80,000 desa karangan, 7,000 kecamatan, digabung)"),
    ("spatial model 'both' is unknown; choose error or lag",
     "model spasial 'both' tidak dikenal; pilih error atau lag"),
    ("multiverse.yml: 'colour' is not known here; it holds choices, exc…",
     "multiverse.yml: 'colour' tidak dikenal di sini; isinya choices, exc…"),
    ("Traceback (most recent call last):", "Traceback (most recent call last):"), ("", "")])
def test_messages_within_messages(said, told):
    assert messages.told(said, "id") == told
    assert messages.told(said, "en") == messages.told(said, "xx") == said


@pytest.mark.parametrize("line", ["no such words, and: ", "a: b, c; ", "x, ", "a and b or ", "(a (b) ", "is not in, "])
def test_a_long_line_that_nobody_knows_takes_no_time(line):
    start = time.process_time()
    assert messages.told(line * 150, "id").count(line[0]) >= 150
    assert time.process_time() - start < 2


@pytest.mark.parametrize(("arguments", "variables", "lang"), [
    ([], {"LANG": "id_ID.UTF-8"}, "id"), ([], {"LANG": "id_ID.UTF-8", "LC_ALL": "C"}, "en"),
    ([], {"LC_MESSAGES": "id"}, "id"), (["all", "lang=en"], {"LANG": "id_ID"}, "en"),
    (["all", "lang=id"], {}, "id"), (["lang=xx"], {"LANG": "de_DE"}, "en")])
def test_the_language_of_the_command_line(arguments, variables, lang):
    assert messages.language(arguments, variables) == lang


def test_lines_are_said_as_soon_as_they_are_whole(capsys):
    with pytest.raises(SystemExit) as stopped, messages.speaking("id"):
        print("clean: nothing", end="")
        print(" to do")
        print("error: this text", file=sys.stderr)
        print("waiting: a build works", end="", flush=True)
        sys.exit("error: uv cannot be installed")
    heard = capsys.readouterr()
    assert heard.out == "clean: tidak ada yang perlu dikerjakan\nwaiting: a build works"
    assert heard.err == "kesalahan: teks ini\n" and stopped.value.code == "kesalahan: uv tidak dapat dipasang"
    assert not isinstance(sys.stdout, messages._Speaker)


@pytest.mark.parametrize(("lang", "variables", "words"), [
    ("id", {}, ("pemakaian: make SASARAN", "  scoring         reliabilitas, skor")),
    (None, {"LC_ALL": "id_ID.UTF-8"}, ("mulailah dengan", "  help            teks ini")),
    (None, {"LC_ALL": "C.UTF-8"}, ("usage: make TARGET", "  help            this text"))])
def test_the_help_is_in_the_language_of_the_machine(lang, variables, words):
    call = [
        sys.executable,
        str(ROOT / "src" / "helpers"), "help", *([f"lang={lang}"] if lang else [])
    ]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", env=os.environ | variables,
                          check=True)
    assert all(word in done.stdout for word in words)


def test_an_error_in_a_notebook_speaks_the_notebook_s_language():
    shell = SimpleNamespace(compile=SimpleNamespace(format_code_name=lambda name: None))
    error = ValueError("n is 5, more than the 3 units of all strata; lower n")
    assert "n bernilai 5, lebih dari 3 unit" in paragraphs.short(shell, error, None, "id")[0]
    assert str(error) in paragraphs.short(shell, error, None, "en")[0]


SOURCE = '''
from helpers.study.errors import InputError
REMEDY = "give it another name"
KINDS = {"integer": "a whole number of {}", "text": "a word"}

def check(column, row, known=None):
    hint = f"did you mean {known[0]}?" if known else "see the guide"
    if row:
        raise InputError(f"{column.name}: row {row + 1} is not {KINDS[column.kind].format(row)}; "
                         f"{hint}" + (" (at all)" if row > 1 else ""))
    raise ValueError("'%s' stands %s; %s" % (column, "twice" if row else "once", told(column)))

def told(column):
    """Not said."""
    return f"remove {', '.join(column)}, or {REMEDY}"

def command(said):
    said.append(f"{len(said)} lines {'read' if said else 'left out'}")
    print(f"done:\\n  it went {said!r} well")
'''


def test_every_way_of_saying_something_is_read_from_a_source(tmp_path, monkeypatch):
    (tmp_path / "odd.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setattr(message_sources, "HELPERS", tmp_path)
    found = set(templates()) - {text for texts in (message_sources.SYSTEM, message_sources.ARGPARSE,
                message_sources.LIBRARIES, message_sources.CONJUNCTIONS, message_sources.units(),
                message_sources.help_texts()) for text in texts}
    assert found == {
        "{column}: row {row} is not {format}; {hint}",
        "{column}: row {row} is not {format}; {hint} (at all)", "a word",
        "a whole number of {value}", "did you mean {known}?", "see the guide",
        "give it another name", "'{column}' stands {value}; {told}", "remove {column}, or {remedy}",
        "{number_of_said} lines read", "{number_of_said} lines left out", "it went {said} well"
    }


def test_a_third_language_is_a_folder(tmp_path, monkeypatch):
    place = tmp_path / "jv" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "errors.po").write_text(
        'msgid ""\nmsgstr "Language: jv"\n\nmsgid "there is no target \'{target}\'"\n'
        'msgstr "ora ana "\n"target \'{target}\'"\n', encoding="utf-8")
    monkeypatch.setattr(messages, "LOCALE", str(tmp_path))
    for kept in (messages.languages, messages._catalogue):
        kept.cache_clear()
    try:
        assert messages.languages() == ("en", "jv") and messages.language(
            [], {"LANG": "jv_ID.UTF-8"}) == "jv"
        assert messages.told("error: there is no target 'x'", "jv") == "error: ora ana target 'x'"
        assert messages.language([], {"LANG": "id_ID.UTF-8"}) == "en"
    finally:
        for kept in (messages.languages, messages._catalogue):
            kept.cache_clear()
