"""papermill's engine with kernels of our own: the build's interpreter, private sockets, forked
where that is possible."""

import asyncio
import os
import sys

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from papermill.engines import NBClientEngine

from helpers.run.execution.kernel import environment
from helpers.run.execution.provisioner import STANZA

ENGINE = "kesenjangan"


class Client(AsyncKernelClient):
    """A kernel's client that sees at once when the kernel dies before it has answered."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the first answer. jupyter_client looks only once a second whether anybody is
        there to give it."""
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


class Kernel(AsyncKernelManager):
    """A kernel that runs in the interpreter of the build, whatever the notebook's kernelspec
    says."""

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
        """The interpreter of the build; Windows starts kernels in jupyter_client's own way."""
        # -P: a file in the working folder must not hide a library.
        return KernelSpec(
            argv=[
                sys.executable, "-P", "-m", "helpers.run.execution.kernel", "-f",
                "{connection_file}"
            ], display_name="Python 3", language="python",
            metadata={} if os.name == "nt" else STANZA)

    async def start_kernel(self, **options):
        """Start the kernel with the build's variables; what it writes past the notebook goes to a
        log."""
        own = {
            "IPYTHONDIR": self.private, "JUPYTER_RUNTIME_DIR": self.private, "TMPDIR": self.private,
            "KESENJANGAN_PRIVATE": self.private
        }
        env = environment() | own | self.run.environment
        with open(os.path.join(self.private, "kernel.log"), "wb") as log:
            await super().start_kernel(**options, env=env, cwd=str(self.run.folder), stdout=log,
                                       stderr=log)

    async def cleanup_resources(self, restart=False):
        """Note how the kernel ended before its process is forgotten."""
        process = self.provisioner and self.provisioner.process
        if process is not None:
            self.run.exit_code = process.poll()
            self.run.peak = getattr(process, "peak", None)
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
        return super().execute_managed_notebook(nb_man, kernel_name, kernel_manager_class=kernel,
                                                shutdown_kernel="immediate",
                                                on_cell_start=run.started,
                                                on_cell_executed=run.ended, **options)
