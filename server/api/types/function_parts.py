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
        description="Only images whose prediction has a confidence below this are kept, from 0 "
        "to 1. Default: 0.8."
    )
    daily_limit: int = strawberry.field(
        description="Maximum number of images kept per day (UTC). Default: 100."
    )
