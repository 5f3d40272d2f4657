"""``make multiverse``: every claim in thousands of universes, one row each in
``multiverse.parquet``.

The work is cut into pieces that share no table (`helpers.multiverse.work_units`), so two workers do
nothing twice. What a piece found is written at once; a call that was stopped, or whose worker died,
goes on with the pieces that are missing. The pieces and their order depend on the data and the
choices alone, so the bytes are the same however many workers there are, on this machine or on a
cluster.
"""

import io
import multiprocessing
import os
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from helpers import messages, multiverse
from helpers.errors import InputError
from helpers.files import file_digest, write
from helpers.messages import Message
from helpers.multiverse import Choices
from helpers.run.execution import kernel, kernels
from helpers.run.inputs import Inputs, check_resources
from helpers.run.products import Products
from helpers.run.project import Project, digest, tree_digest
from helpers.study import Study
from helpers.study import choices as choices_file
from helpers.study.parquet_parts import cluster

NAME = "multiverse"
FILE = f"{NAME}.parquet"
# A process of its own has to import first; fewer pieces are done sooner without one.
WORTH_A_PROCESS = 8
ATTEMPTS = 3


@dataclass(frozen=True)
class Work:
    """What a worker needs: tables, parameters and seed as `helpers.multiverse.Analysis` takes them,
    the claims that are ``wanted``, and the choices. The same data, parameters, choices and code
    have the same ``key``."""

    key: str
    tables: dict[str, pd.DataFrame]
    parameters: dict
    seed: int
    wanted: pd.DataFrame
    choices: Choices

    @cached_property
    def pieces(self) -> list[multiverse.Piece]:
        """The pieces, in the order of the claims."""
        return multiverse.work_units(self.wanted, self.choices)


def run(project: Project, inputs: Inputs, say: Callable[[str], None] = messages.say,
        scheduler: str | None = None) -> int:
    """Bring ``multiverse.parquet`` up to date; return the number of its rows.

    ``project.jobs`` processes work on this machine, or the workers of the Dask ``scheduler`` that
    is given here or in the environment. An `InputError` says that the package has no claims, that
    there are no choices, or that no claim rests on a choice.
    """
    start = time.monotonic()
    work = prepare(project, inputs)
    products, pieces = Products(project, NAME), project.state / NAME
    if products.record.get("from") == {"work": work.key} and not products.damage():
        say(Message("{name}: nothing to do, {out} is up to date ({seconds:.1f} s)", name=NAME,
                    out=project.shown(project.out / FILE), seconds=time.monotonic() - start))
        return 0
    found = evaluate(work, pieces / work.key, project.jobs,
                     scheduler or os.environ.get("SCHEDULER"), say)
    reads = multiverse.claim_reads(work.wanted, work.choices.listed)
    rows = multiverse.assemble(_universes(work, reads), found, work.choices)
    with products.making({"work": work.key}) as staging:
        (staging / FILE).write_bytes(to_parquet(rows))
    shutil.rmtree(pieces, ignore_errors=True)
    say(Message("{name}: {found:,} universes of {possible:,}, {claims} claims in {seconds:.1f} s; "
                "results in {out}", name=NAME, found=rows["universe"].nunique(),
                possible=multiverse.size(work.choices), claims=len(work.wanted),
                seconds=time.monotonic() - start, out=project.shown(project.out / FILE)))
    return len(rows)


def prepare(project: Project, inputs: Inputs) -> Work:
    """Work that the data package and the choices ask for; raises what `run` raises."""
    if "claims" not in inputs.resources:
        raise InputError("{name}: this package has no claims, which it would decide; add the "
                         "resource 'claims'", name=NAME, resource="claims")
    sections = {name: values for name, values in inputs.parameters.items()
                if isinstance(values, dict)}
    study = Study("synthesis", inputs.parameters | sections["synthesis"], project.raw, checked=True)
    choices = choices_file.fitting(
        choices_file.load(project.choices_file, sections, multiverse.known_choices()),
        study.package, project.choices_file, sections)
    if not choices.alternatives:
        raise InputError("{name}: there are no choices with alternatives; name some in "
                         "{choices_file}", name=NAME, choices_file=project.choices_file.name)
    tables, seed = multiverse.read(study), study.child_seed("zones")
    check_resources(choices, tables, sections, project.choices_file)
    wanted = multiverse.within_reach(study.table("claims"), sections)
    if wanted.empty:
        raise InputError("{name}: no universe can decide a claim of this package; with "
                         "force_field.evidence: gaps there have to be other claims than those "
                         "about strategies", name=NAME, parameter="evidence")
    key = digest([inputs.fingerprint, sections, seed, list(choices.listed.items()),
                  list(choices.exclude), choices.count, tree_digest(project.source, "*.py"),
                  file_digest(project.root / "requirements.lock"), sys.version_info[:2]])[:16]
    return Work(key, tables, sections, seed, wanted, choices)


def evaluate(work: Work, folder: Path, jobs: int, scheduler: str | None = None,
             say: Callable[[str], None] = messages.say) -> dict[str, pd.DataFrame]:
    """Judge the pieces that are not in the folder yet; return every claim's own product.

    ``jobs`` processes work on this machine, or the workers of the Dask ``scheduler``.
    """
    places = [folder / f"{number:05d}.parquet" for number in range(len(work.pieces))]
    for attempt in range(1, ATTEMPTS + 1):
        missing = [number for number, place in enumerate(places) if _kept(place) is None]
        total, done = len(places), len(places) - len(missing)
        say(Message("{name:<12} {done} of {total} pieces are there", name=NAME, done=done,
                    total=total))
        try:
            for number, judged in _judged(work, missing, jobs, scheduler):
                write(places[number], to_parquet(judged))
                done += 1
                if 10 * done // total > 10 * (done - 1) // total:
                    say(Message("{name:<12} {done} of {total} pieces, {tenth} %", name=NAME,
                                done=done, total=total, tenth=10 * (10 * done // total)))
            break
        except (BrokenProcessPool, ConnectionError) as error:
            if attempt == ATTEMPTS:
                raise InputError("{name}: workers were ended {attempts} times ({error}); what "
                                 "they found is kept, call again to go on", name=NAME,
                                 attempts=ATTEMPTS, error=error) from None
            say(Message("{name:<12} a worker was killed; continuing with the pieces that are "
                        "missing", name=NAME))
    return multiverse.join(work.wanted, work.pieces, [pd.read_parquet(place) for place in places])


def _kept(place: Path) -> pd.DataFrame | None:
    """What was found of a piece; None where it is not there, or no longer what was written."""
    try:
        found = pd.read_parquet(place)
    except (OSError, ValueError):
        return None
    return found if {"claim", "place", *multiverse.OUTCOME} <= {*found} else None


def to_parquet(rows: pd.DataFrame) -> bytes:
    """Write a table as Parquet; the same rows give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(),
                   content, compression="zstd")
    return content.getvalue()


def _universes(work: Work, reads: dict[str, list[str]]) -> pd.DataFrame:
    try:
        return multiverse.universes(work.choices, reads, work.seed)
    except ValueError as error:
        raise InputError("multiverse.yml: {error} (universes: N)", error=error) from None


def _judged(work: Work, numbers: list[int], jobs: int,
            scheduler: str | None) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield the pieces with what was found, as they come."""
    if scheduler:
        yield from _on_cluster(work, numbers, scheduler)
    elif min(jobs, len(numbers) // WORTH_A_PROCESS) > 1:
        yield from _in_processes(work, numbers, min(jobs, len(numbers) // WORTH_A_PROCESS))
    else:
        for number in numbers:
            yield number, _judge(work, number)


def _in_processes(work: Work, numbers: list[int], jobs: int) -> Iterator[tuple[int, pd.DataFrame]]:
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    kernels.start_server()
    # This process works too, from the other end, so that nobody waits for the others' imports.
    pool = ProcessPoolExecutor(jobs - 1, multiprocessing.get_context(kind), _begin,
                               (replace(work),))
    try:
        waiting, given = deque(numbers), {}
        while waiting or given:
            while waiting and len(given) < 2 * (jobs - 1):
                number = waiting.popleft()
                given[pool.submit(_judge_opened, number)] = number
            if waiting:
                number = waiting.pop()
                yield number, _judge(work, number)
            for future in wait(given, 0 if waiting else None, FIRST_COMPLETED).done:
                yield given.pop(future), future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _on_cluster(work: Work, numbers: list[int],
                scheduler: str) -> Iterator[tuple[int, pd.DataFrame]]:
    from distributed import as_completed as as_cluster_completes

    with cluster(scheduler) as client:
        # With every task and not laid out beforehand: what lay on a worker that dies would be gone.
        bare = replace(work)
        futures = {client.submit(_judge, bare, number, pure=False): number for number in numbers}
        for future in as_cluster_completes(list(futures), loop=client.loop):
            yield futures[future], future.result()


# The analysis of this process: what universes have in common is worked out once in each process.
_opened: dict[str, tuple[Work, multiverse.Analysis]] = {}


def _open(work: Work) -> None:
    _opened.clear()
    _opened[work.key] = work, multiverse.Analysis(work.tables, work.parameters, work.seed)


def _begin(work: Work) -> None:
    """Open the analysis in a process of its own."""
    kernel.end_with_the_build()
    _open(work)


def _judge(work: Work, number: int) -> pd.DataFrame:
    if work.key not in _opened:
        _open(work)
    own, analysis = _opened[work.key]
    return multiverse.judge(analysis, own.wanted, own.pieces[number])


def _judge_opened(number: int) -> pd.DataFrame:
    return _judge(next(iter(_opened.values()))[0], number)
