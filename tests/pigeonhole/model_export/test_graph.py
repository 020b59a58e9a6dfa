"""The graph of an exported model in onnxruntime, compared with the encoder and the classifier."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from pigeonhole import encoders
from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats
from pigeonhole.encoders.facts import Facts
from pigeonhole.encoders.preprocessing import normalised, squared, transformed
from pigeonhole.model_export import graph, predict
from pigeonhole.services.predictors import among
from tests.pigeonhole.photos import crops

NAMES = ("temple", "flower", "soup")


def fit(vectors: Floats, names: Floats, taught: int) -> FewShotClassifier:
    """Train on three photos of each of the first labels; the others are known by their names."""
    codes = np.repeat(np.arange(2), 3)
    kept = codes < taught
    prototypes = dict(enumerate(names))
    return FewShotClassifier().fit(vectors[kept], codes[kept], prototypes=prototypes)


@pytest.mark.parametrize(("spec", "taught"), [("", 0), ("", 1), ("", 2), ("bundled", 1)])
def test_a_graph_predicts_as_the_encoder_and_the_classifier_do(
    spec: str, taught: int, small_encoder: str, tmp_path: Path
) -> None:
    encoder = encoders.load(spec or small_encoder)
    photos = [*crops("china.jpg"), *crops("flower.jpg")]
    vectors = encoder.embed(np.stack([encoder.preprocess(photo) for photo in photos]))
    classifier = fit(vectors, encoder.embed_texts(NAMES), taught)
    portable = encoders.load_portable(spec or small_encoder)
    head = graph.Head(classifier.to_arrays(), kept=[0, 1, 2])

    graph.write(portable, head, tmp_path / "model.onnx")

    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    steps = portable.preprocessing
    pixels = [prepared(photo, tmp_path, steps) for photo in photos]
    answers = [session.run(None, {"pixels": each}) for each in pixels]
    confidences, strangeness = (np.concatenate(each) for each in zip(*answers, strict=True))
    exact = "float32" in encoder.identity
    assert confidences == pytest.approx(
        classifier.predict_proba(vectors), abs=1e-4 if exact else 0.02
    )
    assert strangeness == pytest.approx(classifier.strangeness(vectors), abs=1e-4 if exact else 0.2)


@pytest.mark.parametrize("size", [(200, 300), (301, 200), (64, 64), (900, 70), (20, 33)])
def test_images_are_padded_as_open_clip_does_it_by_the_exported_program_too(
    size: tuple[int, int], tmp_path: Path
) -> None:
    settings = PreprocessCfg(48, resize_mode="longest", fill_color=127)
    image = crops("china.jpg")[0].resize(size)

    steps = Facts("tiny", "", None, "", 0, 0, asdict(settings)).steps
    assert steps is not None
    found = transformed(image, lambda each: squared(each, steps).astype(np.float32))

    expected = transformed(image, lambda each: image_transform_v2(settings, is_train=False)(each))
    normal = normalised(found.astype(np.uint8), settings.mean, settings.std)
    np.testing.assert_allclose(normal, expected, atol=1e-6)
    [exported] = prepared(image, tmp_path, steps)
    np.testing.assert_array_equal(exported.transpose(2, 0, 1), found)


def prepared(photo: Image.Image, folder: Path, steps: object) -> NDArray[np.uint8]:
    """Return what the exported program predicts for a photo."""
    photo.save(folder / "photo.png")
    found: NDArray[np.uint8] = predict.preprocess(folder / "photo.png", **vars(steps))
    return found


def test_deleted_labels_are_left_out_as_by_the_server() -> None:
    random = np.random.default_rng(0)
    rows = random.standard_normal((30, 8)).astype(np.float32)
    classifier = FewShotClassifier().fit(rows, np.arange(30) % 3)
    head = graph.Head(classifier.to_arrays(), kept=[0, 2])

    with torch.inference_mode():
        confidences, _ = head(torch.from_numpy(rows))

    assert confidences.numpy() == pytest.approx(
        among(classifier.predict_proba(rows), [0, 2]), abs=1e-5
    )
