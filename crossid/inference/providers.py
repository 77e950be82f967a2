"""What graphs run on: which devices there are here, which is taken, and what is said where one fails."""

from __future__ import annotations

import onnxruntime

from crossid.errors import ModelError, UnknownNameError

_ELSEWHERE = "AzureExecutionProvider"
"""Sends inputs to a server: never used, so never shown."""
AUTO, CPU, OPENVINO, OPENVINO_BF16 = "auto", "cpu", "openvino", "openvino-bf16"
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""Device -> ONNX Runtime's provider; "openvino" that is asked for is OpenVINO's own API instead (see `openvino`)."""
OWN = (OPENVINO, OPENVINO_BF16)
"""What OpenVINO runs by its own API where ONNX Runtime does not bring it; the second describes faces in bfloat16, which
takes half the time on processors that have it, and finds them in float32."""
DEVICES = (AUTO, *PROVIDERS, OPENVINO_BF16)
PREFERRED = ("cuda", "coreml", "directml", "openvino", "cpu")
"""What "auto" tries, in this order. TensorRT is only taken if asked for: it builds an engine, for minutes, for every
shape of every graph."""
_REMEDIES = {
    "cuda": "Run: pip uninstall -y onnxruntime; pip install onnxruntime-gpu (and have NVIDIA's driver, CUDA and cuDNN)",
    "tensorrt": "Run: pip uninstall -y onnxruntime; pip install onnxruntime-gpu (and install TensorRT)",
    "directml": "Run: pip uninstall -y onnxruntime; pip install onnxruntime-directml (Windows only)",
    "coreml": "CoreML comes with onnxruntime on a Mac only: leave --device away.",
    "openvino": "Run: pip install crossid[openvino]",
}

_chosen = AUTO


def available() -> list[str]:
    """Names of the execution providers on this machine, the preferred one first: "CUDA", "CPU"."""
    names = [name for name in onnxruntime.get_available_providers() if name != _ELSEWHERE]
    return [name.removesuffix("ExecutionProvider") for name in names]


def use(device: str) -> None:
    """From now on graphs of this process are opened on that device, unless they are told another.

    Raises:
        UnknownNameError: there is no such device.
    """
    global _chosen  # noqa: PLW0603 -- one process works for one scan, on one device
    check(device)
    _chosen = device


def chosen() -> str:
    """The device that `use` named, else "auto"."""
    return _chosen


def check(device: str) -> None:
    """Raise UnknownNameError if there is no such device."""
    if device not in DEVICES:
        raise UnknownNameError("device", device, DEVICES)


def candidates(device: str) -> list[str]:
    """Devices to try, in this order: those of "auto" that ONNX Runtime lists here, or the one that is asked for.

    Raises:
        ModelError: what is asked for is not part of the ONNX Runtime that is installed.
    """
    listed = onnxruntime.get_available_providers()
    if device == AUTO:
        return [name for name in PREFERRED if PROVIDERS[name] in listed]
    if device not in OWN and PROVIDERS[device] not in listed:
        raise ModelError(
            f"The ONNX Runtime that is installed cannot run on {device}: it knows {', '.join(available())}.",
            remedy=_REMEDIES[device],
        )
    return [device]


def failed(device: str, why: object) -> ModelError:
    """What is said of a device that was asked for and does not work."""
    return ModelError(
        f"{device} is there, but fails: {why}",
        remedy=f"Mend that, or leave --device {device} away: crossid doctor shows what works here.",
    )
