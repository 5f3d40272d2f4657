"""Kernels that are born with their imports: children forked from a process that has already imported the stack.

A notebook spends most of its time importing. A fork server (the standard library's) imports once; each kernel is a
forked child of it and starts in a fraction of a second. papermill stays the executor: only the way in which
jupyter_client brings up a kernel's process differs, through its provisioner entry point ``kesenjangan-fork``.

Forking is safe here because the server imports and does nothing else: numerical libraries get one thread each, no pool
is started and no socket is opened before the fork. Where that cannot be had (other systems than Linux, or
``KESENJANGAN_KERNELS=plain``), kernels are started plainly and give the same bytes.
"""

import os
import signal
import sys
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

PROVISIONER = "kesenjangan-fork"
# What every notebook uses; what only one stage needs, its own kernel imports.
PRELOAD = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "pandas", "matplotlib.backends.backend_agg",
           "matplotlib.backends.backend_svg", "babel.messages.pofile", "babel.numbers", "helpers.study", "helpers.publish")


def usable() -> bool:
    """Whether kernels may be forked on this system."""
    return sys.platform == "linux" and os.environ.get("KESENJANGAN_KERNELS", "fork") != "plain"


def prepare(fixed: dict[str, str]) -> None:
    """Start the fork server, so that it imports while the build checks its input.

    Parameters
    ----------
    fixed : dict
        Variables that must be set before the imports, such as the number of threads.
    """
    import multiprocessing.forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload(list(PRELOAD))
    before = {name: os.environ.get(name) for name in fixed}
    os.environ.update(fixed)
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


class ForkedProcess:
    """A forked kernel, with the face of a ``subprocess.Popen`` that jupyter_client expects."""

    stdin = stdout = stderr = None

    def __init__(self, connection_file: str, env: dict[str, str], cwd: str, log: str):
        import multiprocessing

        context = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=become_kernel, args=(connection_file, env, cwd, log), daemon=True)
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal, None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end."""
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def become_kernel(connection_file: str, env: dict[str, str], cwd: str, log: str) -> None:
    """Turn a forked child into an IPython kernel with its own session, variables and folder."""
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    # The kernel ends itself when its parent does; its parent is the fork server, which ends with the build.
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(cwd)
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=["-f", connection_file])


class ForkProvisioner(LocalProvisioner):
    """jupyter_client's local provisioner, with a forked child in place of a new interpreter."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        """Fork a kernel for the connection file of the command ``... -f FILE``."""
        log = kwargs["stdout"].name
        self.process = ForkedProcess(cmd[cmd.index("-f") + 1], kwargs["env"], kwargs["cwd"], log)
        self.pid = self.pgid = self.process.pid
        return self.connection_info
