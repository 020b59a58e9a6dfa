"""Export of a trained model as a zip file that runs without this package.

``bundle`` collects the contents of the file and runs ``__main__`` in a separate process, which
writes the graph (``graph``, and ``quantized`` on request) and compares its answers with the
server's (``parity``). ``predict`` is the program in the zip file.
"""

MODEL = "model.onnx"
REFUSED = 3
"""Exit status of ``__main__`` if the encoder cannot be exported."""
