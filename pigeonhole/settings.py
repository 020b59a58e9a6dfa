"""What differs between deployments, read once at the edge from ``PIGEONHOLE_*``."""

import difflib
import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from pigeonhole.addresses import own_hosts

PREFIX = "PIGEONHOLE_"


class OperatorError(Exception):
    """What whoever runs this can put right: the message says what is wrong and what to do."""


class SettingsError(OperatorError):
    """Settings that cannot be used; each of ``problems`` is a sentence that names the variable."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least severe lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @classmethod
    def _missing_(cls, value: object) -> "LogLevel | None":
        """Take ``INFO`` for ``info``."""
        lower = str(value).lower()
        return cls(lower) if lower != value else None


def _url(*forms: str) -> AfterValidator:
    """Accept an empty value, or a URL of one of these forms, such as ``redis://HOST``."""
    schemes = {form.partition(":")[0] for form in forms}

    def check(value: str) -> str:
        if value == "":
            return value
        try:
            parts = urlsplit(value)
            _ = parts.port  # raises where it is no number
        except ValueError as error:
            raise ValueError(f"is not a URL ({str(error).split(':')[0]})") from None
        if parts.scheme not in schemes:
            raise ValueError(f"must be a URL of the form {' or '.join(forms)}")
        match parts.scheme:
            case "sqlite" | "file" | "unix" if parts.netloc or len(parts.path) < 2:
                raise ValueError(
                    f"must name an absolute path with three slashes, as in {parts.scheme}:///PATH"
                )
            case "postgres" | "postgresql" if len(parts.path) < 2:
                raise ValueError("names no database; its form is postgres://USER@HOST/NAME")
            case "redis" | "rediss" | "s3" | "gs" | "az" if not parts.netloc:
                raise ValueError(f"names no host or bucket; its form is {' or '.join(forms)}")
        return value

    return AfterValidator(check)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def listed(value: str) -> list[str]:
    """The entries of a setting that is a list with commas between."""
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def _hosts(value: str) -> str:
    own_hosts(listed(value))
    return value


def _ports(value: str) -> str:
    for port in listed(value):
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise ValueError(f"{port!r} is not a port")
    return value


def _origins(value: str) -> str:
    for origin in listed(value):
        parts = urlsplit(origin)
        whole = parts.scheme in ("http", "https") and parts.netloc != ""
        if origin != "*" and (not whole or origin != f"{parts.scheme}://{parts.netloc}"):
            raise ValueError(f"{origin!r} is not an origin, such as https://app.example")
    return value


class Settings(BaseSettings):
    """One frozen value per process; the domain never reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data_dir: Path = Field(
        default=Path("data"), description="Folder of everything that the defaults keep."
    )
    database_url: Annotated[
        str, _url("sqlite:///PATH", "postgres://USER@HOST/NAME", "postgresql://USER@HOST/NAME")
    ] = Field(
        default="",
        description="`sqlite:///PATH` or `postgres://...`; "
        "empty is `pigeonhole.db` in the data folder.",
    )
    redis_url: Annotated[str, _url("redis://HOST:PORT", "rediss://HOST:PORT", "unix:///PATH")] = (
        Field(
            default="",
            description="`redis://...` of a Redis or Valkey; "
            "empty is the embedded Valkey that `up` starts.",
        )
    )
    storage_url: Annotated[
        str, _url("file:///PATH", "s3://BUCKET", "gs://BUCKET", "az://CONTAINER")
    ] = Field(
        default="",
        description="`file:///PATH`, `s3://...`, `gs://...` or `az://...`; "
        "empty is `blobs` in the data folder.",
    )
    encoder: Annotated[str, AfterValidator(_not_blank)] = Field(
        default="auto",
        description="`auto`, `bundled`, an open_clip `model/pretrained`, "
        "or `model` and a weights file as `model:PATH`.",
    )
    encoder_fetch_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds that `auto` waits for a model hub to answer."
    )
    host: Annotated[str, AfterValidator(_not_blank)] = Field(
        default="127.0.0.1", description="Address that the server listens on."
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="Port that the server listens on; 0 is a free one.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of reverse proxies, with commas between, whose "
        "`X-Forwarded-*` headers are believed; empty is none.",
    )
    max_image_bytes: int = Field(default=20_000_000, gt=0, description="Most bytes of one picture.")
    max_image_pixels: int = Field(
        default=50_000_000, gt=0, description="Most pixels of one picture, checked before decoding."
    )
    fetch_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds that fetching one picture by its URL may take."
    )
    fetch_redirects: int = Field(
        default=3, ge=0, description="Redirects that are followed to a picture."
    )
    fetch_ports: Annotated[str, AfterValidator(_ports)] = Field(
        default="80,443", description="Ports that URLs of pictures may have, with commas between."
    )
    fetch_allowed_hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        default="",
        description="Host names, addresses and networks of your own, with commas between, that "
        "pictures may be fetched from although they are inside; empty is none.",
    )
    rate_points: int = Field(
        default=100_000,
        ge=0,
        description="Points that a key, or an address without one, can spend at once; "
        "0 is no limit.",
    )
    rate_points_per_s: float = Field(
        default=2_000.0, gt=0, description="Points that come back each second."
    )
    rate_invokes: int = Field(
        default=1_000,
        ge=0,
        description="Pictures that a key, or an address without one, can ask about at once; "
        "0 is no limit.",
    )
    rate_invokes_per_s: float = Field(
        default=100.0, gt=0, description="Pictures that come back each second."
    )
    max_sockets: int = Field(
        default=100,
        ge=0,
        description="Most websockets that a key, or an address without one, holds open; "
        "0 is no limit.",
    )
    max_functions: int = Field(default=1_000, gt=0, description="Most functions.")
    max_samples: int = Field(default=100_000, gt=0, description="Most samples of one function.")
    kept_models: int = Field(
        default=200,
        gt=0,
        description="Newest versions of a function that can answer again; of older ones only the "
        "figures are kept.",
    )
    cors_origins: Annotated[str, AfterValidator(_origins)] = Field(
        default="",
        description="Origins whose pages may ask this server from a browser, with commas between, "
        "such as `https://app.example`; `*` is any, empty is none but its own.",
    )
    introspection: bool = Field(
        default=True, description="Whether callers without a key may ask about the schema."
    )
    registered_documents: Path | None = Field(
        default=None,
        description="A JSON file of GraphQL documents by name, as clients' build tools write; "
        "keys without the ADMIN scope, and callers without a key, are then answered no other.",
    )
    graphiql: bool = Field(default=True, description="Whether `/graphql` is GraphiQL to a browser.")
    train_delay_s: float = Field(
        default=0.05, ge=0, description="Seconds that annotations are gathered before training."
    )
    log_level: LogLevel = Field(default=LogLevel.INFO, description="Least severe lines written.")
    log_format: LogFormat = Field(default=LogFormat.TEXT, description="`text` or `json` lines.")

    @property
    def resolved_data_dir(self) -> Path:
        """The data folder from the root."""
        return self.data_dir.expanduser().resolve()

    @property
    def resolved_database_url(self) -> str:
        """The database's URL; a path in ``sqlite:///PATH`` is taken as it is, unquoted."""
        if self.database_url == "":
            return f"sqlite://{self.resolved_data_dir / 'pigeonhole.db'}"
        scheme, colon, rest = self.database_url.partition(":")
        return f"postgres{colon}{rest}" if scheme == "postgresql" else self.database_url

    @property
    def resolved_storage_url(self) -> str:
        """The storage's URL; a path in ``file:///PATH`` is percent-encoded."""
        return self.storage_url or (self.resolved_data_dir / "blobs").as_uri()


def read_settings(**overrides: Any) -> Settings:
    """Read the environment; what is given here and is not None stands above it.

    Raises:
        SettingsError: A value cannot be used.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_sentence(each) for each in error.errors()) from None


def variable(field: str) -> str:
    """The name of the environment variable of a setting."""
    return PREFIX + field.upper()


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each ``PIGEONHOLE_*`` variable that is no setting: a slip of the pen."""
    known = {variable(field) for field in Settings.model_fields}
    sentences = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            stem = name.removeprefix(PREFIX).lower()
            near = difflib.get_close_matches(stem, Settings.model_fields, n=1)
            hint = f"; did you mean {variable(near[0])}?" if near else "."
            sentences.append(f"{name} is not a setting and has no effect{hint}")
    return sentences


def _sentence(error: ErrorDetails) -> str:
    """What is wrong with one variable; URLs may hold a password, so their value is not told."""
    name = variable(str(error["loc"][0]))
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if name.endswith("_URL"):
        return f"{name} {said}."
    said = said.split(", unable to")[0]
    return f"{name} is {str(error['input'])!r}, but {said}."
