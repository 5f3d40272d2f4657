"""Stages start as soon as it is certain that they run, the longest way to the end first."""

from threading import Event

import pytest

from helpers.run.plan import STAGES, Stage
from helpers.run.schedule import Schedule, way

CHAIN = (Stage("short", "0", ()), Stage("early", "1", (),
                                        length=5), Stage("long", "2", (), length=8),
         Stage("middle", "3", (), after=("early",),
               length=4), Stage("last", "4", (), after=("long", "middle"), length=2))
ALL = {
    "short": set(), "early": set(), "long": set(), "middle": {"early"}, "last": {"long", "middle"}
}


class Held:
    """Runs stages that end when they are told to."""

    def __init__(self, certain=None, workers=2):
        self.began, self.ends = [], {stage.name: Event() for stage in CHAIN}
        self.failing = set()
        self.schedule = Schedule(CHAIN, ALL if certain is None else certain, self.run, workers)

    def run(self, stage):
        self.began.append(stage.name)
        assert self.ends[stage.name].wait(10)
        if stage.name in self.failing:
            raise ValueError(f"{stage.name} is broken")

    def end(self, *names):
        """Let stages end, and those start that can."""
        for name in names:
            self.ends[name].set()
            self.schedule.futures[name].exception()
        self.schedule.start()


@pytest.fixture
def held():
    made = Held()
    yield made
    made.schedule.stop(lambda: [event.set() for event in made.ends.values()])


def test_the_longest_way_comes_first_and_nobody_needs_to_ask(held):
    held.schedule.start()
    assert set(held.schedule.futures) == {"early", "long"}, "two at a time"
    held.end("early")
    assert set(held.schedule.futures) == {"early", "long",
                                          "middle"}, "not the short one, though it came first"
    held.end("middle")
    assert "short" in held.schedule.futures and "last" not in held.schedule.futures
    held.end("long")
    held.ends["last"].set()
    held.schedule.wait_for(CHAIN[-1])
    assert held.began[-1] == "last"


def test_what_waits_for_a_failed_stage_does_not_start(held):
    held.failing = {"early"}
    held.schedule.start()
    held.end("early", "long")
    assert set(held.schedule.futures) == {"early", "long", "short"}
    with pytest.raises(ValueError, match="early is broken"):
        held.schedule.wait_for(CHAIN[1])


def test_what_may_come_out_the_same_runs_only_when_it_is_asked_for():
    held = Held({"early": set()})
    held.schedule.start()
    held.end("early")
    assert held.began == ["early"]
    held.ends["middle"].set()
    held.schedule.wait_for(CHAIN[3])
    held.schedule.stop(lambda: None)
    assert held.began == ["early", "middle"]


def test_the_force_field_starts_before_the_sampling():
    order = sorted(STAGES, key=lambda stage: -way(stage, STAGES))
    assert [stage.name for stage in order
            ] == ["scoring", "disparity", "force_field", "sampling", "synthesis", "overview"]
