"""Which models look at faces, and under which licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.pipeline.licences import lacking, used
from crossid.settings import PACKS, with_pack
from crossid.wizard.questions import choose
from crossid.wording import printable

if TYPE_CHECKING:
    from crossid.settings import Settings


def usable_packs(settings: Settings) -> list[str]:
    """Packs all of whose models are on this machine."""
    return [pack for pack in PACKS if not lacking(with_pack(settings, pack))]


def ask_pack(settings: Settings) -> str:
    """One of the packs that are here; the one that holds now is proposed."""
    packs = sorted(usable_packs(settings), key=lambda pack: pack != settings.pack)
    return choose("Which models?", [(models_line(with_pack(settings, pack)), pack) for pack in packs])


def models_line(settings: Settings) -> str:
    """The models that the settings name, with each licence once."""
    told = used(settings)
    models = ", ".join(one.model for one in told)
    return printable(f"{settings.pack}: {models} ({'; '.join(dict.fromkeys(one.licence for one in told))})")
