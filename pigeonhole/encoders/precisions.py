"""The error for a precision that an encoder cannot be computed in."""

NO_INSTRUCTIONS = "this machine has no instructions for it"


def refused(name: str, reason: str) -> ValueError:
    """Return the error for an encoder that cannot be computed in bfloat16."""
    return ValueError(
        f"{name} cannot be computed in bfloat16: {reason}. Set PIGEONHOLE_ENCODER_PRECISION to "
        "auto or float32."
    )
