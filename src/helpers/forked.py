"""Work that two processes share: of a sequence every second item is done in a forked one."""

import json
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from helpers.files import run_facts


def by_two(work: Callable[[Any], Any], items: Sequence) -> list:
    """What a function returns for each item (JSON must hold it), every second one worked out
    meanwhile in a forked process where the build has two workers.

    A process that fails, or takes far longer than this one, is ended, and its part is done here.

    Examples
    --------
    >>> by_two(lambda item: item + 1, [1, 2, 3])
    [2, 3, 4]
    """
    if len(items) < 2 or run_facts().get("jobs", 1) < 2 or sys.platform != "linux":
        return [work(item) for item in items]
    start, found = time.monotonic(), list(items)
    own, other = multiprocessing.get_context("fork").Pipe(duplex=False)
    with warnings.catch_warnings(action="ignore"):  # of threads, which the child does not need
        child = os.fork()
    if not child:
        try:
            other.send_bytes(json.dumps([work(item) for item in items[1::2]]).encode())
        finally:
            os._exit(0)
    other.close()
    try:
        found[::2] = [work(item) for item in items[::2]]
        answered = own.poll(30 + 3 * (time.monotonic() - start))
        found[1::2] = json.loads(own.recv_bytes()) if answered else map(work, items[1::2])
    except EOFError:
        found[1::2] = map(work, items[1::2])
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        own.close()
    return found
