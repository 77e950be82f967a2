"""The truth about footage, as somebody who knows it wrote it down: who is shown in which video, when and where.

The format is explained for those who label their own in `docs/evaluation.md`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from crossid.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

BoxAt = tuple[float, float, float, float, float]

REMEDY = "docs/evaluation.md says what a truth file looks like."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One person in one shot. `boxes` are (t, left, top, right, bottom), seconds and pixels, in order of time.

    Without boxes the person fills the picture: any face at that time is theirs. `dark`: too dark to
    be judged, in no figure.
    """

    identity: str
    start_s: float
    end_s: float
    dark: bool
    boxes: tuple[BoxAt, ...]

    def holds(self, when_s: float, box: tuple[float, float, float, float]) -> bool:
        """Whether the middle of a face lies in the box of that moment, half as large again, give or take 0.15 s.

        Args:
            when_s: Seconds from the start of the video.
            box: Left, top, right, bottom of the face, pixels.
        """
        if not self.start_s - 0.15 <= when_s <= self.end_s + 0.15:
            return False
        if not self.boxes:
            return True
        left, top, right, bottom = min(self.boxes, key=lambda at: abs(at[0] - when_s))[1:]
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        grow_x, grow_y = (right - left) / 4, (bottom - top) / 4
        return left - grow_x <= x <= right + grow_x and top - grow_y <= y <= bottom + grow_y


Truth = dict[str, tuple[Shown, ...]]
"""Name of a video's file, without folders -> what it shows."""


def read_truth(file: Path) -> Truth:
    """Read a truth file.

    Raises:
        SettingsError: it cannot be read, or something in it makes no sense; the place is named.
    """
    try:
        tree = json.loads(file.read_text(encoding="utf-8-sig"))
        videos = tree["videos"].items()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.", remedy="Name a file that is there.") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SettingsError(f"{file} is not JSON: {error}.", remedy=REMEDY) from None
    except (KeyError, TypeError, AttributeError):
        raise SettingsError(f"{file} is no truth file: it has no table 'videos'.", remedy=REMEDY) from None
    truth: Truth = {}
    for name, entry in videos:
        base = file_name(name)
        if base in truth:
            raise SettingsError(f"{file} names two videos '{base}'.", remedy="Give the files different names.")
        truth[base] = tuple(_shown(one, name, at) for at, one in enumerate(_list(entry, name)))
    if not any(not one.dark for shown in truth.values() for one in shown):
        raise SettingsError(f"{file} says of no video who is shown in it.", remedy=REMEDY)
    return truth


def file_name(path: str) -> str:
    """A path's last part, whichever system wrote it."""
    return PurePath(path.replace("\\", "/")).name


def _list(entry: Any, video: str) -> list[Any]:
    shown = entry.get("shown") if isinstance(entry, dict) else None
    if not isinstance(shown, list):
        raise SettingsError(f"The truth of '{video}' has no list 'shown'.", remedy=REMEDY)
    return shown


def _shown(one: Any, video: str, at: int) -> Shown:
    """One entry, or a SettingsError that says which one and why."""
    try:
        identity, start_s, end_s = one["identity"], float(one["start_s"]), float(one["end_s"])
        boxes = tuple(_box(box) for box in one.get("boxes") or ())
        dark = one.get("dark", False)
        reason = _nonsense(identity, start_s, end_s, dark, boxes)
    except KeyError as error:
        reason = f"it has no {error}"
    except (TypeError, ValueError, AttributeError):
        reason = "a number or a box is missing, or is none"
    if reason:
        raise SettingsError(f"Showing {at} of '{video}' makes no sense: {reason}.", remedy=REMEDY) from None
    return Shown(identity=identity, start_s=start_s, end_s=end_s, dark=dark, boxes=boxes)


def _box(box: Any) -> BoxAt:
    when, left, top, right, bottom = (float(number) for number in box)
    return when, left, top, right, bottom


def _nonsense(identity: Any, start_s: float, end_s: float, dark: Any, boxes: tuple[BoxAt, ...]) -> str:
    if not (isinstance(identity, str) and identity):
        return "'identity' is no name"
    if not (math.isfinite(start_s) and math.isfinite(end_s) and 0 <= start_s <= end_s):
        return f"it lasts from {start_s} s to {end_s} s"
    if not isinstance(dark, bool):
        return "'dark' is neither true nor false"
    for box in boxes:
        if not (all(map(math.isfinite, box)) and box[1] < box[3] and box[2] < box[4]):
            return f"its box at {box[0]} s is empty"
    return ""
