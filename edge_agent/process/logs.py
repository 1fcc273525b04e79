"""Where the agent's log goes, and how a line of it looks."""

import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, Literal

from edge_agent.config import AgentConfig, ConfigError

LogFormat = Literal["text", "json"]
Redact = Callable[[str], str]
"""Returns a text without what must not be read."""
FILES: Final = 3
"""The one that is written, and those before it."""
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_FLOW_THREAD: Final = "flow-"
_JOBS_THREAD: Final = "jobs "
_KNOWN: Final = ("job_id", "flow_id", "node_id")

logger = logging.getLogger(__name__)


def set_up_logs(
    config: AgentConfig,
    *,
    log_format: LogFormat,
    verbose: bool,
    job_id: Callable[[], str | None],
    redact: Redact = str,
) -> None:
    """Log to standard error, and to ``log_file`` when there is one.

    ``job_id`` tells the job at work, to note it with what is logged meanwhile by the thread that does the jobs.
    ``redact`` takes out of every text what must not be read in a log, whoever logs it.

    Raises:
        ConfigError: the file cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if config.log_file is not None:
        handlers.append(_rotating(config.log_file, config.log_max_bytes))
    for handler in handlers:
        handler.setFormatter(JsonFormatter(job_id, redact) if log_format == "json" else TextFormatter(redact))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=handlers)
    threading.excepthook = _log_end_of_thread


class TextFormatter(logging.Formatter):
    """Lines for people."""

    def __init__(self, redact: Redact = str) -> None:
        super().__init__(_TEXT)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback below it."""
        return self._redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, and the job, flow and node it is about when they are known."""

    def __init__(self, job_id: Callable[[], str | None], redact: Redact = str) -> None:
        super().__init__()
        self._job_id = job_id
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        told |= self._about(record)
        if record.exc_info:
            told["traceback"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)

    def _about(self, record: logging.LogRecord) -> dict[str, str]:
        thread = record.threadName or ""
        known = {name: str(getattr(record, name)) for name in _KNOWN if hasattr(record, name)}
        if thread.startswith(_FLOW_THREAD):
            known.setdefault("flow_id", thread.removeprefix(_FLOW_THREAD))
        elif thread.startswith(_JOBS_THREAD) and (job_id := self._job_id()) is not None:
            known.setdefault("job_id", job_id)
        return known


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    """Log what nobody thought of, so that log_file has it, too, and a line of JSON is one."""
    name = ended.thread.name if ended.thread is not None else "of before"
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        logger.critical("thread %s has ended by an error", name, exc_info=ended.exc_value)


def _rotating(path: Path, max_bytes: int) -> RotatingFileHandler:
    try:
        return RotatingFileHandler(path, maxBytes=max_bytes, backupCount=FILES - 1, encoding="utf-8")
    except OSError as error:
        message = f"log_file {path} cannot be written: {error.strerror}; make its folder, for the agent's user"
        raise ConfigError(message) from error
