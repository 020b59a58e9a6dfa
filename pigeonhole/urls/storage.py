"""URLs of a storage: a folder, or a bucket with an optional prefix."""

from pigeonhole.urls import parts

FORMS = ("file:///PATH", "s3://BUCKET", "gs://BUCKET", "az://CONTAINER")


def check(url: str) -> None:
    """Check that a URL is one of a storage, without credentials, which the environment provides.

    Raises:
        ValueError: The URL cannot be used. The message completes a sentence about the URL.
    """
    found = parts.split(url)
    if found.scheme not in [form.partition(":")[0] for form in FORMS]:
        raise ValueError(f"must be a URL of the form {' or '.join(FORMS)}")
    parts.check_options(found.options, ())
    if found.scheme == "file":
        if found.hosts or len(found.path) < 2:
            raise ValueError("must name an absolute path with three slashes, as in file:///PATH")
    elif not found.hosts:
        raise ValueError(f"names no host or bucket; its form is {' or '.join(FORMS)}")
    elif found.user is not None or found.password is not None:
        raise ValueError(
            "has a user or password; credentials belong in the variables of the vendor's tools, "
            "such as AWS_ACCESS_KEY_ID"
        )
