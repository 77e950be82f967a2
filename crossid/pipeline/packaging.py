"""Packs an archive, and its footage if asked, into a bag: only what verifies is packed."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossid import __version__, archive
from crossid.archive import trust
from crossid.archive.naming import hash_name, safe_name
from crossid.errors import SettingsError, VerifyError
from crossid.exports.bags import Content, write_bag
from crossid.exports.timestamps import check_address, stamp
from crossid.pipeline.outside import check_outside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from crossid.archive.verification import Verification
    from crossid.settings import Settings

PAGES = "archive"
FOOTAGE = "originals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What was packed; `unreachable`: footage that was asked for and is not where it was found."""

    out: Path
    files: int
    originals: int
    unreachable: tuple[str, ...]
    stamped_at: datetime | None


def pack(
    folder: Path,
    out: Path,
    settings: Settings,
    *,
    originals: bool = False,
    timestamp: str = "",
    told: Callable[[int, int], None] | None = None,
) -> Package:
    """Write a bag of an archive.

    Args:
        folder: The archive.
        out: Where the bag goes; a folder that is not there yet.
        settings: Where things are kept.
        originals: Pack the footage, too, each video once.
        timestamp: Address of a time stamping authority that is sent the hash of the bag's manifest; "" for none.
        told: Is told how many bytes were copied, and of how many.

    Raises:
        VerifyError: the archive, or footage that is to be packed, is not what was recorded.
        SettingsError: `out` or `timestamp` will not do.
        ArchiveError: there is no archive, or somebody is writing it.
        CrossidError: something cannot be written, or no time stamp was given.
    """
    _check_out(out)
    if timestamp:
        check_address(timestamp)
    found = trust.verify(folder, settings.archive, originals=originals)
    if not found.sound:
        raise _unsound(found)
    pages = [Content(f"{PAGES}/{path}", folder / path, sha256) for path, sha256 in trust.listed(folder).items()]
    films, unreachable = _films(folder, settings) if originals else ([], ())
    contents = [*pages, *films]
    whole, copied = sum(one.source.stat().st_size for one in contents), 0

    def hear(count: int) -> None:
        nonlocal copied
        copied += count
        if told is not None:
            told(copied, whole)

    stamped: list[datetime] = []

    def stamper(manifest: bytes) -> bytes:
        answer = stamp(manifest, timestamp)
        stamped.append(answer.at)
        return answer.token

    write_bag(contents, out, _info(len(films)), stamp=stamper if timestamp else None, told=hear)
    return Package(
        out=out,
        files=len(pages),
        originals=len(films),
        unreachable=unreachable,
        stamped_at=stamped[0] if stamped else None,
    )


def _check_out(out: Path) -> None:
    if os.path.lexists(out):
        raise SettingsError(f"{out} is there already.", remedy="Name a folder that is not there yet.")
    check_outside(out, "Name a folder elsewhere.")


def _unsound(found: Verification) -> VerifyError:
    first = found.differences[0]
    return VerifyError(
        f"The archive is not what was recorded ({first.kind}: {first.path}), so it was not packed.",
        remedy="crossid verify lists everything and helps to repair it.",
    )


def _films(folder: Path, settings: Settings) -> tuple[list[Content], tuple[str, ...]]:
    """One file for each video, copies being the same bytes; and where those lay that cannot be reached."""
    films, lost = dict[str, Content](), defaultdict[str, list[str]](list)
    with closing(archive.open_archive(folder, settings.archive)) as store:
        names = {video.id: video.name for video in store.videos()}
        for one in store.originals():
            if not one.path.is_file():
                lost[one.video].append(str(one.path))
            elif one.video not in films:
                name = names[one.video]
                path = f"{FOOTAGE}/{hash_name(name, one.video)}.{safe_name(PurePosixPath(name).suffix)}"
                films[one.video] = Content(path, one.path, one.video)
    return list(films.values()), tuple(path for video, paths in lost.items() if video not in films for path in paths)


def _info(films: int) -> dict[str, str]:
    footage = f"and {films} of the videos and photographs it was made from" if films else "without its footage"
    return {
        "Bag-Software-Agent": f"crossid {__version__}",
        "External-Description": f"An archive made by crossid, {footage}. "
        f"data/{PAGES} is as it was; data/{PAGES}/manifest-sha256.txt lists its files, too.",
    }
