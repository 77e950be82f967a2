"""Hardware that decodes films, where there is some and it is asked for; whatever it cannot do, the processor does."""

from __future__ import annotations

from functools import cache

import av
from av.codec.hwaccel import HWAccel, hwdevices_available

from crossid.errors import SettingsError, UnknownNameError

NONE, AUTO = "none", "auto"
DEVICES = ("cuda", "videotoolbox", "d3d11va", "vaapi")
"""As FFmpeg calls them; what "auto" tries, in this order."""
CHOICES = (NONE, AUTO, *DEVICES)


def accelerator(asked: str) -> HWAccel | None:
    """What decodes in place of the processor; None for nothing.

    Args:
        asked: One of `CHOICES`. A device that does not work here is left alone: `check` says so before the work.
    """
    name = next((device for device in _candidates(asked) if not failing(device)), None)
    return HWAccel(name, allow_software_fallback=True) if name else None


def check(asked: str) -> str:
    """Which device will decode, "" for the processor.

    Raises:
        UnknownNameError: there is no such choice.
        SettingsError: the device that was asked for does not work here.
    """
    if asked not in CHOICES:
        raise UnknownNameError("footage.hardware", asked, CHOICES)
    if asked in DEVICES and failing(asked):
        raise SettingsError(
            f"{asked} cannot decode films here: {failing(asked)}.",
            remedy="Leave footage.hardware away, or set it to auto: crossid doctor shows what works here.",
        )
    return next((device for device in _candidates(asked) if not failing(device)), "")


def devices() -> list[str]:
    """The devices that work here."""
    return [device for device in DEVICES if not failing(device)]


@cache
def failing(device: str) -> str:
    """Why a device does not decode H.264 here, by asking it to; "" if it does."""
    if device not in hwdevices_available():
        return "the FFmpeg that comes with PyAV does not know it on this system"
    try:
        context = av.CodecContext.create("h264", "r", hwaccel=HWAccel(device, allow_software_fallback=False))
    except (av.FFmpegError, RuntimeError, NotImplementedError) as error:
        return (getattr(error, "strerror", None) or str(error)).rstrip(".")
    return "" if context.is_hwaccel else "it does not decode H.264"


def _candidates(asked: str) -> tuple[str, ...]:
    return () if asked == NONE else DEVICES if asked == AUTO else (asked,)
