"""The kernel of a stage: IPython's, with an audit of what it reads. Forked kernels and new
interpreters come through here."""

import os
import sys
from pathlib import Path
from threading import Lock

from helpers import messages

FIXED = {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1704067200", "TZ": "UTC",
         "LC_ALL": "C.UTF-8", "PYTHONNOUSERSITE": "1", "OMP_NUM_THREADS": "1",
         "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
         "VECLIB_MAXIMUM_THREADS": "1"}
# The folder of the package: kernels find it as the build does.
SOURCE = str(Path(__file__).resolve().parents[3])
# Threads that run stages start kernels, poll them and read the variables of this process, which
# those of the fork server stand in for while it starts.
LOCK = Lock()
PERSONAL = ("KESENJANGAN_", "PYTHONSTARTUP", "JUPYTER_", "IPYTHON")


def environment() -> dict[str, str]:
    """Variables of every kernel: those of the build, without what people set for themselves."""
    with LOCK:
        own = dict(os.environ)
    path = os.pathsep.join(filter(None, [SOURCE, own.get("PYTHONPATH")]))
    return {name: value for name, value in own.items() if name == messages.CHOSEN
            or not name.startswith(PERSONAL)} | FIXED | {"PYTHONPATH": path}


def main(arguments: list[str]) -> None:
    """Run a kernel for the connection file in ``-f FILE`` until it is told to end."""
    from ipykernel.kernelapp import IPKernelApp

    from helpers.run.execution import read_audit

    read_audit.start()
    # ipykernel looks the variable up when it is imported, which for a forked kernel was before
    # there was a parent.
    IPKernelApp.launch_instance(argv=arguments,
                                parent_handle=int(os.environ.get("JPY_PARENT_PID") or 0))


def become(arguments: list[str], env: dict[str, str], cwd: str, log: str) -> None:
    """Turn a process that the fork server made into a kernel, with variables ``env`` in place of
    the server's; ``log`` takes what it writes past the notebook."""
    import signal

    from helpers.run.execution import preloads

    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(cwd)
    sys.argv = [__file__, *arguments]
    # multiprocessing puts the build's own path in the place of the server's.
    sys.path[:] = preloads.PATH
    end_with_the_build()
    main(arguments)


def end_with_the_build() -> None:
    """Let this process end once the build is gone, a kernel with its children: the fork server
    lives as long as one of them, and a worker of a pool, which holds both ends of the pipe that
    brings it work, would wait for ever."""
    import multiprocessing
    import signal
    import threading

    def wait() -> None:
        multiprocessing.parent_process().join()
        # A kernel leads a group of its own; a worker is in that of the build.
        if os.name == "posix" and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1:])
