"""Order of the stages: as many side by side as there are workers, the longest way to the end first.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from helpers.run.plan import Stage


class Schedule:
    """Stages that may have to run, each as soon as those before it have ended well.

    ``run`` takes a stage, and whether no other can run beside it, and runs it, ``workers`` at a
    time. The stages are ``waiting`` or ``running``, by their futures.
    """

    def __init__(self, stages: Sequence[Stage], run: Callable[[Stage, bool], None], workers: int):
        # What waits for a stage stands behind it: its way to the end is shorter.
        self.waiting = sorted(stages, key=lambda stage: -critical_path(stage, stages))
        self.running: dict[Future, Stage] = {}
        self.stale: set[str] = set()
        self.failed: set[str] = set()
        self.run = run
        self.workers = workers
        self.pool = ThreadPoolExecutor(workers)

    def start(self, is_stale: Callable[[Stage], bool]) -> Iterator[tuple[Stage, bool]]:
        """Start what can start while a worker is free; yield the stages that do not run, and
        whether that is because one before them failed."""
        # First these: a stage is alone where they are all that stands beside it.
        for stage in [*self.waiting]:
            if not self.failed.isdisjoint(stage.after):
                self.failed.add(stage.name)
                self.waiting.remove(stage)
                yield stage, True
            elif stage.name not in self.stale and self._can_run(stage):
                if is_stale(stage):
                    self.stale.add(stage.name)
                else:
                    self.waiting.remove(stage)
                    yield stage, False
        for stage in [*self.waiting]:
            if len(self.running) < self.workers and self._can_run(stage):
                self.waiting.remove(stage)
                alone = self.alone(stage)
                self.running[self.pool.submit(self.run, stage, alone)] = stage

    def _can_run(self, stage: Stage) -> bool:
        return {other.name for other in (*self.waiting, *self.running.values())
                }.isdisjoint(stage.after)

    def alone(self, stage: Stage) -> bool:
        """Whether no other stage can run beside this one: all wait for it.

        >>> stages = [Stage("first", "1", ()), Stage("last", "2", (), after=("first",))]
        >>> [*map(Schedule(stages, print, 2).alone, stages)]
        [True, False]
        """
        others = [other for other in (*self.waiting, *self.running.values()) if other != stage]
        return all(stage.name in other.after for other in others)

    def ended(self) -> Iterator[tuple[Stage, BaseException | None]]:
        """Wait a moment; yield the stages that have ended, and what they raised."""
        # In short waits: a signal that another thread receives does not wake this one.
        for future in wait(self.running, timeout=0.2, return_when=FIRST_COMPLETED).done:
            stage = self.running.pop(future)
            if future.exception():
                self.failed.add(stage.name)
            yield stage, future.exception()

    def stop(self, end_running: Callable[[], None]) -> None:
        """End whatever still runs; after a normal end there is nothing."""
        while not all(future.done() for future in self.running):
            end_running()
            time.sleep(0.05)
        self.pool.shutdown()


def critical_path(stage: Stage, stages: Sequence[Stage]) -> int:
    """Time from the start of a stage to the end of the last one that waits for it.

    >>> first = Stage("first", "1", (), length=3)
    >>> last = Stage("last", "2", (), after=("first",), length=2)
    >>> critical_path(first, [first, last]), critical_path(last, [first, last])
    (5, 2)
    """
    return stage.length + max((critical_path(other, stages) for other in stages
                               if stage.name in other.after), default=0)
