"""What footage says of itself: when, with what and where it was recorded. Claims, not facts."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import exifread
from exifread.utils import get_gps_coords

from crossid.footage.naming import printable
from crossid.types import Clock, Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONGEST = 300
"""Characters of a tag that are kept."""
MOST = 64
"""Tags that are kept."""
EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
"""Cameras that know no date write the zero of their clock: 1904 or 1970."""

Tags = tuple[tuple[str, str], ...]

_ISO6709 = re.compile(r"([+-]\d{1,3}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?")
_IN_A_NAME = re.compile(
    r"(?<!\d)(19[89]\d|20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)[ _T-]+(?:at )?([0-2]\d)[-_.:h]?([0-5]\d)[-_.:m]?([0-5]\d)(?!\d{5})"
)


class Claims(NamedTuple):
    """When (UTC) and how that is known, with which device, where."""

    recorded_at: datetime | None
    clock: Clock
    device: str | None
    place: Place | None


def sane(raw: Mapping[Any, Any]) -> Tags:
    """Tags as sorted pairs of printable strings, bounded in number and length."""
    pairs = sorted((printable(str(key))[:LONGEST], printable(str(value))[:LONGEST]) for key, value in raw.items())
    return tuple(pairs[:MOST])


def of_film(tags: Tags, name: str) -> Claims:
    """What a container's tags claim; the file's name where they give no date."""
    said = {key.lower(): value for key, value in tags}
    when = _iso(said.get("com.apple.quicktime.creationdate")) or _iso(said.get("creation_time"))
    place = _iso6709(
        said.get("com.apple.quicktime.location.iso6709") or said.get("location") or said.get("location-eng")
    )
    make = said.get("com.apple.quicktime.make") or said.get("com.android.manufacturer") or said.get("make")
    model = said.get("com.apple.quicktime.model") or said.get("com.android.model") or said.get("model")
    return _claims(when, "quicktime", _device(make, model), place, name)


def of_photograph(path: Path, name: str) -> tuple[Claims, Tags]:
    """What a photograph's EXIF claims; the file's name where it gives no date. Damaged EXIF claims nothing."""
    try:
        with path.open("rb") as file:
            exif = exifread.process_file(file, details=False)
        tags = sane({key: value for key, value in exif.items() if "Thumbnail" not in key})
        place = _degrees(get_gps_coords(exif))
    except Exception:  # noqa: BLE001 -- exifread raises whatever hostile bytes make it; a photograph is still a photograph
        tags, place = (), None
    said = dict(tags)
    when = _exif_date(said.get("EXIF DateTimeOriginal", ""), said.get("EXIF OffsetTimeOriginal", ""))
    device = _device(said.get("Image Make"), said.get("Image Model"))
    return _claims(when, "exif", device, place, name), tags


def _claims(when: datetime | None, clock: Clock, device: str | None, place: Place | None, name: str) -> Claims:
    if when is None:
        when, clock = _from_name(name), "filename"
    return Claims(when, clock if when else "none", device, place)


def _plausible(when: datetime) -> datetime | None:
    return when if EARLIEST <= when <= datetime.now(UTC) + timedelta(days=1) else None


def _iso(text: str | None) -> datetime | None:
    """An ISO 8601 date with time; without an offset it is UTC, as QuickTime says."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text.strip())
        return _plausible((when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _exif_date(text: str, offset: str) -> datetime | None:
    """EXIF's `2023:01:15 14:25:30`, with its own offset tag or none (then taken for UTC)."""
    date, _, clock = text.strip().partition(" ")
    return _iso(f"{date.replace(':', '-')}T{clock}{offset.strip()}") or _iso(f"{date.replace(':', '-')}T{clock}")


def _from_name(name: str) -> datetime | None:
    """A date with time in a file's name, as phones and messengers write it; taken for UTC."""
    found = _IN_A_NAME.search(name.rpartition("/")[2])
    if not found:
        return None
    try:
        return _plausible(datetime(*map(int, found.groups()), tzinfo=UTC))  # type: ignore[arg-type,misc]  # six groups
    except ValueError:
        return None


def _iso6709(text: str | None) -> Place | None:
    """`+37.7749-122.4194+010.000/` (ISO 6709 in degrees)."""
    found = _ISO6709.match(text or "")
    return _degrees(tuple(float(part) for part in found.groups() if part)) if found else None


def _degrees(numbers: tuple[float, ...] | None) -> Place | None:
    if not numbers or not all(math.isfinite(number) for number in numbers):
        return None
    latitude, longitude, *altitude = numbers
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude, longitude) == (0, 0):
        return None
    return Place(latitude=latitude, longitude=longitude, altitude=altitude[0] if altitude else None)


def _device(make: str | None, model: str | None) -> str | None:
    """Maker and model, the maker once."""
    make, model = (make or "").strip(), (model or "").strip()
    named = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    return named or None
