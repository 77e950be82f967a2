"""What makes an archive one that can be trusted: it is verified, repaired, sealed, opened, and forgets.

Each verb here takes a folder, because what it deals with may be no archive that can be opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from crossid.archive import ArchiveSettings
    from crossid.archive.forgetting import Erasure
    from crossid.archive.verification import Verification


def verify(
    folder: Path, settings: ArchiveSettings, *, originals: bool = True, told: Callable[[int, int], None] | None = None
) -> Verification:
    """Compare an archive with what was recorded when it was written, and change nothing; see `verifying`.

    Args:
        folder: The archive.
        settings: Where things are kept.
        originals: Hash the footage, too, where it can still be reached.
        told: Is told how many bytes were hashed, and of how many.

    Raises:
        ArchiveError: there is no archive, somebody is writing it, or it is of another format.
    """
    from crossid.archive.verifying import verify_all

    return verify_all(folder, settings, originals=originals, told=told)


def seal(folder: Path, passphrase: Callable[[], str], told: Callable[[int, int], None] | None = None) -> int:
    """Encrypt all of an archive's folder, and remove what was encrypted; see `sealing`.

    Args:
        folder: The archive.
        passphrase: Is asked once it is sure that there is something to seal.
        told: Is told how many bytes were read, and of how many.

    Returns:
        How many files were sealed, or removed where an earlier seal was cut short.

    Raises:
        ArchiveError: there is no archive, somebody is writing it, it is sealed already, or cannot be sealed.
        ModelError: the library that encrypts is not installed.
    """
    from crossid.archive.sealing import seal_folder

    return seal_folder(folder, passphrase, told)


def unseal(folder: Path, passphrase: Callable[[], str], told: Callable[[int, int], None] | None = None) -> int:
    """Make an archive of a sealed one again, and say of how many files; see `seal`.

    Raises:
        ArchiveError: it is not sealed, or damaged; a file of somebody else is in the way.
        SettingsError: the passphrase is another.
        ModelError: the library that encrypts is not installed.
    """
    from crossid.archive.sealing import open_folder

    return open_folder(folder, passphrase, told)


def listed(folder: Path) -> dict[str, str]:
    """Path -> hash of every file that belongs to an archive that verifies, the manifest included."""
    from crossid.archive.inventory import hash_file
    from crossid.archive.manifest import MANIFEST, read_manifest

    lines, _ = read_manifest((folder / MANIFEST).read_bytes())
    return {**lines, MANIFEST: hash_file(folder / MANIFEST)}


def repair(
    folder: Path, settings: ArchiveSettings, found: Verification, *, trust_database: bool = False
) -> tuple[str, ...]:
    """Paint again what `verify` found and what can be derived from the database; see `mending`.

    Returns:
        Paths that were brought back.

    Raises:
        ArchiveError: the archive cannot be written.
        VerifyError: the database itself cannot be trusted, so nothing was painted from it.
    """
    from crossid.archive.mending import mend

    return mend(folder, settings, found, trust_database=trust_database)


def forget(
    folder: Path, person_id: str, by: str, at: datetime, settings: ArchiveSettings, *, dry_run: bool = False
) -> Erasure:
    """Erase a person from an archive: from the database, its free pages and log, from folders, reports and backups.

    What lies outside of the archive is not reached. Cut short, it is done again: somebody whom the
    database has forgotten already is erased from what was painted.

    Args:
        folder: The archive.
        person_id: Whom; all ids that lead to the same person are forgotten with it.
        by: Who says so.
        at: When.
        settings: Where things are kept.
        dry_run: Only count.

    Raises:
        ArchiveError: there is no such archive or person, or somebody else uses it.
    """
    from crossid.archive.erasing import forget_everywhere

    return forget_everywhere(folder, person_id, by, at, settings, dry_run=dry_run)
