"""Log lines: one format for this code and the libraries' loggers, without secrets.

Lines are written to standard error, as text or as one JSON object each. Every rendered line passes
through ``redact``, so secrets are removed wherever they appear: in a message, a value or a
traceback.
"""

import logging
import re
import sys
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from pigeonhole.kinds import LogFormat
from pigeonhole.settings import Settings

_PASSWORD = re.compile(r"(://[^\s/?#:@'\"]*:)[^\s/@]+@")
_PARAMETER = re.compile(
    r"([?&](?:[\w-]*(?:token|signature|secret|password|api_?key)|sig|code|policy|key-pair-id"
    r"|X-(?:Amz|Goog)-[a-z-]+)=)[^&\s'\"]+",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"(?<!:/)(/pictures/)[\w.%=-]+")  # the whole URL gives access to the image
_KEY = re.compile(r"\b(ph_[0-9a-f]{10}_)[0-9a-f]+")

# Lowest level of loggers that are too verbose below it, or that would write confidential data
# (tortoise logs each query with its values, including the bytes of images).
_LEAST = {
    "tortoise": logging.INFO,
    "tortoise.db_client": logging.INFO,
    "uvicorn.error": logging.WARNING,  # the supervisor logs start and stop
    "websockets": logging.INFO,
    "asyncio": logging.INFO,
    "aiosqlite": logging.INFO,
    "arq": logging.WARNING,  # it reads a job's score in the queue as a time; `worker` logs jobs
    "asyncpg.pool": logging.ERROR,  # a traceback every second while the database is unavailable
    "PIL": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.INFO,
    "urllib3": logging.INFO,
    "filelock": logging.INFO,
}


def redact(text: str) -> str:
    """Remove passwords, signatures and tokens from URLs in a text, and the secrets of API keys."""
    for pattern in (_PARAMETER, _PICTURE, _KEY):
        text = pattern.sub(r"\1***", text)
    return _PASSWORD.sub(r"\1***@", text)


def set_up(settings: Settings, process: str) -> None:
    """Send the log lines of this process, including those of libraries, to standard error.

    Args:
        settings: The level and the format.
        process: Name of the process in each line, such as ``server``, ``worker`` or ``up``.
    """
    level = logging.getLevelName(settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _access_is_debug],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendered(settings.log_format),
            ],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, least in _LEAST.items():
        logging.getLogger(name).setLevel(max(level, least))
    requests = logging.INFO if level == logging.DEBUG else logging.WARNING
    logging.getLogger("uvicorn.access").setLevel(requests)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "arq", "tortoise"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines until the interpreter is finalizing, when they can no longer be rendered."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as a line."""
        if not sys.is_finalizing():
            super().emit(record)


def _named(process: str) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _access_is_debug(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Change the level of uvicorn's line for each request from info to debug."""
    if event.get("logger") == "uvicorn.access":
        event["level"] = "debug"
    return event


def _rendered(log_format: LogFormat) -> list[Processor]:
    """Return the last processors of the chain, which render a line without secrets."""
    if log_format is LogFormat.JSON:
        return [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            _redacting(structlog.processors.JSONRenderer(ensure_ascii=False)),
        ]
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # The default formatter prints local variables, which may hold confidential data.
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [_redacting(console)]


def _redacting(renderer: Processor) -> Processor:
    """Return a renderer that redacts the whole line."""

    def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return redact(str(renderer(logger, name, event)))

    return render


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log an uncaught exception, which ends the process, in the usual format."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("pigeonhole").critical(
        "The process ends because of a bug.", exc_info=(kind, error, trace)
    )
