"""Where CLIP's weights lie: on this machine, or at their hub."""

from pathlib import Path, PurePosixPath

import huggingface_hub
import open_clip

# Names under which open_clip looks for weights in a repository that names no file.
FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


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
    """Find the weights on this machine, without any request."""
    repository, files = _hub(model, tag)
    for file in files if repository else ():
        path = huggingface_hub.try_to_load_from_cache(repository, file)
        if isinstance(path, str):
            return Path(path)
    return None


def probe_url(model: str, tag: str) -> str | None:
    """Give a small address at the hub that answers if the weights can be fetched.

    None where the environment forbids requests to the hub (``HF_HUB_OFFLINE``).
    """
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        return None
    repository, _ = _hub(model, tag)
    return huggingface_hub.hf_hub_url(repository, "open_clip_config.json")


def fetch(model: str, tag: str) -> Path:
    """Give the weights' file, fetched if it is not on this machine.

    Raises:
        OSError: It cannot be fetched.
    """
    found = cached(model, tag)
    if found is None:
        found = Path(open_clip.download_pretrained(configuration(model, tag)))
    return found


def _hub(model: str, tag: str) -> tuple[str, tuple[str, ...]]:
    """Give the repository, and the names that its weights may have, the preferred first."""
    repository, _, file = str(configuration(model, tag).get("hf_hub", "")).rpartition("/")
    return repository, (
        str(PurePosixPath(file).with_suffix(".safetensors")),
        file,
    ) if file else FILES
