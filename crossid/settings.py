"""Composes the rooms' settings out of defaults, `crossid.toml`, the environment and the command line."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crossid.archive import ArchiveSettings
from crossid.embeddings import EmbeddingSettings
from crossid.errors import SettingsError, UnknownNameError
from crossid.faces import FaceSettings
from crossid.footage import FootageSettings
from crossid.frames import FrameSettings
from crossid.inference.own_models import OwnDetector, OwnEmbedder, own_model
from crossid.people import PeopleSettings
from crossid.tracks import TrackSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENVIRONMENT_PREFIX = "CROSSID_"
ABOVE_ZERO = frozenset({"footage.luma_width_px", "footage.max_pixels", "footage.span_s", "tracks.best_views"})
"""Settings of which there must be some; where others are 0, something is left off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How closely footage is looked at: `changes` to the rooms' defaults, and what it `may_miss`, in words."""

    changes: dict[str, str | float]
    may_miss: str


SPEEDS: dict[str, Speed] = {
    "quick": Speed(
        changes={
            "footage.decode": "changes",
            "frames.every_s": 0.5,
            "frames.still_every_s": 20.0,
            "faces.min_face_share": 1 / 15,
            "faces.search_every_s": 1.2,
            "tracks.best_views": 3,
        },
        may_miss="small faces, who comes for less than 1.2 s, or slips by between two key pictures of a still scene",
    ),
    "balanced": Speed(changes={}, may_miss="who comes into a running shot for less than 0.6 s"),
    "thorough": Speed(
        changes={"frames.still_every_s": 1.0, "faces.search_every_s": 0.0},
        may_miss="who is seen for less than a tenth of a second",
    ),
}
"""From the quickest to the one that looks most closely; docs/speed.md says what each costs."""
PACKS: dict[str, dict[str, tuple[str, ...]]] = {
    "builtin": {"detectors": ("mtcnn",), "embedders": ("dlib_resnet",)},
    "clean": {"detectors": ("yunet",), "embedders": ("sface",)},
    "insightface": {"detectors": ("scrfd",), "embedders": ("arcface",)},
    "ensemble": {
        "detectors": ("mtcnn", "retinaface", "scrfd"),
        "embedders": ("arcface", "facenet512", "vggface", "inception_resnet_v1"),
    },
}
"""Parts of each pack; `crossid/inference/catalogue.toml` says which weights those are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; each room's part under the room's name.

    Attributes:
        pack: Which detectors and embedders: a name of `PACKS`, or "custom" for those named one by one.
        speed: How closely footage is looked at: a name of `SPEEDS`. The rooms' own settings outrank it.
        device: What networks run on: a name of `inference.providers.DEVICES`; "auto": the best that works here.
        workers: Processes that watch videos; 0: one per core, as memory allows.
    """

    pack: str = "builtin"
    speed: str = "balanced"
    device: str = "auto"
    workers: int = 0
    footage: FootageSettings = field(default_factory=FootageSettings)
    frames: FrameSettings = field(default_factory=FrameSettings)
    faces: FaceSettings = field(default_factory=FaceSettings)
    tracks: TrackSettings = field(default_factory=TrackSettings)
    embeddings: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)

    def watch_digest(self) -> str:
        """16 hex digits of all that decides what the ground floor sees in a video."""
        return watch_digest_of(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain values, as it is written into the record of a run."""
        return asdict(self)


def watch_digest_of(told: Mapping[str, Any]) -> str:
    """The same of settings as plain values, as they stand in the record of a run."""
    rooms = {name: dict(told[name]) for name in ("footage", "frames", "faces", "tracks", "embeddings")}
    rooms["embeddings"].pop("batch")
    rooms["footage"].pop("hardware", None)  # archives of before do not know it
    for room, parts in (("faces", "detectors"), ("embeddings", "embedders")):
        named = rooms[room][parts]
        rooms[room]["models"] = [_seen(model) for model in rooms[room]["models"] if model["name"] in named]
    return hashlib.sha256(json.dumps(rooms, sort_keys=True).encode()).hexdigest()[:16]


def load(
    file: Path | None = None, given: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Settings from, in rising rank: defaults, a TOML file, `CROSSID_ROOM_KEY` variables, `given`.

    Args:
        file: A `crossid.toml`; None for none.
        given: "room.key" or "key" -> value, as the command line was told.
        environment: Variables; those of this process if None.

    Raises:
        SettingsError: a file that is not TOML, an unknown key, or a value that makes no sense.
    """
    tree = _read(file) if file is not None else {}
    settings = _with_models(Settings(), tree.pop("models", {}), file)
    flat = _flatten(tree)
    flat |= _from_environment(os.environ if environment is None else environment)
    flat |= dict(given or {})
    settings = with_pack(settings, str(flat.pop("pack", settings.pack)))
    settings = with_speed(settings, str(flat.pop("speed", settings.speed)))
    for key, value in flat.items():
        settings = _with_value(settings, key, value)
    return settings


def with_speed(settings: Settings, speed: str) -> Settings:
    """The settings at another speed: what it decides is set, whatever it was.

    Raises:
        UnknownNameError: there is no such speed.
    """
    if speed not in SPEEDS:
        raise UnknownNameError("speed", speed, list(SPEEDS))
    known = keys()
    decided = {key: known[key] for one in SPEEDS.values() for key in one.changes}
    settings = replace(settings, speed=speed)
    for key, value in (decided | SPEEDS[speed].changes).items():
        settings = _with_value(settings, key, value)
    return settings


def keys() -> dict[str, Any]:
    """Every key that can be set, "room.key" or "key", with its default."""
    flat = _flatten(asdict(Settings()))
    tables = (".models", ".calibrations")  # made of the tables [models.NAME], no values of their own
    return {key: value for key, value in flat.items() if not key.endswith(tables)}


def _with_models(settings: Settings, tables: Any, file: Path | None) -> Settings:
    """The settings with the models that the user brings: tables `[models.NAME]` of the file."""
    if not tables or file is None:
        return settings
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise SettingsError("models is no table of tables.", remedy="Write [models.NAME]; see docs/own-models.md.")
    own = [own_model(name, table, file.parent) for name, table in tables.items()]
    embedders = tuple(model for model in own if isinstance(model, OwnEmbedder))
    detectors = tuple(model for model in own if isinstance(model, OwnDetector))
    calibrations = tuple((model.name, model.calibration) for model in embedders if model.calibration)
    return replace(
        settings,
        faces=replace(settings.faces, models=detectors),
        embeddings=replace(settings.embeddings, models=embedders),
        people=replace(settings.people, calibrations=calibrations),
    )


def _seen(model: dict[str, Any]) -> dict[str, Any]:
    """What of a model decides what is seen: not where it lies, nor under which licence."""
    return {key: value for key, value in model.items() if key not in ("path", "licence", "calibration")}


def with_pack(settings: Settings, pack: str) -> Settings:
    """The settings with the detectors and embedders of a pack; "custom" leaves them.

    Raises:
        UnknownNameError: there is no such pack.
    """
    if pack == "custom":
        return replace(settings, pack=pack)
    if pack not in PACKS:
        raise UnknownNameError("pack", pack, [*PACKS, "custom"])
    members = PACKS[pack]
    return replace(
        settings,
        pack=pack,
        faces=replace(settings.faces, detectors=members["detectors"]),
        embeddings=replace(settings.embeddings, embedders=members["embedders"]),
    )


def _with_value(settings: Settings, key: str, value: Any) -> Settings:
    known = keys()
    if key not in known:
        raise UnknownNameError("setting", key, known)
    value = _checked(key, value, known[key])
    room, _, name = key.rpartition(".")
    if not room:
        return replace(settings, **{name: value})
    return replace(settings, **{room: replace(getattr(settings, room), **{name: value})})


def _checked(key: str, value: Any, default: Any) -> Any:
    """The value as the type of the default, or a SettingsError."""
    try:
        if isinstance(default, tuple):
            return tuple(value.split(",")) if isinstance(value, str) else tuple(str(part) for part in value)
        if isinstance(default, str):
            return str(value)
        number = type(default)(value)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{key} is {value!r}, which is not {'a number' if not isinstance(default, tuple) else 'a list'}.",
            remedy=f"The default is {default!r}.",
        ) from None
    if not 0 <= number < float("inf") or (key in ABOVE_ZERO and not number):
        raise SettingsError(f"{key} is {value!r}, which makes no sense.", remedy=f"The default is {default!r}.")
    return number


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read: {error.strerror}.", remedy="Name a file that is there and may be read."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.", remedy="Mend the line that is named.") from None


def _flatten(tree: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": inner for name, inner in value.items()}
        else:
            flat[key] = value
    return flat


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """`CROSSID_FACES_MIN_FACE_PX=30` sets "faces.min_face_px"; variables of another meaning are left alone."""
    names = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper(): key for key in keys()}
    return {names[name]: value for name, value in environment.items() if name in names}
