"""Wizard: answers to a few questions come in, one scan goes out; and what is drawn on a terminal.

The command line borrows what is drawn here (`progress`, `tables`, `outcome`), so that a scan looks
the same by whichever door it came in.
"""


def converse() -> None:
    """Ask, show what will be done, do it and show what was found; see `conversation`.

    Raises:
        CrossidError: as `crossid.pipeline.scan` does.
        KeyboardInterrupt: the user left; its text says what became of the work.
    """
    from crossid.wizard.conversation import hold

    hold()
