"""Published weights come in, ONNX graphs go out: one module per model, each with its layout and its source."""
