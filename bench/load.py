"""Load from wrk on core 1, read back as figures."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CONNECTIONS = 32
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Load:
    """One run: requests answered without an error, requests a second, latencies in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float


def wrk(
    url: str,
    seconds: int,
    *headers: str,
    script: str = "report.lua",
    connections: int = CONNECTIONS,
    cores: str = "1",
    **environment: str,
) -> Load:
    """Load `url` and return what came back; raise RuntimeError if a single request failed."""
    words = ["taskset", "-c", cores, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_HERE / script)]
    words += [word for header in headers for word in ("-H", header)]
    done = subprocess.run(
        [*words, url], env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=120
    )
    line = re.search(r"^JSON (.*)$", done.stdout, re.MULTILINE)
    if line is None:
        raise RuntimeError(f"wrk said nothing that can be read about {url}: {done.stdout}{done.stderr}")
    found = json.loads(line[1])
    if found["errors"] or not found["requests"]:
        raise RuntimeError(f"{found['errors']} errors in {found['requests']} requests to {url}")
    rate = found["requests"] / found["microseconds"] * 1e6
    return Load(found["requests"], rate, found["p50"] / 1000, found["p99"] / 1000)


def middle(loads: list[Load]) -> Load:
    """Return the medians of several runs, and the sum of their requests."""
    return Load(
        sum(load.requests for load in loads),
        median(load.rate for load in loads),
        median(load.p50 for load in loads),
        median(load.p99 for load in loads),
    )
