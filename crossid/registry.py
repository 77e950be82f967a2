"""Name -> part, imported only when asked for; other packages add parts by entry points."""

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from crossid.errors import UnknownNameError


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
        return {point.name: point for point in entry_points(group=self._group)}
