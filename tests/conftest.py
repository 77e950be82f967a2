"""What all tests share: where extra data lies, and pictures that come inside dependencies."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest

from places import ROOT

# No test depends on how quick the machine is.
hypothesis.settings.register_profile("crossid", deadline=None)
hypothesis.settings.load_profile("crossid")


def inside(package: str, *parts: str) -> Path:
    """A file inside an installed package, found without importing it."""
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]).joinpath(*parts)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Tests of a module go to one process, unless another one has nothing left to do: what they share is made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Converted weights, recent places and the like go to a folder of this run, shared by its processes."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "home"
    for name in ("CROSSID_CACHE", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = str(home / name.lower())
    os.environ["COLUMNS"] = "160"  # tables are not folded, whatever the terminal that runs the tests


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with labelled photographs, footage and weights; skips where there is none."""
    folder = Path(os.environ.get("CROSSID_TEST_DATA", ROOT.parent / "shared"))
    if not (folder / "lfw-dev").is_dir():
        pytest.skip(f"no test data in {folder} (set CROSSID_TEST_DATA)")
    return folder


@pytest.fixture(scope="module")
def models_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the data folder has of the catalogue's weights serves as fetched; parts of others are not there."""
    from crossid.inference.weights import CATALOGUE, MODELS_VARIABLE

    known = {weights.sha256: weights.file for weights in CATALOGUE}
    folder = tmp_path_factory.mktemp("models")
    for file in Path(os.environ.get("CROSSID_TEST_DATA", ROOT.parent / "shared"), "models").glob("*"):
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        if sha256 in known:
            (folder / known[sha256]).symlink_to(file.absolute())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MODELS_VARIABLE, str(folder))
        yield


@pytest.fixture(scope="session")
def six_people() -> Path:
    """A photograph of six people that comes with insightface."""
    return inside("insightface", "data", "images", "t1.jpg")


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """A public-domain portrait that comes with scikit-image."""
    return inside("skimage", "data", "astronaut.png")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte in memory; skips where this user may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"cannot mount a small disk: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # a test that failed may have left files open
