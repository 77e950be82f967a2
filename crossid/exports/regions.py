"""`export xmp`: faces in photographs as XMP sidecars, in the regions of the Metadata Working Group.

Guidelines for Handling Image Metadata, version 2.0 (2010), section 5.9. Regions are shares of the
picture as it is stored, before its EXIF orientation turns it upright; that is also how digiKam reads them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.types import LogRow, Video

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
}
ORIENTATIONS = {
    "Mirrored horizontal": (False, True, False),
    "Rotated 180": (False, True, True),
    "Mirrored vertical": (False, False, True),
    "Mirrored horizontal then rotated 90 CCW": (True, False, False),
    "Rotated 90 CW": (True, True, False),
    "Mirrored horizontal then rotated 90 CW": (True, True, True),
    "Rotated 90 CCW": (True, False, True),
}
"""EXIF orientation in exifread's words -> transposed, then mirrored left to right, then upside down."""


def regions(photograph: Video, rows: Iterable[LogRow]) -> bytes:
    """An XMP packet with a region for each face; a name where a reviewer gave one, else the person's id.

    Args:
        photograph: The still; its tags say how it is stored.
        rows: Appearances in it.
    """
    for prefix, address in NAMESPACES.items():
        ET.register_namespace(prefix, address)
    turn = ORIENTATIONS.get(dict(photograph.tags).get("Image Orientation", ""), (False, False, False))
    meta = ET.Element(_name("x:xmpmeta"))
    described = ET.SubElement(ET.SubElement(meta, _name("rdf:RDF")), _name("rdf:Description"), {_name("rdf:about"): ""})
    faces = ET.SubElement(described, _name("mwg-rs:Regions"), {_name("rdf:parseType"): "Resource"})
    width, height = photograph.width, photograph.height
    stored = (height, width) if turn[0] else (width, height)
    size = {"stDim:w": str(stored[0]), "stDim:h": str(stored[1]), "stDim:unit": "pixel"}
    ET.SubElement(faces, _name("mwg-rs:AppliedToDimensions"), {_name(key): value for key, value in size.items()})
    bag = ET.SubElement(ET.SubElement(faces, _name("mwg-rs:RegionList")), _name("rdf:Bag"))
    for row in rows:
        left, top, right, bottom = row.box
        centre = _stored((left + right) / 2 / width, (top + bottom) / 2 / height, turn)
        extent = ((right - left) / width, (bottom - top) / height)
        _add(bag, row, centre, extent[::-1] if turn[0] else extent)
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        + ET.tostring(meta)
        + b'\n<?xpacket end="w"?>\n'
    )


def _add(bag: ET.Element, row: LogRow, centre: tuple[float, float], extent: tuple[float, float]) -> None:
    item = ET.SubElement(bag, _name("rdf:li"), {_name("rdf:parseType"): "Resource"})
    area = {"x": centre[0], "y": centre[1], "w": extent[0], "h": extent[1]}
    cells = {_name(f"stArea:{key}"): f"{min(1.0, max(0.0, value)):.6f}" for key, value in area.items()}
    ET.SubElement(item, _name("mwg-rs:Area"), {**cells, _name("stArea:unit"): "normalized"})
    ET.SubElement(item, _name("mwg-rs:Type")).text = "Face"
    ET.SubElement(item, _name("mwg-rs:Name")).text = printable(row.name or row.person_id)
    ET.SubElement(item, _name("mwg-rs:Description")).text = f"{row.person_id}, {row.status} in crossid"


def _stored(x: float, y: float, turn: tuple[bool, bool, bool]) -> tuple[float, float]:
    """Where a point of the upright picture lies in the stored one, both as shares."""
    transposed, left_right, up_down = turn
    x, y = (1 - x if left_right else x), (1 - y if up_down else y)
    return (y, x) if transposed else (x, y)


def _name(short: str) -> str:
    prefix, _, name = short.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"
