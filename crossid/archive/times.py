"""Seconds as people read them."""

from __future__ import annotations


def clock_time(seconds: float) -> str:
    """`hh:mm:ss.mmm`."""
    hours, minutes, whole, thousandths = _parts(seconds)
    return f"{hours:02d}:{minutes:02d}:{whole:02d}.{thousandths:03d}"


def file_time(seconds: float) -> str:
    """`<hh>h<mm>m<ss>.<mmm>s`: the same without colons, which Windows refuses."""
    hours, minutes, whole, thousandths = _parts(seconds)
    return f"{hours:02d}h{minutes:02d}m{whole:02d}.{thousandths:03d}s"


def _parts(seconds: float) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds, thousandths; what precedes the start (edit lists allow it) is shown as the start."""
    whole, thousandths = divmod(max(0, round(seconds * 1000)), 1000)
    return whole // 3600, whole // 60 % 60, whole % 60, thousandths
