"""Messages in two languages: every template has its Indonesian with the same values, and no entry
is left over."""

import argparse
import ast
import errno
import importlib
import inspect
import json.decoder
import os
import pickle
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
import yaml.constructor
import yaml.parser
import yaml.scanner
from babel.messages.pofile import read_po

from helpers import errors, messages
from helpers.errors import Error, InputError
from helpers.intake.imports import personal
from helpers.messages import Message, joined, term, translate
from helpers.publish.texts import MissingTextError
from helpers.study import paragraphs

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ROOT / "src" / "helpers"
# What make verify says is shown in the reader's language too, though its builds are no part of the
# package.
VERIFY = [ROOT / "tools" / "checks" / f"{name}.py" for name in ("verify", "clean_build")]
CATALOGUE = f"{messages.LOCALE}/id/LC_MESSAGES/errors.po"
INDONESIAN = messages.entries(CATALOGUE)
PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")
WORD = re.compile(r"[^\W\d_]{2,}")
# Called with a template, beside the errors themselves; the latter ones fill nothing in.
TELLERS = {"Message", "say"}
HANDED_ON = {"exclusive", "_call", "_pip", "_check", "report_input_errors"}
# Whose words are shown as well.
LIBRARIES = (argparse, json.decoder, yaml.constructor, yaml.parser, yaml.scanner, zipfile)


@cache
def trees():
    """Parsed when the first test asks: every worker reads this module, one runs it."""
    return {path: ast.parse(path.read_text(encoding="utf-8"))
            for path in [*sorted(HELPERS.rglob("*.py")), *VERIFY]}


@cache
def nodes(kind):
    return [(path, node) for path, tree in trees().items() for node in ast.walk(tree)
            if isinstance(node, kind)]


def called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


@cache
def kinds_of_errors():
    """Return the names of all classes that derive from Error."""
    found = {"Error"}
    while True:
        more = {node.name for _, node in nodes(ast.ClassDef)
                if {base.id for base in node.bases if isinstance(base, ast.Name)} & found}
        if more <= found:
            return found
        found |= more


def templates():
    """Yield place, call and template of all that is told or raised; a choice of two gives both."""
    tellers = TELLERS | HANDED_ON | kinds_of_errors()
    for path, call in nodes(ast.Call):
        if called(call) in tellers and "documents" not in path.parts:
            # The first argument of NotEstimableError is a reason.
            for given in call.args[called(call) == "NotEstimableError":]:
                choice = isinstance(given, ast.IfExp)
                for part in (given.body, given.orelse) if choice else (given,):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path.relative_to(ROOT)}:{call.lineno}", call, part.value


def words():
    """Return all that is looked up without being a template in the code: words in tables, the
    Makefile, units, what the system says."""
    schema = yaml.safe_load((HELPERS / "study" / "parameters.yml").read_text(encoding="utf-8"))
    rules = [rule for entry in schema["properties"].values()
             for rule in (entry, *entry.get("properties", {}).values())]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    constants = (node.value for _, node in nodes(ast.Constant) if isinstance(node.value, str))
    return {"unexpected end of data", *personal.NAMES, "the XLSForm of this project",
            *re.findall(r"(?m)^(?:\w+:.*?## |### )(.*)$", makefile),
            *(rule.get("unit") for rule in rules), *map(os.strerror, errno.errorcode),
            *(text for value in constants
              for text in (value, " ".join(value.partition("\n\n")[0].split())))}


def is_of_a_library(entry):
    said = entry.replace("{found}", "%r").replace("}}", "}").replace("\n", "\\n")
    return any(said in source for source in library_sources())


@cache
def library_sources():
    return [inspect.getsource(library) for library in LIBRARIES]


def names(template):
    """Return the names of a template's values."""
    return set(PLACEHOLDER.findall(template.replace("{{", "").replace("}}", "")))


def test_every_template_has_its_indonesian_and_every_entry_is_used():
    told = {template for _, _, template in templates()}
    missing = [f"{place}: {template}" for place, _, template in templates()
               if template not in INDONESIAN and WORD.search(PLACEHOLDER.sub("", template))]
    unused = {entry for entry in set(INDONESIAN) - told - words() if not is_of_a_library(entry)}
    assert not missing, "no Indonesian in errors.po (docs/translating.md):\n" + "\n".join(missing)
    assert not unused, "in errors.po, but nobody says it any more:\n" + "\n".join(sorted(unused))


def test_both_languages_have_the_same_values():
    for template, text in INDONESIAN.items():
        assert names(template) == names(text), template
        assert text and (text.strip() == text) == (template.strip() == template), template


def test_a_template_is_given_what_it_names_and_nothing_else():
    for place, call, template in templates():
        given = {keyword.arg for keyword in call.keywords}
        if None not in given and called(call) not in HANDED_ON:
            assert names(template) <= given, f"{place}: {template}"


def test_texts_are_templates_not_filled_already():
    """An f-string as a template would take braces in the data for names of values."""
    tellers = TELLERS | kinds_of_errors()
    wrong = [f"{path.relative_to(ROOT)}:{call.lineno}" for path, call in nodes(ast.Call)
             if called(call) in tellers
             and any(isinstance(given, (ast.JoinedStr, ast.BinOp)) for given in call.args)]
    assert not wrong


def test_the_reader_of_catalogues_reads_what_babel_reads():
    with open(CATALOGUE, "rb") as file:
        assert {entry.id: entry.string for entry in read_po(file) if entry.id} == INDONESIAN


DATA = "'the file is empty' and Kademangan or Sutojayan, no message"


@pytest.mark.parametrize(("message", "told"), [
    (Message("no polygon for area {area}; every area needs exactly one", area=DATA),
     f"tidak ada poligon untuk wilayah {DATA}; setiap wilayah memerlukan tepat satu"),
    (InputError("{file}: {error}", file="a or b",
                error=Error("an area has no group; give every area its zone")),
     "a or b: ada wilayah tanpa kelompok; berikan zona untuk setiap wilayah"),
    (joined([term("No such file or directory"), "no message"], "; "),
     "berkas atau folder itu tidak ada; no message"),
    (Message("no such template: {value:>4}", value=3), "no such template:    3"),
    (Message("{path}: has more than {most:,} bytes; it holds choices of an analysis, and no data",
             path="1,5.yml", most=1234567),
     "1,5.yml: lebih dari 1.234.567 byte; berkas ini memuat pilihan analisis, bukan data"),
    # Python puts quotation marks around what a KeyError says.
    (MissingTextError("there is no text '{key}' in {lang}/{domain}.po or {lang}/common.po",
                      key="x", lang="en", domain="site"),
     "tidak ada teks 'x' di en/site.po atau en/common.po"),
    ("plain text", "plain text"), (7, 7)])
def test_values_are_data_unless_they_are_messages(message, told):
    assert translate(message, "en") == (str(message) if isinstance(message, Error) else message)
    assert translate(message, "id") == told


def test_a_message_and_an_error_survive_another_process():
    error = InputError("{file}: row {row}: {{}}", file="x{y}", row=2)
    found = pickle.loads(pickle.dumps(error))
    assert str(found) == str(error) == "x{y}: row 2: {}"
    assert found.about == error.about == {"file": "x{y}", "row": 2}
    assert pickle.loads(pickle.dumps(error.message)).values == error.message.values


def test_what_an_error_is_about_comes_from_within():
    inner = Error("margin is {margin}", margin=2, parameter="margin")
    assert InputError("{file}: {error}", file="f", error=inner).about["parameter"] == "margin"


def test_an_input_error_is_one_line_in_every_language():
    error = InputError("{file}: {reason}", file="a\nb\x1b[2J", reason="x" * 900)
    for text in (str(error), translate(error, "id")):
        assert text.startswith("a b\\x1b[2J: xxx") and text.endswith("…")
        assert len(text) == errors.LONGEST


@pytest.mark.parametrize(("arguments", "variables", "lang"), [
    ([], {"LANG": "id_ID.UTF-8"}, "id"), ([], {"LANG": "id_ID.UTF-8", "LC_ALL": "C"}, "en"),
    ([], {"LC_MESSAGES": "id"}, "id"), (["all", "lang=en"], {"LANG": "id_ID"}, "en"),
    (["all", "lang=id"], {}, "id"), (["lang=xx"], {"LANG": "de_DE"}, "en")])
def test_the_language_of_the_command_line(arguments, variables, lang):
    assert messages.language(arguments, variables) == lang


@pytest.mark.parametrize(("lang", "variables", "words"), [
    ("id", {}, ("pemakaian: make SASARAN", "  scoring         reliabilitas, skor")),
    (None, {"LC_ALL": "id_ID.UTF-8"}, ("mulailah dengan", "  help            teks ini")),
    (None, {"LC_ALL": "C.UTF-8"}, ("usage: make TARGET", "  help            this text"))])
def test_the_help_is_in_the_language_of_the_machine(lang, variables, words):
    call = [sys.executable, str(ROOT / "src" / "helpers"), "help"]
    done = subprocess.run(call + ([f"lang={lang}"] if lang else []), capture_output=True,
                          encoding="utf-8", env=os.environ | variables, check=True)
    assert all(word in done.stdout for word in words)


def test_an_error_in_a_notebook_speaks_the_notebook_s_language():
    shell = SimpleNamespace(compile=SimpleNamespace(format_code_name=lambda name: None))
    error = Error("n is {n}, more than the {units} units of all strata; lower n", n=5, units=3)
    assert "n bernilai 5, lebih dari 3 unit" in paragraphs.short(shell, error, None, "id")[0]
    assert str(error) in paragraphs.short(shell, error, None, "en")[0]


def test_a_third_language_is_a_folder(tmp_path, monkeypatch):
    place = tmp_path / "jv" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "errors.po").write_text(
        'msgid ""\nmsgstr "Language: jv"\n\nmsgid "there is no target \'{target}\'"\n'
        'msgstr "ora ana "\n"target \'{target}\'"\n', encoding="utf-8")
    monkeypatch.setattr(messages, "LOCALE", str(tmp_path))
    for kept in (messages.languages, messages.catalogue):
        kept.cache_clear()
    try:
        assert messages.languages() == ("en", "jv")
        assert messages.language([], {"LANG": "jv_ID.UTF-8"}) == "jv"
        said = Message("there is no target '{target}'", target="x").translated("jv")
        assert said == "ora ana target 'x'"
        assert messages.language([], {"LANG": "id_ID.UTF-8"}) == "en"
    finally:
        for kept in (messages.languages, messages.catalogue):
            kept.cache_clear()


@pytest.mark.parametrize("command", ["imports", "boundaries", "wide"])
def test_every_option_of_a_command_is_explained_in_indonesian(command):
    options = importlib.import_module(f"helpers.intake.{command}").OPTIONS
    assert [name for name, text in options.items() if text not in INDONESIAN] == []
