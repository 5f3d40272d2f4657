"""The research object of a build: every MUST of Provenance Run Crate 0.5 and of the profiles below
it, and its bytes.

Profiles: RO-Crate 1.1, Workflow RO-Crate 1.0, Process Run Crate 0.5, Workflow Run Crate 0.5,
Provenance Run Crate 0.5.
"""

import datetime
import hashlib
import json
from collections import Counter

import pytest
import shared_build
from small_project import SmallProject

from helpers.cli import commands
from helpers.errors import InputError
from helpers.run import runner
from helpers.run.provenance import crate

TOOLS = {"SoftwareApplication", "SoftwareSourceCode", "ComputationalWorkflow"}
ACTIONS = {"CreateAction", "ActivateAction", "UpdateAction"}


class Graph:
    """A crate's metadata, read as plain JSON: nothing of the library that wrote it."""

    def __init__(self, folder):
        self.folder = folder
        self.document = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
        self.entities = {entity["@id"]: entity for entity in self.document["@graph"]}
        self.root = self.entities["./"]
        self.workflow = self.entities[self.root["mainEntity"]["@id"]]

    def of(self, *types):
        return [entity for entity in self.entities.values() if set(types) & self.types(entity)]

    @staticmethod
    def types(entity):
        kinds = entity["@type"]
        return {kinds} if isinstance(kinds, str) else set(kinds)

    def linked(self, entity, name):
        """Return the entities that a property refers to; every one must be in the crate."""
        values = entity.get(name, [])
        return [
            self.entities[value["@id"]]
            for value in (values if isinstance(values, list) else [values])
        ]

    def run(self):
        [action] = [
            action for action in self.of(*ACTIONS)
            if self.linked(action, "instrument") == [self.workflow]
        ]
        return action


def built_crate(small: SmallProject) -> Graph:
    crate.make(small.project, small.provenance())
    return Graph(small.project.out / "crate")


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> SmallProject:
    built = shared_build.small_project(tmp_path_factory)
    return built.moved(tmp_path_factory.mktemp("crate") / "small")


@pytest.fixture(scope="module")
def graph(small) -> Graph:
    return built_crate(small)


def test_ro_crate_metadata_descriptor_must_be_about_the_root_and_conform_to_the_version(graph):
    descriptor = graph.entities["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert {"@id": "https://w3id.org/ro/crate/1.1"} in descriptor["conformsTo"]
    assert graph.document["@context"] == ["https://w3id.org/ro/crate/1.1/context",
                                          "https://w3id.org/ro/terms/workflow-run/context"]


def test_ro_crate_root_must_be_a_dataset_with_name_description_date_and_licence(graph):
    assert graph.types(graph.root) == {"Dataset"}
    assert graph.root["name"] and graph.root["description"] and graph.linked(graph.root, "license")
    assert datetime.datetime.fromisoformat(graph.root["datePublished"]).tzinfo


def test_ro_crate_entities_must_have_unique_ids_and_types_and_be_flat(graph):
    assert len(graph.entities) == len(graph.document["@graph"])
    for entity in graph.entities.values():
        assert entity["@type"]
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                assert not isinstance(one, dict) or set(one) == {"@id"}, entity["@id"]


def test_ro_crate_files_must_be_there_be_parts_of_the_root_and_not_lead_out_of_it(graph):
    files = {entity["@id"] for entity in graph.of("File")}
    assert files == {part["@id"] for part in graph.root["hasPart"]}
    on_disk = {
        path.relative_to(graph.folder).as_posix() for path in graph.folder.rglob("*")
        if path.is_file()
    }
    assert files == on_disk - {"ro-crate-metadata.json"}
    assert not [name for name in files if name.startswith(("/", "..")) or "://" in name]


def test_every_reference_must_lead_to_an_entity_of_the_crate(graph):
    outside = {
        "https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
    }
    for entity in graph.entities.values():
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                assert not isinstance(one,
                                      dict) or one["@id"] in graph.entities or one["@id"] in outside


def test_workflow_ro_crate_main_workflow_must_have_its_types_and_a_language(graph):
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= graph.types(graph.workflow)
    [language] = graph.linked(graph.workflow, "programmingLanguage")
    assert graph.types(language) == {"ComputerLanguage"} and language["name"] == "Python"
    assert (graph.folder / graph.workflow["@id"]).is_file()


@pytest.mark.parametrize("profile", ["wfrun/process/0.5", "wfrun/workflow/0.5",
                                     "wfrun/provenance/0.5"])
def test_root_must_conform_to_the_versioned_profile_as_a_creative_work(graph, profile):
    [found] = [entity for entity in graph.linked(graph.root, "conformsTo")
               if entity["@id"] == f"https://w3id.org/ro/{profile}"]
    assert graph.types(found) == {"CreativeWork"} and found["version"] == "0.5"


def test_process_run_every_action_must_name_the_executed_tool(graph):
    for action in graph.of(*ACTIONS):
        [tool] = graph.linked(action, "instrument")
        assert graph.types(tool) & TOOLS


def test_process_run_objects_and_results_are_files_collections_or_values(graph):
    for action in graph.of(*ACTIONS):
        used, made = graph.linked(action, "object"), graph.linked(action, "result")
        assert used and made
        assert {kind for entity in used
                for kind in graph.types(entity)} <= {"File", "Collection", "PropertyValue"}
        assert {kind for entity in made for kind in graph.types(entity)} <= {"File", "Collection"}


def test_workflow_run_one_action_must_have_the_main_workflow_as_instrument(graph):
    assert graph.run() in graph.linked(graph.root, "mentions")


def test_workflow_run_inputs_and_outputs_must_be_formal_parameters_with_a_type(graph):
    owners = [graph.workflow, *graph.linked(graph.workflow, "hasPart")]
    slots = [
        slot for owner in owners for part in ("input", "output")
        for slot in graph.linked(owner, part)
    ]
    assert {slot["@id"] for slot in slots} == {slot["@id"] for slot in graph.of("FormalParameter")}
    assert {slot["additionalType"]
            for slot in slots} <= {"File", "Collection", "Integer", "Float", "Text", "Boolean"}


def test_workflow_run_objects_of_the_run_must_fill_the_slots_of_the_workflow(graph):
    for part, slots in (("object", "input"), ("result", "output")):
        filled = {slot["@id"] for entity in graph.linked(graph.run(), part)
                  for slot in graph.linked(entity, "exampleOfWork")}
        assert {slot["@id"] for slot in graph.linked(graph.workflow, slots)} <= filled


def test_provenance_run_workflow_must_refer_to_the_tools_and_be_a_how_to(graph):
    tools = graph.linked(graph.workflow, "hasPart")
    assert [tool["@id"]
            for tool in tools] == ["notebooks/1_sampling.ipynb", "notebooks/5_synthesis.ipynb"]
    assert all(graph.types(tool) & TOOLS for tool in tools)
    assert "HowTo" in graph.types(graph.workflow)


def test_provenance_run_every_tool_must_be_the_instrument_of_an_action(graph):
    run_tools = [
        tool["@id"] for action in graph.of(*ACTIONS) for tool in graph.linked(action, "instrument")
    ]
    assert Counter(run_tools) == {graph.workflow["@id"]: 1, "notebooks/1_sampling.ipynb": 1,
                                  "notebooks/5_synthesis.ipynb": 1}


def test_provenance_run_steps_must_be_referred_to_by_the_workflow_and_name_their_tool(graph):
    steps = graph.linked(graph.workflow, "step")
    assert {step["@id"] for step in steps} == {step["@id"] for step in graph.of("HowToStep")}
    for number, step in enumerate(steps, start=1):
        [tool] = graph.linked(step, "workExample")
        assert graph.types(tool) & TOOLS and step["position"] == str(number)


def test_provenance_run_control_actions_must_name_a_step_and_the_run_of_its_tool(graph):
    controls = graph.of("ControlAction")
    assert len(controls) == 2
    for control in controls:
        [step], [run] = graph.linked(control, "instrument"), graph.linked(control, "object")
        assert graph.types(step) == {"HowToStep"} and graph.types(run) & ACTIONS
        assert graph.linked(step, "workExample") == graph.linked(run, "instrument")


def test_provenance_run_organize_action_must_name_engine_controls_and_the_run(graph):
    [organize] = graph.of("OrganizeAction")
    [engine] = graph.linked(organize, "instrument")
    assert graph.types(engine) & TOOLS and engine["name"] == "papermill" and engine[
        "softwareVersion"][0].isdigit()
    assert graph.linked(organize, "object") == graph.of("ControlAction")
    assert graph.linked(organize, "result") == [graph.run()]


def test_provenance_run_connections_must_join_formal_parameters(graph):
    connections = graph.of("ParameterConnection")
    used = [connection["@id"] for owner in [graph.workflow, *graph.of("HowToStep")]
            for connection in graph.linked(owner, "connection")]
    assert sorted(used) == sorted(connection["@id"] for connection in connections)
    for connection in connections:
        for end in ("sourceParameter", "targetParameter"):
            [slot] = graph.linked(connection, end)
            assert graph.types(slot) == {"FormalParameter"}
    pairs = {(one["sourceParameter"]["@id"], one["targetParameter"]["@id"]) for one in connections}
    assert ("notebooks/1_sampling.ipynb#tables/sample_size",
            "notebooks/5_synthesis.ipynb#tables/sample_size") in pairs


def test_what_is_said_of_the_build_is_what_provenance_says(small, graph):
    facts = small.provenance()
    assert graph.workflow["version"] == small.head and "were those of the commit" in graph.run(
    )["description"]
    for entity in graph.of("File"):
        if "sha256" in entity:
            content = (graph.folder / entity["@id"]).read_bytes()
            assert entity["sha256"] == hashlib.sha256(content).hexdigest()
    frame = graph.entities["data/raw/frame.csv"]
    assert frame["sha256"] == facts["stages"]["sampling"]["resources"]["frame"]["sha256"]
    assert frame["creativeWorkStatus"] == "published" and graph.linked(frame,
                                                                       "license")[0]["description"]
    margin = graph.entities["#value-sampling.margin"]
    assert (margin["value"], graph.linked(margin,
                                          "exampleOfWork")[0]["additionalType"]) == (0.05, "Float")
    table = graph.entities["#tables/sample_size"]
    assert "cell 5 (make-sampling) of notebooks/1_sampling.ipynb" in table["description"]
    assert table["mainEntity"]["@id"] == "outputs/tables/sample_size.csv"
    hand_over = graph.entities["#processed/sizes"]
    assert hand_over["description"] == "Made by notebooks/1_sampling.ipynb" and len(
        hand_over["hasPart"]) == 2
    assert table in graph.linked(graph.entities["#run-synthesis"], "object")


def test_its_date_is_that_of_the_commit_else_the_fixed_one(small, graph, tmp_path):
    seconds = int(small.git("show", "-s", "--format=%ct"))
    assert datetime.datetime.fromisoformat(graph.root["datePublished"]).timestamp() == seconds
    assert "The date is that of the commit" in graph.root["description"]
    moved = small.moved(tmp_path / "moved")
    facts = moved.provenance()
    for part in (facts["build"], *facts["stages"].values()):
        part.update(commit="unknown", tree="unknown")
    crate.make(moved.project, facts)
    root = Graph(moved.project.out / "crate").root
    assert root["datePublished"] == crate.WITHOUT_COMMIT and "no commit is known" in root[
        "description"]


def test_the_same_build_gives_the_same_crate_in_another_place(small, graph, tmp_path):
    other = built_crate(small.moved(tmp_path / "moved"))
    one, two = ({
        path.relative_to(found.folder): path.read_bytes() for path in found.folder.rglob("*")
        if path.is_file()
    } for found in (graph, other))
    assert one == two
    assert str(small.root) not in json.dumps(graph.document)


@pytest.mark.parametrize("name", ["raw/frame.csv", "notebooks/1_sampling.ipynb",
                                  "out/tables/sample_size.csv",
                                  "requirements.lock"])
def test_a_file_that_the_build_did_not_use_or_make_is_refused_and_the_old_crate_stays(
        small, graph, tmp_path, name):
    moved = small.moved(tmp_path / "moved")
    before = moved.outputs()
    path = moved.root / name
    path.chmod(0o644)
    path.write_text(path.read_text() + "\n")
    with pytest.raises(InputError,
                       match=f"{path.name} is not what the build used or made; run make all first"):
        crate.make(moved.project, moved.provenance())
    path.write_text(path.read_text()[:-1])
    assert moved.outputs() == before


@pytest.mark.parametrize("edit, message", [
    (lambda stage: stage["parameters"].update(seed=8), "seed was not the same for all stages"),
    (lambda stage: stage.update(commit="other"),
     "the stages were made by builds of different state"),
])
def test_stages_of_different_builds_are_refused(small, edit, message):
    facts = small.provenance()
    edit(facts["stages"]["synthesis"])
    with pytest.raises(InputError, match=message):
        crate.make(small.project, facts)


def test_the_target_needs_a_build_and_clean_removes_the_crate(small, graph, tmp_path, capsys):
    assert commands.main(["crate", f"OUT={tmp_path}"]) == 2
    assert "there is no finished build in" in capsys.readouterr().err
    moved = small.moved(tmp_path / "moved")
    assert (moved.project.out / "crate" / "README.md").is_file()
    runner.remove_made(moved.project)
    assert moved.outputs() == {}
