"""What this machine can do: libraries, codecs, models, disk, memory; and what helps where it cannot."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crossid import __version__
from crossid.errors import ModelError
from crossid.pipeline.machine import free_memory
from crossid.processes import cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crossid.inference.weights import Weights

MIN_FREE_BYTES = 2 * 10**9
"""Under this an archive of some hours of footage may not fit."""
MIN_MEMORY_BYTES = 10**9
"""Under this even one worker may not fit."""
LIBRARIES = ("av", "numpy", "onnxruntime", "opencv-python", "pillow", "scikit-learn", "scipy")
WANTED_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mjpeg", "prores", "wmv3")
"""What phones, cameras and platforms produce."""
SYSTEM_LIBRARIES = ("libGL", "libgthread", "libglib")
"""What OpenCV's wheel links and does not bring along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `missing`: crossid cannot work without it."""

    name: str
    status: Literal["ok", "warning", "missing"]
    found: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything; takes a second or two, changes nothing."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _libraries,
        _opencv,
        _runtime,
        _devices,
        _codecs,
        _weights,
        _batches,
        _cache,
        _disk,
        _machine,
    )
    return [finding for check in checks for finding in check()]


def missing_libraries(error: ImportError) -> ModelError | None:
    """What a bare machine lacks for OpenCV, in place of the loader's words; None if something else is missing."""
    if not any(name in str(error) for name in SYSTEM_LIBRARIES):
        return None
    return ModelError(
        f"OpenCV needs two system libraries that this machine lacks ({error}).",
        remedy="Run: apt-get install -y libgl1 libglib2.0-0",
    )


def _python() -> Iterator[Finding]:
    yield Finding(name="crossid", status="ok", found=f"{__version__}, Python {sys.version.split()[0]}")


def _libraries() -> Iterator[Finding]:
    versions = {name: _version(name) for name in LIBRARIES}
    absent = [name for name, found in versions.items() if not found]
    found = ", ".join(f"{name} {found}" for name, found in versions.items() if found)
    yield Finding(name="libraries", status="ok", found=found)
    if absent:
        yield Finding(
            name="libraries",
            status="missing",
            found=f"not installed: {', '.join(absent)}",
            remedy=f"Run: pip install {' '.join(absent)}",
        )


def _opencv() -> Iterator[Finding]:
    try:
        import_module("cv2")
    except ImportError as error:
        known = missing_libraries(error)
        remedy = known.remedy if known else "Run: pip install --force-reinstall opencv-python"
        yield Finding(name="OpenCV", status="missing", found=str(known or error), remedy=remedy)
    else:
        yield Finding(name="OpenCV", status="ok", found="loads")


def _runtime() -> Iterator[Finding]:
    try:
        from crossid.inference.providers import available

        yield Finding(name="ONNX Runtime", status="ok", found=f"runs on {', '.join(available())}")
    except ImportError as error:
        remedy = "Run: pip install --force-reinstall onnxruntime"
        yield Finding(name="ONNX Runtime", status="missing", found=str(error), remedy=remedy)
    rivals = [name for name in ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino") if _version(name)]
    if len(rivals) > 1:
        yield Finding(
            name="ONNX Runtime",
            status="warning",
            found=f"{' and '.join(rivals)} overwrite each other's files",
            remedy=f"Run: pip uninstall -y {' '.join(rivals)}; pip install {rivals[-1]}",
        )


def _devices() -> Iterator[Finding]:
    """What networks can run on here, each tried; and which of them is taken without being asked for."""
    try:
        from crossid.inference.providers import AUTO, DEVICES, OWN, candidates
        from crossid.inference.session import failing, settled
    except ImportError:
        return  # ONNX Runtime's own finding says so
    listed = candidates(AUTO)
    taken, _ = settled(AUTO)
    works = [name for name in (*listed, *OWN) if not failing(name)]
    yield Finding(
        name="devices",
        status="ok",
        found=f"{taken} is taken; --device can be {', '.join(name for name in DEVICES if name in (AUTO, *works))}",
    )
    for name in listed:
        if name not in works:
            yield Finding(
                name="devices",
                status="warning",
                found=f"{name} is there, but fails: {failing(name)}",
                remedy="Mend that (driver, libraries), or leave it: scans run without it.",
            )


def _codecs() -> Iterator[Finding]:
    try:
        from crossid.footage.codecs import decoders
        from crossid.footage.hardware import devices

        known = decoders()
    except ImportError as error:
        remedy = "Run: pip install --force-reinstall av"
        yield Finding(name="codecs", status="missing", found=str(error), remedy=remedy)
        return
    absent = [name for name in WANTED_CODECS if name not in known]
    yield Finding(name="codecs", status="ok", found=", ".join(name for name in WANTED_CODECS if name in known))
    yield Finding(
        name="hardware that decodes",
        status="ok",
        found=f"{', '.join(devices()) or 'none'}; used where footage.hardware asks for it",
    )
    if absent:
        yield Finding(
            name="codecs",
            status="warning",
            found=f"cannot decode {', '.join(absent)}",
            remedy="Run: pip install --force-reinstall av (its wheels bring all of them)",
        )


def _weights() -> Iterator[Finding]:
    """The models of the pack that works without fetching anything, and whatever else is here."""
    from crossid.inference.weights import PACKS, is_here, models, of_model

    for model in models():
        if model in PACKS["builtin"] or is_here(model):
            yield _model(model, of_model(model))


def _model(model: str, files: Sequence[Weights]) -> Finding:
    try:
        for weights in files:
            weights.checked()
    except ModelError as error:
        return Finding(name=f"model {model}", status="missing", found=str(error), remedy=error.remedy)
    return Finding(name=f"model {model}", status="ok", found=f"unaltered, licence {files[0].licence}")


def _batches() -> Iterator[Finding]:
    """How many pictures each network takes at once here."""
    try:
        from crossid.inference.batching import BATCH_VARIABLE, chosen
    except ImportError:
        return  # ONNX Runtime's own finding says so
    sizes = ", ".join(f"{network}: {size}" for network, size in sorted(chosen().items()))
    yield Finding(
        name="batches",
        status="ok",
        found=f"pictures at once, as measured here: {sizes}"
        if sizes
        else f"not measured yet: the first scan does that, in a second or two (unless {BATCH_VARIABLE} says how many)",
    )


def _cache() -> Iterator[Finding]:
    from crossid.inference.weights import CACHE_VARIABLE, cache_folder

    folder = cache_folder()
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            yield Finding(name="cache", status="ok", found=f"{folder} can be written")
    except OSError as error:
        yield Finding(
            name="cache",
            status="warning",
            found=f"{folder} cannot be written: {error.strerror}; models are converted anew by every scan",
            remedy=f"Set {CACHE_VARIABLE} to a folder that can be written.",
        )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(Path()).free
    scarce = free < MIN_FREE_BYTES
    yield Finding(
        name="disk",
        status="warning" if scarce else "ok",
        found=f"{free / 1e9:.1f} GB free here",
        remedy="Free some space, or put the archive elsewhere with --archive." if scarce else "",
    )


def _machine() -> Iterator[Finding]:
    free = free_memory()
    scarce = free < MIN_MEMORY_BYTES
    yield Finding(
        name="machine",
        status="warning" if scarce else "ok",
        found=f"{cores()} cores, {free / 1e9:.1f} GB of memory free",
        remedy="Close other programs, or scan with --workers 1." if scarce else "",
    )


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _existing(folder: Path) -> Path:
    """The folder, or the nearest place above it that is there."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())
