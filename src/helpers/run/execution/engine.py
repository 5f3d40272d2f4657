"""papermill's engine with kernels of our own: the build's interpreter, private sockets, or forked.
"""

import asyncio
import os
import sys
import threading
import time
from contextlib import suppress

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from papermill.engines import NBClientEngine

from helpers.run.execution import kernels, private
from helpers.run.execution.kernel import environment

ENGINE = "kesenjangan"


class Client(AsyncKernelClient):
    """A kernel's client that sees at once when the kernel dies before it has answered."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the first answer; look more often than jupyter_client whether one may come."""
        answer = asyncio.ensure_future(super().wait_for_ready(timeout))
        try:
            while not answer.done():
                await asyncio.wait([answer], timeout=0.1)
                if not answer.done() and not await self.is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info")
            answer.result()
        finally:
            # Who waits here may be called off; one that is done stays as it is.
            answer.cancel()


class ForkedKernel(LocalProvisioner):
    """jupyter_client's way to a kernel's process, which is forked here instead of started."""

    async def launch_kernel(self, cmd: list[str], **given) -> dict:
        """Bring up the kernel's process."""
        log = given["stdout"].name if given.get("stdout") else os.devnull
        self.process = kernels.Forked(cmd[cmd.index("-f"):], given["env"], given["cwd"], log)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class Kernel(AsyncKernelManager):
    """A kernel in the interpreter of the build, whatever the notebook's kernelspec says."""

    run: object
    private: str

    def __init__(self, **options):
        super().__init__(**options)
        self.client_factory = Client
        if os.name != "nt":
            # Sockets in a private folder: no race for ports between kernels that start at the same
            # time.
            self.connection_file = os.path.join(self.private, "k.json")
            self.transport = "ipc"
            self.ip = os.path.join(self.private, "k")
        self.run.kernel = self

    @property
    def kernel_spec(self) -> KernelSpec:
        """The interpreter of the build."""
        # -P: a file in the working folder must not hide a library.
        return KernelSpec(argv=[sys.executable, "-P", "-m", "helpers.run.execution.kernel", "-f",
                                "{connection_file}"], display_name="Python 3", language="python")

    async def start_kernel(self, **options):
        """Start the kernel with the build's variables; what it writes elsewhere goes to a log."""
        own = {"IPYTHONDIR": self.private, "JUPYTER_RUNTIME_DIR": self.private,
               "TMPDIR": self.private}
        env = environment() | own | private.run_variables(self.run.facts, self.private)
        if kernels.forked():
            self.provisioner = ForkedKernel(kernel_spec=self.kernel_spec, parent=self)
        with open(os.path.join(self.private, "kernel.log"), "wb") as log:
            await super().start_kernel(**options, env=env, cwd=str(self.run.folder), stdout=log,
                                       stderr=log)
        threading.Thread(target=self._note_memory, args=(self.provisioner.pid,),
                         daemon=True).start()

    def _note_memory(self, pid: int) -> None:
        """Note the most memory that the kernel has, until it ends."""
        import psutil

        with suppress(psutil.Error):
            process = psutil.Process(pid)
            while True:
                self.run.peak = max(self.run.peak, process.memory_info().rss)
                time.sleep(0.1)

    async def cleanup_resources(self, restart=False):
        """Note how the kernel ended before its process is forgotten."""
        process = self.provisioner and self.provisioner.process
        if process is not None:
            self.run.exit_code = process.poll()
        await super().cleanup_resources(restart=restart)


class Engine(NBClientEngine):
    """papermill's own engine, with our kernel and a hold on the notebook while it runs."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, run, private, **options):
        """Run the notebook in a kernel of its own."""
        run.executed = nb_man.nb
        kernel = type("StageKernel", (Kernel,), {"run": run, "private": private})
        # All results are files by now: a kernel that has run its last cell is ended without a
        # farewell, which takes 0.1 s.
        return super().execute_managed_notebook(
            nb_man, kernel_name, kernel_manager_class=kernel, shutdown_kernel="immediate",
            on_cell_start=run.started, on_cell_executed=run.ended, **options)
