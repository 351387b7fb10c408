"""The process's own log: lines for people or JSON for programs. It never names a visitor."""

import logging
import logging.config
from typing import Final, Literal

LogFormat = Literal["text", "json"]

_LOUD_AT: Final = "WARNING"
_FORMATTERS: Final = {
    "text": {"format": "%(asctime)s %(levelname)s %(message)s"},
    "json": {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        "datefmt": "%Y-%m-%dT%H:%M:%S%z",
    },
}


def configure_logs(log_format: LogFormat) -> None:
    """Send warnings and worse to standard error, an exception with its traceback; one line each where it is JSON."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": _FORMATTERS,
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format}},
            "root": {"level": _LOUD_AT, "handlers": ["stderr"]},
        }
    )
