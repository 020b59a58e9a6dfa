"""Encoders that are known to be good, and what to know before choosing one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pin:
    """The only file that is taken for an encoder's weights."""

    revision: str  # commit of the hub's repository
    file: str
    sha256: str


@dataclass(frozen=True)
class Known:
    """An encoder, as its makers publish it."""

    spec: str
    licence: str
    megabytes: int  # to fetch
    accuracy: float | None  # percent right on ImageNet by names alone
    note: str
    pin: Pin | None = None


BUNDLED = "bundled"
DEFAULT = "ViT-B-32-256/datacomp_s34b_b86k"

KNOWN = (
    Known(
        DEFAULT,
        "MIT",
        605,
        72.8,
        "The default.",
        Pin(
            "4afec35ffe57a943d569ff7ee888061830164da8",
            "open_clip_model.safetensors",
            "92c26d60d3200ed5ed040dff31a8d19f8140648da8007216c25744c478deef27",
        ),
    ),
    Known(
        "ViT-B-32/datacomp_xl_s13b_b90k",
        "MIT",
        605,
        69.2,
        "The default before; a little faster.",
    ),
    Known(
        "ViT-B-32-SigLIP2-256/webli",
        "Apache-2.0",
        1510,
        74.0,
        "Label names in many languages.",
    ),
    Known(
        "ViT-B-16-SigLIP2-256/webli",
        "Apache-2.0",
        1500,
        79.1,
        "Label names in many languages; about four times as slow as the default.",
    ),
    Known("ViT-L-14/datacomp_xl_s13b_b90k", "MIT", 1710, 79.2, "For GPUs."),
    Known(
        "MobileCLIP2-S2/dfndr2b",
        "Apple ML Research",
        400,
        77.2,
        "Its licence allows research only.",
    ),
    Known(
        BUNDLED,
        "Apache-2.0",
        0,
        None,
        "EfficientNet-Lite2, part of the installation; knows the 1,000 things of ImageNet.",
    ),
)


def pin_of(spec: str) -> Pin | None:
    """Return the pin of an encoder's weights, if known."""
    return next((each.pin for each in KNOWN if each.spec == spec), None)
