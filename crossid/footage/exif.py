"""What a photograph says of itself, by exifread."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

import exifread

from crossid.footage.metadata import Claims, Tags, dated, device_of, iso_date, place_at, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossid.types import Place

logging.getLogger("exifread").addHandler(logging.NullHandler())  # or it speaks on stderr where nobody listens


def claims_of_photograph(path: Path, name: str) -> tuple[Claims, Tags]:
    """What its EXIF claims, and all of it that can be read; where it has no date, what the file's name claims.

    EXIF dates are local. With `OffsetTimeOriginal` they become UTC; without, nobody knows the zone, and they
    are taken for UTC.
    """
    exif = _read(path)
    said = {key: str(value).strip() for key, value in exif.items()}
    date = said.get("EXIF DateTimeOriginal", "").replace(":", "-", 2).replace(" ", "T")
    when = iso_date(date + said.get("EXIF OffsetTimeOriginal", "")) or iso_date(date)
    device = device_of(said.get("Image Make", ""), said.get("Image Model", ""))
    return dated(when, "exif", name, device, _place(exif)), tidy(said)


def _read(path: Path) -> Mapping[str, Any]:
    """Tag -> what exifread makes of it; nothing where it cannot be read, for the picture may be sound all the same."""
    try:
        with path.open("rb") as file:
            tags: dict[str, Any] = exifread.process_file(file, details=False)
    except Exception:  # noqa: BLE001 - hostile bytes make exifread raise anything
        return {}
    return {key: value for key, value in tags.items() if not key.startswith(("Thumbnail", "JPEGThumbnail"))}


def _place(exif: Mapping[str, Any]) -> Place | None:
    try:
        return place_at(_angle(exif, "GPS GPSLatitude", "S"), _angle(exif, "GPS GPSLongitude", "W"), _altitude(exif))
    except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError):
        return None


def _angle(exif: Mapping[str, Any], key: str, negative: str) -> float:
    """Degrees of the three fractions that EXIF holds; negative where the reference letter says so."""
    degrees = sum(float(part) / 60.0**power for power, part in enumerate(exif[key].values))
    return -degrees if str(exif[f"{key}Ref"]).strip().upper() == negative else degrees


def _altitude(exif: Mapping[str, Any]) -> float | None:
    if "GPS GPSAltitude" not in exif:
        return None
    metres = float(exif["GPS GPSAltitude"].values[0])
    below = str(exif.get("GPS GPSAltitudeRef", "0")).strip() == "1"
    return math.copysign(metres, -1.0 if below else 1.0)
