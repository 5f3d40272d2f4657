"""Claims of a package, held to the tests that decide them and to what the package holds."""

from collections.abc import Iterator
from difflib import get_close_matches

from helpers.errors import InputError
from helpers.messages import Message, either
from helpers.study import parameters
from helpers.study.package import Package

# What an option names: a resource and its column, and a word beside the values there.
NAMED = {"zone_a": ("areas", "zone"), "zone_b": ("areas", "zone"), "aspect": ("items", "aspect"),
         "strategy": ("strategies", "strategy"), "theme": ("catalogue", "theme"),
         "area": ("series", "area"), "indicator": ("series", "indicator"),
         "growth": ("series", "indicator"), "poor": ("series", "indicator")}
EVERY = {"aspect": ["all"]}


def check_claims(package: Package) -> None:
    """Check test, stage and options of every claim: a test would find them wrong when it decides,
    at the end of a build, or never."""
    from helpers.claims import TESTS, options_of

    claims, label = package.table("claims"), package.resource("claims").label
    stages = [name for name, rule in parameters.schema()["properties"].items()
              if rule["type"] == "object"]
    for index, claim in claims.iterrows():
        row = int(index) + 2
        if claim["test"] not in TESTS:
            raise InputError("{resource}: row {row}, column 'test': there is no test '{test}'; "
                             "known are: {known}", resource=label, row=row, test=claim["test"],
                             known=", ".join(TESTS))
        if claim["stage"] not in stages:
            raise InputError("{resource}: row {row}, column 'stage': there is no stage '{stage}'; "
                             "known are: {known}", resource=label, row=row, stage=claim["stage"],
                             known=", ".join(stages))
        try:
            options = options_of(claim)
        except ValueError as error:
            raise InputError("{resource}: row {row}, column 'options': {error}", resource=label,
                             row=row, error=error) from None
        for name, value in options.items():
            for unknown, known in _unknown(package, name, value):
                raise InputError("{resource}: row {row}, column 'options': {option}={value} names "
                                 "nothing in this package; {hint}", resource=label, row=row,
                                 option=name, value=unknown, hint=_hint(unknown, known))
        if "zone_a" in options and options["zone_a"] == options.get("zone_b"):
            raise InputError("{resource}: row {row}, column 'options': zone_a and zone_b are both "
                             "'{zone}'; name two zones", resource=label, row=row,
                             zone=options["zone_a"])


def _unknown(package: Package, option: str, value: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what an option names that is not there, and what is; what a package has no resource
    for cannot be wrong."""
    resource, column = NAMED.get(option, ("", ""))
    if not package.has(resource) or column not in package.table(resource):
        return
    known = [*EVERY.get(option, []), *package.table(resource)[column].dropna().unique()]
    for name in map(str.strip, value.split(",") if option == "strategy" else [value]):
        if name not in known:
            yield name, known


def _hint(value: str, known: list[str]) -> Message:
    close = get_close_matches(value, known, n=2)
    return Message("did you mean {close}?", close=either(map(repr, close))) if close else Message(
        "known are: {known}", known=", ".join(known[:12]))
