"""The process that imports once and forks kernels: ``python -m helpers.run.execution.forkserver
DESCRIPTOR ...``.

It imports a group of libraries, forks itself, and serves that group while its child goes on to the
next group: a kernel that needs little is born while the rest is still being imported. Each group
has a control socket (a descriptor that it inherits). A request comes with a socket of its own,
which tells the number of the child, then how it ended and how much memory it had at most. When the
build is gone the control sockets close, and every kernel that is left is ended.

Nothing but imports happens here: no pool of threads is started, no file written and no socket
opened before a fork. Of this project only the launcher is imported: helpers that are being edited
are read by the kernel, as ever.
"""

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress

# Groups in the order in which they are ready. What one stage alone uses, its own kernel imports.
GROUPS = {
    "base": ("helpers.run.execution.kernel", "ipykernel.kernelapp", "ipykernel.ipkernel",
             "ipykernel.zmqshell", "IPython.core.completer", "IPython.core.ultratb", "debugpy",
             "jedi", "pandas", "pyarrow", "yaml", "babel.messages.pofile", "babel.numbers",
             "matplotlib.figure", "matplotlib.patches", "matplotlib.patheffects",
             "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
             "matplotlib_inline.backend_inline"),
    "science": ("scipy.sparse", "scipy.spatial", "scipy.stats", "geopandas"),
}
LONGEST_REQUEST = 1 << 18


def main(descriptors: list[str]) -> None:
    """Serve the first group in this process, the next one in a child of it, and so on."""
    controls = [socket.socket(fileno=int(descriptor)) for descriptor in descriptors]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for control, modules in zip(controls, GROUPS.values(), strict=True):
        for module in modules:
            # What cannot be imported here, the notebook will try again and report.
            with suppress(Exception):
                importlib.import_module(module)
        if control is controls[-1] or os.fork():
            break
        control.close()
    for other in controls:
        if other is not control and other.fileno() != -1:
            other.close()
    # Pages of objects that the collector leaves alone stay shared with the children.
    gc.collect()
    gc.freeze()
    serve(control)


def serve(control: socket.socket) -> None:
    """Fork a kernel for each request, and report the end of each, until the other side is gone."""
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    lines: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                    _report_ended(lines)
                elif not _answer(control, lines, (woken, waker, selector)):
                    _end_all(lines)
                    return


def _answer(control: socket.socket, lines: dict[int, socket.socket], own: tuple) -> bool:
    request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 1)
    if not request:
        return False
    line = socket.socket(fileno=descriptors[0])
    child = os.fork()
    if child:
        lines[child] = line
        with suppress(OSError):
            line.send(json.dumps({"pid": child}).encode())
        return True
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    for end in (control, line, *lines.values(), *own):
        end.close()
    _become_kernel(**json.loads(request))
    os._exit(0)


def _become_kernel(command: list[str], env: dict[str, str], cwd: str, log: str) -> None:
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    os.environ.clear()
    # A kernel ends itself when its parent is gone; its parent is this server, which ends with the
    # build.
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(cwd)
    sys.argv = command
    from helpers.run.execution import kernel

    try:
        kernel.main(command[1:])
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _report_ended(lines: dict[int, socket.socket]) -> None:
    while True:
        try:
            child, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            return
        if line := lines.pop(child, None):
            with suppress(OSError):
                line.send(
                    json.dumps(
                        {"code": os.waitstatus_to_exitcode(status),
                         "peak": usage.ru_maxrss * 1024}).encode())
            line.close()


def _end_all(lines: dict[int, socket.socket]) -> None:
    for child in lines:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
