"""The words of `crossid.wording`, where this room's tables look for them."""

from crossid.wording import clock, count, duration, roughly, size

__all__ = ["clock", "count", "duration", "roughly", "size"]
