"""Which models a scan uses: are they here, and under which licence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crossid import embeddings, faces
from crossid.errors import ModelError
from crossid.inference.calibration_files import calibration_table
from crossid.inference.weights import is_here, models, of_model

if TYPE_CHECKING:
    from crossid.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A model that is used, as the licence of its weights has it; `commercial` None: nobody said."""

    part: str
    model: str
    licence: str
    commercial: bool | None


def used(settings: Settings) -> list[Used]:
    """The models behind the detectors and embedders that the settings name, in that order.

    A part that another package brings knows its own weights and licence, and is left out.
    """
    own = {model.name: model for model in (*settings.faces.models, *settings.embeddings.models)}
    found = []
    for registry, names in (
        (faces.DETECTORS, settings.faces.detectors),
        (embeddings.EMBEDDERS, settings.embeddings.embedders),
    ):
        for name in names:
            if name in own and name not in registry.names():
                found.append(Used(part=name, model=name, licence=own[name].licence, commercial=None))
                continue
            model = getattr(registry.load(name), "model", "")
            if model in models():
                weights = of_model(model)[0]
                found.append(Used(part=name, model=model, licence=weights.licence, commercial=weights.commercial))
    return found


def as_record(settings: Settings) -> dict[str, Any]:
    """Settings as they stand in the record of a run, with the licences of what it used."""
    return settings.as_dict() | {"licences": [asdict(one) for one in used(settings)]}


def lacking(settings: Settings) -> list[str]:
    """Models that the settings need and that did not come to this machine yet."""
    return [one.model for one in used(settings) if one.commercial is not None and not is_here(one.model)]


def why_not(settings: Settings) -> str:
    """Why nobody could be recognised with the parts that the settings name: weights or a calibration; "" if one could.

    One sentence, with what helps.
    """
    try:
        check_weights(settings)
        for space in embeddings.spaces(settings.embeddings):
            calibration_table(space, settings.people.calibrations)
    except ModelError as error:
        return f"{error} {error.remedy}".strip()
    return ""


def check_weights(settings: Settings) -> None:
    """Say before the work, and all at once, which models did not come yet.

    Raises:
        ModelError: some are not here; names them, and what brings them.
    """
    absent = lacking(settings)
    if not absent:
        return
    pack = settings.pack not in ("builtin", "custom")
    raise ModelError(
        f"{f'The pack {settings.pack} lacks' if pack else 'These models did not come yet:'} {', '.join(absent)}.",
        remedy=f"Run: crossid models fetch {settings.pack if pack else ' '.join(absent)} "
        "(without network: crossid models import FOLDER)",
    )
