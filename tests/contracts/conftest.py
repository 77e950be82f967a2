"""Every store of the registry, for all who test what a store promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossid.archive import STORES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crossid.archive import Store


@pytest.fixture(params=STORES.names())
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same archive for writing, closing what was open before."""
    opened: list[Store] = []

    def again() -> Store:
        for store in opened:
            store.close()
        store = STORES.load(request.param).open(tmp_path / "archive", create=True)
        opened[:] = [store]
        return store

    yield again
    opened[0].close()


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()
