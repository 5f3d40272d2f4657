"""Parameters: one file, one schema, checked before anything runs."""

import math
import re
import reprlib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

import yaml

from helpers.errors import InputError
from helpers.languages import DEFAULT, in_language, language_columns, languages
from helpers.messages import Message, both, reason_of, term
from helpers.study.jsonschema_fast import validator_class
from helpers.study.paths import ROOT

COMMON = ("seed", "lang")
SCHEMA_FILE = Path(__file__).with_name("parameters.yml")
KINDS = {"integer": "a whole number {bounds}", "number": "a number {bounds}", "string": "a word",
         "object": "a section", "array": "a list of different words, at most {number}"}
FOUND = re.compile(r"(.*(?:got|found|character|tag) )('.+'|\".+\")(.*)")
# As people write numbers; with other signs YAML reads others: octal, of base sixty.
PLAIN = re.compile(r"[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?|[+-]?\.(inf|nan)", re.IGNORECASE)
LARGEST = 1_000_000  # bytes
BOUNDS = {"exclusiveMinimum": "above {value}", "minimum": "at least {value}",
          "exclusiveMaximum": "below {value}", "maximum": "at most {value}"}


class _UniqueKeys(yaml.SafeLoader):
    """YAML without tags that build objects, without silently repeated names, and without
    references.

    A few lines of references to references unfold into more than a computer can hold.
    """

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(
                problem=Message("'*{anchor}' refers to another value; write the value out",
                                anchor=event.anchor), problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_scalar(self, node):
        """Text of a value; a number in plain digits alone: 010 would be eight, 1:30 ninety."""
        if node.tag.endswith((":int", ":float")) and not PLAIN.fullmatch(node.value):
            raise yaml.constructor.ConstructorError(
                problem=Message("'{text}' is no number as people write it; write it in plain "
                                "digits, such as 10 or 0.5", text=node.value),
                problem_mark=node.start_mark)
        return super().construct_scalar(node)

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    problem=Message("the name {key!r} is not a word", key=key),
                    problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=Message("the name {key!r} stands twice", key=key),
                    problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


@cache
def schema() -> dict:
    """Return the JSON Schema of ``params.yml``; ``lang`` is one of the languages that there are."""
    found = yaml.safe_load(SCHEMA_FILE.read_text(encoding="utf-8"))
    found["properties"]["lang"]["enum"] = list(languages())
    return found


def meaning(name: str, lang: str) -> str:
    """Return the sentence that explains a parameter.

    >>> meaning("seed", "en")
    'Random seed; every random stream is a named child of it.'
    """
    rule = {"properties": schema()["properties"]}
    for part in name.split("."):
        rule = rule["properties"][part]
    return in_language(rule, "text", lang)


def names(stage: str) -> dict[str, dict]:
    """Name and schema of every parameter that a stage's notebook has, also ``seed`` and ``lang``.

    >>> list(names("force_field"))
    ['seed', 'lang', 'weighting', 'divisor', 'linkage_scope', 'aggregate', 'urgency_source',
    'evidence', 'strategy_rule',
     'keys', 'draws', 'rating_error']
    """
    properties = schema()["properties"]
    section = properties.get(stage, {"properties": {}})["properties"]
    return {name: properties[name] for name in COMMON} | section


def paragraph(stage: str, name: str) -> str:
    """Id of the text cell, without the language, that explains a parameter in a stage's notebook.

    >>> paragraph("sampling", "margin"), paragraph("sampling", "seed")
    ('slovin', 'draw')
    """
    found = names(stage)[name]["paragraph"]
    return found if isinstance(found, str) else found.get(stage, found["others"])


def load(path: Path | None = None, overrides: Mapping[str, object] | None = None) -> dict:
    """Parameters of a file, checked; what it leaves out is taken from the project's ``params.yml``.

    `overrides` are values of ``seed`` or ``lang`` given on the command line; ``None`` is ignored.
    Returns ``seed``, ``lang`` and one dict a stage. An InputError names the file, the parameter,
    the value and what is allowed.
    """
    own = ROOT / "params.yml"
    parameters = read(own)
    _check(parameters, own.name)
    if path is not None:
        given = read(path)
        _check(given, path.name)
        for name, value in given.items():
            parameters[name] = parameters[name] | value if isinstance(value, dict) else value
    chosen = {name: value for name, value in (overrides or {}).items() if value is not None}
    _check(chosen, Message("the command line"))
    return parameters | chosen


def check(stage: str, values: Mapping[str, object]) -> dict:
    """Pick a stage's parameters out of a notebook's variables and check them.

    >>> check("overview", {"seed": 1, "lang": "en", "anything": "else"})
    {'seed': 1, 'lang': 'en'}
    """
    wanted = names(stage)
    missing = [name for name in wanted if name not in values]
    if missing:
        raise InputError("parameters of {stage}: '{parameter}' is not set; restore it in the cell "
                         "tagged 'parameters' (this stage has: {known})", stage=stage,
                         parameter=missing[0], known=", ".join(wanted))
    picked = {name: values[name] for name in wanted}
    for name, value in picked.items():
        check_value(value, wanted[name], name, Message("parameters of {stage}", stage=stage))
    return picked


def rule_of(name: str, where: str) -> dict:
    """Schema of a parameter that is named with its section, for example ``scoring.missing``.

    An InputError says `where` a name stands that is no parameter.

    >>> rule_of("scoring.missing", "a file")["enum"]
    ['person_mean', 'listwise', 'pairwise']
    """
    properties = schema()["properties"]
    stage, dot, parameter = str(name).partition(".")
    if not dot or properties.get(stage, {}).get("type") != "object":
        stages = ", ".join(key for key, rule in properties.items() if rule["type"] == "object")
        raise InputError("{where}: '{parameter}' names no parameter of a stage; write it as "
                         "stage.parameter, with a stage of: {stages}", where=where, parameter=name,
                         stages=stages)
    section = properties[stage]["properties"]
    _check_name(parameter, section, f"{stage}.", where)
    return section[parameter]


def read(path: Path) -> dict:
    """Names and values of a file: YAML without tags, references and repeated names; an InputError
    names the file and the line."""
    try:
        if path.exists() and not path.is_file():
            # A pipe would be waited for.
            raise InputError("{path}: is no file; give a parameter file with PARAMS=",
                             path=path.name)
        if path.stat().st_size > LARGEST:
            raise InputError("{path}: has more than {most:,} bytes; it holds choices of an "
                             "analysis, and no data", path=path.name, most=LARGEST)
        text = path.read_text(encoding="utf-8-sig")
    except InputError:
        raise
    except OSError as error:
        raise InputError("{path}: cannot be read ({reason}); give a parameter file with PARAMS=",
                         path=path.name, reason=reason_of(error)) from None
    except UnicodeDecodeError as error:
        raise InputError("{path}: byte {byte} is not UTF-8; save the file as UTF-8", path=path.name,
                         byte=error.start + 1) from None
    try:
        content = deepcopy(_parsed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = mark and Message("line {line}, column {column}", line=mark.line + 1,
                                 column=mark.column + 1)
        raise InputError("{path}: not valid YAML at {where}: {problem}", path=path.name,
                         where=where or "?", problem=_in_yaml(error.problem)) from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError,
            RecursionError) as error:
        # Beside its own errors, YAML lets through what a value does not fit: a 13th month, a tag on
        # the wrong thing.
        raise InputError("{path}: not valid YAML: {error}", path=path.name,
                         error=term(" ".join(str(error).split()) or type(error).__name__)) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError("{path}: must hold names with values such as 'seed: 1', but holds {kind}",
                         path=path.name, kind=type(content).__name__)
    return content


@lru_cache(maxsize=32)
def _parsed(text: str) -> object:
    """Content of a file, which is asked for several times in one call."""
    return yaml.load(text, Loader=_UniqueKeys)


def _in_yaml(problem: str) -> Message:
    """Return a problem as PyYAML words it, with what it found as a value."""
    if isinstance(problem, Message):
        return problem
    said, found, rest = FOUND.fullmatch(problem).groups() if FOUND.fullmatch(problem) else (
        problem, "", "")
    template = said.replace("{", "{{").replace("}", "}}")
    return Message(f"{template}{{found}}{rest}" if found else template, found=found)


def _check(parameters: Mapping, where: str) -> None:
    properties = schema()["properties"]
    for name, value in parameters.items():
        _check_name(name, properties, "", where)
        if properties[name]["type"] != "object":
            check_value(value, properties[name], name, where)
            continue
        if not isinstance(value, dict):
            raise InputError("{where}: '{parameter}' is a section with parameters below it, not "
                             "{value}", where=where, parameter=name, value=shortened(value))
        section = properties[name]["properties"]
        for parameter, chosen in value.items():
            _check_name(parameter, section, f"{name}.", where)
            check_value(chosen, section[parameter], f"{name}.{parameter}", where)


def _check_name(name: str, known: Iterable[str], prefix: str, where: str) -> None:
    if name in known:
        return
    close = get_close_matches(name, known, n=1)
    hint = Message("did you mean '{name}'?" if close else "known here: {known}",
                   name=prefix + "".join(close), known=", ".join(known))
    raise InputError("{where}: there is no parameter '{parameter}'; {hint}", where=where,
                     parameter=prefix + name, hint=hint)


def check_value(value: object, rule: dict, name: str, where: str) -> None:
    """Check one value against its schema; an InputError names the parameter, its value and what is
    allowed."""
    explaining = ("unit", "paragraph", "apart", *language_columns(rule, "text", DEFAULT))
    constraints = {key: part for key, part in rule.items() if key not in explaining}
    # No bound holds back what is no number: every comparison with it is false.
    faults = [value] if isinstance(value, float) and not math.isfinite(value) else []
    for _ in faults or validator_class()(constraints).iter_errors(value):
        raise InputError("{where}: '{parameter}' is {value}; allowed is {allowed}", where=where,
                         parameter=name, value=shortened(value), allowed=allowed(rule))


def shortened(value: object) -> str:
    """Value as a message shows it: a few lines of YAML can hold one too large to be written out.

    >>> shortened("fr"), shortened([[[[["deep"]]]]])
    ("'fr'", '[[[[...]]]]')
    """
    writer = reprlib.Repr()
    writer.maxlevel, writer.maxstring, writer.maxother = 3, 80, 80
    return writer.repr(value)


def allowed(rule: dict) -> Message:
    """Say in words what a parameter may be.

    >>> allowed({"type": "number", "exclusiveMinimum": 0, "maximum": 0.5, "unit": "share"})
    'a number above 0 and at most 0.5 (share)'
    >>> allowed({"type": "string", "enum": ["id", "en"], "unit": "language"})
    'one of: id, en'
    """
    if "enum" in rule:
        return Message("one of: {value}", value=", ".join(rule["enum"]))
    bounds = [Message(text, value=rule[key]) for key, text in BOUNDS.items() if key in rule]
    kind = Message(KINDS[rule["type"]], bounds=both(bounds) if bounds else "",
                   number=rule.get("maxItems"))
    return Message("{kind} ({unit})", kind=kind, unit=term(rule["unit"]))
