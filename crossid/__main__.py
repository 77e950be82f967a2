"""`python -m crossid` and the `crossid` command."""


def main() -> None:
    """Run the command line."""
    from crossid.cli import app

    app()


if __name__ == "__main__":
    main()
