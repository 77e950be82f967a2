"""Weights are found without being imported, checked before use, and converted once."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crossid.errors import ModelError
from crossid.inference import weights
from crossid.inference.weights import CACHE_VARIABLE, CATALOGUE, Weights, cache_folder, converted, of_model

IN_PACKAGES = [entry for entry in CATALOGUE if entry.package]
CONTENT = b"weights of a network"
SOURCE = Weights(
    model="toy",
    role="detector",
    package="mtcnn",
    file="toy.bin",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="MIT",
    source="https://example.org",
)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    """Weights inside a package that is not imported, and a cache folder of their own."""
    package = tmp_path / "site" / "toy_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('a package was imported for its weights')")
    (package / "toy.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setitem(weights._REQUIREMENTS, "toy_weights", "toy_weights==1.0")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(weights, "_UNKEPT", {})
    return replace(SOURCE, package="toy_weights")


class Build:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, content: bytes) -> bytes:
        self.calls += 1
        return content.upper()


@pytest.mark.parametrize("entry", IN_PACKAGES, ids=lambda entry: entry.name)
def test_every_file_of_the_catalogue_is_there_and_is_the_one_that_was_measured(entry: Weights) -> None:
    assert entry.path().stat().st_size == entry.size_bytes
    assert hashlib.sha256(entry.read()).hexdigest() == entry.sha256
    assert entry.licence
    assert entry.source.startswith("https://")


def test_weights_are_read_without_importing_their_package() -> None:
    script = "import sys; from crossid.inference.weights import CATALOGUE; [w.read() for w in CATALOGUE if w.package]; "
    script += "print(sorted({w.package for w in CATALOGUE} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_that_is_not_the_known_one_is_refused(source: Weights) -> None:
    source.path().write_bytes(CONTENT + b"!")
    with pytest.raises(ModelError, match="not those that crossid knows") as refusal:
        source.read()
    assert "toy_weights==1.0" in refusal.value.remedy


def test_foreign_bytes_never_reach_the_conversion(source: Weights) -> None:
    source.path().write_bytes(b"a pickle that would run code")
    build = Build()
    with pytest.raises(ModelError):
        converted("toy", [source], build, version=1)
    assert build.calls == 0


def test_a_missing_file_and_a_missing_package_are_refused(source: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(weights._REQUIREMENTS, "never_installed", "never_installed==1.0")
    for absent in (replace(source, file="gone.bin"), replace(source, package="never_installed")):
        with pytest.raises(ModelError, match="not there") as refusal:
            absent.read()
        assert "pip install" in refusal.value.remedy


def test_conversion_happens_once(source: Weights) -> None:
    build = Build()
    first = converted("toy", [source], build, version=1)
    assert converted("toy", [source], build, version=1) == first
    assert build.calls == 1
    assert first.read_bytes() == CONTENT.upper()
    assert first.parent == cache_folder()


def test_another_version_of_the_conversion_is_another_file(source: Weights) -> None:
    build = Build()
    assert converted("toy", [source], build, version=1) != converted("toy", [source], build, version=2)
    assert build.calls == 2


@pytest.mark.parametrize("damage", [b"", b"half a gra", b"another graph entirely"])
def test_a_damaged_graph_in_the_cache_is_built_again(source: Weights, damage: bytes) -> None:
    build = Build()
    kept = converted("toy", [source], build, version=1)
    kept.write_bytes(damage)
    assert converted("toy", [source], build, version=1).read_bytes() == CONTENT.upper()
    assert build.calls == 2


def test_a_graph_without_its_seal_is_built_again(source: Weights) -> None:
    build = Build()
    kept = converted("toy", [source], build, version=1)
    kept.with_suffix(".sha256").unlink()
    assert converted("toy", [source], build, version=1) == kept
    assert build.calls == 2


def test_nothing_but_the_graph_and_its_seal_is_left_behind(source: Weights) -> None:
    kept = converted("toy", [source], Build(), version=1)
    assert sorted(cache_folder().iterdir()) == sorted([kept, kept.with_suffix(".sha256")])


def test_where_the_cache_cannot_be_written_the_graph_is_kept_in_memory(
    source: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.write_bytes(b"")
    monkeypatch.setenv(CACHE_VARIABLE, str(blocked / "cache"))
    build = Build()
    assert converted("toy", [source], build, version=1) == CONTENT.upper()
    assert converted("toy", [source], build, version=1) == CONTENT.upper()
    assert build.calls == 1


@pytest.mark.parametrize("blocked", [False, True])
def test_processes_that_convert_and_are_killed_leave_nothing_among_temporary_files(
    tmp_path: Path, blocked: bool
) -> None:
    cache, temporary = tmp_path / "cache", tmp_path / "temporary"
    temporary.mkdir()
    if blocked:
        cache.write_bytes(b"")
    script = "import os, signal; from crossid.inference.session import Session; "
    script += "from crossid.inference.convert import dlib_resnet; Session(dlib_resnet.graph()); os.kill(os.getpid(), 9)"
    environment = {"PATH": "", CACHE_VARIABLE: str(cache), "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    assert not list(temporary.iterdir())


def test_half_a_graph_of_a_process_that_was_killed_goes_with_the_next_conversion(source: Weights) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    cache_folder().mkdir()
    left, living = (cache_folder() / f".toy.onnx.{process}.part" for process in (gone.pid, os.getppid()))
    foreign = cache_folder() / ".notes.part"
    for file in (left, living, foreign):
        file.write_bytes(b"half")
    converted("toy", [source], Build(), version=1)
    assert (left.exists(), living.exists(), foreign.exists()) == (False, True, True)


def test_several_processes_convert_at_once_and_all_get_the_same_graph(tmp_path: Path) -> None:
    script = "from crossid.inference.convert import mtcnn; print(mtcnn.graphs().refine)"
    environment = {"PATH": "", CACHE_VARIABLE: str(tmp_path)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
        )
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], answers
    assert len({out for out, _ in answers}) == 1
    assert len(list(tmp_path.iterdir())) == 6


def test_a_model_names_its_files_in_the_order_of_its_stages() -> None:
    assert [entry.name for entry in of_model("mtcnn")] == ["pnet", "rnet", "onet"]
