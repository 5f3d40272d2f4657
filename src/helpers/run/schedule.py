"""Which stage runs next: as many at a time as there are workers, the longest way to the end
first."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from helpers.run.plan import Stage


class Schedule:
    """Runs stages, each as soon as it is certain that it has to run.

    pytask comes to one task after the other, waits for it and writes down what it was made from.
    Nothing of that holds up a stage that runs whatever pytask finds: it starts when those before it
    have ended well.

    Parameters
    ----------
    stages : sequence of Stage
        Those that may have to run.
    certain : mapping
        Those that have to: name to the names of the stages that run before. The others run when
        pytask asks for them.
    run : callable
        Takes a stage and runs it.
    workers : int
        How many run at a time.
    """

    def __init__(self, stages: Sequence[Stage], certain: Mapping[str, set[str]],
                 run: Callable[[Stage], None], workers: int):
        self.stages = sorted(stages, key=lambda stage: -way(stage, stages))
        self.certain = certain
        self.asked: set[str] = set()
        self.run = run
        self.workers = workers
        self.pool = ThreadPoolExecutor(workers)
        self.futures: dict[str, Future] = {}

    def start(self) -> None:
        """Start what has to run and can, while a worker is free."""
        for stage in self.stages:
            if len(self._running()) == self.workers:
                return
            if stage.name not in self.futures and self._can_start(stage):
                self.futures[stage.name] = self.pool.submit(self.run, stage)

    def wait_for(self, stage: Stage) -> None:
        """Run a stage, or wait until it has run, and start others meanwhile; raise what it
        raised."""
        self.asked.add(stage.name)
        self.start()
        while stage.name not in self.futures or not self.futures[stage.name].done():
            # In short waits: a signal that another thread receives does not wake this one.
            wait(self._running(), timeout=0.2, return_when=FIRST_COMPLETED)
            self.start()
        self.futures[stage.name].result()

    def stop(self, end_running: Callable[[], None]) -> None:
        """End whatever still runs; after a normal end there is nothing."""
        for future in self.futures.values():
            future.cancel()
        while self._running():
            end_running()
            time.sleep(0.05)
        self.pool.shutdown()

    def _running(self) -> list[Future]:
        return [future for future in self.futures.values() if not future.done()]

    def _can_start(self, stage: Stage) -> bool:
        return (stage.name in self.asked or stage.name in self.certain
                and all(map(self._ended_well, self.certain[stage.name])))

    def _ended_well(self, name: str) -> bool:
        future = self.futures.get(name)
        return future is not None and future.done() and future.exception() is None


def way(stage: Stage, stages: Sequence[Stage]) -> int:
    """Return how long it takes from the start of a stage to the end of the last one that waits for
    it.

    Examples
    --------
    >>> first, last = Stage("first", "1", (), length=3), Stage("last", "2", (), after=("first",), length=2)
    >>> way(first, [first, last]), way(last, [first, last])
    (5, 2)
    """
    return stage.length + max(
        (way(other, stages) for other in stages if stage.name in other.after), default=0)
