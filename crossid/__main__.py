"""`python -m crossid` and the `crossid` command."""

import io
import os
import sys


def main() -> None:
    """Run the command line."""
    _open_streams()
    try:
        from crossid.cli import app

        app()
    except KeyboardInterrupt:  # Ctrl-C while still loading: nothing was begun
        sys.exit(130)


def _open_streams() -> None:
    """See to it that stdin, stdout and stderr are there, and that no name is too odd to be written to them.

    Where one was closed, a file of the archive would get its number, and a library's warning would end up in it.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
