"""Inference: ONNX graphs and arrays come in, arrays go out; the only room that knows a runtime.

`inference.session` opens a graph, `inference.weights` finds and checks weights, and
`inference.convert` turns published weights into graphs, once, under the user's cache folder.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
"""Read by ONNX Runtime when it is first imported: else it makes an id of the machine and reports to its maker."""
