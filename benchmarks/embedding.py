"""Images embedded per second, compared with unmodified open_clip in float32 in the same run.

``python -m benchmarks.embedding``. CLIP has random weights: they do not affect the speed.
"""

import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pigeonhole import encoders
from pigeonhole.encoders.known import DEFAULT
from pigeonhole.kinds import Precision

ROUNDS = 12  # for all variants, in turn, so that other load affects them equally
CALLS = {1: 8, 32: 1}  # by batch size, for each variant in a round

Run = Callable[[encoders.Floats], encoders.Floats]


def main() -> None:
    """Measure and print the table."""
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as every command sets it
    import numpy as np
    import torch

    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        groups = [clip(Path(folder)), bundled()]
    pixels = [
        random.uniform(-1, 1, (max(CALLS), 3, side, side)).astype(np.float32) for side, _ in groups
    ]
    ways = {
        name: (run, images)
        for (_, group), images in zip(groups, pixels, strict=True)
        for name, run in group.items()
    }
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    columns = [
        measured({name: (run, images[:size]) for name, (run, images) in ways.items()})
        for size in CALLS
    ]
    heads = [f"batch {n}, images/s" for n in CALLS]
    print(f"{'':34}" + "".join(f"{head:>20}{'CPU ms':>9}" for head in heads) + "   cosine")
    for (_, group), images in zip(groups, pixels, strict=True):
        first = next(iter(group))
        expected = group[first](images)
        for name, run in group.items():
            cells = ""
            for column in columns:
                rate, cpu_ms = column[name]
                cells += f"{rate:13.1f} {rate / column[first][0]:5.2f}x{cpu_ms:9.1f}"
            cosine = (run(images) * expected).sum(axis=1).min()
            print(f"{name:34}{cells}  {cosine:.5f}")


def clip(folder: Path) -> tuple[int, dict[str, Run]]:
    """Return the side and the ways of the default encoder."""
    import numpy as np
    import open_clip
    import torch

    from pigeonhole.encoders.clip import PIECE
    from pigeonhole.encoders.clip_network import ClipNetwork, fastest
    from pigeonhole.encoders.compiled import Compiled, has_bfloat16

    model = DEFAULT.partition("/")[0]
    torch.manual_seed(0)
    stock: Any = open_clip.create_model(model).eval()
    file = folder / "random.pt"
    torch.save(stock.state_dict(), file)
    cpu = torch.device("cpu")
    graph = ClipNetwork(f"{model}:{file}", cpu, "float32").converted()
    with_torch = ClipNetwork(f"{model}:{file}", cpu)

    def as_stock(pixels: encoders.Floats) -> encoders.Floats:
        with torch.inference_mode():
            found = stock.encode_image(torch.from_numpy(pixels), normalize=True)
            rows: encoders.Floats = found.cpu().numpy()
            return rows

    ways: dict[str, Run] = {
        f"stock open_clip {model}": as_stock,
        f"ours, torch, {fastest(cpu)}": of_unit_length(with_torch.run),
    }
    for precision in ("float32", "bfloat16") if has_bfloat16() else ("float32",):
        run = Compiled(graph, precision, piece=PIECE).run
        ways[f"ours, openvino, {precision}"] = of_unit_length(run)
    side = stock.visual.image_size
    return int(np.max(side)), ways


def of_unit_length(run: Run) -> Run:
    """Return what scales the rows of ``run`` to length 1."""
    from pigeonhole.encoders.preprocessing import unit

    return lambda pixels: unit(run(pixels))


def bundled() -> tuple[int, dict[str, Run]]:
    """Return the side and the ways of the bundled encoder."""
    from pigeonhole.encoders.bundled import SIDE, BundledEncoder
    from pigeonhole.encoders.compiled import has_bfloat16

    ways: dict[str, Run] = {
        "bundled, torch, float32": BundledEncoder(with_openvino=False).embed,
        "bundled, openvino, float32": BundledEncoder(precision=Precision.FLOAT32).embed,
    }
    if has_bfloat16():
        chosen = BundledEncoder(precision=Precision.BFLOAT16)
        ways["bundled, openvino, bfloat16"] = chosen.embed
    return SIDE, ways


def measured(ways: dict[str, tuple[Run, encoders.Floats]]) -> dict[str, tuple[float, float]]:
    """Return images per second, and processor time per image in ms, of each variant.

    Both are those of the best call, since other load only slows down. It has less effect on
    processor time.
    """
    fastest = dict.fromkeys(ways, math.inf)
    cheapest = dict.fromkeys(ways, math.inf)
    for run, pixels in ways.values():
        run(pixels)
    for _ in range(ROUNDS):
        for name, (run, pixels) in ways.items():
            for _ in range(CALLS[len(pixels)]):
                started, used = time.perf_counter(), time.process_time()
                run(pixels)
                cheapest[name] = min(cheapest[name], time.process_time() - used)
                fastest[name] = min(fastest[name], time.perf_counter() - started)
    return {
        name: (len(pixels) / fastest[name], 1_000 * cheapest[name] / len(pixels))
        for name, (_, pixels) in ways.items()
    }


def processor() -> str:
    """Return the processor's name, and its instructions for bfloat16."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        import platform

        return platform.processor() or platform.machine()
    known = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {key.strip(): value.strip() for key, value in known.items()}
    flags = {"avx512_bf16", "amx_bf16"} & set(fields.get("flags", "").split())
    return (
        f"{fields.get('model name', 'unknown processor')} ({', '.join(sorted(flags)) or 'no'} bf16)"
    )


if __name__ == "__main__":
    main()
