"""Errors and status lines in two languages: every sentence has its Indonesian, and is found again when it is said."""

import re

import pytest
from babel.messages.pofile import read_po
from message_sources import shape, templates

from helpers import messages

CATALOGUE = messages.LOCALE + "/id/LC_MESSAGES/errors.po"
INDONESIAN = messages.entries(CATALOGUE)
HOW = "docs/translating.md says how; python tests/message_sources.py missing prints the entries"


def names(template):
    """Return the names of a template's values."""
    return {name for name in messages.PLACEHOLDER.findall(template) if name}


def sample(template):
    """Return a template filled with samples, and these: words, quoted values, and paths, such as no template holds."""
    kinds = ("X{}y", "'a-{}'", "data/raw-{}.csv")
    values = {name: kinds[number % 3].format(number) for number, name in enumerate(messages.Template(template, "").values)}
    return messages.Template(template, template).fill(values), values


@pytest.fixture(scope="module")
def said():
    return {shape(template): (template, where) for template, where in templates().items()}


def test_every_message_has_its_indonesian_and_every_entry_its_message(said):
    known = {shape(template): template for template in INDONESIAN}
    missing = [f"{where}: {template}" for key, (template, where) in said.items() if key not in known]
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
        assert INDONESIAN == {entry.id: entry.string for entry in read_po(file) if entry.id}
