"""Stages start as soon as it is certain that they run, the longest way to the end first."""

from threading import Event
from time import sleep

import pytest

from helpers.run.plan import STAGES, Stage
from helpers.run.schedule import Schedule, critical_path

CHAIN = (Stage("short", "0", ()), Stage("early", "1", (),
                                        length=5), Stage("long", "2", (), length=8),
         Stage("middle", "3", (), after=("early",),
               length=4), Stage("last", "4", (), after=("long", "middle"), length=2))


class Held:
    """Runs stages that end when they are told to."""

    def __init__(self, unchanged=()):
        self.ends = {stage.name: Event() for stage in CHAIN}
        self.failing, self.unchanged, self.told = set(), set(unchanged), []
        self.schedule = Schedule(CHAIN, self.run, workers=2)

    def run(self, stage, alone):
        assert self.ends[stage.name].wait(10)
        if stage.name in self.failing:
            raise ValueError(f"{stage.name} is broken")

    def start(self):
        """Let start what can, and return what runs."""
        self.told += [(stage.name, held_back) for stage, held_back in self.schedule.start(
            lambda stage: stage.name not in self.unchanged)]
        return {stage.name for stage in self.schedule.running.values()}

    def end(self, *names):
        """Let stages end, and those start that can."""
        for name in names:
            self.ends[name].set()
        while {stage.name for stage in self.schedule.running.values()} & set(names):
            self.told += [(stage.name, str(error)) for stage, error in self.schedule.ended()]
        return self.start()


@pytest.fixture
def held():
    made = Held()
    yield made
    made.schedule.stop(lambda: [event.set() for event in made.ends.values()])


def test_the_longest_way_comes_first(held):
    assert held.start() == {"early", "long"}, "two at a time"
    assert held.end("early") == {"long", "middle"}, "not the short one, though it came first"
    assert held.end("middle") == {"long", "short"}, "the last one waits for the long one"
    assert held.end("long") == {"short", "last"}
    assert held.end("short", "last") == set() and not held.schedule.waiting


def test_what_waits_for_a_failed_stage_does_not_start(held):
    held.failing = {"early"}
    held.start()
    assert held.end("early", "long") == {"short"}
    assert ("early", "early is broken") in held.told
    assert held.told[-2:] == [("middle", True), ("last", True)] and not held.schedule.waiting


def test_what_reads_the_same_as_before_does_not_run(held):
    held.unchanged = {"middle", "last"}
    held.start()
    held.end("early", "long")
    held.end("short")
    assert {("middle", False), ("last", False)} <= set(held.told) and not held.schedule.waiting


@pytest.mark.parametrize("changed", ["sampling", "scoring", "disparity", "force_field"])
def test_a_stage_is_alone_beside_those_that_are_up_to_date(changed):
    """Of all that may have to run, one has to, and those that wait for it."""
    stale = {changed, "synthesis"}
    stale |= {"force_field"} if changed == "scoring" else set()
    assert run_all(stale) == dict.fromkeys(stale, True)


def test_a_stage_is_not_alone_while_it_is_looked_at_whether_another_runs():
    """The next stage is looked at for a while after the first one has been started."""
    assert run_all({"scoring", "disparity"}, 0.1) == {"scoring": False, "disparity": False}


def run_all(stale, seconds=0.0):
    """Run the project's stages, and return which of them ran, and whether alone."""
    found = {}
    schedule = Schedule(STAGES, lambda stage, alone: found.update({stage.name: alone}), workers=2)
    while schedule.waiting or schedule.running:
        for _ in schedule.start(lambda stage: not sleep(seconds) and stage.name in stale):
            pass
        assert not [error for _, error in schedule.ended() if error]
    schedule.stop(lambda: None)
    return found


def test_the_force_field_starts_before_the_sampling():
    order = [stage.name
             for stage in sorted(STAGES, key=lambda stage: -critical_path(stage, STAGES))]
    known = ["scoring", "disparity", "force_field", "sampling", "synthesis", "overview"]
    assert [name for name in order if name in known] == known
