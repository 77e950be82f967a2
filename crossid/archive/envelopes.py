"""Encryption with age (age-encryption.org/v1): a key of its own for every seal, and a passphrase for the key.

The stream is encrypted to an X25519 key that is made for it; the key is encrypted with the passphrase
(scrypt). So memory does not grow with the archive, a wrong passphrase is told at once, and age's own
program opens both: `age -d -i sealed.key.age sealed.tar.age | tar x`.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from crossid.errors import ArchiveError, ModelError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Identity = Any
    """A secret key, as pyrage knows it."""


def check_library() -> None:
    """Raises ModelError where the library that encrypts is not installed."""
    try:
        import pyrage  # noqa: F401
    except ImportError as error:
        raise ModelError(
            "Sealing needs a library that is not installed.", remedy="pip install 'crossid[seal]'"
        ) from error


def new_key() -> Identity:
    """A secret key."""
    import pyrage

    return pyrage.x25519.Identity.generate()


def locked_key(key: Identity, passphrase: str) -> bytes:
    """A secret key that only the passphrase opens; takes about a second on purpose."""
    import pyrage

    locked: bytes = pyrage.passphrase.encrypt(f"{key}\n".encode(), passphrase)
    return locked


def unlocked_key(locked: bytes, passphrase: str) -> Identity:
    """The secret key; takes about a second on purpose.

    Raises:
        SettingsError: the passphrase is another.
        ArchiveError: this is no key.
    """
    import pyrage

    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(locked, passphrase).decode().strip())
    except pyrage.DecryptError as error:
        if str(error) == "Decryption failed":
            raise SettingsError("This is not the passphrase.", remedy="Try again; nothing was changed.") from error
        raise _damaged() from error
    except (pyrage.IdentityError, UnicodeDecodeError) as error:
        raise _damaged() from error


def encrypt(stream: Any, to: BinaryIO, key: Identity) -> None:
    """Encrypt all that can be read from `stream`; what goes wrong in reading or writing is raised as it is."""
    import pyrage

    source, sink = _Remembering(stream), _Remembering(to)
    try:
        pyrage.encrypt_io(source, sink, [key.to_public()])
    except pyrage.EncryptError as error:
        raise source.error or sink.error or error from None  # the library would tell of it as of a text


class _Remembering:
    """A file that remembers what went wrong with it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: Exception | None = None

    def read(self, size: int = -1) -> Any:
        return self._tried(self._file.read, size)

    def write(self, data: bytes) -> Any:
        return self._tried(self._file.write, data)

    def _tried(self, act: Any, *args: Any) -> Any:
        try:
            return act(*args)
        except Exception as error:
            self.error = error
            raise


@contextmanager
def decrypted(file: Any, key: Identity) -> Iterator[BinaryIO]:
    """What was encrypted, to be read once, from its start to its end.

    Raises:
        ArchiveError: it is damaged or cut off, or was encrypted for another key; at the end of the block at the latest.
    """
    import pyrage

    ours, theirs = os.pipe()
    failed: list[Exception] = []

    def work() -> None:
        try:
            with os.fdopen(theirs, "wb") as out:
                pyrage.decrypt_io(file, out, [key])
        except (pyrage.DecryptError, OSError) as error:
            failed.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with os.fdopen(ours, "rb") as clear:
            try:
                yield clear
            finally:  # to the end, where a stream that was cut off shows; who stopped early is no reason to fail
                while clear.read(1 << 20):
                    pass
    except ArchiveError as error:
        worker.join()
        raise (_damaged() if failed else error) from error
    finally:
        worker.join()
    if failed:
        raise _damaged() from failed[0]


def _damaged() -> ArchiveError:
    return ArchiveError("What was sealed is damaged, and nothing was changed.", remedy="Bring it back from a copy.")
