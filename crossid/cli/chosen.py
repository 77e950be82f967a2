"""The settings that a command line asks for, and the archive it names."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crossid.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossid.archive import Store
    from crossid.settings import Settings

CONFIG = Path("crossid.toml")


def settings_from(
    config: Path | None = None,
    given: Sequence[str] = (),
    *,
    pack: str = "",
    speed: str = "",
    device: str = "",
    workers: int = 0,
) -> Settings:
    """Compose settings out of a file, the environment and what was typed.

    Args:
        config: A TOML file; `crossid.toml` of this folder, if there is one, if None.
        given: "room.key=value", the later one counts.
        pack: Name of a pack; "" leaves it to the rest.
        speed: Name of a speed; "" leaves it to the rest.
        device: What networks run on; "" leaves it to the rest.
        workers: Number of processes; 0 leaves it to the rest.

    Raises:
        SettingsError: a file, a key or a value makes no sense.
    """
    from crossid.settings import load

    flat: dict[str, object] = dict(_pair(text) for text in given)
    if pack:
        flat["pack"] = pack
    if speed:
        flat["speed"] = speed
    if device:
        flat["device"] = device
    if workers:
        flat["workers"] = workers
    return load(config or (CONFIG if CONFIG.is_file() else None), flat)


@contextmanager
def reading(archive: Path) -> Iterator[Store]:
    """An archive opened for reading only.

    Raises:
        ArchiveError: there is none, or it cannot be read.
    """
    from crossid.archive import open_archive

    store = open_archive(archive, settings_from().archive)
    try:
        yield store
    finally:
        store.close()


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise SettingsError(f"--set {text} has no value.", remedy="Write it as --set room.key=value.")
    return key.strip(), value.strip()
