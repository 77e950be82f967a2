"""What ONNX Runtime can run graphs on."""

import onnxruntime

_ELSEWHERE = "AzureExecutionProvider"
"""Sends inputs to a server: never used, so never shown."""


def available() -> list[str]:
    """Names of the execution providers on this machine, the preferred one first: "CUDA", "CPU"."""
    names = [name for name in onnxruntime.get_available_providers() if name != _ELSEWHERE]
    return [name.removesuffix("ExecutionProvider") for name in names]
