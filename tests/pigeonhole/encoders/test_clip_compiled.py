"""The image tower of open_clip on OpenVINO: kept, refused, and in either precision."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch

from pigeonhole.encoders import Encoder, clip, compiled
from pigeonhole.encoders.clip import ClipEncoder
from pigeonhole.encoders.clip_network import ClipNetwork, fastest
from pigeonhole.kinds import Precision
from tests.pigeonhole.photos import crops, photo
from tests.pigeonhole.running import WITHIN_S

on_a_cpu = pytest.mark.skipif(
    torch.cuda.is_available(), reason="a GPU computes with torch, not with OpenVINO"
)

SECOND_START = """
import sys
from pathlib import Path
import numpy as np
from pigeonhole import encoders

encoder = encoders.load(sys.argv[1], Path(sys.argv[2]))
np.save("rows.npy", encoder.embed(np.load("pixels.npy")))
assert not {"torch", "open_clip", "sklearn"} & set(sys.modules)
print(encoder.identity, encoder.name, encoder.near_duplicate, encoder.steps)
"""


@on_a_cpu
def test_a_second_start_embeds_the_same_without_importing_torch(
    weights: Path, tmp_path: Path
) -> None:
    first = ClipEncoder(f"tiny:{weights}", folder=tmp_path / "kept")
    pixels = np.stack([first.preprocess(picture) for picture in crops("china.jpg")])
    np.save(tmp_path / "pixels.npy", pixels)

    done = subprocess.run(
        [sys.executable, "-c", SECOND_START, f"tiny:{weights}", "kept"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )

    said = f"{first.identity} {first.name} {first.near_duplicate} {first.steps}"
    assert done.stdout.strip() == said
    assert np.load(tmp_path / "rows.npy") == pytest.approx(first.embed(pixels), abs=1e-6)


@on_a_cpu
def test_a_changed_file_of_weights_is_converted_again(
    encoder: Encoder, model: torch.nn.Module, weights: Path, tmp_path: Path
) -> None:
    file = tmp_path / "tiny.pt"
    file.write_bytes(weights.read_bytes())
    before = ClipEncoder(f"tiny:{file}", folder=tmp_path / "kept")
    torch.save({name: tensor + 1 for name, tensor in model.state_dict().items()}, file)

    after = ClipEncoder(f"tiny:{file}", folder=tmp_path / "kept")

    assert before.identity == encoder.identity
    assert after.identity != encoder.identity
    with pytest.raises(OSError, match="have changed: restart this process"):
        before.embed_texts(["cat"])
    assert after.embed_texts(["cat"]).shape == (1, 48)


@on_a_cpu
def test_torch_runs_a_tower_that_cannot_be_converted(
    encoder: Encoder, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(network: ClipNetwork) -> None:
        raise RuntimeError("no such layer")

    monkeypatch.setattr(ClipNetwork, "converted", refuse)
    other = ClipEncoder(f"tiny:{weights}")
    pixels = encoder.preprocess(photo("china.jpg"))[None]

    assert other.runtime == "torch"
    assert (other.embed(pixels) * encoder.embed(pixels)).sum() > 0.999


@on_a_cpu
@pytest.mark.parametrize(
    ("least", "runtime", "precision"),
    [
        ({"float32": 0.9999, "bfloat16": 1.1}, "openvino", "float32"),
        ({"float32": 1.1, "bfloat16": 1.1}, "torch", fastest(torch.device("cpu"))),
    ],
)
def test_a_precision_that_changes_embeddings_is_not_used(
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    least: dict[str, float],
    runtime: str,
    precision: str,
) -> None:
    monkeypatch.setattr(clip, "LEAST_COSINE", least)

    encoder = ClipEncoder(f"tiny:{weights}")

    assert encoder.runtime == runtime
    assert encoder.identity.split(":")[3] == precision


@on_a_cpu
def test_float32_can_be_chosen(weights: Path, model: open_clip.CLIP) -> None:
    encoder = ClipEncoder(f"tiny:{weights}", precision=Precision.FLOAT32)
    pixels = np.stack([encoder.preprocess(picture) for picture in crops("china.jpg")])

    with torch.inference_mode():
        exact = model.encode_image(torch.from_numpy(pixels), normalize=True).numpy()

    assert (encoder.runtime, encoder.identity.split(":")[3]) == ("openvino", "float32")
    assert encoder.embed(pixels) == pytest.approx(exact, abs=1e-5)


@on_a_cpu
@pytest.mark.parametrize(
    ("has", "least", "reason"),
    [
        (False, 0.999, "this machine has no instructions for it"),
        (True, 1.1, r"its embeddings would change \(cosine \d\.\d{4}"),
    ],
)
def test_bfloat16_is_refused_where_it_cannot_be_used(
    weights: Path, monkeypatch: pytest.MonkeyPatch, has: bool, least: float, reason: str
) -> None:
    monkeypatch.setattr(compiled, "has_bfloat16", lambda: has)
    monkeypatch.setitem(clip.LEAST_COSINE, "bfloat16", least)

    with pytest.raises(ValueError, match=f"cannot be computed in bfloat16: {reason}") as refused:
        ClipEncoder(f"tiny:{weights}", precision=Precision.BFLOAT16)

    assert str(refused.value).endswith("Set PIGEONHOLE_ENCODER_PRECISION to auto or float32.")
