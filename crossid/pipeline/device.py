"""What networks run on: settled once, before the work, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossid.pipeline.licences import as_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossid.settings import Settings


def settle(settings: Settings, note: Callable[[str], None]) -> dict[str, Any]:
    """Let this process's networks run on the device of the settings, and see what decodes.

    Args:
        settings: What to work with.
        note: Told, in a sentence each, which devices are there and fail.

    Returns:
        The settings as they stand in the record of a run, with what it ran on.

    Raises:
        ModelError: the device that was asked for is not there or does not work.
        SettingsError: the hardware that should decode does not.
    """
    from crossid.footage.hardware import check as check_hardware
    from crossid.inference.providers import use
    from crossid.inference.session import settled

    decoder = check_hardware(settings.footage.hardware)
    device, notes = settled(settings.device)
    for sentence in notes:
        note(sentence)
    use(settings.device)
    return as_record(settings) | {"ran_on": device, "decoded_on": decoder or "cpu"}
