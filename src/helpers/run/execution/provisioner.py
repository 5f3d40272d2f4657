"""jupyter_client's way to a kernel's process, with a forked child where the build has a fork
server.

papermill stays the executor: only how the process comes up differs, through the provisioner entry
point ``kesenjangan``.
"""

from importlib.metadata import EntryPoint
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from helpers.run.execution.forks import Child, NoServer, PlainChild

PROVISIONER = "kesenjangan"
STANZA = {"kernel_provisioner": {"provisioner_name": PROVISIONER}}


class Provisioner(LocalProvisioner):
    """jupyter_client's local provisioner; the process is forked where the kernel's manager has a
    fork server."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        """Bring up the kernel's process."""
        where = kwargs["env"], kwargs["cwd"], kwargs["stdout"].name
        self.process = self._forked(cmd, *where) or PlainChild(cmd, *where)
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    def _forked(self, cmd: list[str], *where) -> Child | None:
        server = self.parent.run.server
        try:
            return server and server.fork(self.parent.run.group, cmd[cmd.index("-f") - 1:], *where)
        except NoServer:
            return None


# An environment that only points to the sources has no entry points.
KernelProvisionerFactory.instance().provisioners.setdefault(
    PROVISIONER,
    EntryPoint(PROVISIONER, "helpers.run.execution.provisioner:Provisioner",
               "jupyter_client.kernel_provisioners"))
