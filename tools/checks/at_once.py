"""Many builds of checks at the same time."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


def at_once(function: Callable, *arguments: Iterable) -> list:
    """Results of a function that waits for a build, for as many builds at the same time as there
    are CPUs.

    Ctrl-C reaches the builds that run; those that wait are not started.
    """
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        futures = [pool.submit(function, *given) for given in zip(*arguments)]
        try:
            return [future.result() for future in futures]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
