"""Setting: what was changed, as a link and as a parameter file."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import yaml

from helpers.errors import InputError
from helpers.explorer.controls import HIGHEST, JUDGEMENTS, LOWEST, Control
from helpers.languages import languages
from helpers.messages import Message
from helpers.study import parameters
from helpers.study.choices import sections

LINK = Message("the link")
PAGE = Message("the explorer")
TOKEN = "token"  # of the printed address: it opens the page, and is no setting
LANG = "lang"
NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")


class Known:
    """Controls and ratings of a data package by name: what a setting may change."""

    def __init__(self, controls: Mapping[str, Control], ratings: Mapping[str, int]):
        self.controls, self.ratings = controls, ratings

    def own(self, name: str) -> object:
        """Value without any change."""
        return self.controls[name].own if name in self.controls else self.ratings[name]

    def accepted(self, given: Mapping[str, object],
                 where: str) -> tuple[dict[str, object], list[str]]:
        """What of the given is allowed and differs from the value without any change, in the order
        of the page, and what is wrong with the rest; messages begin with ``where``."""
        kept, problems = {}, []
        for name, value in given.items():
            try:
                self._check(name, value, where)
            except InputError as error:
                problems.append(error.message)
                continue
            if value != self.own(name):
                kept[name] = value
        order = [*self.controls, *self.ratings]
        return {name: kept[name] for name in sorted(kept, key=order.index)}, problems

    def from_query(self, query: str) -> tuple[dict[str, object], str | None, list[str]]:
        """Changes, language and problems of a link's part behind the question mark."""
        given = dict(parse_qsl(query))
        given.pop(TOKEN, None)
        lang = given.pop(LANG, None)
        typed = {name: self._typed(name, text) for name, text in given.items()}
        changed, problems = self.accepted(typed, LINK)
        return changed, lang if lang in languages() else None, problems

    def from_file(self, path: Path) -> tuple[dict[str, object], list[str]]:
        """Changes and problems of a parameter file, as far as there are controls for it."""
        given, usual = (
            {f"{section}.{name}": value for section, values in loaded.items()
             if isinstance(values, dict) for name, value in values.items()}
            for loaded in (parameters.load(path), parameters.load()))
        # What has no control is named where it differs from what is usual.
        own = {name: value for name, value in given.items()
               if name in self.controls or value != usual.get(name, value)}
        return self.accepted(own, path.name)

    def _check(self, name: str, value: object, where: str) -> None:
        if name in self.ratings:
            if type(value) is not int or not LOWEST <= value <= HIGHEST:
                raise InputError("{where}: '{parameter}' is {value}; allowed is a whole number "
                                 "from {lowest} to {highest}", where=where, parameter=name,
                                 value=parameters.shortened(value), lowest=LOWEST, highest=HIGHEST)
            return
        if name.partition(".")[0] in JUDGEMENTS:
            raise InputError("{where}: there is no rating '{name}' in this data package",
                             where=where, name=name)
        rule = parameters.rule_of(name, where)
        if name not in self.controls:
            raise InputError("{where}: '{parameter}' cannot be changed here; it keeps its value",
                             where=where, parameter=name)
        parameters.check_value(value, rule, name, where)
        options = self.controls[name].options
        if options and value not in options:
            raise InputError("{where}: '{parameter}' is {value}; allowed is one of: {options}",
                             where=where, parameter=name, value=parameters.shortened(value),
                             options=", ".join(map(str, options)))

    def _typed(self, name: str, text: str) -> object:
        """Text of a link as what the value without any change is."""
        known = name in self.ratings or name in self.controls
        if not known or isinstance(self.own(name), str) or not NUMBER.fullmatch(text):
            return text
        return float(text) if "." in text else int(text)


def to_query(changed: Mapping[str, object], lang: str) -> str:
    """Setting as a link has it behind the question mark.

    >>> to_query({"sampling.margin": 0.1, "disparity.city_zone": "north"}, "en")
    'sampling.margin=0.1&disparity.city_zone=north&lang=en'
    """
    return urlencode({**changed, LANG: lang})


def to_file(changed: Mapping[str, object], about: str) -> str:
    """Changed parameters as a file that ``make all PARAMS=`` takes; ratings are data.

    >>> print(to_file({"sampling.margin": 0.1, "urgency.E1.D1": 5}, "What differs."), end="")
    # What differs.
    sampling:
      margin: 0.1
    >>> print(to_file({}, "Nothing differs."), end="")
    # Nothing differs.
    """
    kept = {name: value for name, value in changed.items()
            if name.partition(".")[0] not in JUDGEMENTS}
    text = yaml.safe_dump(sections(kept), sort_keys=False, allow_unicode=True) if kept else ""
    return f"# {about}\n{text}"
