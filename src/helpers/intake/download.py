"""File from the network: kept, resumed where it broke off, never used with another hash."""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from helpers import messages
from helpers.errors import InputError
from helpers.files import write
from helpers.messages import Message

CACHE = "kesenjangan-blitar"
FIRST_SEEN = "first-seen.json"
SECONDS = (10, 30)  # to connect, and between two pieces
PIECE = 1 << 14  # bytes; what a connection lost is at most one of them
ATTEMPTS = 5
MEGABYTE = 10**6
STEP = 10 * MEGABYTE  # how much arrives between two lines
REMEDY = Message("give a copy with MIRROR=address, MIRROR=folder or FILE=file")


@dataclass(frozen=True)
class Wanted:
    """File of the network.

    Without a stated hash that of the first download holds from then on; a copy below the mirror, an
    address or a folder of this machine, is taken instead; the size is in bytes. ``kept`` is where
    the file lies in the cache and below a mirror, so that the cache of one machine is the mirror of
    another; without it a mirror has the file's name, and the cache a name by its address.
    """

    address: str
    sha256: str | None = None
    mirror: str | None = None
    size: int | None = None
    kept: str | None = None
    remedy: Message = REMEDY

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(urlsplit(self.address).path).name

    @property
    def place(self) -> str:
        """The address that it is really taken from."""
        below = self.kept or self.name
        return f"{self.mirror.rstrip('/')}/{below}" if self.mirror else self.address

    @property
    def local(self) -> bool:
        """Whether the mirror is a folder of this machine."""
        return self.mirror is not None and "://" not in self.mirror


def cache_folder() -> Path:
    """Folder of downloads: ``KESENJANGAN_CACHE``, else the user's cache."""
    import pooch

    return Path(os.environ.get("KESENJANGAN_CACHE") or pooch.os_cache(CACHE))


def fetch(wanted: Wanted, say: Callable[[str], None] = messages.say) -> tuple[Path, list[str]]:
    """File in the cache, downloaded if it is not there yet, and what to tell the person.

    ``say`` takes a line while a download goes on. Raises ``InputError`` where the address cannot be
    reached, does not have the file, breaks off, or gives another file than expected.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    folder = cache_folder()
    expected = wanted.sha256 or first_seen(folder).get(wanted.address)
    if wanted.local:
        return _from_folder(wanted, expected)
    kept = wanted.kept or _name_in_cache(wanted)
    (folder / kept).parent.mkdir(parents=True, exist_ok=True)
    download = Resumed(folder / f"{kept}.part", wanted, say)
    try:
        path = Path(pooch.retrieve(wanted.place, f"sha256:{expected}" if expected else None,
                                   fname=kept, path=folder, downloader=download))
    except requests.RequestException as error:
        raise InputError(_told(error, wanted, download.part)) from None
    except ValueError:
        raise InputError("{name}: what {place} gave is not the expected file (its hash is not "
                         "{expected}); it was thrown away: {remedy}", name=wanted.name,
                         place=wanted.place, expected=expected, remedy=wanted.remedy) from None
    found = pooch.file_hash(str(path))
    origin = Message("downloaded from {place}" if download.begun else "from the cache",
                     place=wanted.place)
    said = [Message("{name}: {origin}, sha256 {found}", name=wanted.name, origin=origin,
                    found=found)]
    if expected is None:
        write(folder / FIRST_SEEN,
              json.dumps(first_seen(folder) | {wanted.address: found}, indent=1) + "\n")
        said.append(Message("{name}: nobody states its hash; this first download is trusted, and "
                            "its hash is expected from now on (pin it for others with "
                            "SHA256={found})", name=wanted.name, found=found))
    return path, said


def _from_folder(wanted: Wanted, expected: str | None) -> tuple[Path, list[str]]:
    import pooch

    path = Path(wanted.place)
    cached = cache_folder() / (wanted.kept or _name_in_cache(wanted))
    # What the folder lacks may have been fetched before: with the stated hash it is the same file.
    if not path.is_file() and expected and cached.is_file() and (
            pooch.file_hash(str(cached)) == expected):
        return cached, [Message("{name}: {origin}, sha256 {found}", name=wanted.name,
                                origin=Message("from the cache"), found=expected)]
    if not path.is_file():
        raise InputError("MIRROR={mirror}: the folder has no file {file}; copy it there, or leave "
                         "MIRROR out to download it", mirror=wanted.mirror,
                         file=wanted.kept or wanted.name)
    found = pooch.file_hash(str(path))
    if expected not in (None, found):
        raise InputError("MIRROR={mirror}: {file} is not the expected file (its hash is {found}, "
                         "not {expected}); copy it anew", mirror=wanted.mirror,
                         file=wanted.kept or wanted.name, found=found, expected=expected)
    return path, [Message("{name}: from the folder {mirror}, sha256 {found}", name=wanted.name,
                          mirror=wanted.mirror, found=found)]


def first_seen(folder: Path) -> dict[str, str]:
    """Hashes of first downloads by address."""
    try:
        return json.loads((folder / FIRST_SEEN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


class Resumed:
    """Downloader for pooch that keeps what has arrived in ``part``, and goes on from there.

    A note beside the part says of which version it is; ``say`` takes lines that tell how far it is.
    """

    def __init__(self, part: Path, wanted: Wanted, say: Callable[[str], None]):
        self.part = part
        self.note = part.with_suffix(".version")
        self.wanted = wanted
        self.say = say
        self.begun = False

    def __call__(self, url: str, output_file: str, pooch) -> None:
        """Download a file; several attempts, as long as each of them brings something."""
        import requests

        self.begun = True
        size = f", {_megabytes(self.wanted.size)} MB" if self.wanted.size else ""
        self.say(Message("{name}: downloading{size}; you may stop it, the same call goes on "
                         "from there", name=self.wanted.name, size=size))
        for attempt in range(1, ATTEMPTS + 1):
            before = self._arrived()
            try:
                self._go_on(url)
                break
            except (requests.ConnectionError, requests.Timeout,
                    requests.exceptions.ChunkedEncodingError):
                if attempt == ATTEMPTS or self._arrived() <= before:
                    raise
        os.replace(self.part, output_file)
        self.note.unlink(missing_ok=True)

    def _arrived(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def _go_on(self, url: str) -> None:
        import requests

        headers = {"Accept-Encoding": "identity"}
        version = self.note.read_text(encoding="utf-8") if self.note.is_file() else ""
        if self._arrived() and version:
            # The server sends the rest if the file is still of this version, else all of it.
            headers |= {"Range": f"bytes={self._arrived()}-", "If-Range": version}
        with requests.get(url, headers=headers, stream=True, timeout=SECONDS) as answer:
            if answer.status_code == 416:
                # Nothing is left to send, or the file became shorter: begin anew.
                self.part.unlink()
                return self._go_on(url)
            answer.raise_for_status()
            resumed = answer.status_code == 206
            self.note.write_text(answer.headers.get("ETag") or answer.headers.get("Last-Modified")
                                 or "", encoding="utf-8")
            with open(self.part, "ab" if resumed else "wb") as file:
                for piece in answer.iter_content(PIECE):
                    before = file.tell()
                    file.write(piece)
                    if file.tell() // STEP > before // STEP:
                        size = self.wanted.size
                        self.say(Message("{name}: {megabytes} of {size} MB" if size
                                         else "{name}: {megabytes} MB", name=self.wanted.name,
                                         megabytes=_megabytes(file.tell()),
                                         size=size and _megabytes(size)))


def _megabytes(size: int) -> str:
    """Number of bytes in megabytes.

    >>> _megabytes(293_938_126)
    '294'
    """
    return f"{size / MEGABYTE:.0f}"


def _name_in_cache(wanted: Wanted) -> str:
    """Name of the file by its address, so that two addresses never share one."""
    import hashlib

    return f"{hashlib.sha256(wanted.address.encode()).hexdigest()[:12]}-{wanted.name}"


def _told(error, wanted: Wanted, part: Path) -> Message:
    import requests

    if isinstance(error, requests.HTTPError):
        return Message("{name}: {place} answers {status}; {remedy}", name=wanted.name,
                       place=wanted.place, status=error.response.status_code, remedy=wanted.remedy)
    if part.is_file() and part.stat().st_size:
        return Message("{name}: the connection broke off after {bytes:,} bytes; run the same "
                       "again, it goes on from there", name=wanted.name, bytes=part.stat().st_size)
    kinds = requests.exceptions
    if isinstance(error, kinds.InvalidURL | kinds.InvalidSchema | kinds.MissingSchema):
        return Message("{place}: is no address that can be downloaded; allowed are https:// and "
                       "http://", place=wanted.place)
    return Message("{name}: {place} cannot be reached; is there a network? Without one, {remedy}",
                   name=wanted.name, place=urlsplit(wanted.place).netloc, remedy=wanted.remedy)
