"""Models that a user brings: an ONNX file named in `crossid.toml`, and how it wants to be fed.

::

    [models.mobilefacenet]
    family = "embedder"            # or the family of a detector: scrfd, retinaface, yunet
    path = "mobilefacenet.onnx"    # relative to crossid.toml
    sha256 = "6ced4e0c…"
    licence = "MIT"
    dimensions = 128               # embedders only, as the next five
    side_px = 112
    alignment = "arcface"
    mirror = true                  # describe a face with its mirror image
    calibration = "mobilefacenet.json"
    channels = "BGR"
    mean = 127.5                   # (x - mean) / scale; one number, or one for each channel
    scale = 127.5
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crossid.errors import ModelError, SettingsError, UnknownNameError
from crossid.inference.feeding import Channels, Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Family = Literal["scrfd", "retinaface", "yunet"]

NAME = "[a-z0-9][a-z0-9_]*"
SHA256 = "[0-9a-f]{64}"
EMBEDDER = "embedder"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """An ONNX file that a user named; `name` is what it is chosen by, `path` is absolute."""

    name: str
    path: str
    sha256: str
    licence: str
    feed: Feed

    def file(self) -> Path:
        """The file, checked.

        Raises:
            ModelError: if it is missing, unreadable, or not the one whose SHA-256 was named.
        """
        path = Path(self.path)
        try:
            with path.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            raise ModelError(
                f"The model {self.name} cannot be read from {path}: {error.strerror}.",
                remedy=f"Put the file there, or mend models.{self.name}.path in crossid.toml.",
            ) from error
        if found != self.sha256:
            raise ModelError(
                f"{path.name} is not the file that models.{self.name} names: its SHA-256 is {found}.",
                remedy=f"Put the right file there, or, if you trust this one, set models.{self.name}.sha256 to that.",
            )
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDetector(OwnModel):
    """A detector whose network answers as those of its family do."""

    family: Family


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEmbedder(OwnModel):
    """An embedder; its name is that of its space too.

    `dimensions` is the length of its vectors, `side_px` that of its pictures' sides. `mirror`: a
    face is described with its mirror image. `calibration` is an absolute path, or empty for none.
    """

    dimensions: int
    side_px: int
    alignment: str
    mirror: bool
    calibration: str


class _Key(NamedTuple):
    """What may stand under a key of a table: whether a value is sound, in words, and what an absent one is.

    Without a default the key is needed.
    """

    sound: Callable[[Any], bool]
    wish: str
    default: Any = None


def own_model(name: str, table: Mapping[str, Any], folder: Path) -> OwnDetector | OwnEmbedder:
    """The model that a table `[models.NAME]` describes.

    Args:
        name: Small letters, digits and `_`.
        table: What stands in it.
        folder: What relative paths in it are relative to: where `crossid.toml` lies.

    Raises:
        SettingsError: if the name, a key or a value makes no sense, or a needed key is missing.
    """
    if not re.fullmatch(NAME, name):
        raise SettingsError(f"'{name}' cannot be the name of a model.", remedy="Use small letters, digits and _ only.")
    family = _value(name, table, "family", _one_of(*_FED, default=EMBEDDER))
    keys = _keys(family)
    for key in table:
        if key not in keys:
            raise UnknownNameError(f"key of models.{name}", key, keys)
    values = {key: _value(name, table, key, rule) for key, rule in keys.items()}
    for key in ("path", "calibration"):
        if values.get(key):
            values[key] = str((folder / Path(values[key]).expanduser()).absolute())
    mean = values.pop("mean")
    first, second, third = map(float, mean if isinstance(mean, list) else [mean] * 3)
    feed = Feed(channels=values.pop("channels"), mean=(first, second, third), scale=float(values.pop("scale")))
    if family == EMBEDDER:
        del values["family"]
        return OwnEmbedder(name=name, feed=feed, **values)
    return OwnDetector(name=name, feed=feed, **values)


def _value(name: str, table: Mapping[str, Any], key: str, rule: _Key) -> Any:
    value = table.get(key, rule.default)
    if value is None:
        raise SettingsError(f"models.{name} lacks {key}.", remedy=f"Add {key} = …, {rule.wish}.")
    if not rule.sound(value):
        raise SettingsError(f"models.{name}.{key} is {value!r}, which makes no sense.", remedy=f"It is {rule.wish}.")
    return value


_FED: dict[str, tuple[Channels, float | list[float], float]] = {
    EMBEDDER: ("RGB", 127.5, 127.5),
    "scrfd": ("RGB", 127.5, 128.0),
    "retinaface": ("BGR", [104.0, 117.0, 123.0], 1.0),
    "yunet": ("BGR", 0.0, 1.0),
}
"""Channels, mean and scale as the networks of a family were published."""


def _keys(family: str) -> dict[str, _Key]:
    """The keys of a family's table."""
    channels, mean, scale = _FED[family]
    keys = {
        "family": _one_of(*_FED, default=EMBEDDER),
        "path": _Key(_is_text, "the path of an ONNX file"),
        "sha256": _Key(lambda value: _is_text(value) and bool(re.fullmatch(SHA256, value)), "64 hex digits"),
        "licence": _Key(_is_text, "a text", "unknown"),
        "channels": _one_of("RGB", "BGR", default=channels),
        "mean": _Key(_is_mean, "a number, or one for each channel", mean),
        "scale": _Key(lambda value: _is_number(value) and value > 0, "a number above 0", scale),
    }
    if family != EMBEDDER:
        return keys
    return keys | {
        "dimensions": _Key(_is_count, "the length of the network's vectors"),
        "side_px": _Key(_is_count, "the side of the network's square pictures", 112),
        "alignment": _Key(_is_text, "the name of an alignment", "arcface"),
        "mirror": _Key(lambda value: isinstance(value, bool), "true or false", default=True),
        "calibration": _Key(lambda value: isinstance(value, str), "the path of a calibration file", ""),
    }


def _one_of(*names: str, default: str) -> _Key:
    return _Key(lambda value: value in names, f"one of {', '.join(names)}", default)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value)


def _is_mean(value: Any) -> bool:
    return _is_number(value) or (isinstance(value, list) and len(value) == 3 and all(map(_is_number, value)))
