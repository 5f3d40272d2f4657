"""What many regencies cost: packages, builds and the page over them, two at a time on this machine,
and on two Dask workers of one core each.

    MIRROR=folder python -m tools.benchmarks.regions_speed [NUMBER]

`make bench` measures it where the environment names a copy of the public sources (MIRROR).
"""

import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from helpers.cli import regions
from helpers.intake.sources import register
from tools.benchmarks.measuring import as_rows

NUMBER, MINUTES = 30, 15
PROVINCE = "35."  # East Java: enough regencies of four kecamatan and more


def measure(mirror: str | None, number: int = NUMBER) -> list[dict]:
    """Return the minutes of a class of regencies, and how those of two Dask workers compare.

    Nothing without a mirror: the network's speed is not measured.
    """
    if not mirror:
        print("regencies: not measured; name a copy of the sources in the environment (MIRROR)")
        return []
    codes = [code for code in register.regencies(mirror).index
             if code.startswith(PROVINCE) and code[3] != "7"][:number]
    if len(codes) < number:
        codes = [code for code in register.regencies(mirror).index if code[3] != "7"][:number]
    here, there = _seconds(codes, mirror, None), _on_workers(codes, mirror)
    return as_rows([
        (f"{number} regencies", here / 60, "min", MINUTES * number / NUMBER,
         "packages, builds and the page over them, two at a time"),
        (f"{number} regencies on two Dask workers", there / here, "", 1.1,
         "the same, against two at a time")])


def _seconds(codes: list[str], mirror: str, scheduler: str | None) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-regions-") as place:
        listed = Path(place) / "list.txt"
        listed.write_text("\n".join(codes) + "\n", encoding="utf-8")
        start = perf_counter()
        if regions.run(regions.Wanted(listed, Path(place) / "made", "en", mirror=mirror,
                                      scheduler=scheduler)):
            raise SystemExit("a regency was passed over; a time without it says nothing")
        return perf_counter() - start


def _on_workers(codes: list[str], mirror: str) -> float:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=":0") as workers:
        return _seconds(codes, mirror, workers.scheduler_address)


if __name__ == "__main__":
    for row in measure(os.environ.get("MIRROR"), int((sys.argv[1:] or [NUMBER])[0])):
        print(row)
