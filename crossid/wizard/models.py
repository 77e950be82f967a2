"""Which models look at faces, and under which licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.pipeline.licences import used, why_not
from crossid.settings import PACKS, with_pack
from crossid.wizard.console import say
from crossid.wizard.questions import choose
from crossid.wording import printable

if TYPE_CHECKING:
    from rich.console import Console

    from crossid.settings import Settings


def ask_pack(settings: Settings, console: Console) -> Settings:
    """With one of the packs that people can be recognised with here, the one that holds now first; of others, why not.

    As they are, where there is none.
    """
    reasons = {pack: why_not(with_pack(settings, pack)) for pack in PACKS}
    for pack, reason in reasons.items():
        if reason:
            say(console, f"Not {pack}: {reason}", "dim")
    packs = sorted((pack for pack in PACKS if not reasons[pack]), key=lambda pack: pack != settings.pack)
    if not packs:
        say(console, "There are no others to choose from.")
        return settings
    return choose("Which models?", [(models_line(made), made) for made in (with_pack(settings, one) for one in packs)])


def models_line(settings: Settings) -> str:
    """The models that the settings name, with each licence once."""
    told = used(settings)
    models = ", ".join(one.model for one in told)
    return printable(f"{settings.pack}: {models} ({'; '.join(dict.fromkeys(one.licence for one in told))})")
