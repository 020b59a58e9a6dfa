"""The process that writes an exported model's graph: ``python -m pigeonhole.model_export DIR``.

Loading an encoder, writing it as ONNX and running the result takes seconds of processor time and
as much memory as the encoder. A separate process keeps both out of the server.

``DIR`` contains ``job.json``, ``head.npz``, ``model.json``, ``predict.py`` and ``images/``; the
process adds ``model.onnx`` and ``parity.json``. If the encoder cannot be exported, it exits with
status 3 and prints the reason to standard output.
"""

import json
import os
import runpy
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from pigeonhole import encoders
from pigeonhole.model_export import MODEL, REFUSED, graph, parity, quantized


def main(folder: Path) -> None:
    """Write the graph, and compare its answers with the server's."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    spec = job["encoder"]
    try:
        portable = encoders.load_portable(spec)
    except ValueError as error:
        _refuse(str(error))
    except OSError as error:  # an encoder service has the weights, but not this machine
        print(error, file=sys.stderr)  # noqa: T201 - the server logs it
        _refuse(
            f"An export needs the weights of {spec} on the machine of the server, which cannot "
            f"load them. Its operator can download them with `pigeonhole encoder fetch {spec}`."
        )
    with np.load(folder / "head.npz", allow_pickle=False) as file:
        head = graph.Head(dict(file), job["kept"])
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    about["preprocessing"] = asdict(portable.preprocessing)
    (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=2))
    graph.write(portable, head, folder / MODEL)
    program: Any = runpy.run_path(str(folder / "predict.py"), run_name="predict")
    images = [folder / "images" / own["file"] for own in job["answers"]]
    if job["quantize"]:
        pixels = [program["preprocess"](image, **about["preprocessing"]) for image in images]
        quantized.rewrite(folder / MODEL, pixels[: quantized.ENOUGH])
    model = program["Model"](folder)
    report = parity.compare(job["answers"], [model(image) for image in images])
    report["precision"] = "int8" if job["quantize"] else "float32"
    (folder / "parity.json").write_text(json.dumps(report, ensure_ascii=False, indent=2))


def _refuse(reason: str) -> NoReturn:
    print(reason)  # noqa: T201 - the server reads it
    sys.exit(REFUSED)


if __name__ == "__main__":
    os.nice(10)  # requests to the server have priority
    main(Path(sys.argv[1]))
