"""Images embedded per second, compared with unmodified open_clip in float32 in the same run.

``python -m benchmarks.embedding``. ViT-B-32 has random weights: they do not affect the speed.
"""

import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pigeonhole import encoders

ROUNDS = 12  # for all variants, in turn, so that other load affects them equally
CALLS = {1: 8, 32: 1}  # by batch size, for each variant in a round


def main() -> None:
    """Measure and print the table."""
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as every command sets it
    import numpy as np
    import open_clip
    import torch

    from pigeonhole.encoders.bundled import BundledEncoder

    torch.manual_seed(0)
    stock = open_clip.create_model("ViT-B-32").eval()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "random.pt"
        torch.save(stock.state_dict(), file)
        ours = encoders.load(f"ViT-B-32:{file}")
    bundled, with_torch = BundledEncoder(), BundledEncoder(with_openvino=False)
    random = np.random.default_rng(0)
    small = random.standard_normal((max(CALLS), 3, 224, 224), np.float32)
    large = random.uniform(-1, 1, (max(CALLS), 3, 260, 260)).astype(np.float32)

    def stock_embed(pixels: encoders.Floats) -> encoders.Floats:
        with torch.inference_mode():
            found = stock.encode_image(torch.from_numpy(pixels), normalize=True)
            rows: encoders.Floats = found.cpu().numpy()
            return rows

    cosine = (stock_embed(small) * ours.embed(small)).sum(axis=1).min()
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'images/s':34}" + "".join(f"{f'batch {n}':>12}" for n in CALLS))
    ways = {
        "stock open_clip ViT-B-32, float32": (stock_embed, small),
        f"ours, {ours.identity.split(':')[3]}": (ours.embed, small),
        f"bundled, {with_torch.runtime}": (with_torch.embed, large),
        f"bundled, {bundled.runtime}": (bundled.embed, large),
    }
    columns = [
        rates({name: (run, pixels[:size]) for name, (run, pixels) in ways.items()})
        for size in CALLS
    ]
    for name in ways:
        print(f"{name:34}" + "".join(f"{column[name]:12.1f}" for column in columns))
    stock_way, our_way, torch_way, openvino_way = ways
    for words, way, other in (
        ("ours to stock", our_way, stock_way),
        (f"bundled, {bundled.runtime} to {with_torch.runtime}", openvino_way, torch_way),
    ):
        ratios = "".join(f"{column[way] / column[other]:11.2f}x" for column in columns)
        print(f"{words:34}{ratios}")
    print(f"least cosine of ours to stock: {cosine:.5f}")
    cosine = (bundled.embed(large) * with_torch.embed(large)).sum(axis=1).min()
    print(f"least cosine of the bundled encoder, {bundled.runtime} to torch: {cosine:.7f}")


def rates(
    ways: dict[str, tuple[Callable[[encoders.Floats], encoders.Floats], encoders.Floats]],
) -> dict[str, float]:
    """Return images per second of each variant, by its fastest call: other load only slows down."""
    fastest = dict.fromkeys(ways, math.inf)
    for run, pixels in ways.values():
        run(pixels)
    for _ in range(ROUNDS):
        for name, (run, pixels) in ways.items():
            for _ in range(CALLS[len(pixels)]):
                started = time.perf_counter()
                run(pixels)
                fastest[name] = min(fastest[name], time.perf_counter() - started)
    return {name: len(pixels) / fastest[name] for name, (_, pixels) in ways.items()}


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
