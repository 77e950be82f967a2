"""The doctor sees what is missing and names what helps."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crossid.inference import weights
from crossid.pipeline import diagnosis


def found(name: str) -> list[diagnosis.Finding]:
    return [finding for finding in diagnosis.examine() if finding.name == name]


def test_opencv_that_cannot_load_is_missing_with_the_apt_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('libgthread-2.0.so.0: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    (finding,) = found("OpenCV")
    assert finding.status == "missing"
    assert "libgl1 libglib2.0-0" in finding.remedy


def test_weights_that_are_not_the_published_ones_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    (real,) = weights.of_model("dlib_resnet")
    monkeypatch.setattr(weights, "of_model", lambda _: [replace(real, sha256="0" * 64)])
    (finding,) = found("model dlib_resnet")
    assert finding.status == "missing"
    assert "pip install" in finding.remedy


def test_models_that_nobody_fetched_are_no_illness() -> None:
    assert not [one for one in diagnosis.examine() if one.name.startswith("model") and one.status != "ok"]


def test_a_cache_folder_below_a_file_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(weights.CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    (finding,) = found("cache")
    assert finding.status == "warning"
    assert weights.CACHE_VARIABLE in finding.remedy


def test_two_runtimes_in_one_environment_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    real = diagnosis.version
    monkeypatch.setattr(diagnosis, "version", lambda name: "1.0" if name == "onnxruntime-gpu" else real(name))
    assert [finding.status for finding in found("ONNX Runtime")] == ["ok", "warning"]


def test_an_absent_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LIBRARIES", ("no-such-library",))
    assert found("libraries")[-1].remedy == "Run: pip install no-such-library"
