"""What any Python can say before there is an environment: the targets, and what is missing. Standard library only."""

import ast
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LOCALE = os.path.join(ROOT, "src", "helpers", "publish", "locale")
LANGUAGES = ("id", "en")
WIDTH = 15
# What Windows calls Indonesian among the languages of its windows.
INDONESIAN = 0x21


def answer(arguments):
    """Do ``help`` or ``doctor``; return the exit status, or None where the call asks for something else."""
    speak_anything()
    [target] = [argument for argument in arguments if "=" not in argument][:1] or ["help"]
    if target in ("help", "-h", "--help"):
        return show_help()
    if target == "doctor":
        from helpers.build import doctor

        return doctor.main(arguments)
    return None


def speak_anything():
    """Let a console that lacks a sign (``→``, ``✓``) show a question mark instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def language(arguments):
    """Return the language of messages: the one given as ``lang=``, else the machine's, where that is Indonesian.

    Examples
    --------
    >>> language(["doctor", "lang=id"])
    'id'
    """
    for argument in arguments:
        if argument.startswith("lang=") and argument[len("lang="):] in LANGUAGES:
            return argument[len("lang="):]
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "id" if re.match("(?i)id($|[_.-])", os.environ[name]) else "en"
    if os.name == "nt":
        import ctypes

        return "id" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == INDONESIAN else "en"
    return "en"


def catalogue(domain, lang):
    """Return key and text of a gettext catalogue, read without Babel.

    Examples
    --------
    >>> catalogue("doctor", "en")["state.ok"]
    'ok'
    """
    with open(os.path.join(LOCALE, lang, "LC_MESSAGES", domain + ".po"), encoding="utf-8") as file:
        entries = re.findall(r'(?m)^msgid ((?:".*"\s*)+)^msgstr ((?:".*"\s*)+)', file.read())
    texts = {_joined(key): _joined(text) for key, text in entries}
    return {key: text for key, text in texts.items() if key}


def _joined(lines):
    return "".join(ast.literal_eval(line) for line in lines.splitlines() if line.strip())


def targets():
    """Return name and meaning of every target, in the order of the Makefile and with its words."""
    with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as file:
        return re.findall(r"(?m)^(\w+):.*?## (.*)$", file.read())


def show_help():
    """Print the targets with the comments that stand beside them in the Makefile."""
    print("usage: make TARGET [RAW=folder] [OUT=folder] [PARAMS=file] [lang=id|en] [jobs=N] [explain=1]")
    print("   or: python src/helpers TARGET ... (the same, without make)")
    print("first: make doctor, then make all, then open outputs/site/index.html\n")
    for name, text in targets():
        print("  %s %s" % (name.ljust(WIDTH), text))
    print("\nown questionnaires, without make: python src/helpers import FILE status=... (or: import help), "
          "xlsform [to=FILE]")
    print("another region, without make: python src/helpers new FOLDER --areas FILE [--villages FILE] (or: new help)")
    return 0
