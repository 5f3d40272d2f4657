"""What a notebook opens: parameters, data package, random streams, polygons, other results."""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.choices import Choices
from helpers.errors import InputError
from helpers.files import plan_file, run_facts
from helpers.languages import in_language
from helpers.ratios import by_indicator, with_derived, without_background
from helpers.study import analysis_plan, choices, paragraphs, parameters, paths, validation
from helpers.study.borders import polygons, village_polygons
from helpers.study.package import STATUSES, Package, weakest

# What polygons come from, and the resources behind it.
DRAWN_FROM = {"boundaries": ("boundaries",), "tessellation": ("villages", "land"), None: ()}

ANSWERS = "responses"  # resource with a row a respondent
CELLS = "In"  # what a notebook calls the cells that it has run
Place = tuple[int, int]  # cell and line

TEXTS = ("code", "level", "regency")  # columns of published tables that may look like numbers


class Study:
    """One stage at work on one data package.

    It has the stage's own parameters (``params``), the language, the seed that every random stream
    descends from, and in ``noted`` the names of the resources and of other stages' tables that were
    read, each with the place in the notebook, in this order. Made by `open_study`; `raw` is the
    folder of the package where the environment does not name it, ``checked`` whether it has been
    validated before.
    """

    def __init__(self, stage: str, values: Mapping[str, object], raw: Path | None = None,
                 checked: bool = False):
        chosen = parameters.check(stage, values)
        self.stage = stage
        self.values = values
        self.noted: list[tuple[Place | None, str]] = []
        self.has_answers = False  # of respondents: what is published of them passes the gate
        self.seed = chosen.pop("seed")
        self.lang = chosen.pop("lang")
        self.params = chosen
        self.root = paths.ROOT
        self.raw = raw or paths.raw_folder()
        self.out = paths.out_folder()
        self.package = Package(self.raw)
        # Under the build, which has validated the package: the resources that the stage may read.
        self.declared = run_facts().get("reads")
        if self.declared is None and not checked:
            validation.validate_once(self.package)
        validation.check_parameters(stage, self.params, self.package)

    @cached_property
    def in_force(self) -> dict[str, dict]:
        """Parameters of all stages, by section; this stage's own as its notebook has them.

        Under the build only those that the stage declares.
        """
        loaded = run_facts().get("parameters")
        if loaded is None:
            carried = self.raw / "params.yml"
            given = carried if carried.exists() else None
            loaded = validation.with_years(parameters.load(given), given, self.package)
        return {name: dict(values) for name, values in loaded.items() if isinstance(values, dict)
                } | {self.stage: self.params}

    @cached_property
    def choices(self) -> Choices:
        """The choices of the multiverse, with the parameters in force among the alternatives."""
        path = choices.place(self.raw)
        return choices.fitting(choices.load(path, self.in_force), self.package, path,
                               self.in_force)

    @cached_property
    def plan(self) -> analysis_plan.Plan | None:
        """The plan of the analysis, where there is one."""
        from helpers.chain import known_choices

        path = plan_file(self.raw, paths.ROOT)
        return analysis_plan.load(path, known_choices()) if path.is_file() else None

    @property
    def departures(self) -> list[tuple[str, str, str]]:
        """Where the analysis in force departs from its plan."""
        from helpers.chain import known_choices

        return [] if self.plan is None else analysis_plan.departures(
            self.plan, self.choices, self.in_force, known_choices())

    @property
    def own_universe(self) -> dict[str, object]:
        """The universe of the parameters in force: choice to alternative."""
        return choices.own_universe(self.choices, self.in_force)

    def has(self, *names: str) -> bool:
        """Whether the package has all of these resources."""
        return all(self.package.has(self._declared(name)) for name in names)

    def reads(self, name: str) -> bool:
        """Whether the package has this resource, not just a table, and the stage may read it."""
        return self.package.has(name) and (self.declared is None or name in self.declared)

    def table(self, name: str, beside: bool = False) -> pd.DataFrame:
        """Resource as a typed table; one ``beside`` the results is not noted as read."""
        self._note(*[name] * (not beside))
        self.has_answers |= name == ANSWERS
        return self.package.table(self._declared(name))

    def answer_labels(self) -> dict[int, str]:
        """Words of the answers by number, where the fields of the answers state them.

        A number whose words differ between items has none.
        """
        fields = self.package.resource(self._declared(ANSWERS)).descriptor["schema"]["fields"]
        found: dict[int, set[str]] = {}
        for entry in (entry for field in fields for entry in field.get("categories", ())):
            found.setdefault(entry["value"], set()).add(entry["label"])
        return {value: min(labels - {""}) if len(labels - {""}) == 1 else ""
                for value, labels in found.items()}

    def status(self, name: str) -> str:
        """Return the status of a resource."""
        return self.package.status(self._declared(name))

    def _declared(self, name: str) -> str:
        """Name of a resource that the stage declares: changes of others would pass unseen."""
        if self.package.has(name) and not self.reads(name):
            raise InputError("the stage {stage} reads the resource '{name}', which is not among "
                             "its inputs; declare it in src/helpers/run/plan.py, or do not read "
                             "it", stage=self.stage, name=name)
        return name

    def _note(self, *names: str) -> None:
        place = self.running()
        self.noted += [(place, name) for name in names]

    @property
    def was_read(self) -> dict[str, None]:
        """Names of what was read, in this order."""
        return dict.fromkeys(name for _, name in self.noted)

    def cells_run(self) -> list[str]:
        """Code of the notebook's cells that have run, as far as it is known."""
        cells = self.values.get(CELLS)
        return cells if isinstance(cells, list) else []

    def running(self) -> Place | None:
        """Cell and line of the notebook that run now, None outside one."""
        frame = sys._getframe()
        while frame is not None:
            if frame.f_globals is self.values and frame.f_code.co_name == "<module>":
                return (len(self.cells_run()) - 1, frame.f_lineno) if self.cells_run() else None
            frame = frame.f_back
        return None

    @property
    def chosen(self) -> dict[str, object]:
        """The stage's parameters as the notebook's variables have them now."""
        return {name: self.values[name] for name in self.params}

    def inputs(self, names: Iterable[str]) -> dict[str, object]:
        """Resources of these names by what the chain calls them (``polygons`` are those of
        `polygons`, and ``village_polygons`` likewise), as far as the package has them."""
        had = self.has_answers
        found: dict[str, object] = {name: self.table(name) for name in names if self.has(name)}
        self.has_answers = had  # the chain protects the tables that it makes of them
        if "polygons" in names and self.has("areas") and self.borders:
            found["polygons"] = self.polygons()
        if "village_polygons" in names and self.has("areas", "village_indicators"):
            found["village_polygons"] = self.village_polygons()
        return found

    @cached_property
    def hidden(self) -> pd.DataFrame:
        """Groups of the survey of which nothing is published, as the chain finds them."""
        return self._protection.get("hidden")

    @cached_property
    def hidden_gaps(self) -> pd.DataFrame:
        """The same, for what rests on those who answered for need and access both."""
        return self._protection.get("hidden_gaps")

    @cached_property
    def _protection(self):
        from helpers.chain import STEPS, Analysis

        inputs = {name: self.table(name, beside=True) for name in STEPS.needs("hidden")
                  if self.reads(name)}
        return Analysis(inputs, self.in_force, self.seed)

    def indicators(self) -> pd.DataFrame:
        """Return the indicators in long form, less the background of the followed one, with the
        ratios that the catalogue declares."""
        own = self.in_force["disparity"]
        lifted = without_background(self.table("indicators"), own["reference_indicator"],
                                    own["background"])
        return with_derived(lifted, self.catalogue())

    def catalogue(self) -> pd.DataFrame:
        """Return the catalogue by indicator, with ``label`` in the chosen language.

        Without a catalogue every indicator is its own label and has no direction.
        """
        known = by_indicator(self.table("indicators"),
                             self.table("catalogue") if self.has("catalogue") else None)
        keys = pd.Series(known.index, index=known.index)
        known.insert(0, "label", in_language(known, "label", self.lang, keys))
        return known

    @property
    def borders(self) -> str | None:
        """Origin of the polygons: ``boundaries``, ``tessellation`` of village points, or None."""
        if self.has("boundaries"):
            return "boundaries"
        return "tessellation" if self.has("villages") else None

    @property
    def drawn_from(self) -> list[str]:
        """Resources that the polygons come from; a map names them among what it is made from."""
        return [name for name in DRAWN_FROM[self.borders] if self.has(name)]

    def polygons(self):
        """Code, name, zone and metric polygon of every area, or None without any geometry."""
        self._note(*self.drawn_from)
        return polygons(self.package)

    def village_polygons(self):
        """Code, name, area, zone and metric polygon of every village, or None without points of
        villages; ``attrs["borders"]`` says what they come from."""
        self._note(*self.drawn_from, *(name for name in ("villages", "land") if self.has(name)))
        return village_polygons(self.package)

    def child_seed(self, purpose: str) -> int:
        """Return a whole number that depends on the seed, the stage and the purpose alone.

        Examples of purposes are ``"moran"`` and ``"draw"``. Streams of different purposes are
        independent, so a new one does not change the others.
        """
        digest = hashlib.sha256(f"{self.stage}/{purpose}".encode()).digest()
        sequence = np.random.SeedSequence([self.seed, int.from_bytes(digest[:8], "big")])
        return int(sequence.generate_state(1, dtype=np.uint32)[0])

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the random stream of a purpose."""
        return np.random.default_rng(self.child_seed(purpose))

    def published(self, name: str, beside: bool = False) -> pd.DataFrame | None:
        """Table that another stage published, None without one; ``beside`` as in `table`."""
        found = _read_result(self.out / "tables", name)
        if found is None:
            return None
        self._note(*[name] * (not beside))
        return found.drop(columns="status")

    def published_status(self, name: str) -> str | None:
        """Status of a published table (the weakest of its rows), or None where it is not there."""
        found = _read_result(self.out / "tables", name)
        return None if found is None else weakest(found["status"])

    def handed_over(self, name: str) -> pd.DataFrame | None:
        """Return what another stage left in ``data/processed``, or None where it is not there."""
        found = _read_result(self.processed, name)
        if found is None:
            return None
        self._note(name)
        return found.drop(columns="status", errors="ignore")

    def handed_status(self, name: str) -> str | None:
        """Status of what another stage left; the weakest there is where it does not say so."""
        found = _read_result(self.processed, name)
        return None if found is None else weakest(found.get("status", STATUSES[-1:]))

    @cached_property
    def processed(self) -> Path:
        """The folder of the hand-overs."""
        return paths.processed_folder(self.out)


def _read_result(folder: Path, name: str) -> pd.DataFrame | None:
    path = folder / f"{name}.csv"
    try:
        return pd.read_csv(path, dtype=dict.fromkeys(TEXTS, "str"), keep_default_na=False,
                           na_values=[""])
    except FileNotFoundError:
        return None
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError("{path}: not a table any more ({error}); remove it and run its stage "
                         "again", path=path.name, error=error) from None


def open_study(stage: str, values: Mapping[str, object]) -> Study:
    """Study of a stage, e.g. ``"sampling"``: its parameters checked, the data package open.

    Of `values`, the notebook's variables (``globals()``), only the stage's parameters are read.
    """
    paragraphs.show_short(stage, values)
    return Study(stage, values)
