"""Checked parameters and data package of one build."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from helpers.errors import InputError
from helpers.files import file_digest
from helpers.run.plan import Stage
from helpers.run.products import Products
from helpers.run.project import Project, digest, tree_digest


@dataclass(frozen=True)
class Inputs:
    """Checked parameters and data package.

    ``parameters`` are ``seed``, ``lang`` and one dict per stage; ``about`` is what the descriptor
    says about the package as a whole, ``fingerprint`` the hash of all of it. By name of a resource:
    ``resources`` (hash of its bytes and of its entry in the descriptor), ``described`` (what
    provenance tells of it) and ``files``. ``paired`` says whether need and access are both asked,
    ``passed`` names package and code together, once the checks are passed.
    """

    parameters: dict
    resources: dict[str, str]
    about: dict = field(default_factory=dict)
    fingerprint: str = "none"
    described: dict[str, dict] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=dict)
    paired: bool = True
    passed: str = ""

    def parameters_of(self, stage: Stage) -> dict[str, object]:
        """Parameters that a stage is given or reads, by their full names."""
        sections = {stage.name: self.parameters.get(stage.name, {}), **self.weighed(stage)}
        return {name: self.parameters[name] for name in ("seed", "lang")} | {
            f"{section}.{name}": value for section, values in sections.items()
            for name, value in values.items()}

    def weighed(self, stage: Stage) -> dict[str, dict]:
        """Parameters of other stages that a stage reads, by section."""
        found: dict[str, dict] = {}
        for named in stage.weighed():
            section, _, name = named.partition(".")
            if name in self.parameters.get(section, {}):
                found.setdefault(section, {})[name] = self.parameters[section][name]
        return found


def read_inputs(project: Project) -> Inputs:
    """Parameters and data package, read and checked; raises ``InputError`` with one line."""
    from helpers import multiverse
    from helpers.study import analysis_plan, choices, parameters, validation
    from helpers.study.package import Package, is_paired

    chosen = parameters.load(project.parameters_file, {"lang": project.lang})
    listed = choices.load(project.choices_file, chosen, multiverse.known_choices())
    if project.plan_file.is_file():
        analysis_plan.load(project.plan_file, multiverse.known_choices())
    package = Package(project.raw)
    passed = _validate_once(project, package, validation)
    chosen = validation.with_years(chosen, project.parameters_file, package)
    listed = choices.fitting(listed, package, project.choices_file, chosen)
    for stage in project.stages:
        if not (project.notebooks / f"{stage.notebook}.ipynb").is_file():
            raise InputError("notebooks/{notebook}.ipynb is not there; restore it (git checkout "
                             "-- notebooks)", notebook=stage.notebook)
        if not stage.missing(package.resources):
            validation.check_parameters(stage.name, chosen.get(stage.name, {}), package)
    if package.has("claims"):
        check_resources(listed, package.resources, chosen, project.choices_file)
    if project.raw in (project.choices_file.parent, project.root / "data" / "raw"):
        _check_alternatives(project, listed, package, chosen)
    about = {key: value for key, value in package.descriptor.items() if key != "resources"}
    files = {name: resource.files for name, resource in package.resources.items()}
    states = {name: digest([package.resources[name].descriptor, *map(file_digest, files[name])])
              for name in files}
    return Inputs(chosen, states, about, package.fingerprint,
                  {name: _described(resource, about)
                   for name, resource in package.resources.items()}, files, is_paired(package),
                  passed)


def check_resources(listed, resources: Iterable[str], chosen: dict, path: Path) -> None:
    """Refuse choices in the file at ``path`` that no claim can be decided under."""
    from helpers import multiverse

    sections = {name: values for name, values in chosen.items() if isinstance(values, dict)}
    try:
        multiverse.check_resources(listed, resources, sections)
    except ValueError as error:
        raise InputError("{path}: {error}", path=path.name, error=error) from None


def _check_alternatives(project: Project, listed, package, chosen: dict) -> None:
    """Check every alternative as if it were in force: a universe with it would fail at the end."""
    from helpers.study import validation

    able = {stage.name for stage in project.stages if not stage.missing(package.resources)}
    for name, values in listed.listed.items():
        section, _, parameter = name.partition(".")
        for value in values[1:] if section in able else ():
            try:
                validation.check_parameters(section, chosen[section] | {parameter: value}, package)
            except InputError as error:
                raise InputError("{path}: the alternative {value} of '{name}' does not suit the "
                                 "data package: {error}", path=project.choices_file.name,
                                 value=value, name=name, error=error) from None


def checked(project: Project) -> Products:
    """Record of the package that passed its checks last, in a build in whichever language."""
    return Products(replace(project, out=project.first or project.out), "package")


def _validate_once(project: Project, package, validation) -> str:
    """Validate a package, unless the very same bytes passed the very same code before."""
    passed = f"{package.fingerprint} {tree_digest(project.source)}"
    if checked(project).record.get("validated") != passed:
        validation.validate(package)
    return passed


def _described(resource, about: dict) -> dict:
    licences = resource.descriptor.get("licenses", about.get("licenses", []))
    return {"title": resource.name, **_kept(resource.descriptor), "path": resource.label,
            "status": resource.status,
            "licences": [_kept(licence, "name", "path") for licence in licences],
            "sources": [_kept(source, "path", "sha256")
                        for source in resource.descriptor.get("sources", [])],
            "sha256": resource.sha256}


def _kept(entry: dict, *names: str) -> dict:
    """Part of an entry: its titles in all languages, and what is named, in the entry's order."""
    return {name: value for name, value in entry.items()
            if name in names or name.startswith("title")}
