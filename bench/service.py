"""What one service process on one core does, beside the barest Starlette that does the same kind of work."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askfirst.core.policy import Controller
from askfirst.texts.default_policy import default_draft
from bench.row import Row

HERE = Path(__file__).parent
ASKFIRST = Path(sys.executable).with_name("askfirst")
PAGE = "https://www.example.org"
SECONDS = 6


def measure() -> list[Row]:
    """Return requests a second for the site script and for decisions on SQLite with synchronous=FULL."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed for the service's bench. On Debian and Ubuntu: apt-get install wrk")
    with _service() as (url, body), _bare() as bare:
        brotli = ["-H", "Accept-Encoding: br"]
        etag = urllib.request.urlopen(
            urllib.request.Request(f"{url}/s/bench.js", headers={"Accept-Encoding": "br"})
        ).headers["ETag"]
        script = _wrk(f"{url}/s/bench.js", *brotli)
        same = _wrk(f"{url}/s/bench.js", *brotli, "-H", f"If-None-Match: {etag}")
        ready = _wrk(f"{bare}/ready")
        prefix, suffix = body.split("@@")
        posting = {"BENCH_PREFIX": prefix, "BENCH_SUFFIX": suffix, "BENCH_ORIGIN": PAGE}
        decided = _wrk(f"{url}/d/bench", "-s", str(HERE / "decide.lua"), **posting)
        posted = _wrk(f"{bare}/post", "-s", str(HERE / "decide.lua"), **posting)
    return [
        Row(
            "site script, 200",
            _rate(script),
            f"{_rate(ready)} bare Starlette, 9 KB",
            "at least 20,000/s",
            script[0] >= 20_000,
        ),
        Row("site script, 304", _rate(same), "", "at least 20,000/s", same[0] >= 20_000),
        Row(
            "decision on SQLite FULL: checked, signed, durable, in the ledger",
            f"{_rate(decided)}, p99 {decided[1] / 1000:.0f} ms",
            f"{_rate(posted)} bare Starlette POST that only reads JSON",
            "at least 5,000/s",
            decided[0] >= 5_000,
        ),
    ]


def _rate(measured: tuple[float, float]) -> str:
    return f"{measured[0]:,.0f}/s"


def _wrk(url: str, *options: str, **environment: str) -> tuple[float, float]:
    """Return requests a second without errors, and the 99th percentile in microseconds."""
    script = [] if "-s" in options else ["-s", str(HERE / "report.lua")]
    words = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{SECONDS}", *script, *options, url]
    done = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    found = json.loads(re.search(r"^JSON (.*)$", done.stdout, re.MULTILINE)[1])  # type: ignore[index]
    if found["errors"]:
        raise RuntimeError(f"{found['errors']} errors from {url}")
    return found["requests"] / found["microseconds"] * 1e6, found["p99"]


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


@contextmanager
def _service() -> Iterator[tuple[str, str]]:
    """Run a service on core 0 and give its address and a decision with `@@` in the place of its id."""
    port = _port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "ASKFIRST_HOME": f"{folder}/home",
            "ASKFIRST_PUBLIC_URL": url,
            "ASKFIRST_PORT": str(port),
            "ASKFIRST_RATE_PER_MINUTE": "1000000",
        }
        owner = Controller(name="Example Ltd", address="1 High Street", contact="privacy@example.org", country="IE")
        site_file = Path(folder) / "site.json"
        site_file.write_text(default_draft(owner, f"{PAGE}/privacy").model_dump_json())
        for words in (
            ["init", "--name", "Bench", "--slug", "bench"],
            ["site", "add", "bench", "--name", "Bench", "--origin", PAGE],
            ["policy", "publish", "bench", str(site_file), "--reason", "A bench."],
        ):
            subprocess.run([ASKFIRST, *words], env=environment, check=True, capture_output=True)
        running = subprocess.Popen(
            ["taskset", "-c", "0", str(ASKFIRST), "serve"], env=environment, stdout=subprocess.DEVNULL
        )
        try:
            _wait(port)
            policy = json.load(urllib.request.urlopen(f"{url}/p/bench.json"))["policy"]
            script = urllib.request.urlopen(f"{url}/s/bench.js").read().decode()
            decision = {
                "v": 1,
                "id": "@@",
                "policy": policy,
                "build": re.search(r'"build":"([0-9a-f]{64})"', script)[1],  # type: ignore[index]
                "language": "en",
                "purposes": {"measurement": True},
                "method": "accept_all",
                "at": int(time.time() * 1000),
                "gpc": False,
                "rule": "default",
            }
            yield url, json.dumps(decision, separators=(",", ":"))
        finally:
            running.terminate()
            running.wait(30)


@contextmanager
def _bare() -> Iterator[str]:
    port = _port()
    words = [
        sys.executable,
        "-m",
        "uvicorn",
        "bench.bare:app",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    running = subprocess.Popen(["taskset", "-c", "0", *words], cwd=HERE.parent)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(30)
