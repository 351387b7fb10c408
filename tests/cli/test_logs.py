"""The process's own log: one line of JSON for each event, tracebacks inside, or lines for people."""

import json
import logging
from collections.abc import Iterator

import pytest

from askfirst.logs import LogFormat, configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def _logged(log_format: LogFormat, capsys: pytest.CaptureFixture[str]) -> list[str]:
    configure_logs(log_format)
    log = logging.getLogger("askfirst")
    log.info("nothing to worry about")
    try:
        raise ValueError("within")
    except ValueError:
        log.exception("%s failed", "publish")
    return capsys.readouterr().err.splitlines()


def test_json_is_one_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names that log collectors look for."""
    (line,) = _logged("json", capsys)
    said = json.loads(line)

    assert ("ERROR", "askfirst", "publish failed") == (said["level"], said["logger"], said["message"])
    assert "ValueError: within" in said["exc_info"]
    assert said["time"].startswith("20")


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Time, level and message, then the traceback."""
    first, *rest = _logged("text", capsys)

    assert first.endswith(" ERROR publish failed")
    assert "ValueError: within" == rest[-1]
