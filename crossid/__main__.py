"""`python -m crossid` and the `crossid` command."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from crossid.cli import app

        app()
    except KeyboardInterrupt:  # Ctrl-C while still loading: nothing was begun
        sys.exit(130)


if __name__ == "__main__":
    main()
