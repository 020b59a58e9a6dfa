"""What the precision of the bundled encoder costs in accuracy and log loss.

``python -m benchmarks.precision FOLDER ...``, with one subfolder per label in each. All precisions
are compared on the same samples and the same photos held out.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np

from benchmarks.heads import run_ours
from benchmarks.heads_peers import draw
from benchmarks.heads_photos import embed_folder
from pigeonhole.kinds import Precision

SIZES = (5, 30)  # samples per label
SEEDS = 3


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    warnings.simplefilter("ignore")  # scikit-learn's about labels with few samples
    heads = "".join(f"{f'{each} a label, %':>18}{'log loss':>10}" for each in SIZES)
    print(f"{'':22}{heads}{'mean cosine':>14}{'least':>9}")
    for folder in parser.parse_args().folders:
        exact = embed_folder(folder, Precision.FLOAT32).rows
        for precision in (Precision.FLOAT32, Precision.BFLOAT16):
            data = embed_folder(folder, precision)
            cells = ""
            for size in SIZES:
                parts = [draw(data.codes, size, seed) for seed in range(SEEDS)]
                runs = [run_ours(data, train, test, named=True) for train, test in parts]
                accuracy, loss = (
                    np.mean([run[of] for run in runs]) for of in ("accuracy", "log_loss")
                )
                cells += f"{100 * accuracy:18.2f}{loss:10.4f}"
            cosines = (data.rows * exact).sum(axis=1)
            cells += f"{cosines.mean():14.4f}{cosines.min():9.4f}"
            print(f"{f'{data.name}, {precision}':22}{cells}", flush=True)


if __name__ == "__main__":
    main()
