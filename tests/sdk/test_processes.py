"""Servers that fork: each worker refreshes by itself, and reads what its parent had loaded."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from askfirst_sdk import Askfirst
from sdk.mounted import SITE
from sdk.test_frameworks import EXAMPLES
from support.served import Served

# The example, telling which process answered. The parent loads the keys before it forks.
WSGI = """
import os
from flask_app import app, askfirst
assert askfirst.ready(30)
inner = app.wsgi_app

def named(environ, start):
    def begin(status, headers, exc_info=None):
        return start(status, [*headers, ("X-Process", str(os.getpid()))])
    return inner(environ, begin)

app.wsgi_app = named
"""
ASGI = """
import os
from starlette_app import app as inner, askfirst

async def app(scope, receive, send):
    async def told(message):
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"x-process", str(os.getpid()).encode())]
        await send(message)
    await inner(scope, receive, told)
"""


@contextmanager
def server(command: list[str], code: str, folder: Path, web_service: Served) -> Iterator[str]:
    """Run a server of several processes, and give its address."""
    (folder / "site_app.py").write_text(code, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "ASKFIRST_SITE": SITE, "ASKFIRST_SERVICE_URL": web_service.url}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(EXAMPLES)])
    process = subprocess.Popen(
        [sys.executable, "-m", *(part.replace("PORT", str(port)) for part in command)],
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(
            ["gunicorn", "--preload", "--workers", "2", "--bind", "127.0.0.1:PORT", "site_app:app"], WSGI, id="gunicorn"
        ),
        pytest.param(["uvicorn", "--workers", "2", "--port", "PORT", "site_app:app"], ASGI, id="uvicorn"),
    ],
)
def test_every_worker_reads_consent(
    command: list[str], code: str, tmp_path: Path, web_service: Served, web_token: str, reader: Askfirst
) -> None:
    """Whichever process answers: the visitor who consented is measured, and the other one is not."""
    receipt = reader.record(["measurement"], token=web_token, language="en", timeout=30).receipt
    cookie = {"cookie": f"askfirst-{SITE}={receipt}"}
    seen: dict[str, set[bool]] = {}
    with server(command, code, tmp_path, web_service) as url:
        end = time.monotonic() + 60
        while time.monotonic() < end and not (len(seen) == 2 and all(True in allowed for allowed in seen.values())):
            try:
                # A connection of its own for each, so that either worker may take it.
                page = httpx.get(url, headers=cookie, timeout=20)
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            seen.setdefault(page.headers["x-process"], set()).add("Measured: True" in page.text)
        other = httpx.get(url, timeout=20)

    assert 2 == len(seen)
    assert all(True in allowed for allowed in seen.values()), seen
    if "--preload" in command:
        # What the parent had loaded is there for a worker's first visitor.
        assert [{True}, {True}] == list(seen.values())
    assert "Measured: False" in other.text
