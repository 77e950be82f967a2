"""The operating point of an archive, and how many strangers it is expected to let through."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crossid.inference.calibration_files import calibration_table, unreadable
from crossid.people.calibration import decade, needed_evidence
from crossid.types import OperatingPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crossid.types import Space


def operating_point(space: Space, appearances: int, given: Iterable[tuple[str, str]]) -> OperatingPoint:
    """What two groups need to be taken for one person in an archive of this size.

    Args:
        space: The space that its appearances are compared in.
        appearances: How many there are.
        given: (name of a space, file) of calibrations that the user names.

    Raises:
        ModelError: the space has no calibration, or what its file says of strangers makes no sense.
    """
    file, table = calibration_table(space, given)
    bar, (least, most) = needed_evidence(appearances), decade(appearances)
    rate = _false_match_rate(table, bar, file)
    return OperatingPoint(
        appearances=appearances,
        evidence=bar,
        least=least,
        most=most,
        false_match_rate=rate,
        false_matches=None if rate is None else rate * math.comb(appearances, 2),
    )


def _false_match_rate(table: Mapping[str, Any], bar: float, file: str) -> float | None:
    """Share of strangers' pairs that reach a bar; None in files of before strangers were counted."""
    if "strangers" not in table:
        return None
    try:
        pairs, reaching = int(table["strangers"]["pairs"]), table["strangers"]["reaching"].get(f"{bar:.1f}")
        if reaching is None:
            return None
        if not 0 <= int(reaching) <= pairs:
            raise unreadable(file, "more strangers reach a bar than there are")
        return max(int(reaching), 1) / pairs
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise unreadable(file, f"what it says of strangers makes no sense ({error!r})") from None
