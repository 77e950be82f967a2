"""Where originals lie now: where they were found, or in a folder that is named; always the very same bytes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossid import footage
from crossid.errors import FootageError
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive import Original
    from crossid.footage import FoundFile
    from crossid.types import Video

ELSEWHERE = "If it was moved, name the folder in which it lies now with --footage DIR."


class Originals:
    """Finds originals and makes sure of them.

    Args:
        known: Every file in which a video was found, copies included.
        places: Folders to search where an original is in none of them.
    """

    def __init__(self, known: Iterable[Original], places: Sequence[Path]) -> None:
        self._known: defaultdict[str, list[Path]] = defaultdict(list)
        for one in known:
            self._known[one.video].append(one.path)
        self._files: tuple[FoundFile, ...] = footage.discover(places).files if places else ()

    def locate(self, video: Video) -> Video:
        """The video, with the path at which it lies now.

        Raises:
            FootageError: it is nowhere, or what lies there was changed since it was scanned.
        """
        for path in dict.fromkeys([video.path, *self._known[video.id]]):
            if _is(video, path):
                return replace(video, path=path)
        name = PurePosixPath(video.name).name
        same_size = [file.path for file in self._files if file.size_bytes == video.size_bytes]
        for path in sorted(same_size, key=lambda path: (path.name != name, str(path))):
            if _is(video, path):
                return replace(video, path=path)
        raise self._absent(video, name)

    def _absent(self, video: Video, name: str) -> FootageError:
        shown = printable(video.name)
        namesakes = [file.path for file in self._files if file.path.name == name]
        if video.path.is_file() or namesakes:
            return FootageError(
                f"{shown} is not the file that was scanned: its SHA-256 differs.",
                remedy=f"Bring back the original (crossid verify tells more), or scan again. {ELSEWHERE}",
            )
        return FootageError(f"{shown} is not where it was when it was scanned.", remedy=ELSEWHERE)


def _is(video: Video, path: Path) -> bool:
    """Whether these are the video's bytes: the size is asked first, it is quicker."""
    try:
        return path.stat().st_size == video.size_bytes and footage.identify(path) == video.id
    except (OSError, FootageError):
        return False
