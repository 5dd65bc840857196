# SPDX-License-Identifier: Apache-2.0
"""One log format for every process: time, process, level, message, facts."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure(process: str, style: str = "text") -> None:
    """Send this process's logs, and those of libraries, to standard error in one format.

    Args:
        process: the name every line carries, such as "web".
        style: "text" for people, "json" for machines.
    """

    def add_process(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event.setdefault("process", process)  # The supervisor speaks for its children.
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_process,
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if style == "json" else _as_text
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


def _as_text(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    at = str(event.pop("timestamp"))[11:23]
    level = str(event.pop("level"))
    process = str(event.pop("process"))
    message = str(event.pop("event"))
    trouble = event.pop("exception", None)
    facts = " ".join(f"{key}={value}" for key, value in event.items())
    line = f"{at} {process:<8} {level:<7} {message}" + (f"  {facts}" if facts else "")
    return f"{line}\n{trouble}" if trouble else line


def get(name: str = "jiedao") -> structlog.stdlib.BoundLogger:
    """A logger; facts go in as keywords, never secrets, faces or plates."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
