"""Everything crossid says when it cannot go on.

::

    CrossidError            exit 1   base; has `remedy`, one sentence
    ├── SettingsError       exit 2   unknown key, bad value
    │   ├── UnknownNameError         "Did you mean 'mtcnn'?"
    │   └── RulingError              a ruling makes no sense as things stand
    ├── FootageError        exit 3   nothing to read, or nothing could be read
    ├── ModelError          exit 4   weights missing or damaged, no provider
    │   └── SpaceMismatchError       vectors of two spaces compared
    ├── ArchiveError        exit 5   locked, damaged, newer than this program, disk full
    ├── PartialError        exit 6   done, but some inputs failed
    └── VerifyError         exit 7   verify found differences

A bug keeps its traceback and exits 70; Ctrl-C exits 130. Front doors catch `CrossidError` and
nothing else; every room translates foreign exceptions in one place.
"""

import difflib
from collections.abc import Iterable


class CrossidError(Exception):
    """Base of all errors that a user can do something about.

    Args:
        message: What happened, one sentence.
        remedy: What the user can do about it, one sentence.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders: keep the remedy with them."""
        return (_rebuild, (type(self), str(self), self.remedy))


def _rebuild(kind: type[CrossidError], message: str, remedy: str) -> CrossidError:
    error = kind.__new__(kind)
    CrossidError.__init__(error, message, remedy=remedy)
    return error


class SettingsError(CrossidError):
    """A setting is unknown or has a value that makes no sense."""

    exit_code = 2


class UnknownNameError(SettingsError):
    """A name that nothing answers to; proposes the nearest ones.

    Args:
        kind: What was looked for, such as "detector".
        name: The name that was given.
        known: The names there are.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(names) or 'none'}."
        super().__init__(f"There is no {kind} named '{name}'.", remedy=remedy)


class RulingError(SettingsError):
    """A ruling makes no sense as things stand: somebody is merged with themselves, nothing is left to undo."""


class FootageError(CrossidError):
    """Nothing to read, or nothing could be read."""

    exit_code = 3


class ModelError(CrossidError):
    """Weights are missing or damaged, or nothing here can run them."""

    exit_code = 4


class SpaceMismatchError(ModelError):
    """Vectors of two different spaces were about to be compared."""


class ArchiveError(CrossidError):
    """The archive is locked, damaged, newer than this program, or cannot be written."""

    exit_code = 5


class PartialError(CrossidError):
    """The work is done, but some inputs failed; they are listed and stored."""

    exit_code = 6


class VerifyError(CrossidError):
    """The archive differs from what was recorded."""

    exit_code = 7
