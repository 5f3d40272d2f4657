"""``make regions``: a package and a whole build for each regency of a list, and a page over all.

Each build is a process of its own, two at a time on this machine, or one on each free worker of a
Dask cluster whose workers see the same folders. What is there already is taken as it is, so that a
call that was stopped goes on; one that fails is named and passed over.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from helpers import messages
from helpers.documents import regions as page
from helpers.errors import InputError
from helpers.intake.new import many
from helpers.messages import Message
from helpers.run.project import ROOT
from helpers.study.parquet_parts import cluster

AT_A_TIME = 2
PACKAGES, RESULTS = "packages", "results"


@dataclass(frozen=True)
class Wanted:
    """What is asked for many regions: the list, where all of it goes, and how it is built."""

    path: Path
    out: Path
    lang: str
    zones: str | None = None
    mirror: str | None = None
    scheduler: str | None = None
    at_a_time: int = AT_A_TIME
    borders: str | None = None


def run(wanted: Wanted, say: Callable[[str], None] = messages.say) -> int:
    """Make and build all regions of a list; return the exit status: 0, or 1 where one failed."""
    wishes = many.read_list(wanted.path)
    refuse_foreign(wanted.out)
    start, regions = time.monotonic(), []
    for region, seconds in _built(wanted, wishes):
        regions.append(region)
        told = Message("passed over: {why}", why=region.why) if region.results is None else Message(
            "done in {seconds:.0f} s", seconds=seconds)
        say(Message("regions: {number} of {all}  {region}: {told}", number=len(regions),
                    all=len(wishes), region=region.asked, told=told))
    regions.sort(key=lambda region: [wish.shown for wish in wishes].index(region.asked))
    place = page.write(wanted.out, regions, wanted.lang)
    failed = sum(region.results is None for region in regions)
    say(Message("regions: {built} built, {failed} passed over, in {minutes:.1f} min; all of them "
                "in {page}", built=len(regions) - failed, failed=failed,
                minutes=(time.monotonic() - start) / 60, page=place))
    return 1 if failed else 0


def refuse_foreign(out: Path) -> None:
    """Raise ``InputError`` where a folder holds what this command did not write."""
    own = {PACKAGES, RESULTS, page.NAME, page.TABLE}
    if out.exists() and (not out.is_dir() or any(path.name not in own for path in out.iterdir())):
        raise InputError("OUT={out}: holds something else than many regions; give a new or an "
                         "empty folder", out=out)


def build(raw: str, out: str, lang: str) -> tuple[str, float]:
    """Build of one package in a process of its own: nothing, or what went wrong in one line; and
    the seconds that it took."""
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "helpers", "all", f"RAW={raw}", f"OUT={out}",
                           f"lang={lang}", "jobs=1"], cwd=ROOT, capture_output=True,
                          encoding="utf-8", errors="replace", check=False)
    # The first line says what it is; those that belong to it begin with blanks.
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    whole = [line for line in lines if not line[0].isspace()] or [f"status {done.returncode}"]
    why = "" if done.returncode == 0 else whole[0 if done.stderr.strip() else -1]
    return why, time.monotonic() - start


def _built(wanted: Wanted, wishes: list[many.Wish]) -> Iterator[tuple[page.Region, float]]:
    """Yield the regions as they are done, and the seconds of each."""
    if wanted.scheduler:
        from distributed import as_completed as as_cluster_completes

        with cluster(wanted.scheduler) as client:
            yield from _submitted(
                wanted, wishes,
                lambda *given: client.submit(build, *given, pure=False, retries=1),
                lambda futures: as_cluster_completes(futures, loop=client.loop))
    else:
        with ThreadPoolExecutor(wanted.at_a_time) as pool:
            try:
                yield from _submitted(wanted, wishes,
                                      lambda *given: pool.submit(build, *given), as_completed)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _submitted(wanted: Wanted, wishes: list[many.Wish], submit: Callable[..., Future],
               completed: Callable) -> Iterator[tuple[page.Region, float]]:
    """Yield regions whose packages cannot be made, then those that are built, as they come."""
    waiting: dict[Future, tuple[many.Wish, Path, Path]] = {}
    for wish in wishes:
        try:
            raw, _ = many.package(wish, wanted.out / PACKAGES, wanted.zones, wanted.mirror,
                                  wanted.borders)
        except InputError as error:
            yield page.Region(wish.shown, None, None, str(messages.translate(error.message))), 0.0
            continue
        out = wanted.out / RESULTS / raw.name
        if any(out == other for _, _, other in waiting.values()):
            # Two builds in one folder would stop each other; one is for all who asked.
            continue
        waiting[submit(str(raw.resolve()), str(out.resolve()), wanted.lang)] = wish, raw, out
    for future in completed(list(waiting)):
        wish, raw, out = waiting[future]
        try:
            why, seconds = future.result()
        except Exception as error:  # a worker that died, whatever ended it
            why, seconds = f"{type(error).__name__}: {error}", 0.0
        yield page.Region(wish.shown, raw, None if why else out, why), seconds
