"""Fetches published files: the only module of crossid that touches the network.

What has come so far is kept in `NAME.part` and gone on with, if the server says that its file is
still the same one. A file is handed over only when it is complete and, where its hash is published,
when it has that hash.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import socket
import ssl
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from crossid import __version__
from crossid.errors import ModelError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO

    from crossid.inference.weights import Download

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30.0
PAUSES_S = (1.0, 2.0, 4.0)
"""Before the second, third and fourth try of an address; counted anew whenever `GAIN_BYTES` more have come."""
GAIN_BYTES = 1 << 20
MAX_BYTES = 2 << 30
"""No file of a published model is larger, and no server may fill the disk."""
PAGES = {"text/html", "application/xhtml+xml", "application/json", "application/xml", "text/xml"}
"""Types in which servers excuse themselves, some of them with status 200."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LOCKED_BYTE = 1 << 40
_HOPELESS = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)
"""No such host, nobody listens, or somebody else does: seconds do not mend these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How much of a file has come; `total_bytes` is 0 where nobody says."""

    name: str
    done_bytes: int
    total_bytes: int


class _AddressError(Exception):
    """Why an address did not give the file; `lasting`: trying it again is no use."""

    def __init__(self, why: str, *, lasting: bool = False) -> None:
        super().__init__(why)
        self.lasting = lasting


def download(
    wanted: Download, folder: Path, told: Callable[[Progress], None], *, pauses_s: Sequence[float] = PAUSES_S
) -> Path:
    """Fetch a file from the first of its addresses that gives it.

    Args:
        wanted: What to fetch.
        folder: Where to put it, made if it is not there.
        told: Hears of every chunk.
        pauses_s: Before each new try of an address.

    Returns:
        `folder/NAME.part`: complete, with the published hash if there is one. The caller removes it.

    Raises:
        ModelError: no address gave it, there is no room for it, or another process is fetching it.
    """
    troubles = []
    with _claimed(folder, wanted.name) as part:
        for url in wanted.urls:
            try:
                _fetch_patiently(url, wanted, part, told, pauses_s)
            except _AddressError as trouble:
                troubles.append(f"{urlsplit(url).hostname} {trouble}")
            else:
                os.fsync(part.fileno())
                return Path(part.name)
    _drop_if_empty(Path(part.name))
    raise ModelError(
        f"{wanted.name} could not be fetched: {'; '.join(troubles)}.",
        remedy="Try again later (what came is kept), or carry the file in: crossid models import FILE",
    )


def _drop_if_empty(part: Path) -> None:
    if part.stat().st_size == 0:
        part.unlink()
        _validator_file(part).unlink(missing_ok=True)


@contextmanager
def _claimed(folder: Path, name: str) -> Iterator[FileIO]:
    """The unfinished file, open at its end and held against other processes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = (folder / f"{name}.part").open("a+b", buffering=0)
    except OSError as error:
        raise _no_room(folder, error) from error
    with part:
        try:
            _lock(part.fileno())
        except OSError:
            raise ModelError(
                f"Another crossid is fetching {name}.", remedy="Wait until it is done, and try again."
            ) from None
        yield part


def _lock(file: int) -> None:
    """Hold a file, or raise at once; it is let go when it is closed."""
    if sys.platform == "win32":
        os.lseek(file, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _fetch_patiently(
    url: str, wanted: Download, part: FileIO, told: Callable[[Progress], None], pauses_s: Sequence[float]
) -> None:
    failures = 0
    while True:
        before = _size(part)
        try:
            _fetch(url, wanted, part, told)
            _compare(wanted, part, resumed=before > 0)
        except _AddressError as trouble:
            if _size(part) - before >= GAIN_BYTES:
                failures = 0
            if trouble.lasting or failures == len(pauses_s):
                raise
            time.sleep(pauses_s[failures])
            failures += 1
        else:
            return


def _fetch(url: str, wanted: Download, part: FileIO, told: Callable[[Progress], None]) -> None:
    """One request; raises `_AddressError` unless the file is complete afterwards."""
    have = _size(part)
    if wanted.sha256 and have == wanted.size_bytes > 0:
        return
    try:
        with _open(url, have, _validator(part)) as response:
            start = _start(response, have)
            total = _total(response, start, wanted)
            _check_room(Path(part.name).parent, total - start)
            part.truncate(start)
            _note_validator(part, response)
            _receive(response, part, Progress(name=wanted.name, done_bytes=start, total_bytes=total), told)
    except HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.truncate(0)
        lasting = error.code < 500 and error.code not in (408, 416, 425, 429)
        raise _AddressError(f"answers {error.code} {error.reason}", lasting=lasting) from None
    except URLError as error:
        lasting = isinstance(error.reason, _HOPELESS)
        raise _AddressError(f"cannot be reached ({error.reason})", lasting=lasting) from None
    except (OSError, http.client.HTTPException) as error:
        raise _AddressError(f"broke off ({error or type(error).__name__})") from None


def _open(url: str, have: int, validator: str) -> http.client.HTTPResponse:
    """Ask for what is still to come, if it is still the same file, else for all of it."""
    _require_safe(url)
    headers = {"User-Agent": f"crossid/{__version__}", "Accept-Encoding": "identity"}
    if have and validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if urlsplit(url).hostname in LOOPBACK else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _CarefulRedirects(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - `_require_safe` has looked at the scheme
    response: http.client.HTTPResponse = opener.open(request, timeout=TIMEOUT_S)
    return response


class _CarefulRedirects(urllib.request.HTTPRedirectHandler):
    """Follows to other places, never to another kind of place."""

    def redirect_request(  # noqa: PLR0917 - the signature is urllib's
        self, req: urllib.request.Request, fp: object, code: int, msg: str, headers: object, newurl: str
    ) -> urllib.request.Request | None:
        _require_safe(newurl)
        if req.type == "https" != urlsplit(newurl).scheme:
            raise _AddressError("sends us on to an address that is not https", lasting=True)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # passed on as it came


def _require_safe(url: str) -> None:
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
        raise _AddressError(f"would be read by {address.scheme or 'no scheme'}, not by https", lasting=True)


def _start(response: http.client.HTTPResponse, have: int) -> int:
    """Where in the file the answer begins."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0
    if not (response.headers["Content-Range"] or "").startswith(f"bytes {have}-"):
        raise _AddressError("answers with another part than asked for", lasting=True)
    return have


def _total(response: http.client.HTTPResponse, start: int, wanted: Download) -> int:
    """The size of the whole file, 0 where it is not said."""
    if response.headers.get_content_type() in PAGES:
        raise _AddressError("answers with a page in place of the file", lasting=True)
    length = response.headers["Content-Length"]
    total = start + int(length) if length else wanted.size_bytes
    if total > (wanted.size_bytes or MAX_BYTES) or (wanted.size_bytes and total != wanted.size_bytes):
        raise _AddressError(f"offers {total:,} bytes, which is not the published file", lasting=True)
    return total


def _receive(
    response: http.client.HTTPResponse, part: FileIO, progress: Progress, told: Callable[[Progress], None]
) -> None:
    done, total = progress.done_bytes, progress.total_bytes
    while chunk := response.read(CHUNK_BYTES):
        done += len(chunk)
        if done > (total or MAX_BYTES):
            raise _AddressError("sends more than it should", lasting=True)
        _write(part, chunk)
        told(Progress(name=progress.name, done_bytes=done, total_bytes=total))
    if not done or done < total:
        raise _AddressError(f"broke off after {done:,} of {total:,} bytes")


def _write(part: FileIO, chunk: bytes) -> None:
    left = memoryview(chunk)
    try:
        while left:
            left = left[part.write(left) :]
    except OSError as error:
        part.truncate(0)  # whoever runs out of room wants it back
        raise _no_room(Path(part.name).parent, error) from error


def _compare(wanted: Download, part: FileIO, *, resumed: bool) -> None:
    """Refuse a complete file that is not the published one; what was pieced together gets a second chance."""
    if not wanted.sha256:
        return
    part.seek(0)
    if hashlib.file_digest(part, "sha256").hexdigest() != wanted.sha256:
        part.truncate(0)
        raise _AddressError("sends a file that is not the published one", lasting=not resumed)


def _validator(part: FileIO) -> str:
    try:
        return _validator_file(Path(part.name)).read_text(encoding="latin-1")
    except OSError:
        return ""


def _note_validator(part: FileIO, response: http.client.HTTPResponse) -> None:
    """Keep what tells this version of the file from another; a weak tag does not."""
    tag = response.headers["ETag"] or ""
    strong = tag if tag and not tag.startswith("W/") else response.headers["Last-Modified"] or ""
    try:
        _validator_file(Path(part.name)).write_text(strong, encoding="latin-1")
    except OSError as error:
        raise _no_room(Path(part.name).parent, error) from error


def _validator_file(part: Path) -> Path:
    return part.with_suffix(".version")


def _size(part: FileIO) -> int:
    return part.seek(0, os.SEEK_END)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(f"{folder} has {free:,} bytes free, and {needed:,} are needed.", remedy=_ROOM)


def _no_room(folder: Path, error: OSError) -> ModelError:
    return ModelError(f"Nothing can be written to {folder}: {error.strerror}.", remedy=_ROOM)


_ROOM = "Free some space, or set CROSSID_MODELS to a folder that can be written."
