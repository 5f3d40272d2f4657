"""Kernels of the explorer's pages: a stated number of them, so that a page that is opened again and
again does not fill the memory."""

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError

MOST = 6  # of about 200 MB each; who is not connected is ended after five minutes (voila.json)


class FewKernels(AsyncMappingKernelManager):
    """Kernels of at most `MOST` pages at a time."""

    async def start_kernel(self, *args, **kwargs):
        """Start a kernel, or refuse with status 503."""
        if len(self) >= MOST:
            raise HTTPError(503, f"{MOST} pages are open already; close one of them, wait five "
                                 "minutes, and open this one again")
        return await super().start_kernel(*args, **kwargs)
