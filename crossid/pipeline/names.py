"""Is there a part for every name in the settings? Asked before hours of work, not after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid import embeddings, faces, frames, people, tracks
from crossid.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from crossid.settings import Settings


def check_names(settings: Settings) -> None:
    """Look up every part that the settings name; nothing is loaded.

    Raises:
        UnknownNameError: nothing answers to one of the names.
        SettingsError: no detector or no embedder is named.
    """
    if settings.footage.decode not in ("all", "changes"):
        raise UnknownNameError("way to decode", settings.footage.decode, ["all", "changes"])
    from crossid.inference.providers import check as check_device

    check_device(settings.device)
    own = {model.name for model in (*settings.faces.models, *settings.embeddings.models)}
    for registry, names in (
        (frames.SELECTORS, (settings.frames.selector,)),
        (faces.DETECTORS, settings.faces.detectors),
        (tracks.TRACKERS, (settings.tracks.tracker,)),
        (embeddings.EMBEDDERS, settings.embeddings.embedders),
        (people.CLUSTERERS, (settings.people.clusterer,)),
        (people.LINKAGES, (settings.people.linkage,)),
    ):
        if not names:
            raise SettingsError(
                f"The settings name no {registry.kind}.", remedy=f"Known: {', '.join(registry.names())}."
            )
        for name in names:
            if name not in own:
                registry.check(name)
