"""Weights and tokenizers of CLIP models, on this machine or at the model hub."""

import hashlib
import time
from pathlib import Path, PurePosixPath
from typing import Any

import huggingface_hub
import open_clip

from pigeonhole.encoders import hub
from pigeonhole.encoders.known import Pin, pin_of

# Names under which open_clip looks for weights in a repository that names no file.
FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")

Report = hub.Report


def configuration(model: str, tag: str) -> dict[str, object]:
    """Give what open_clip knows of these weights: where they are, mean, std, interpolation.

    Raises:
        ValueError: There is no such model, or no such weights for it.
    """
    if open_clip.get_model_config(model) is None:
        raise ValueError(f"open_clip has no model {model!r}.")
    found: dict[str, object] = open_clip.get_pretrained_cfg(model, tag)
    if not found:
        known = ", ".join(open_clip.list_pretrained_tags_by_model(model)) or "none"
        raise ValueError(f"open_clip has no weights {tag!r} for {model}; it has {known}.")
    return found


def cached(model: str, tag: str) -> Path | None:
    """Find the weights on this machine, without any request; None also without its tokenizer."""
    if _tokenizer_folder(model) is None:
        return None
    pin = pin_of(f"{model}/{tag}")
    for revision in (pin.revision, None) if pin else (None,):
        for file in _files(model, tag, pin):
            path = hub.cached(_repository(model, tag), file, revision)
            if path is not None:
                return path
    return None


def size(model: str, tag: str, *, timeout_s: float) -> int:
    """Ask the hub for the size of the weights in bytes; they are not fetched.

    Raises:
        OSError: It does not answer, or not as a hub, or must not be asked.
    """
    _require_hub(model, tag)
    return _look_up(model, tag, pin_of(f"{model}/{tag}"), timeout_s=timeout_s).size


def fetch(
    model: str,
    tag: str,
    *,
    revision: str | None = None,
    sha256: str | None = None,
    deadline: float = float("inf"),
    report: Report = lambda done, total: None,
) -> tuple[Path, str]:
    """Return the weights' file and its SHA-256; fetch it, with the tokenizer, if it is missing.

    Args:
        model: open_clip's name.
        tag: open_clip's name of the weights.
        revision: The commit to take them from, if the registry names none.
        sha256: What to compare them with, if the registry names none.
        deadline: When to give up, in the seconds of `time.monotonic`; what came is kept.
        report: Told of progress.

    Raises:
        OSError: They cannot be fetched, or are not those that are expected.
    """
    found = cached(model, tag)
    pin = pin_of(f"{model}/{tag}")
    expected = pin.sha256 if pin else sha256
    if found is None:
        _require_hub(model, tag)
        _fetch_tokenizer(model, deadline)
        remote = _look_up(model, tag, pin, revision)
        found = hub.fetch(remote, sha256=expected, deadline=deadline, report=report)
    found_digest = digest(found)
    if expected is not None and found_digest != expected:
        raise OSError(
            f"{found} is not the expected file: its SHA-256 is {found_digest}, not "
            f"{expected}. Delete it, and fetch it again."
        )
    return found, found_digest


def progress(model: str, tag: str) -> tuple[int, int] | None:
    """Return the bytes there and in all, while a process of this machine fetches the weights."""
    return hub.progress(_repository(model, tag))


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def tokenizer(model: str) -> Any:
    """Load a model's tokenizer; its files are fetched if the model needs some and they are missing.

    Raises:
        OSError: They cannot be fetched.
    """
    if not _tokenizer_repository(model):
        return open_clip.get_tokenizer(model)
    _fetch_tokenizer(model, float("inf"))
    text = open_clip.get_model_config(model)["text_cfg"]
    return open_clip.tokenizer.HFTokenizer(
        str(_tokenizer_folder(model)),  # a folder, so that nothing is looked for at the hub
        context_length=text["context_length"],
        tokenizer_mode=text.get("tokenizer_mode"),
        **text.get("tokenizer_kwargs", {}),
    )


def _fetch_tokenizer(model: str, deadline: float) -> None:
    repository = _tokenizer_repository(model)
    if repository and _tokenizer_folder(model) is None:
        for file in reversed(TOKENIZER_FILES):  # the one that is looked for comes last
            timeout_s = max(0.1, min(hub.READ_S, deadline - time.monotonic()))
            hub.fetch(hub.look_up(repository, file, timeout_s=timeout_s), deadline=deadline)


def _tokenizer_folder(model: str) -> Path | None:
    """Return the folder of a model's tokenizer; an empty path if open_clip has it, None if away."""
    repository = _tokenizer_repository(model)
    if not repository:
        return Path()
    file = hub.cached(repository, TOKENIZER_FILES[0])
    return file and file.parent


def _tokenizer_repository(model: str) -> str:
    configured = open_clip.get_model_config(model) or {}
    return str(configured.get("text_cfg", {}).get("hf_tokenizer_name", ""))


def _require_hub(model: str, tag: str) -> None:
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise FileNotFoundError(
            f"The weights of {model}/{tag} are not on this machine, and HF_HUB_OFFLINE forbids "
            "to fetch them."
        )


def _look_up(
    model: str,
    tag: str,
    pin: Pin | None,
    revision: str | None = None,
    *,
    timeout_s: float = hub.READ_S,
) -> hub.Remote:
    repository, files = _repository(model, tag), _files(model, tag, pin)
    for file in files[:-1]:
        try:
            return hub.look_up(repository, file, revision, timeout_s=timeout_s)
        except FileNotFoundError:
            continue
    return hub.look_up(
        repository, files[-1], pin.revision if pin else revision, timeout_s=timeout_s
    )


def _repository(model: str, tag: str) -> str:
    return str(configuration(model, tag).get("hf_hub", "")).rpartition("/")[0]


def _files(model: str, tag: str, pin: Pin | None) -> tuple[str, ...]:
    """Return the names that the weights may have, the preferred first."""
    if pin is not None:
        return (pin.file,)
    file = str(configuration(model, tag).get("hf_hub", "")).rpartition("/")[2]
    return (str(PurePosixPath(file).with_suffix(".safetensors")), file) if file else FILES
