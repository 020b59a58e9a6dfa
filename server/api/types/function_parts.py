"""Parts of a function as clients see them: kinds, counts, readiness and capture settings."""

from enum import Enum

import strawberry

from server.auth.permissions import READ


@strawberry.enum(description="Kind of input that a function takes.")
class InputType(Enum):
    IMAGE = strawberry.enum_value(
        "image", description="One image: JPEG, PNG, WebP, GIF, AVIF, HEIC, BMP or TIFF."
    )


@strawberry.enum(description="Kind of output that a function returns.")
class OutputType(Enum):
    CLASSIFICATION = strawberry.enum_value(
        "classification", description="One label of a fixed set."
    )


@strawberry.type(
    description="Whether a function can be trained, and what is missing.", directives=READ
)
class Readiness:
    trainable: bool = strawberry.field(description="Whether a training run can start.")
    missing: list[str] = strawberry.field(
        description="What is missing before training can start, as sentences; empty if nothing is."
    )


@strawberry.type(description="Numbers of samples of a function.", directives=READ)
class SampleCounts:
    total: int = strawberry.field(description="Number of all samples.")
    annotated: int = strawberry.field(description="Number of annotated samples.")
    unannotated: int = strawberry.field(description="Number of samples without annotation.")
    embedded: int = strawberry.field(
        description="Number of samples whose embedding has been computed; a worker computes the "
        "others."
    )
    in_review: int = strawberry.field(
        description="Number of samples that were captured from invocations and are not annotated "
        "yet."
    )


@strawberry.type(
    description="Which images of invocations a function keeps as samples.", directives=READ
)
class CaptureSettings:
    enabled: bool = strawberry.field(
        description="Whether images of invocations are kept as samples. Default: false."
    )
    below: float = strawberry.field(
        description="Images whose prediction has a confidence below this are kept, from 0 to 1. "
        "Default: 0.8."
    )
    strange: bool = strawberry.field(
        description="Whether images with the decision `NONE_OF_THESE` are kept, whatever the "
        "confidence. Default: false."
    )
    rare_below: int = strawberry.field(
        description="Images whose predicted label has fewer annotated samples than this are kept, "
        "whatever the confidence. Default: 0, which keeps none for this reason."
    )
    random_share: float = strawberry.field(
        description="Share of all images, from 0 to 1, that is kept at random. The accuracy on "
        "these is that in use. Default: 0."
    )
    daily_limit: int = strawberry.field(
        description="Maximum number of images kept per day (UTC). Default: 100."
    )
