"""Options ``NAME=value`` of the commands that make a copy of a data package."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from helpers.errors import InputError
from helpers.messages import Message, say
from helpers.study.package import Package
from helpers.study.paths import DEFAULT_RAW, ROOT


def asks_for_help(arguments: Iterable[str]) -> bool:
    """Whether a call asks how it is made."""
    return bool({*arguments} & {"help", "-h", "--help"})


def show_help(usage: str, options: Mapping[str, str], **values: object) -> None:
    """Print how a command is called, and what each option means."""
    say(usage)
    print()
    for name, text in options.items():
        say("  {name:<15} {meaning}", name=f"{name}=", meaning=Message(text, **values))


def parse(command: str, arguments: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Options of a call; an InputError says which is unknown, or given twice.

    >>> parse("boundaries", ["FILE=borders.gpkg", "NAME=WADMKC"], ["FILE", "NAME"])
    {'FILE': 'borders.gpkg', 'NAME': 'WADMKC'}
    """
    options: dict[str, str] = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign or name not in known:
            raise InputError("'{argument}' is not known; {command} takes NAME=value with {known}",
                             argument=argument, command=command, known=", ".join(known))
        if name in options:
            raise InputError("{name}= is given twice; keep one of them", name=name)
        options[name] = value
    return options


def refuse_other(options: Mapping[str, object], choices: Mapping[str, Iterable[str]]) -> None:
    """Stop at an option whose value is none of its choices.

    >>> refuse_other({"DASH": "nil"}, {"DASH": ("zero", "missing")})
    Traceback (most recent call last):
    helpers.errors.InputError: DASH=nil: allowed is one of: zero, missing
    """
    for name, allowed in choices.items():
        if name in options and options[name] not in allowed:
            raise InputError("{name}={value}: allowed is one of: {known}", name=name,
                             value=options[name], known=", ".join(allowed))


def package_and_copy(options: Mapping[str, str], ending: str) -> tuple[Package, Path]:
    """Package that a call names, and the folder of its copy: TO, else its name with an ending."""
    raw = Path(options.get("RAW", ROOT / DEFAULT_RAW)).resolve()
    package = Package(raw)
    target = Path(options["TO"]) if "TO" in options else raw.with_name(f"{raw.name}-{ending}")
    if target.resolve().is_relative_to(raw):
        raise InputError("TO={target}: lies in the data package {raw}, which is not changed; name "
                         "another folder", target=target, raw=raw.name)
    return package, target
