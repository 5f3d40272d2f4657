"""The kernel of a stage: IPython's, watched. Forked kernels and plain ones come through here."""

import os
import sys

from helpers import messages

FIXED = {
    "MPLBACKEND": "agg", "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1704067200", "TZ": "UTC",
    "LC_ALL": "C.UTF-8", "PYTHONNOUSERSITE": "1", "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
PERSONAL = ("KESENJANGAN_", "PYTHONSTARTUP", "JUPYTER_", "IPYTHON")


def environment() -> dict[str, str]:
    """Return the variables that every kernel starts with: those of the build, without what people
    set for themselves."""
    return {name: value for name, value in os.environ.items()
            if name == messages.CHOSEN or not name.startswith(PERSONAL)} | FIXED


def main(arguments: list[str]) -> None:
    """Run a kernel for the connection file in ``-f FILE`` until it is told to end."""
    from ipykernel.kernelapp import IPKernelApp

    from helpers.run.execution import read_audit

    read_audit.start(os.environ)
    # ipykernel looks the variable up when it is imported, which for a forked kernel was before
    # there was a parent.
    IPKernelApp.launch_instance(argv=arguments,
                                parent_handle=int(os.environ.get("JPY_PARENT_PID") or 0))


if __name__ == "__main__":
    main(sys.argv[1:])
