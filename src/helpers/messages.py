"""Messages in English and in the language of the reader. Standard library only, from Python 3.7.

A message is its English text, and knows the template and the values that it was made from. At the
border (command line, notebook, explorer) :func:`translate` looks the template up in ``errors.po``
and fills in the same values: data stay as they are, a value that is a message is translated too.
"""

import os
import re
import sys
from functools import lru_cache
from string import Formatter

LOCALE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
DOMAIN = "errors"
ORIGINAL = "en"
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
# The language of this process and of those that it starts.
CHOSEN = "KESENJANGAN_MESSAGES"


class Grouped(Formatter):
    """Groups of three digits as a language writes them; an Indonesian reads 1,234 as 1.2. Decimals
    stay as they are typed into files and commands."""

    def __init__(self, lang):
        self.sign = catalogue(lang).get(",", ",")

    def format_field(self, value, format_spec):
        shown = format(value, format_spec)
        return shown.replace(",", self.sign) if "," in format_spec else shown


class Message(str):
    """An English text that can be said in another language: a template, and values for its names in
    braces.

    Values that are messages or errors are translated with the text; as template they keep their
    values.

    >>> found = Message("{path}: the file is empty; export it again", path="answers.csv")
    >>> found
    'answers.csv: the file is empty; export it again'
    >>> found.translated("id")
    'answers.csv: berkas ini kosong; ekspor lagi'
    """

    def __new__(cls, template, **values):
        if isinstance(template, Message):
            template, values = template.template, dict(template.values, **values)
        self = super().__new__(cls, cls.finished(template.format(**values)))
        self.template, self.values = template, values
        return self

    def __getnewargs_ex__(self):
        return (self.template,), self.values

    def translated(self, lang):
        """Return the text in a language; in English where that language lacks it."""
        template = catalogue(lang).get(self.template, self.template)
        values = {name: translate(value, lang) for name, value in self.values.items()}
        return self.finished(Grouped(lang).format(template, **values))

    @staticmethod
    def finished(text):
        """Return a text as it is shown."""
        return text


def term(word):
    """Return a text of a fixed list, or of the system, as a message: it is looked up as it is.

    >>> term("No such file or directory").translated("id")
    'berkas atau folder itu tidak ada'
    """
    template = word.replace("{", "{{").replace("}", "}}")
    return word if isinstance(word, Message) else Message(template)


def either(parts, template="{first} or {last}"):
    """Return parts to choose from as one message.

    >>> either(["a", "b"]).translated("id")
    'a atau b'
    """
    found, *others = parts
    for part in others:
        found = Message(template, first=found, last=part)
    return found


def both(parts):
    """Return parts that hold together as one message.

    >>> both(["a", "b"]).translated("id")
    'a dan b'
    """
    return either(parts, "{first} and {last}")


def reason_of(error):
    """Return what the system or a library says about what failed, as a message."""
    return term(getattr(error, "strerror", None) or str(error))


def joined(parts, sign=", "):
    """Return parts, some of them messages, as one message with a sign between them.

    >>> joined(["areas.csv", Message("first run")], "; ")
    'areas.csv; first run'
    """
    values = {"part%d" % number: part for number, part in enumerate(parts)}
    return Message(sign.join("{%s}" % name for name in values), **values)


def listed(names):
    """Names one after the other, as a message shows them.

    >>> listed(["north", "south"])
    "'north', 'south'"
    """
    return ", ".join(repr(str(name)) for name in names)


def some(values, most=5):
    """The first few of several values, and how many more there are.

    >>> str(some(range(9)))
    '0, 1, 2, 3, 4 and 4 more'
    """
    values = [str(value) for value in values]
    return Message("{first} and {number} more" if len(values) > most else "{first}",
                   first=", ".join(values[:most]), number=len(values) - most)


def translate(value, lang=None):
    """Message, or that of an error, in a language (else that of this process); other values as they
    are."""
    message = value if isinstance(value, Message) else getattr(value, "message", None)
    return message.translated(lang or chosen_language()) if isinstance(message, Message) else value


def say(template, **values):
    """Print a message, or a line of data, in the language of this process, at once.

    Where nobody reads any more (``make all | head -1``) the program goes on in silence.
    """
    message = Message(template, **values) if values else term(template)
    try:
        # In one piece: stages that run side by side end when they like.
        print("%s\n" % translate(message), end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def choose_language(arguments):
    """Set the language of messages for this process, and for those that it starts."""
    os.environ[CHOSEN] = language(arguments)


def chosen_language():
    """Return the language of this process's messages."""
    return os.environ.get(CHOSEN, ORIGINAL)


def language(arguments, environment=None):
    """Language of the command line: that of ``lang=``, else the machine's, else English.

    >>> language(["all", "lang=id"], {})
    'id'
    >>> language(["all"], {"LANG": "id_ID.UTF-8"})
    'id'
    >>> language(["all"], {"LANG": "id_ID.UTF-8", "LC_ALL": "C"})
    'en'
    """
    given = environment if environment is not None else os.environ
    for argument in arguments:
        if chosen(argument):
            return chosen(argument)
    found = [given[name] for name in VARIABLES if given.get(name)]
    if os.name == "nt":
        import ctypes
        import locale

        interface = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        found.append(locale.windows_locale.get(interface, ORIGINAL))
    code = re.split("[_.@-]", found[0])[0].lower() if found else ORIGINAL
    return code if code in languages() else ORIGINAL


def chosen(argument):
    """Return the language that an argument asks for, None where it is about something else."""
    name, _, value = argument.partition("=")
    return value if name == "lang" and value in languages() else None


@lru_cache(maxsize=None)
def languages():
    """Return the languages that messages can be said in, the original first."""
    return (ORIGINAL, *sorted(name for name in os.listdir(LOCALE) if os.path.isfile(_file(name))))


@lru_cache(maxsize=None)
def catalogue(lang):
    """Return template and text of every message in a language; nothing for the original."""
    return entries(_file(lang)) if lang != ORIGINAL and lang in languages() else {}


def entries(path):
    """Return what a gettext catalogue holds, read without Babel: it may not be there yet."""
    from ast import literal_eval

    def joined(lines):
        return "".join(literal_eval(line) for line in lines.splitlines() if line.strip())

    with open(path, encoding="utf-8") as file:
        found = re.findall(r'(?m)^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)', file.read())
    pairs = ((joined(template), joined(text)) for template, text in found)
    return {template: text for template, text in pairs if template}


def _file(lang):
    return os.path.join(LOCALE, lang, "LC_MESSAGES", DOMAIN + ".po")
