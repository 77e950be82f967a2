# What CI runs, in the environment you are in: pip install -e ".[dev]"
check: lint types house test

test:
    python -m pytest -n 2

slow:
    python -m pytest -m slow

lint:
    ruff format --check .
    ruff check .

types:
    mypy

house:
    lint-imports

docs:
    python docs/generate_cli.py
