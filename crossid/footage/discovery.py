"""Walks through folders and finds what is footage, by content; what cannot be read becomes a mishap."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from crossid.errors import FootageError
from crossid.footage import Discovery, FoundFile
from crossid.footage.naming import distinct, writable
from crossid.footage.refusing import no_footage, unreadable
from crossid.footage.sniffing import sniff
from crossid.types import Mishap
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossid.footage.sniffing import Format

    Identity: TypeAlias = tuple[int, int]

SYSTEM_NAMES = frozenset(
    {
        "$recycle.bin",
        "#recycle",
        "@eadir",
        "@recycle",
        "__macosx",
        "desktop.ini",
        "lost+found",
        "system volume information",
        "thumbs.db",
    }
)
"""Files and folders that systems and network drives put beside footage; in small letters."""

MEDIA_ENDINGS = frozenset(
    [
        ".3g2",
        ".3gp",
        ".asf",
        ".avi",
        ".avif",
        ".bmp",
        ".dav",
        ".divx",
        ".dv",
        ".f4v",
        ".flv",
        ".gif",
        ".h264",
        ".h265",
        ".heic",
        ".heif",
        ".hevc",
        ".ivf",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".m2t",
        ".m2ts",
        ".m2v",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpe",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogm",
        ".ogv",
        ".png",
        ".qt",
        ".rm",
        ".rmvb",
        ".tif",
        ".tiff",
        ".vob",
        ".webm",
        ".webp",
        ".wmv",
        ".y4m",
    ]
)
"""Endings that promise pictures: a file that breaks the promise is reported. (.ts is also TypeScript.)"""

SOUND_ENDINGS = frozenset(".aac .flac .m4a .m4b .mka .mp3 .oga .ogg .opus .wav .weba .wma".split())  # noqa: SIM905 - as above
"""Endings that promise sound: believed where the format often holds sound alone."""

ARCHIVE_FILES = ("archive.json", "crossid.db")
"""A folder that holds both is an archive of ours, and its face pictures are no footage."""


def walk(places: Sequence[Path], *, leave_out: Sequence[Path] = ()) -> Discovery:
    """Find videos and photographs below folders, or take single files; links are followed, each file listed once.

    Args:
        places: Folders and files, in any order. A file that is named here is reported if it is no footage.
        leave_out: Folders that are not entered; those that do not exist are no harm.

    Raises:
        FootageError: a place does not exist, or is neither a folder nor a file.
    """
    search = _Search(leave_out)
    for place in places:
        search.visit(Path(os.path.abspath(place)))  # noqa: PTH100 - resolve() would follow links and rename files
    return search.result()


class _Search:
    """One walk: what was found, what went wrong, and which folders and files were met already."""

    def __init__(self, leave_out: Sequence[Path]) -> None:
        self._met: set[Identity] = set(_identities(leave_out))
        self._found: list[tuple[Path, Path, os.stat_result]] = []
        self._mishaps: list[Mishap] = []

    def visit(self, place: Path) -> None:
        """Look at one place."""
        try:
            status = place.stat()
        except OSError as error:
            raise unreadable(place, error) from None
        if stat.S_ISDIR(status.st_mode):
            self._below(place)
        elif stat.S_ISREG(status.st_mode):
            self._consider(place.parent, place, named=True)
        else:
            raise FootageError(
                f"{printable(str(place))} is neither a folder nor a file.", remedy="Name a folder, or a file."
            )

    def result(self) -> Discovery:
        """What the walk brought, in order of name."""
        names = distinct([(place, path.relative_to(place)) for place, path, _ in self._found])
        files = [
            FoundFile(path=path, name=name, size_bytes=status.st_size, modified_ns=status.st_mtime_ns)
            for name, (_, path, status) in zip(names, self._found, strict=True)
        ]
        return Discovery(files=tuple(sorted(files, key=lambda file: file.name)), mishaps=tuple(self._mishaps))

    def _below(self, place: Path) -> None:
        """Everything in a folder and below; a list of what is left, so that no depth is too deep."""
        left = [place]
        while left:
            folder = left.pop()
            try:
                entries = self._enter(folder)
            except OSError as error:
                self._report(place, folder, unreadable(folder, error))
                continue
            folders = []
            for path in entries:
                if os.path.isdir(path):  # noqa: PTH112 - is_dir() raises where it may not look
                    folders.append(path)
                else:
                    self._consider(place, path, named=False)
            left += reversed(folders)

    def _enter(self, folder: Path) -> list[Path]:
        """What is in a folder, by name; nothing where we were before, and in archives."""
        if not self._is_new(folder.stat()):
            return []
        names = sorted(os.listdir(folder))  # noqa: PTH208 - iterdir() would hide an error until later
        if all(name in names for name in ARCHIVE_FILES):
            return []
        return [folder / name for name in names if not _is_hidden(name)]

    def _consider(self, place: Path, path: Path, *, named: bool) -> None:
        """Take a file if it is footage; `named`: the user pointed at it."""
        ending = path.suffix.lower()
        promises = named or ending in MEDIA_ENDINGS
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return
            form = sniff(path)
        except OSError as error:
            if promises or isinstance(error, PermissionError) or not path.is_symlink():
                self._report(place, path, unreadable(path, error))
            return
        if _is_footage(form, ending):
            if self._is_new(status):
                self._found.append((place, path, status))
        elif promises:
            self._report(place, path, no_footage(path, status.st_size))

    def _is_new(self, status: os.stat_result) -> bool:
        identity = _identity(status)
        if identity in self._met:
            return False
        self._met.add(identity)
        return True

    def _report(self, place: Path, path: Path, error: FootageError) -> None:
        name = writable(path.relative_to(place).as_posix())
        self._mishaps.append(Mishap(video=name, moment_s=None, room="footage", reason=str(error), remedy=error.remedy))


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def _identities(folders: Sequence[Path]) -> Iterator[Identity]:
    """Those of the folders that are there and can be looked at."""
    for folder in folders:
        with suppress(OSError):
            yield _identity(folder.stat())


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def _is_footage(form: Format | None, ending: str) -> bool:
    return form is not None and not (form.sound and ending in SOUND_ENDINGS)
