"""Name -> part, imported only when asked for; other packages add parts by entry points."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crossid.errors import UnknownNameError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Registry:
    """The parts of one kind.

    Args:
        kind: What the parts are, for messages: "detector".
        group: Entry-point group in which other packages announce theirs: "crossid.detectors".
        built_in: Name -> "module:attribute". Entry points cannot shadow these.
    """

    def __init__(self, kind: str, group: str, built_in: dict[str, str]) -> None:
        self.kind = kind
        self._group = group
        self._built_in = built_in

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*self._built_in, *self._foreign()})

    def load(self, name: str) -> Any:
        """The part itself (a class or function).

        Raises:
            UnknownNameError: if nothing answers to the name.
        """
        self.check(name)
        if name in self._built_in:
            module, attribute = self._built_in[name].split(":")
            return getattr(import_module(module), attribute)
        return self._foreign()[name].load()

    def check(self, name: str) -> None:
        """Raise UnknownNameError if nothing answers to the name; imports nothing."""
        if name not in self._built_in and name not in self._foreign():
            raise UnknownNameError(self.kind, name, self.names())

    def _foreign(self) -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points  # loads more than all else together, and few names are foreign

        return {point.name: point for point in entry_points(group=self._group)}
