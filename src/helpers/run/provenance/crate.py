"""A finished build as a research object: Workflow Run RO-Crate, profile Provenance Run Crate 0.5.

The chain is the main workflow, every notebook one of its steps and tools. Each tool has its slots
(parameters, data, tables of other stages, results), connected with those of the chain; the run of
the chain and of every notebook is an action that fills them. The crate holds copies of everything
that it names and no times of the run: its one date is that of the commit, or, where no commit is
known, the date that the build fixes for all its products.
"""

import datetime
import io
import json
import mimetypes
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from helpers.errors import InputError
from helpers.files import file_digest, parts_of
from helpers.run import plan
from helpers.run.products import Products
from helpers.run.project import Project
from helpers.run.provenance import check_used, git_state
from helpers.study.package import OF_PERSONS

NAME = "crate"
README = """# {name}

{description}

`ro-crate-metadata.json` says how the files hang together: the chain (`{chain}`), its notebooks, \
the data and parameters
that each of them read, and what each of them made. To make the results again, get the project at \
the commit that the
chain names, and run `make all`.
"""
WITHOUT_COMMIT = "2024-01-01T00:00:00+00:00"
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
PROFILES = {"https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
            "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
            "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
            "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate"}
PYTHON = "https://www.python.org/"
CHAIN = "src/helpers/run/plan.py"
KINDS = {bool: "Boolean", int: "Integer", float: "Float", str: "Text", list: "Text"}
MAIN_FILE = (".csv", ".ipynb", ".svg")
LEFT_OUT = "Answers of single persons, left out of the crate; the hash says which file was used."
PLANNED = {"choices": "Alternatives of the analysis choices", "plan": "Plan of the analysis"}
MEDIA = {".ipynb": "application/x-ipynb+json", ".geojson": "application/geo+json",
         ".lock": "text/plain"}


def make(project: Project, facts: dict) -> int:
    """Write the crate of a finished build to ``crate/`` in the output folder; return the number of
    its files.

    ``facts`` are what ``provenance.json`` says. An `InputError` says that the stages were made by
    different builds, or that a file is not what the build used or made.
    """
    _check_one_build(facts)
    with Products(project, NAME).making() as staging:
        _Writer(project, facts).crate.write(staging / NAME)
        return sum(path.is_file() for path in staging.rglob("*"))


def _check_one_build(facts: dict) -> None:
    for kind in ("parameters", "resources", "helpers"):
        together: dict = {}
        for stage in facts["stages"].values():
            for name, value in stage[kind].items():
                if together.setdefault(name, value) != value:
                    raise InputError("{name} was not the same for all stages; bring them together "
                                     "with make all first", name=name)
    for name in ("commit", "tree", "lock", "python"):
        if len({json.dumps(stage[name]) for stage in facts["stages"].values()}) > 1:
            raise InputError("the stages were made by builds of different state ({name}); bring "
                             "them together with make all first", name=name)


class _Writer:
    """A crate that is put together, entity by entity."""

    def __init__(self, project: Project, facts: dict):
        from rocrate.rocrate import ROCrate

        self.project = project
        self.facts = facts
        self.stages = facts["stages"]
        self.shared = next(iter(self.stages.values()))
        self.crate = ROCrate(version="1.1")
        self.crate.metadata.extra_contexts.append(CONTEXT)
        self.workflow = self._workflow()
        self.resources = {name: self._resource(name, about)
                          for name, about in self._all("resources").items()}
        planned = {"choices": project.choices_file, "plan": project.plan_file}
        self.resources |= {about["path"]: self._file(planned[kind], about["path"], about["sha256"],
                                                     name=PLANNED[kind])
                           for stage in self.stages.values() for kind, about in stage.items()
                           if kind in PLANNED}
        self.values = {name: self._add(f"#value-{name}", "PropertyValue", name=name, value=value)
                       for name, value in self._all("parameters").items()}
        self.products = {name: self._product(name, about)
                         for name, about in facts["products"].items()}
        everything = self._inputs(self.values, self.resources) | self.products
        self.slots = {name: self._slot(CHAIN, name, entity) for name, entity in everything.items()}
        for name, slot in self.slots.items():
            self.workflow.append_to("output" if name in self.products else "input", slot,
                                    compact=True)
        controls = [self._stage(position, name)
                    for position, name in enumerate(self.stages, start=1)]
        self._run(controls)
        self._root()

    def _all(self, kind: str) -> dict:
        return {name: value for stage in self.stages.values()
                for name, value in stage[kind].items()}

    @staticmethod
    def _inputs(values: dict, resources: dict) -> dict:
        # A parameter has a dot in its name or is seed or lang; a resource may be called like a
        # table, not like these.
        return values | {f"data/{name}": entity for name, entity in resources.items()}

    def _add(self, identifier: str, kind: str, /, **properties):
        from rocrate.model import ContextEntity

        return self.crate.add(
            ContextEntity(self.crate, identifier, properties={"@type": kind} | properties))

    def _file(self, source: Path, place: str, sha256: str, **properties):
        check_used(place, source, sha256, file_digest)
        if found := self.crate.dereference(place):
            return found
        return self.crate.add_file(source, place, properties={
            "name": PurePosixPath(place).name, "encodingFormat": _media(place), "sha256": sha256,
            "contentSize": str(source.stat().st_size)} | properties)

    def _workflow(self):
        from rocrate.model import ComputerLanguage

        python = self.crate.add(ComputerLanguage(self.crate, PYTHON, properties={
            "name": "Python", "version": self.shared["python"], "identifier": PYTHON,
            "url": PYTHON}))
        lock = self.shared["lock"]
        locked = self._file(
            self.project.root / lock["path"], lock["path"], lock["sha256"],
            description="Every package that the build ran with, its version and hashes.")
        return self.crate.add_workflow(
            plan.__file__, CHAIN, main=True, lang=python, properties={
                "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
                "name": "The chain from sampling to synthesis",
                "description": "Which notebook runs with which data, and after which others. "
                               "Run with: make all",
                "encodingFormat": "text/x-python", "sha256": file_digest(Path(plan.__file__)),
                "version": self.facts["build"]["commit"],
                "softwareRequirements": {"@id": locked.id}})

    def _resource(self, name: str, about: dict):
        place = f"data/raw/{about['path']}"
        if name in OF_PERSONS and about["status"] == "published":
            return self._add(f"#data-{name}", "CreativeWork", name=about["title"],
                             description=LEFT_OUT, sha256=about["sha256"],
                             creativeWorkStatus=about["status"])
        source = self.project.raw / about["path"]
        said = {"name": about["title"], "creativeWorkStatus": about["status"], **_linked(
            "license", [self._licence(licence) for licence in about["licences"]])}
        parts = parts_of(source)
        if len(parts) < 2:
            return self._file(source, place, about["sha256"], **said)
        check_used(place, source, about["sha256"])
        files = [self._file(part, f"data/raw/{part.relative_to(self.project.raw).as_posix()}",
                            file_digest(part)) for part in parts]
        return self._add(f"#data-{name}", "Collection", mainEntity={"@id": place},
                         sha256=about["sha256"], **said, **_linked("hasPart", files))

    def _licence(self, licence: dict):
        name = licence.get("name") or licence.get("title") or "licence"
        path = licence.get("path", "")
        identifier = path if path.startswith(("https://", "http://")) else f"#licence-{name}"
        return self.crate.dereference(identifier) or self._add(
            identifier, "CreativeWork", name=name, description=licence.get("title", name))

    def _product(self, name: str, about: dict):
        """File of a product, or a collection where it has several, the main one for machines."""
        files = {product: self._file(self.project.place(product), f"outputs/{product}", sha256)
                 for product, sha256 in about["files"].items()}
        if len(files) == 1:
            return next(iter(files.values()))
        main = next(files[product] for product in sorted(files) if product.endswith(MAIN_FILE))
        return self._add(f"#{name}", "Collection", name=name, description=self._origin(about),
                         mainEntity={"@id": main.id},
                         **({"creativeWorkStatus": about["status"]} if "status" in about else {}),
                         **_linked("hasPart", files.values()))

    def _origin(self, about: dict) -> str:
        notebook = self.stages[about["stage"]]["notebook"]["path"]
        if not about.get("cell"):
            return f"Made by {notebook}"
        return (f"Made by cell {about['cell_number']} ({about['cell']}) of {notebook} "
                f"from {', '.join(about['made_from'])}")

    def _slot(self, owner: str, name: str, entity):
        """Formal parameter of a tool that an entity fills."""
        kind = {"additionalType": "Collection" if entity.type == "Collection" else "File"}
        if entity.type == "PropertyValue":
            value = entity["value"]
            kind = {"additionalType": KINDS[type(value)]
                    } | ({"multipleValues": True} if type(value) is list else {})
        slot = self._add(f"{owner}#{name}", "FormalParameter", name=name.removeprefix("data/"),
                         **kind)
        entity.append_to("exampleOfWork", slot, compact=True)
        return slot

    def _stage(self, position: int, name: str):
        """Control of a notebook's run, added with the notebook as tool, its step and its run."""
        stage = self.stages[name]
        path = stage["notebook"]["path"]
        tool = self._file(self.project.root / path, path, stage["notebook"]["sha256"],
                          **{"@type": ["File", "SoftwareSourceCode"]},
                          programmingLanguage={"@id": PYTHON},
                          description=f"The notebook of the stage {name}.", version=stage["commit"])
        step = self._add(f"#step-{name}", "HowToStep", name=name, position=str(position),
                         workExample={"@id": tool.id})
        used = self._inputs({key: self.values[key] for key in stage["parameters"]},
                            {key: self.resources[key] for key in self._read_by(stage)})
        used |= {key: self.products[key] for key in self._tables_of_others(name)}
        made = {key: self.products[key] for key, about in self.facts["products"].items()
                if about["stage"] == name}
        for key, entity in used.items():
            slot = self._slot(path, key, entity)
            tool.append_to("input", slot, compact=True)
            source = self.slots[key]
            if key in self.products:
                maker = self.stages[self.facts["products"][key]["stage"]]
                source = self.crate.dereference(f"{maker['notebook']['path']}#{key}")
            step.append_to("connection", self._connection(source, slot), compact=True)
        for key, entity in made.items():
            slot = self._slot(path, key, entity)
            tool.append_to("output", slot, compact=True)
            self.workflow.append_to("connection", self._connection(slot, self.slots[key]),
                                    compact=True)
        self.workflow.append_to("hasPart", tool, compact=True)
        self.workflow.append_to("step", step, compact=True)
        run = self._action(f"#run-{name}", tool, used.values(), made.values(), f"Run of {path}",
                           f"papermill ran {path} with the parameters of its stage.")
        return self._add(f"#control-{name}", "ControlAction", name=f"Orchestration of {path}",
                         instrument={"@id": step.id}, object={"@id": run.id})

    @staticmethod
    def _read_by(stage: dict) -> list[str]:
        return [*stage["resources"], *(stage[kind]["path"] for kind in PLANNED if kind in stage)]

    def _tables_of_others(self, stage: str) -> list[str]:
        """Tables of other stages that a stage says its results were made from."""
        named = [f"tables/{table}" for about in self.facts["products"].values()
                 if about["stage"] == stage for table in about.get("made_from", [])]
        return [name for name in dict.fromkeys(named) if name in self.products
                and self.facts["products"][name]["stage"] != stage]

    def _connection(self, source, target):
        identifier = "#connection-" + f"{source.id}-to-{target.id}".replace("#", "/")
        return self._add(identifier, "ParameterConnection", sourceParameter={"@id": source.id},
                         targetParameter={"@id": target.id})

    def _action(self, identifier: str, tool, used: Iterable, made: Iterable, name: str,
                description: str):
        return self._add(identifier, "CreateAction", name=name, description=description,
                         instrument={"@id": tool.id}, **_linked("object", used),
                         **_linked("result", made))

    def _run(self, controls: list) -> None:
        from rocrate.model import SoftwareApplication

        engine = self.crate.add(SoftwareApplication(self.crate, "#engine", properties={
            "name": "papermill", "softwareVersion": version("papermill"),
            "url": "https://papermill.readthedocs.io/",
            "description": "Runs each notebook; the project's build decides which, in which order, "
                           "and side by side."}))
        inputs = [*self.values.values(), *self.resources.values()]
        run = self._action("#run", self.workflow, inputs, self.products.values(),
                           "Run of the chain", f"make all; {self._tree()}")
        self._add("#organize", "OrganizeAction", name="Run of the build",
                  instrument={"@id": engine.id}, result={"@id": run.id},
                  **_linked("object", controls))
        record = self._file(
            self.project.out / "provenance.json", "outputs/provenance.json",
            file_digest(self.project.out / "provenance.json"), description=
            "The same facts as the build wrote them, with the hash of every helper module.")
        record["about"] = run

    def _tree(self) -> str:
        return {"clean": "the files were those of the commit",
                "changed": "the files differed from the commit",
                git_state.UNKNOWN: "made outside of a git checkout"}[self.facts["build"]["tree"]]

    def _root(self) -> None:
        date = git_state.date(self.project.root, self.facts["build"]["commit"])
        package = self.facts["package"]
        root = self.crate.root_dataset
        root["conformsTo"] = [self._add(identifier, "CreativeWork", name=name,
                                        version=identifier.rpartition("/")[2])
                              for identifier, name in PROFILES.items()]
        title = package.get("title") or package.get("name", "Data package")
        dated = "the commit" if date else (
            "all products of the build, fixed because no commit is known")
        root["name"] = f"{title}: data, notebooks and results"
        root["description"] = (
            "Every table and figure of one build with the notebooks, data and parameters that made "
            "it. Results rest on data of the status that they state: published, simulated or "
            f"illustrative. The date is that of {dated}; times of the run are left out, so that "
            "the same build gives the same crate.")
        text = README.format(name=root["name"], description=root["description"], chain=CHAIN)
        readme = self.crate.add_file(io.BytesIO(text.encode()), "README.md",
                                     properties={"encodingFormat": "text/markdown"})
        readme["about"] = root
        root["license"] = self._licence(
            {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/",
             "title": "Texts and derived data: CC BY 4.0; the program: MIT; published "
             "data: the terms of their sources"})
        self.crate.datePublished = datetime.datetime.fromisoformat(date or WITHOUT_COMMIT)
        root["mentions"] = [entity for entity in self.crate.contextual_entities
                            if entity.type in ("CreateAction", "Collection")]


def _linked(name: str, entities: Iterable) -> dict:
    """Property that refers to entities: a list only where there are several, or nothing."""
    found = [{"@id": entity.id} for entity in entities]
    return {name: found[0] if len(found) == 1 else found} if found else {}


def _media(place: str) -> str:
    ending = PurePosixPath(place).suffix
    return MEDIA.get(ending) or mimetypes.guess_type(place)[0] or "application/octet-stream"
