"""What footage says of itself: when, with what and where it was recorded. Claims, not facts.

Anybody can write anything into a file. What makes no sense is dropped, what is kept is cut to length,
and nothing in it can raise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from crossid.types import Clock, Place
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

Tags: TypeAlias = tuple[tuple[str, str], ...]

MOST_TAGS = 100
LONGEST_KEY = 100
LONGEST_VALUE = 500

NO_DATES = tuple(datetime(year, 1, 1, tzinfo=UTC) for year in (1904, 1970, 1980))
"""Where the clocks of QuickTime, Unix and DOS begin: what a camera writes that was never told the date."""

_NAMED = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)([-_.]?)(?P<month>\d\d)\2(?P<day>\d\d)(?:[ _T-]| at )"
    r"(?P<hour>\d\d)([-_.:]?)(?P<minute>\d\d)\6(?P<second>\d\d)(?:\d{3})?(?!\d)"
)
"""VID_20230115_142530, PXL_20230115_142530123, 2023-01-15 14.25.30; a date without a time says too little."""

_ISO_6709 = re.compile(
    r"(?P<latitude>[+-](?:\d{1,2}|\d{4}|\d{6})(?:\.\d{1,12})?)"
    r"(?P<longitude>[+-](?:\d{1,3}|\d{5}|\d{7})(?:\.\d{1,12})?)"
    r"(?P<altitude>[+-]\d{1,6}(?:\.\d{1,12})?)?(?:CRS[\w:.]*)?/?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """When (UTC) and how that is known, with which device, where; fields as those of `Video`."""

    recorded_at: datetime | None = None
    clock: Clock = "none"
    device: str | None = None
    place: Place | None = None


def tidy(raw: Mapping[str, str]) -> Tags:
    """Tags sorted by key, visible characters only, cut to a sane length and number."""
    pairs = sorted((_cut(key, LONGEST_KEY), _cut(value, LONGEST_VALUE)) for key, value in raw.items())
    return tuple(pairs[:MOST_TAGS])


def claims_of_film(tags: Mapping[str, str], name: str) -> Claims:
    """What a container claims; where it has no date, what the file's name claims.

    Apple's creation date comes first, for it has an offset; `creation_time` is UTC by QuickTime's
    definition. Both say when the file was made: an editor or a transcoder writes its own.
    """
    said = {key.lower(): value for key, value in tags.items()}
    make = _first(said, "com.apple.quicktime.make", "com.android.manufacturer", "make")
    model = _first(said, "com.apple.quicktime.model", "com.android.model", "model")
    where = _first(said, "com.apple.quicktime.location.iso6709", "location", "location-eng")
    when = iso_date(_first(said, "com.apple.quicktime.creationdate")) or iso_date(_first(said, "creation_time"))
    return dated(when, "quicktime", name, device_of(make, model) or _android(said), iso_6709(where))


def dated(when: datetime | None, clock: Clock, name: str, device: str | None, place: Place | None) -> Claims:
    """Claims with the date that was found, else with that in the file's name."""
    if when is None:
        when, clock = date_in_name(name), "filename"
    return Claims(recorded_at=when, clock=clock if when else "none", device=device, place=place)


def iso_date(text: str) -> datetime | None:
    """UTC of an ISO 8601 date with a time; without an offset it is taken for UTC. None if it makes no sense."""
    if len(text) < len("2023-01-15T14:25:30"):
        return None
    try:
        when = datetime.fromisoformat(text)
        when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if any(abs(when - zero) <= timedelta(days=1) for zero in NO_DATES) else when


def date_in_name(name: str) -> datetime | None:
    """The date and time in a file's name, as phones and recorders write them; taken for UTC."""
    found = _NAMED.search(name.rpartition("/")[2])
    if found is None:
        return None
    return iso_date("{year}-{month}-{day}T{hour}:{minute}:{second}".format(**found.groupdict()))


def iso_6709(text: str) -> Place | None:
    """A place by ISO 6709: `+37.7749-122.4194+010.0/`, or degrees and minutes, or those and seconds."""
    found = _ISO_6709.fullmatch(text.strip())
    if found is None:
        return None
    altitude = found["altitude"]
    return place_at(
        _degrees(found["latitude"], 2), _degrees(found["longitude"], 3), float(altitude) if altitude else None
    )


def place_at(latitude: float, longitude: float, altitude: float | None) -> Place | None:
    """A place on this planet; None for others, and for 0° 0°, which is what a device without a fix writes."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or latitude == longitude == 0:
        return None
    if altitude is not None and not math.isfinite(altitude):
        altitude = None
    return Place(latitude=latitude, longitude=longitude, altitude=altitude)


def device_of(make: str, model: str) -> str | None:
    """Maker and model, the maker once: "Canon EOS 5D", "Apple iPhone 14"."""
    named = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    return _cut(named.strip(), LONGEST_KEY) or None


def _degrees(text: str, digits: int) -> float:
    """Degrees of ±D, ±DM or ±DMS, run together as ISO 6709 does; `digits` are those of the degrees."""
    whole, _, fraction = text[1:].partition(".")
    fields = [part for part in (whole[:digits], whole[digits : digits + 2], whole[digits + 2 :]) if part]
    fields[-1] += f".{fraction or 0}"
    degrees = sum(float(field) / 60.0**power for power, field in enumerate(fields))
    return -degrees if text[0] == "-" else degrees


def _cut(text: str, longest: int) -> str:
    """The first visible characters; the rest is not even looked at."""
    return printable(text[:longest])[:longest]


def _first(said: Mapping[str, str], *keys: str) -> str:
    return next((said[key].strip() for key in keys if said.get(key, "").strip()), "")


def _android(said: Mapping[str, str]) -> str | None:
    version = _first(said, "com.android.version")
    return _cut(f"Android {version}", LONGEST_KEY) if version else None
