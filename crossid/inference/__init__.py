"""Inference: ONNX graphs and arrays come in, arrays go out; the only room that knows a runtime.

`inference.session` opens a graph, `inference.weights` finds and checks weights, and
`inference.convert` turns published weights into graphs, once, under the user's cache folder.
"""
