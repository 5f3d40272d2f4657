"""Memory that open pages of the explorer take: python -m tools.benchmarks.explorer_memory [PAGES].

Serves the explorer as ``make explore`` does, asks for that many pages one after the other, as a
class would, makes in every kernel all tabs under another setting, and prints what Linux says of the
processes: *own* is what would be free if the process ended (USS), *with its share* counts shared
pages once over all that share them (PSS).
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

import psutil
import requests
import websocket

from helpers.run.project import ROOT

MEGABYTE = 1e6
# What a student does: another setting, and every tab of it.
CHANGED = {"sampling.margin": 0.07, "scoring.classes": 4, "disparity.city_zone": "north"}
TABS = ("sampling", "scoring", "disparity", "force_field", "synthesis")


def main(pages: int) -> None:
    command = [sys.executable, ROOT / "src" / "helpers", "explore", "browser=no", "lang=en"]
    served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = served.stdout.readline().split()[1]
        class_ = requests.Session()
        start = time.monotonic()
        kernels = [_opened(class_, address)]
        print(f"first page after {time.monotonic() - start:.0f} s")
        start = time.monotonic()
        kernels += [_opened(class_, address) for _ in range(pages - 1)]
        print(f"{pages - 1} further pages, one after the other: "
              f"{(time.monotonic() - start) / max(pages - 1, 1):.1f} s each")
        _report(served.pid, "opened")
        for kernel, widget in kernels:
            _work(class_, address, kernel, widget)
        _report(served.pid, "every tab of another setting made in each")
    finally:
        served.send_signal(signal.SIGTERM)
        served.wait(60)


def _opened(person: requests.Session, address: str) -> tuple[str, str]:
    """Ids of the kernel and of the widget of a page that is opened, once there is a server."""
    while True:
        try:
            page = person.get(address, timeout=600)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            page.raise_for_status()
            return tuple(re.search(rf'"{name}": ?"([^"]+)"', page.text)[1]
                         for name in ("kernelId", "model_id"))


def _work(person: requests.Session, address: str, kernel: str, widget: str) -> None:
    """Ask the widget of a page for every tab of another setting, as its browser does."""
    place = re.fullmatch(r"http(://[^?]*)\?token=.*", address)[1]
    cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    socket = websocket.create_connection(f"ws{place}api/kernels/{kernel}/channels", timeout=600,
                                         cookie=cookie)
    for number, tab in enumerate(TABS, start=1):
        asked = {"changed": CHANGED, "lang": "en", "tab": tab, "serial": number}
        header = {"msg_id": f"{kernel}-{number}", "msg_type": "comm_msg", "username": "",
                  "session": kernel, "version": "5.3"}
        socket.send(json.dumps({
            "header": header, "parent_header": {}, "metadata": {}, "channel": "shell",
            "content": {"comm_id": widget, "data": {"method": "update", "state": {"asked": asked},
                                                    "buffer_paths": []}}}))
        while f'"serial": {number}' not in str(socket.recv()):
            pass
    socket.close()


def _report(pid: int, when: str) -> None:
    children = psutil.Process(pid).children(recursive=True)
    kernels = [child for child in children if "forkserver" in " ".join(child.parent().cmdline())]
    own = sorted(kernel.memory_full_info().uss / MEGABYTE for kernel in kernels)
    whole = sum(process.memory_full_info().pss for process in children) / MEGABYTE
    print(f"{when}: {len(kernels)} kernels, own memory of one: median {own[len(own) // 2]:.0f} MB, "
          f"most {own[-1]:.0f} MB; all processes with their shares: {whole:.0f} MB")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main(int(sys.argv[1]) if sys.argv[1:] else 40)
