"""Log lines: one shape for this code and for the libraries' loggers, and no secret in any.

Lines go to standard error, as text or as one JSON object each. Every rendered line passes
``redact``, so a password is cut out wherever it came from: an event, a key, a traceback.
"""

import logging
import re
import sys
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from pigeonhole.settings import LogFormat, Settings

_PASSWORD = re.compile(r"(://[^\s/?#:@'\"]*:)[^\s/@]+@")
_PARAMETER = re.compile(
    r"([?&](?:token|signature|sig|secret|password|api_key|X-Amz-[A-Za-z-]+)=)[^&\s'\"]+"
)

# Least level of loggers that say too much below it, or that say what must not be written
# (tortoise writes each query with its values, the pictures' bytes too).
_LEAST = {
    "tortoise": logging.INFO,
    "tortoise.db_client": logging.INFO,
    "uvicorn.error": logging.WARNING,  # its start and stop; said by the supervisor
    "websockets": logging.INFO,
    "asyncio": logging.INFO,
    "aiosqlite": logging.INFO,
    "PIL": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.INFO,
    "urllib3": logging.INFO,
    "filelock": logging.INFO,
}


def redact(text: str) -> str:
    """Cut passwords in URLs, and signatures and tokens in their queries, out of a text."""
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1***@", text))


def set_up(settings: Settings, process: str) -> None:
    """Send this process's log lines, and those of every library, to standard error.

    ``process`` names the process in each line: ``server``, ``worker``, ``up``.
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
    handler = logging.StreamHandler(sys.stderr)
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


def _named(process: str) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add


def _access_is_debug(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Uvicorn writes each request at level info; here that is a line for debugging."""
    if event.get("logger") == "uvicorn.access":
        event["level"] = "debug"
    return event


def _rendered(log_format: LogFormat) -> list[Processor]:
    """The last processors of the chain, which end in a text without secrets."""
    if log_format is LogFormat.JSON:
        return [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            _redacting(structlog.processors.JSONRenderer(ensure_ascii=False)),
        ]
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # The default draws local variables, and with them what must not be written.
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [_redacting(console)]


def _redacting(renderer: Processor) -> Processor:
    """A renderer whose whole line is redacted."""

    def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return redact(str(renderer(logger, name, event)))

    return render


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Write an exception that ends the process like every other line."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("pigeonhole").critical(
        "This is a bug: the process ends.", exc_info=(kind, error, trace)
    )
