"""A real browser for tests of pages: Chromium without a window, spoken to over its DevTools
protocol.

No driver and no download: the system's Chromium (Debian: ``apt-get install chromium``), and the
WebSocket client that JupyterLab brings along. The browser cannot reach any network.
"""

import atexit
import json
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
import websocket

from helpers.cli.doctor import PROGRAMS

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--disable-quic", "--mute-audio",
           "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0",
           "--remote-allow-origins=*")
KEYS = {
    "Tab": 9, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
    "ArrowDown": 40
}
PATIENCE = 30  # seconds
NO_BROWSER = "no Chromium found"


class Chromium:
    """The one browser of this process, started with the first page and ended with the tests.

    Parameters
    ----------
    program : its path.
    """

    def __init__(self, program: str):
        self.folder = tempfile.mkdtemp(prefix="browser-")
        self.process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)
        told, end = Path(self.folder, "DevToolsActivePort"), time.monotonic() + PATIENCE
        while not (told.is_file() and len(lines := told.read_text().split()) > 1):
            assert self.process.poll(
            ) is None, f"Chromium ended with code {self.process.returncode}"
            assert time.monotonic() < end, f"Chromium did not start within {PATIENCE} s"
            time.sleep(0.05)
        self.address = f"ws://127.0.0.1:{lines[0]}/devtools"
        self.session = Session(f"ws://127.0.0.1:{lines[0]}{lines[1]}")

    def close(self) -> None:
        """End the browser and remove what it left."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def chromium() -> Chromium:
    """The browser of this process."""
    program = next((found for found in map(shutil.which, PROGRAMS["browser"]) if found), None)
    if program is None:
        # Counted and named in the last line (conftest); .ci/run installs one.
        pytest.skip(NO_BROWSER)
    return Chromium(program)


class Session:
    """A connection to the browser or to one page."""

    def __init__(self, address: str):
        self.number, self.events = 0, []
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)

    def call(self, method: str, **parameters) -> dict:
        """Send a command and return its result; what else happens is kept in ``events``."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self.events.append(message)


class Browser(Session):
    """One page with a profile of its own, from the object's beginning until `close`."""

    def __init__(self):
        self.browser = chromium().session
        self.profile = self.browser.call("Target.createBrowserContext")["browserContextId"]
        try:
            page = self.browser.call("Target.createTarget", url="about:blank",
                                     browserContextId=self.profile)["targetId"]
            super().__init__(f"{chromium().address}/page/{page}")
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
            self.call("Emulation.setFocusEmulationEnabled", enabled=True)
            self.call("Network.emulateNetworkConditions", offline=True, latency=0,
                      downloadThroughput=0, uploadThroughput=0)
        except BaseException:
            self.close()
            raise

    def open(self, path: Path, width: int = 1200, height: int = 900) -> None:
        """Open a file and wait until it has loaded."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self.socket.recv()))

    def visit(self, address: str, until: str, width: int = 1200, height: int = 900) -> None:
        """Open an address of this machine, the only one within reach, and wait until an expression
        in the page is true."""
        self.call("Network.emulateNetworkConditions", offline=False, latency=0,
                  downloadThroughput=-1, uploadThroughput=-1)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait(until, 4 * PATIENCE)

    def wait(self, until: str, seconds: float = PATIENCE) -> None:
        """Wait until an expression in the page is true."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({until})"):
            assert time.monotonic() < end, f"after {seconds} s this is still not so: {until}"
            time.sleep(0.05)

    def arrive(self, address: str, seconds: float = PATIENCE) -> None:
        """Wait until a page with this in its address has loaded; while the old one closes, nobody
        answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(AssertionError):
                if address in self.run("location.href") and self.run(
                        "document.readyState") == "complete":
                    return
            time.sleep(0.05)
        raise AssertionError(f"no page {address} within {seconds} s")

    def run(self, script: str):
        """Return the value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)
        assert "exceptionDetails" not in result, result.get("exceptionDetails")
        return result["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            for kind in ("rawKeyDown", "keyUp"):
                self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                          windowsVirtualKeyCode=KEYS[key])

    def point(self, x: float, y: float) -> None:
        """Move the mouse."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 4) -> None:
        """Press the mouse at one point and let it go at another."""
        points = [
            tuple(a + (b - a) * step / steps for a, b in zip(start, end))
            for step in range(steps + 1)
        ]
        kinds = ["mousePressed", *["mouseMoved"] * (steps - 1), "mouseReleased"]
        for kind, (x, y) in zip(kinds, [points[0], *points[2:], points[-1]]):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                      clickCount=1)

    def requested(self) -> list[str]:
        """Return the addresses that the page asked for since it was opened."""
        self.run("0")
        return [event["params"]["request"]["url"] for event in self.events
                if event["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Return errors and warnings since the page was opened."""
        self.run("0")
        thrown = [event["params"]["exceptionDetails"]["text"] for event in self.events
                  if event["method"] == "Runtime.exceptionThrown"]
        logged = [
            event["params"]["entry"]["text"] for event in self.events
            if event["method"] == "Log.entryAdded"
        ]
        return thrown + logged

    def close(self) -> None:
        """Close the page and forget its profile."""
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.profile)
