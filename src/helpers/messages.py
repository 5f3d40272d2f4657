"""Errors and status lines in the language of the person who reads them. Standard library only, from
Python 3.7 on.

Where something goes wrong, an English sentence is raised. At the border (command line, notebook)
the sentence is held against the templates of ``errors.po`` and said in another language; what it
quotes stays as it is. A sentence that no template fits is said as it was raised.
"""

import os
import re
import sys
from contextlib import contextmanager
from functools import cache

LOCALE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
DOMAIN = "errors"
ORIGINAL = "en"
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")
# What stands beside a sentence: the dash of a list, an option, a name in a column of its own.
BESIDE = re.compile(r"(- |\S+=\s+|\S.*?\s\s+)(\S.*)$")
# Two words to choose from.
CHOICE = re.compile(r"\w+ or \w+$")
# How often a sign joins sentences at most, and how long a line is read at most.
MOST, LONGEST = 12, 2000
# The end of a message that was too long.
CUT = "…"
# What Windows calls Indonesian among the languages of its windows.
INDONESIAN = 0x21


def language(arguments, environment=None):
    """Return the language of the command line: the one given as ``lang=``, else the machine's, else
    English.

    Parameters
    ----------
    arguments : list of str
    environment : dict, optional
        Variables of the process; without it those of this one.

    Examples
    --------
    >>> language(["all", "lang=id"], {})
    'id'
    >>> language(["all"], {"LANG": "id_ID.UTF-8"}), language(["all"], {"LANG": "id_ID.UTF-8", "LC_ALL": "C"})
    ('id', 'en')
    """
    given = environment if environment is not None else os.environ
    for argument in arguments:
        if chosen(argument):
            return chosen(argument)
    for name in VARIABLES:
        if given.get(name):
            code = re.split("[_.@-]", given[name])[0].lower()
            return code if code in languages() else ORIGINAL
    if os.name == "nt":
        import ctypes

        return "id" if ctypes.windll.kernel32.GetUserDefaultUILanguage(
        ) & 0x3FF == INDONESIAN else ORIGINAL
    return ORIGINAL


def chosen(argument):
    """Return the language that an argument of the command line asks for, None where it is about
    something else."""
    name, _, value = argument.partition("=")
    return value if name == "lang" and value in languages() else None


@cache
def languages():
    """Return the languages that messages can be said in, the original first."""
    return (ORIGINAL,) + tuple(
        sorted(name for name in os.listdir(LOCALE) if os.path.isfile(_file(name))))


def told(text, lang):
    """Return a message, of one line or several, in a language.

    Parameters
    ----------
    text : str
        As it was raised or printed, with whatever stands before it.
    lang : str

    Examples
    --------
    >>> told("frame.csv: the file is empty; it needs a header and at least one row", "id")
    'frame.csv: berkas ini kosong; perlu satu baris judul dan sedikitnya satu baris data'
    """
    if lang == ORIGINAL or lang not in languages():
        return text
    known = _catalogue(lang)
    return "\n".join(known.line(line) for line in text.split("\n"))


@contextmanager
def speaking(lang):
    """Say what is printed meanwhile, and what ends the program, in a language."""
    if lang == ORIGINAL:
        yield
        return
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Speaker(before[0], lang), _Speaker(before[1], lang)
    try:
        yield
    except SystemExit as end:
        if isinstance(end.code, str):
            end.code = told(end.code, lang)
        raise
    finally:
        sys.stdout.finish()
        sys.stderr.finish()
        sys.stdout, sys.stderr = before


class _Speaker:
    """A stream that says whole lines in a language; the end of an unfinished one is waited for."""

    def __init__(self, stream, lang):
        self._stream = stream
        self._lang = lang
        self._begun = ""

    def write(self, text):
        """Take text; say the lines that it completes."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._stream.write(told(line, self._lang) + "\n")
        return len(text)

    def finish(self):
        """Say what has no end of line."""
        if self._begun:
            self._stream.write(told(self._begun, self._lang))
            self._begun = ""

    def flush(self):
        """Say what there is, at once."""
        self.finish()
        self._stream.flush()

    def __getattr__(self, name):
        return getattr(self._stream, name)


def entries(path):
    """Return the templates of a gettext catalogue and what they become, read without Babel: it may
    not be there yet."""
    from ast import literal_eval

    def joined(lines):
        return "".join(literal_eval(line) for line in lines.splitlines() if line.strip())

    with open(path, encoding="utf-8") as file:
        found = re.findall(r'(?m)^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)', file.read())
    pairs = ((joined(template), joined(text)) for template, text in found)
    return {template: text for template, text in pairs if template}


def _file(lang):
    return os.path.join(LOCALE, lang, "LC_MESSAGES", DOMAIN + ".po")


@cache
def _catalogue(lang):
    return Catalogue(entries(_file(lang)))


class Catalogue:
    """The templates of one language. Of several that fit, the one counts that explains most of the
    sentence.

    Parameters
    ----------
    texts : dict
        Template to text; both name their values in braces.
    """

    def __init__(self, texts):
        self.templates = [Template(source, text) for source, text in texts.items()]
        self.constants = {one.source: one.fill({}) for one in self.templates if not one.values}

    def line(self, line):
        """Return one line in the language, or as it is."""
        return _Reading(self).read(line)[1] if len(line) <= LONGEST else line


class _Reading:
    """One line being read; parts of it that come up again are read once.

    Parameters
    ----------
    known : Catalogue
    """

    def __init__(self, known):
        self.known = known
        self.seen = {}

    def read(self, text):
        """Return how many letters of a text are explained, and the text in the language."""
        if text not in self.seen:
            inner = text.strip()
            start = text.index(inner)
            explained, told = max(self._possible(inner), key=lambda reading: reading[0])
            self.seen[text] = explained, text[:start] + told + text[start + len(inner):]
        return self.seen[text]

    def _possible(self, text):
        yield 0, text
        if text in self.known.constants:
            yield len(text), self.known.constants[text]
            return
        for template in self.known.templates:
            for values in template.read(text):
                read = {name: (0, value) if name in template.quoted else self._value(value)
                        for name, value in values.items()}
                yield (template.weight + sum(explained for explained, told in read.values()),
                       template.fill({name: told for name, (explained, told) in read.items()}))
        yield from self._in_parts(text)

    def _value(self, value):
        """Read a value that may itself be a message; all others, which are data, stay as they
        are."""
        return self.read(value) if " " in value.strip() and value[0] not in "'\"" else (0, value)

    def _in_parts(self, text):
        """Read what stands before a sentence (a file, a target, a dash), and sentences that are
        said together."""
        found = BESIDE.match(text)
        if found:
            explained, told = self.read(found.group(2))
            yield explained, found.group(1) + told
        word, _, rest = text.partition(" ")
        if rest in self.known.constants:
            yield len(rest), word + " " + self.known.constants[rest]
        found = re.match(r"(.*) \(([^()]*)\)$", text)
        if found:
            first, second = self._value(found.group(1)), self.read(found.group(2))
            yield first[0] + second[0], "%s (%s)" % (first[1], second[1])
        if CHOICE.match(text):
            yield 1, text.replace(" or ", self._joint(" or "))
        for sign in (": ", "; ", ", ", " and ", " or "):
            before, _, after = text.partition(sign)
            # Where a sign comes often, it stands between the entries of a list.
            if not before or not after or text.count(sign) > MOST:
                continue
            first, second, appended = self._value(before), self.read(after), self.read(sign + after)
            if appended[0]:
                yield first[0] + appended[0], first[1] + appended[1]
            if second[0] and (first[0] or sign in (": ", ", ")):
                yield first[0] + second[0], first[1] + self._joint(sign) + second[1]

    def _joint(self, sign):
        word = sign.strip()
        return " %s " % self.known.constants[word] if word in self.known.constants else sign


class Template:
    """One English sentence with its values in braces, and the same in another language."""

    def __init__(self, source, text):
        self.source = _plain(source)
        self.values = [found.group(1) for found in PLACEHOLDER.finditer(source) if found.group(1)]
        self.pieces = _pieces(source)
        self.weight = sum(map(len, self.pieces))
        self.longest = max(self.pieces, key=len)
        self.quoted = {
            name for name, before in zip(self.values, self.pieces) if before.endswith("'")
        }
        self.text = text
        self.patterns = []

    def read(self, text):
        """Yield the values with which the template is this text: a sign in a value may be one of
        the template's own."""
        if self.longest not in text or not text.startswith(self.pieces[0]):
            return
        if not self.patterns:
            self.patterns = [re.compile(value.join(map(re.escape, self.pieces)), re.DOTALL)
                             for value in ("(.*?)", "(.*)")]
        for pattern in self.patterns[:len(self.values)]:
            found = pattern.fullmatch(text)
            if found:
                yield dict(zip(self.values, found.groups()))
        if text.endswith(CUT) and self.values and self.pieces[-1]:
            # Only the beginning of a long message is said.
            found = re.fullmatch("(.*?)".join(map(re.escape, self.pieces[:-1])) + "(.*)", text,
                                 re.DOTALL)
            if found:
                yield dict(zip(self.values, found.groups()))

    def fill(self, values):
        """Return the text in the other language with these values."""
        return PLACEHOLDER.sub(
            lambda found: values[found.group(1)]
            if found.group(1) else found.group(0)[0], self.text)


def _pieces(template):
    """Return what stands between the values.

    Examples
    --------
    >>> _pieces("{file}: row {row} holds {{}}")
    ['', ': row ', ' holds {}']
    """
    pieces, position = [""], 0
    for found in PLACEHOLDER.finditer(template):
        pieces[-1] += template[position:found.start()]
        if found.group(1):
            pieces.append("")
        else:
            pieces[-1] += found.group(0)[0]
        position = found.end()
    pieces[-1] += template[position:]
    return pieces


def _plain(text):
    return text.replace("{{", "{").replace("}}", "}")
