"""The page about the command line says what the command line says."""

import runpy

from places import ROOT


def test_the_page_is_up_to_date() -> None:
    """If this fails: python docs/generate_cli.py."""
    page = runpy.run_path(str(ROOT / "docs" / "generate_cli.py"))["page"]()
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == page
