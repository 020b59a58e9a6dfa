"""What differs between deployments, read once at the edge from ``PIGEONHOLE_*``."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


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


class Settings(BaseSettings):
    """One frozen value per process; the domain never reads the environment."""

    model_config = SettingsConfigDict(env_prefix="PIGEONHOLE_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path("data"), description="Folder of everything that the defaults keep."
    )
    database_url: str = Field(
        default="",
        description="`sqlite:///PATH` or `postgres://...`; empty is `pigeonhole.db` in the data folder.",
    )
    redis_url: str = Field(
        default="",
        description="`redis://...` of a Redis or Valkey; empty is the embedded Valkey that `up` starts.",
    )
    storage_url: str = Field(
        default="",
        description="`file:///PATH`, `s3://...`, `gs://...` or `az://...`; empty is `blobs` in the data folder.",
    )
    encoder: str = Field(
        default="auto",
        description="`auto`, `bundled`, an open_clip `model/pretrained`, or `model` and a weights file as `model:PATH`.",
    )
    encoder_fetch_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds that `auto` waits for a model hub to answer."
    )
    host: str = Field(default="127.0.0.1", description="Address that the server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the server listens on.")
    max_image_bytes: int = Field(
        default=20_000_000, gt=0, description="Most bytes of one picture."
    )
    max_image_pixels: int = Field(
        default=50_000_000, gt=0, description="Most pixels of one picture, checked before decoding."
    )
    train_delay_s: float = Field(
        default=0.05, ge=0, description="Seconds that annotations are gathered before training."
    )
    log_level: LogLevel = Field(default=LogLevel.INFO, description="Least severe lines written.")
    log_format: LogFormat = Field(default=LogFormat.TEXT, description="`text` or `json` lines.")
