"""What lies deflated in an archive that may come from anybody."""

from __future__ import annotations

import zlib

import pytest

from crossid.archive.inflating import MAX_BYTES, inflated
from crossid.errors import ArchiveError

WHOLE = zlib.compress(bytes(range(256)) * 40)


def test_what_was_deflated_comes_back():
    assert inflated(WHOLE) == bytes(range(256)) * 40
    assert inflated(zlib.compress(bytes(MAX_BYTES))) == bytes(MAX_BYTES)


@pytest.mark.parametrize(
    "packed", [b"", b"\0", WHOLE[:-1], WHOLE[:20], WHOLE + b"x", zlib.compress(bytes(MAX_BYTES + 1))]
)
def test_what_is_damaged_or_stands_for_too_much_is_refused(packed: bytes):
    with pytest.raises(ArchiveError, match="cannot be unpacked") as refusal:
        inflated(packed)
    assert refusal.value.remedy
