"""``make watch``: brings a target up to date again whenever something that it reads was edited, and
shows the site on this machine: its pages load anew after every build."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path

from helpers.messages import say
from helpers.run.documents import OF_TARGET, SITE
from helpers.run.project import MADE, ROOT, Project

PAUSE = 0.7  # seconds between two glances
STILL = 20  # seconds after which an open page that waits is told so
HOST, CHANGES = "127.0.0.1", "/.changes"
# In the copy that is served alone: a script before the page's policy, and the policy's leave for it
# to ask this server.
RELOAD = (f'<head><script>new EventSource("{CHANGES}?%d").onmessage = () => location.reload()'
          "</script>")
POLICY, LEAVE = b'"Content-Security-Policy" content="', b"connect-src 'self'; "


def run(project: Project, target: str, build: Callable[[], object],
        glances: Iterable = repeat(None), wait: Callable[[float], None] = time.sleep) -> int:
    """Build, then build again after every edit, until Ctrl-C. A build that fails says so, and the
    next edit tries again."""
    if SITE not in OF_TARGET.get(target, ()):
        return _watched(project, target, build, glances, wait)
    from helpers.explorer.serve import free_port

    port = free_port(None)
    with served(project.out / SITE.name, port) as tell:
        say("watch: http://{host}:{port}/ shows the pages, and loads them anew after every build",
            host=HOST, port=port)
        return _watched(project, target, lambda: (build(), tell()), glances, wait)


def _watched(project: Project, target: str, build: Callable[[], object], glances: Iterable,
             wait: Callable[[float], None]) -> int:
    say("watch: {target} is made again after every edit of notebooks, data, parameters or helpers; "
        "Ctrl-C ends it", target=target)
    before: dict[Path, tuple] | None = None
    for _ in glances:
        now = stamps(project)
        if before is None:
            build()
        elif now != before:
            changed = min(path for path in {*now, *before} if now.get(path) != before.get(path))
            say("watch: {name} changed", name=project.shown(changed))
            build()
        before = now
        wait(PAUSE)
    return 0


def stamps(project: Project) -> dict[Path, tuple[int, int]]:
    """Time and size of every file that a build may read: they say that something may have changed;
    the build itself goes by bytes."""
    found = {}
    folders = (project.raw, project.notebooks, project.source)
    for path in [*(path for folder in folders for path in folder.rglob("*")), *project.plan_files,
                 *filter(None, [project.root / "params.yml", project.parameters_file])]:
        # What an editor writes beside a file, and then removes, is none of it.
        if not path.name.startswith((".", "~")) and not {*path.parts} & MADE and path.is_file():
            with suppress(FileNotFoundError):  # gone since: as an editor saves
                about = path.stat()
                found[path] = (about.st_mtime_ns, about.st_size)
    return found


@contextmanager
def served(site: Path, port: int) -> Iterator[Callable[[], None]]:
    """Pages of a folder, on this machine alone, while the context lasts; what it gives is called
    when they were made anew."""
    pages = type("Pages", (_Pages,), {"site": site, "turn": threading.Condition()})
    server = _Server((HOST, port), pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def tell() -> None:
        with pages.turn:
            pages.builds += 1
            pages.turn.notify_all()

    try:
        yield tell
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Nothing of a page that was closed, or loaded anew, while it was answered."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Pages(SimpleHTTPRequestHandler):
    """Files of the site, read when they are asked for; pages with a script that loads them anew."""

    site: Path
    turn: threading.Condition
    builds = 0

    def __init__(self, *given):
        super().__init__(*given, directory=str(self.site))

    def do_GET(self):
        """Answer who asks this machine by its own name: a page elsewhere may not read these."""
        port = self.server.server_address[1]
        path, _, shown = self.path.partition("?")
        page = Path(self.translate_path(path))
        page = page / "index.html" if path.endswith("/") else page
        if self.headers.get("Host") not in (f"{HOST}:{port}", f"localhost:{port}"):
            self.send_error(403)
        elif path == CHANGES:
            self._answer("text/event-stream", b": open\n\n")
            with self.turn:
                while not self.turn.wait_for(lambda: str(self.builds) != shown, STILL):
                    self._write(b": still open\n\n")  # fails where the page was closed
                self._write(b"data: built\n\n")
        elif not page.is_file():
            self.send_error(404)
        elif page.suffix == ".html":
            try:
                content = page.read_bytes().replace(POLICY, POLICY + LEAVE, 1)
            except FileNotFoundError:  # a build renames it
                self.send_error(404)
                return
            self._answer("text/html; charset=utf-8", content.replace(
                b"<head>", (RELOAD % self.builds).encode(), 1))
        else:
            super().do_GET()

    def _answer(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self._write(content)

    def _write(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_):
        """Nothing: the builds say what happens."""


def build_apart(arguments: list[str]) -> None:
    """Call of the command line in a process of its own, which reads code that was edited anew; what
    Ctrl-C ends has said so itself."""
    process = subprocess.Popen([sys.executable, str(ROOT / "src" / "helpers"), *arguments])
    try:
        process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
