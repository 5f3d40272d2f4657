"""Steps: plain functions whose argument names say what they read.

An argument is another step, an input (a resource of the data package), a parameter
(``section__name``) or a child seed (``seed__stage__purpose``). The signatures together tell what a
step rests on, however far away. An argument without a default is needed: where a step or an input
is not there (None), what needs it is not there either. An argument whose default is `When` is read
only under some values of a parameter.
"""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NEEDED = inspect.Parameter.empty
NOTHING: Mapping[str, object] = MappingProxyType({})
SEED = "seed."
Step = Callable[..., Any]
Key = tuple[object, ...]


@dataclass(frozen=True)
class When:
    """Default of an argument that is None unless ``section.name`` has one of these values."""

    parameter: str
    values: tuple[object, ...]


def table(name: str) -> Callable[[Step], Step]:
    """Decorator of the step that makes the published table of this name."""
    def named(step: Step) -> Step:
        step.table = name  # type: ignore[attr-defined]
        return step

    return named


@dataclass(frozen=True)
class Given:
    """Table in place of an input, made where a step asks for it; equal keys mean equal tables."""

    key: object
    make: Callable[[], object] = field(compare=False)


class Steps:
    """Functions as steps (by name), published tables (to their steps), and what they rest on.

    Examples
    --------
    >>> def answers(responses): ...
    >>> def weights(frame=When("scoring.weights", ("design",))): ...
    >>> def scores(answers, scoring__missing, weights=None): ...
    >>> steps = Steps([answers, weights, scores])
    >>> list(steps.reads("scores")), list(steps.needs("scores"))
    (['scoring.missing', 'scoring.weights'], ['responses', 'frame'])
    >>> list(steps.needs("scores", under={"scoring.weights": "none"}.get))
    ['responses']
    """

    def __init__(self, functions: Iterable[Step]):
        self.functions = {function.__name__: function for function in functions}
        self.tables = {vars(function)["table"]: name for name, function in self.functions.items()
                       if "table" in vars(function)}
        self.arguments = {
            name: [(argument.name, argument.name.replace("__", ".", 1), argument.default)
                   for argument in inspect.signature(function).parameters.values()]
            for name, function in self.functions.items()}

    def stage(self, step: str) -> str:
        """Stage of a step: the name of its module."""
        return self.functions[step].__module__.rpartition(".")[2]

    def reads(self, *steps: str) -> KeysView[str]:
        """Parameters that steps rest on, as ``section.name``, in the order of the arguments."""
        return dict.fromkeys(leaf for leaf in self.leaves(steps)
                             if "." in leaf and not leaf.startswith(SEED)).keys()

    def needs(self, *steps: str, under: Callable[[str], object] | None = None,
              needed: bool = False) -> KeysView[str]:
        """Inputs that steps rest on, in the order of the arguments.

        What is not read under the values that `under` returns for parameters is left out; with
        `needed` also those without which all steps are there.
        """
        leaves = self.leaves(steps, under, needed)
        return dict.fromkeys(leaf for leaf in leaves if "." not in leaf).keys()

    def leaves(self, steps: Iterable[str], under: Callable[[str], object] | None = None,
               needed: bool = False) -> Iterator[str]:
        """Parameters, seeds and inputs at the ends of all ways down from some steps."""
        for step in steps:
            for _, read, default in self.arguments[step]:
                if isinstance(default, When):
                    yield default.parameter
                    if under and under(default.parameter) not in default.values:
                        continue
                if default is NEEDED or not needed:
                    if read in self.functions:
                        yield from self.leaves([read], under, needed)
                    else:
                        yield read


class Chain:
    """Steps on one data package, each result kept under all that it rests on.

    Results are handed to everyone who asks: nobody may change one.

    Parameters
    ----------
    steps : Steps
    inputs : mapping
        Resource to its table; what the package does not have is left out.
    parameters : mapping
        Section to its parameters: the value of each that is not chosen otherwise.
    seed : callable
        Takes stage and purpose, returns the child seed.
    most : int, optional
        Results that are kept; the least recently used go first.

    Examples
    --------
    >>> def total(sales, shop__discount): return sum(sales) - shop__discount
    >>> chain = Chain(Steps([total]), {"sales": [5, 6]}, {"shop": {"discount": 1}}, hash)
    >>> chain.get("total"), chain.get("total", {"shop.discount": 2})
    (10, 9)
    >>> chain.get("total", {"sales": Given("one sale", lambda: [7])})
    6
    """

    def __init__(self, steps: Steps, inputs: Mapping[str, object],
                 parameters: Mapping[str, Mapping[str, object]],
                 seed: Callable[[str, str], int], most: int | None = None):
        self.steps, self.inputs, self.parameters = steps, inputs, parameters
        self.seed, self.most = seed, most
        self._own = {f"{section}.{name}": tuple(value) if isinstance(value, list) else value
                     for section, values in parameters.items() for name, value in values.items()}
        self._behind = {step: (steps.reads(step), steps.needs(step))
                        for step in steps.functions}
        self._kept: OrderedDict[Key, Any] = OrderedDict()

    def value(self, parameter: str, chosen: Mapping[str, object]) -> object:
        """Value of a parameter (``section.name``)."""
        return chosen[parameter] if parameter in chosen else self._own[parameter]

    def get(self, step: str, chosen: Mapping[str, object] = NOTHING) -> Any:
        """Result of a step, made the first time it is asked for; None where it is not there.

        What differs is chosen: parameter to value, input to a `Given`.
        """
        return self.keep(self.key(step, chosen), lambda: self._made(step, chosen))

    def key(self, step: str, chosen: Mapping[str, object] = NOTHING) -> Key:
        """Step and all that its result rests on under these choices."""
        reads, needs = self._behind[step]
        return (step, *[self.value(name, chosen) for name in reads],
                *[item for item in chosen.items() if item[0] in needs])

    def keep(self, key: Key, make: Callable[[], Any]) -> Any:
        """Result under a key, made the first time it is asked for."""
        if key not in self._kept:
            self._kept[key] = make()
            if self.most and len(self._kept) > self.most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def table(self, name: str, chosen: Mapping[str, object] = NOTHING) -> Any:
        """Published table; None where the package does not allow it."""
        return self.get(self.steps.tables[name], chosen)

    def needs(self, step: str, chosen: Mapping[str, object] = NOTHING) -> set[str]:
        """Inputs that are there and that a step reads under these choices."""
        found = self.steps.needs(step, under=lambda name: self.value(name, chosen))
        return found & self.inputs.keys()

    def behind_steps(self, *steps: str) -> list[tuple[str, object]]:
        """Parameters, seeds and inputs that steps rest on, with their values where nothing is
        chosen otherwise."""
        leaves = dict.fromkeys(self.steps.leaves(steps))
        return [(name, self._read(name, None, NOTHING)) for name in leaves]

    def _made(self, step: str, chosen: Mapping[str, object]) -> Any:
        given = {}
        for argument, read, default in self.steps.arguments[step]:
            given[argument] = self._read(read, default, chosen)
            if given[argument] is None and default is NEEDED and "." not in read:
                return None
        return self.steps.functions[step](**given)

    def _read(self, read: str, default: object, chosen: Mapping[str, object]) -> Any:
        if isinstance(default, When):
            if self.value(default.parameter, chosen) not in default.values:
                return None
            default = None
        if read.startswith(SEED):
            return self.seed(*read.removeprefix(SEED).split("__"))
        if "." in read:
            return self.value(read, chosen)
        if read in self.steps.functions:
            found = self.get(read, chosen)
        else:
            given = chosen.get(read)
            found = given.make() if isinstance(given, Given) else self.inputs.get(read)
        return default if found is None and default is not NEEDED else found
