"""Settings, which differ between deployments and are read once from ``PIGEONHOLE_*``."""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pigeonhole import setting_checks
from pigeonhole.kinds import LogFormat, LogLevel, Precision

PREFIX = "PIGEONHOLE_"


class OperatorError(Exception):
    """An error that the operator can correct; the message says what is wrong and what to do."""


class SettingsError(OperatorError):
    """Invalid settings; each of ``problems`` is a sentence that names the variable."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """All settings of a process, immutable; the domain never reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder for everything by default: database, images and queue; and for "
        "uploads while they arrive.",
    )
    database_url: Annotated[str, setting_checks.DATABASE_URL] = Field(
        default="",
        description="`sqlite:///PATH` or `postgres://USER@HOST/NAME`. Empty: `pigeonhole.db` "
        "in the data folder.",
    )
    redis_url: Annotated[str, setting_checks.REDIS_URL] = Field(
        default="",
        description="URL of a Redis or Valkey, such as `redis://HOST:6379`. Empty: the "
        "embedded Valkey that `up` starts.",
    )
    redis_prefix: Annotated[str, AfterValidator(setting_checks.key_prefix)] = Field(
        default="",
        max_length=100,
        description="Prefix of every key and channel in Redis, such as `shop:`. Deployments "
        "that share a Redis database each need their own.",
    )
    storage_url: Annotated[str, setting_checks.STORAGE_URL] = Field(
        default="",
        description="`file:///PATH`, `s3://BUCKET`, `gs://BUCKET` or `az://CONTAINER`. "
        "Empty: `blobs` in the data folder.",
    )
    encoder: Annotated[str, AfterValidator(setting_checks.not_blank)] = Field(
        default="auto",
        description="Image encoder of new functions: `auto`, `bundled`, an open_clip "
        "`model/pretrained`, or a model with a weights file as `model:PATH`.",
    )
    encoder_precision: Precision = Field(
        default=Precision.AUTO,
        description="What embeddings are computed in: `float32`, `bfloat16`, or `auto`, which is "
        "bfloat16 for CLIP on machines with instructions for it, and otherwise float32. A change "
        "embeds all images again. An encoder service follows the setting of the machine that "
        "starts it.",
    )
    encoder_url: Annotated[str, AfterValidator(setting_checks.public_url)] = Field(
        default="",
        description="URL of an encoder service that computes all embeddings, such as "
        "`http://10.0.0.5:8001`, started by `pigeonhole encoder serve`. Empty: each process loads "
        "encoders itself.",
    )
    encoder_secret: Annotated[str, AfterValidator(setting_checks.header_value)] = Field(
        default="",
        repr=False,
        description="Secret of the encoder service, the same for the service and its clients. It "
        "can only be empty if the service listens on a loopback address.",
    )
    encoder_wait_s: float = Field(
        default=15.0,
        gt=0,
        description="Seconds that a request to the encoder service may take, with the repetitions "
        "while it restarts. After that, work waits and invocations fail with `UNAVAILABLE`.",
    )
    encoder_fetch_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds that `auto` waits for the model hub to answer."
    )
    encoder_download_timeout_s: float = Field(
        default=900.0,
        gt=0,
        description="Seconds that the first start with `auto` waits for the weights. After that, "
        "the bundled encoder is used, and the part that was downloaded is kept.",
    )
    start_wait_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds that `serve` and `work` wait when they start for a database or a "
        "Redis that refuses connections, as while the machine boots. There is no limit for one "
        "that reports that it is starting.",
    )
    host: Annotated[str, AfterValidator(setting_checks.not_blank)] = Field(
        default="127.0.0.1", description="Address that the server listens on."
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="Port that the server listens on; 0 chooses a free one.",
    )
    public_url: Annotated[str, AfterValidator(setting_checks.public_url)] = Field(
        default="",
        description="URL at which browsers and programs reach the server, with its path if it has "
        "one, such as `https://example.org/pigeonhole`. Empty: the one of each request.",
    )
    trusted_proxies: Annotated[str, AfterValidator(setting_checks.networks)] = Field(
        default="",
        description="Comma-separated addresses or networks of reverse proxies whose "
        "`X-Forwarded-*` headers are trusted. Empty: none.",
    )
    max_image_bytes: int = Field(
        default=20_000_000, gt=0, description="Maximum size of an image in bytes."
    )
    max_image_pixels: int = Field(
        default=50_000_000,
        gt=0,
        description="Maximum number of pixels of an image, checked before decoding.",
    )
    fetch_timeout_s: float = Field(
        default=10.0, gt=0, description="Maximum time for fetching an image by its URL, in seconds."
    )
    fetch_redirects: int = Field(
        default=3, ge=0, description="Maximum number of redirects followed when fetching an image."
    )
    fetch_ports: Annotated[str, AfterValidator(setting_checks.ports)] = Field(
        default="80,443", description="Comma-separated ports that image URLs may have."
    )
    fetch_allowed_hosts: Annotated[str, AfterValidator(setting_checks.hosts)] = Field(
        default="",
        description="Comma-separated host names, addresses and networks inside your own "
        "network from which images may be fetched. Empty: none.",
    )
    rate_points: int = Field(
        default=300_000,
        ge=0,
        description="Maximum number of points that a key, or an address without a key, can "
        "save up. 0: no limit.",
    )
    rate_points_per_s: float = Field(
        default=10_000.0, gt=0, description="Points restored per second."
    )
    rate_invokes: int = Field(
        default=1_000,
        ge=0,
        description="Maximum number of images that a key, or an address without a key, can "
        "have classified at once. 0: no limit.",
    )
    rate_invokes_per_s: float = Field(
        default=100.0, gt=0, description="Images restored per second."
    )
    rate_invoke_bytes: int = Field(
        default=200_000_000,
        ge=0,
        description="Maximum number of bytes of images that an address without a key can have "
        "classified at once. 0: no limit.",
    )
    rate_invoke_bytes_per_s: float = Field(
        default=1_000_000.0, gt=0, description="Bytes of images restored per second."
    )
    max_sockets: int = Field(
        default=100,
        ge=0,
        description="Maximum number of websockets that a key, or an address without a key, "
        "can hold open. 0: no limit.",
    )
    max_functions: int = Field(default=1_000, gt=0, description="Maximum number of functions.")
    max_samples: int = Field(
        default=100_000, gt=0, description="Maximum number of samples per function."
    )
    kept_deleted_days: int = Field(
        default=30,
        ge=0,
        description="Days that deleted samples stay in the trash of their function, from which "
        "they can be restored. 0: they are deleted at once.",
    )
    kept_invocation_bytes: int = Field(
        default=5_000_000_000,
        ge=0,
        description="Maximum number of bytes of classified images that are kept for feedback; the "
        "oldest are deleted first.",
    )
    kept_models: int = Field(
        default=200,
        gt=0,
        description="Number of newest models per function that can be activated again. Of "
        "older ones only the metrics are kept.",
    )
    cors_origins: Annotated[str, AfterValidator(setting_checks.origins)] = Field(
        default="",
        description="Comma-separated origins whose pages may call the API from a browser, "
        "such as `https://app.example`; `*` allows all. Empty: only the server's "
        "own.",
    )
    introspection: bool = Field(
        default=True,
        description="Whether callers without a key may read the GraphQL schema by introspection.",
    )
    registered_documents: Path | None = Field(
        default=None,
        description="JSON file of GraphQL documents by name, as client build tools write it. "
        "Callers without a key with the scope ADMIN can then execute only these.",
    )
    graphiql: bool = Field(
        default=True, description="Whether a browser gets GraphiQL at `/graphql`."
    )
    train_delay_s: float = Field(
        default=0.05, ge=0, description="Seconds to collect annotations before training starts."
    )
    slow_request_s: float = Field(
        default=5.0,
        gt=0,
        description="Seconds to the start of a response from which a request is logged as slow.",
    )
    slow_query_s: float = Field(
        default=1.0,
        gt=0,
        description="Seconds from which a statement of the database is logged as slow, with the "
        "wait for a connection.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="Minimum level of log lines: `debug`, `info`, `warning` or `error`.",
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT, description="Format of log lines: `text` or `json`."
    )

    @property
    def resolved_data_dir(self) -> Path:
        """The absolute path of the data folder."""
        return self.data_dir.expanduser().resolve()

    @property
    def encoders_dir(self) -> Path:
        """The folder of what encoders derive from their weights."""
        return self.resolved_data_dir / "encoders"

    @property
    def resolved_database_url(self) -> str:
        """The database's URL; a path in ``sqlite:///PATH`` is not percent-encoded."""
        if self.database_url == "":
            return f"sqlite://{self.resolved_data_dir / 'pigeonhole.db'}"
        scheme, colon, rest = self.database_url.partition(":")
        return f"postgres{colon}{rest}" if scheme == "postgresql" else self.database_url

    @property
    def resolved_storage_url(self) -> str:
        """The storage's URL; a path in ``file:///PATH`` is percent-encoded."""
        return self.storage_url or (self.resolved_data_dir / "blobs").as_uri()


def read_settings(**overrides: Any) -> Settings:
    """Read the environment; arguments that are not None take precedence.

    Raises:
        SettingsError: A value is invalid.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(
            setting_checks.sentence(variable(str(each["loc"][0])), each) for each in error.errors()
        ) from None


def variable(field: str) -> str:
    """Return the name of the environment variable of a setting."""
    return PREFIX + field.upper()


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return a sentence for each ``PIGEONHOLE_*`` variable that is not a setting."""
    known = {variable(field) for field in Settings.model_fields}
    sentences = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            stem = name.removeprefix(PREFIX).lower()
            near = difflib.get_close_matches(stem, Settings.model_fields, n=1)
            hint = f"; did you mean {variable(near[0])}?" if near else "."
            sentences.append(f"{name} is not a setting and has no effect{hint}")
    return sentences
