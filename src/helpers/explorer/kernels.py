"""Kernels of the explorer's pages: children of one process that has opened the explorer, where the
system can fork, and a stated number of them, so that pages opened again and again do not fill the
memory."""

from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from tornado.web import HTTPError

from helpers.run.execution import kernels
from helpers.run.execution.engine import ForkedKernel

PRELOADS = "helpers.explorer.preloads"
# Of about 90 MB each of its own beside 400 MB that all share, or of 340 MB each; who is not
# connected is ended after five minutes (voila.json).
FORKED, PLAIN = 40, 6


class PageKernel(ServerKernelManager):
    """Kernel of a page, which shares the memory of the opened explorer."""

    async def start_kernel(self, *args, **kwargs):
        """Start the kernel, as a child of the fork server where there is one."""
        if kernels.forked():
            self.provisioner = ForkedKernel(kernel_spec=self.kernel_spec, parent=self)
        await super().start_kernel(*args, **kwargs)


class FewKernels(AsyncMappingKernelManager):
    """Kernels of a stated number of pages at a time."""

    def __init__(self, **options):
        super().__init__(**options)
        self.kernel_manager_class = f"{PageKernel.__module__}.{PageKernel.__qualname__}"
        kernels.start_server(PRELOADS)

    async def start_kernel(self, *args, **kwargs):
        """Start a kernel, or refuse with status 503."""
        most = FORKED if kernels.forked() else PLAIN
        if len(self) >= most:
            raise HTTPError(503, f"{most} pages are open already; close one of them, wait five "
                                 "minutes, and open this one again")
        return await super().start_kernel(*args, **kwargs)
