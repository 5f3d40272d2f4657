"""The choices of the multiverse: ``multiverse.yml``, checked like parameters."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from helpers import choices as design
from helpers.choices import Choices
from helpers.errors import InputError
from helpers.files import choices_file
from helpers.messages import Message, term
from helpers.study import parameters
from helpers.study.package import Package, is_own
from helpers.study.paths import ROOT

SECTIONS = ("choices", "thresholds", "compared")
NAMES = ("universes", *SECTIONS, "exclude", "thesis", "not_varied")
PARTS = ("alternatives", *SECTIONS[1:])
WHAT = {"choices": "a choice of the analysis",
        "thresholds": "a threshold, a part of what the claim says, and no choice",
        "compared": "a kind of test, of which one counts and the others stand beside it"}
WRITTEN = ("text_id", "text_en", "label_id", "label_en")
MOST = 1_000_000


def place(raw: Path) -> Path:
    """Place of the choices of a data package: its folder, or, where it has none, the project."""
    return choices_file(raw, ROOT)


def load(path: Path, in_force: Mapping[str, Mapping[str, object]],
         known: Collection[str] | None = None) -> Choices:
    """Choices of a file, read and checked; without the file there are none.

    The value in force is always one of the alternatives, the first one: what is analysed is one of
    the universes. Choices that are not `known`, which no claim can rest on, are refused. An
    InputError names the file, the choice, what is wrong and what is allowed.
    """
    if not path.exists() and not path.is_symlink():
        return Choices({})
    content = parameters.read(path)
    for name in content:
        if name not in NAMES:
            raise InputError("{path}: '{name}' is not known here; it holds {known}", path=path.name,
                             name=name, known=", ".join(NAMES))
    given = {section: _section(content, section, dict, path) for section in SECTIONS}
    for section, found in given.items():
        for name, values in found.items():
            _check_listed(name, section, path)
            _check_values(name, values, path)
            _check_known(name, known, path)
    exclude = _section(content, "exclude", list, path)
    if not all(isinstance(rule, dict) and rule for rule in exclude):
        raise InputError("{path}: each entry of 'exclude' names choices and their values, such as "
                         "{{scoring.missing: listwise, scoring.weights: none}}", path=path.name)
    choices = Choices(given["choices"], exclude, _section(content, "thesis", dict, path),
                      _count(content, path), given["thresholds"],
                      _section(content, "not_varied", dict, path), given["compared"])
    _check_thesis(choices, path)
    for name, reason in choices.not_varied.items():
        _check_reason(name, reason, choices, known, path)
    try:
        design.check(choices)
    except ValueError as error:
        raise InputError("{path}: {error}", path=path.name, error=error) from None
    return _with_values_in_force(choices, in_force, path)


def fitting(choices: Choices, package: Package, path: Path,
            in_force: Mapping[str, Mapping[str, object]]) -> Choices:
    """Choices with values that a package can take: scores on the scale of its answers, sources of
    its series.

    The project's own list is cut to them; one that the package carries (`path` is the file) must
    hold no others: an `InputError` names the parameter, its value and what is allowed. What the
    project knows of its thesis, and why it leaves choices alone, holds for its own package only.
    """
    if path.parent != package.folder and not is_own(package.descriptor):
        choices = replace(choices, thesis={}, not_varied={})
    cut = {}
    for name, (fits, allowed) in _limits(package, in_force).items():
        values = choices.listed.get(name, ())
        cut[name] = [*values[:1], *filter(fits, values[1:])]
        if len(cut[name]) < len(values) and path.parent == package.folder:
            value = next(value for value in values[1:] if not fits(value))
            raise InputError("{path}: '{name}' has the value {value}, which does not suit the data "
                             "package; it allows {allowed}", path=path.name, name=name, value=value,
                             allowed=allowed)
    return replace(choices, **{
        part: {name: cut.get(name, values) for name, values in getattr(choices, part).items()}
        for part in PARTS})


def _limits(package: Package, in_force: Mapping[str, Mapping[str, object]]
            ) -> dict[str, tuple[Callable[[object], bool], Message | str]]:
    """What a package allows: a parameter's values, and how that is said."""
    found: dict = {}
    if package.has("items"):
        items = package.table("items")
        low, high = items["lowest"].min(), items["highest"].max()
        scale = Message("scores from {low} to {high}", low=low, high=high)
        for name in ("synthesis.strong_need", "synthesis.easy_access"):
            found[name] = (lambda value: low <= value <= high), scale
    if package.has("indicators") and "disparity" in in_force:
        rows = package.table("indicators")
        followed = rows["indicator"] == in_force["disparity"]["reference_indicator"]
        years = sorted(rows.loc[followed, "year"].dropna().unique())
        if years:
            found["disparity.year"] = years.__contains__, ", ".join(map(str, years))
    if package.has("series"):
        # Here, so that a stage without claims does not follow the tests' code.
        from helpers.claims import courses

        series = package.table("series")
        known = sorted(series.loc[series["indicator"].isin(courses.GROWTH), "source"].unique())
        sources = [courses.LONGEST, *known]
        found["synthesis.growth_source"] = sources.__contains__, ", ".join(sources)
    return found


def _section(content: Mapping, name: str, kind: type, path: Path):
    found = content.get(name)
    if found is None:
        return kind()
    if not isinstance(found, kind):
        words = {dict: "names with values", list: "a list"}
        raise InputError("{path}: '{name}' holds {expected}, not {found}", path=path.name,
                         name=name, expected=term(words[kind]), found=parameters.shortened(found))
    return found


def _check_listed(name: str, section: str, path: Path) -> None:
    """Refuse what stands in another section than its own."""
    belongs = parameters.rule_of(name, path.name).get("apart", "choices")
    if section != belongs:
        raise InputError("{path}: '{name}' under '{section}' is {what}; move it to '{belongs}'",
                         path=path.name, name=name, section=section, what=term(WHAT[belongs]),
                         belongs=belongs)


def _check_known(name: str, known: Collection[str] | None, path: Path) -> None:
    if known is not None and name not in known:
        raise InputError("{path}: no stage reads the choice '{name}' for a claim; leave it "
                         "out (claims rest on: {known})", path=path.name, name=name,
                         known=", ".join(sorted(known)))


def _check_thesis(choices: Choices, path: Path) -> None:
    for name, value in choices.thesis.items():
        parameters.check_value(value, parameters.rule_of(name, path.name), name, path.name)
        known = {name: [value] for name in choices.not_varied} | choices.listed
        if value not in known.get(name, []):
            raise InputError("{path}: 'thesis' names {name} = {value}, which is not among the "
                             "choices", path=path.name, name=name, value=value)


def _check_reason(name: str, reason: object, choices: Choices, known: Collection[str] | None,
                  path: Path) -> None:
    """Refuse what is varied after all, and a reason that is not there in both languages."""
    parameter = "." in name
    if parameter:
        parameters.rule_of(name, path.name)
        _check_known(name, known, path)
    if name in choices.listed:
        raise InputError("{path}: '{name}' stands under 'not_varied', but has alternatives; keep "
                         "one of them", path=path.name, name=name)
    needed = WRITTEN[:2] if parameter else WRITTEN
    texts = reason if isinstance(reason, dict) else {}
    if not all(isinstance(texts.get(key), str) and texts[key].strip() for key in needed):
        raise InputError("{path}: '{name}' under 'not_varied' needs {needed}, each a sentence",
                         path=path.name, name=name, needed=", ".join(needed))


def _check_values(name: str, values: object, path: Path) -> None:
    rule = parameters.rule_of(name, path.name)
    if not isinstance(values, list) or not values:
        raise InputError("{path}: '{name}' needs a list of alternatives, such as [a, b], not "
                         "{value}", path=path.name, name=name, value=parameters.shortened(values))
    for value in values:
        parameters.check_value(value, rule, name, path.name)
        if isinstance(value, list):
            raise InputError("{path}: '{name}' is itself a list, and no claim rests on it; leave "
                             "it out", path=path.name, name=name)
    if len(set(values)) < len(values):
        raise InputError("{path}: '{name}' names an alternative twice; keep one of them",
                         path=path.name, name=name)


def _count(content: Mapping, path: Path) -> int:
    count = content.get("universes", 0)
    if type(count) is not int or not 0 <= count <= MOST:
        raise InputError("{path}: 'universes' is {count}; allowed is a whole number up to {most}",
                         path=path.name, count=parameters.shortened(count), most=MOST)
    return count


def _with_values_in_force(choices: Choices, in_force: Mapping, path: Path) -> Choices:
    own = own_universe(choices, in_force)
    first = {name: [own[name], *(value for value in values if value != own[name])]
             for name, values in choices.listed.items()}
    for rule in choices.exclude:
        if all(own[name] in design.as_list(values) for name, values in rule.items()):
            told = ", ".join(f"{name} = {own[name]}" for name in rule)
            raise InputError("{path}: the parameters in force are among the excluded combinations "
                             "({combination}); change them, or the exclusion", path=path.name,
                             combination=told)
    return replace(choices, **{part: {name: first[name] for name in getattr(choices, part)}
                               for part in PARTS})


def own_universe(choices: Choices, in_force: Mapping[str, Mapping[str,
                                                                  object]]) -> dict[str, object]:
    """Return the universe of the parameters in force, with what is in force apart.

    >>> own_universe(Choices({"scoring.missing": ["listwise"]}),
    ...              {"scoring": {"missing": "pairwise"}})
    {'scoring.missing': 'pairwise'}
    """
    found = {}
    for name in choices.listed:
        section, _, parameter = name.partition(".")
        if parameter not in in_force.get(section, {}):
            raise InputError("the choice '{name}' is no parameter that this stage declares; add "
                             "it to the stage's 'weighs' in src/helpers/run/plan.py, or do not "
                             "weigh choices in it", name=name)
        found[name] = in_force[section][parameter]
    return found


def sections(universe: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Write a universe as a parameter file has it.

    >>> sections({"scoring.missing": "listwise", "scoring.confidence": 0.9})
    {'scoring': {'missing': 'listwise', 'confidence': 0.9}}
    """
    found: dict[str, dict[str, object]] = {}
    for name, value in universe.items():
        section, _, parameter = name.partition(".")
        found.setdefault(section, {})[parameter] = value
    return found
