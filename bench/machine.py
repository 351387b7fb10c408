"""What a bench needs of the machine, and what a reader has to know of it."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

_PACKAGES = (
    "askfirst",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "pydantic",
    "SQLAlchemy",
    "pynacl",
    "cryptography",
    "PyJWT",
    "brotli",
    "playwright",
)


def missing(wanted: Sequence[str]) -> list[str]:
    """Return one sentence for everything that the wanted benches lack here."""
    lacks = []
    if {"service", "nodes", "audit"} & set(wanted):
        if shutil.which("wrk") is None:
            lacks.append("wrk is needed to load the service. On Debian and Ubuntu: apt-get install wrk")
        if shutil.which("taskset") is None:
            lacks.append(
                "taskset is needed to give each side its core. On Debian and Ubuntu: apt-get install util-linux"
            )
        if not {0, 1} <= os.sched_getaffinity(0):
            lacks.append("Two cores are needed, 0 for the server and 1 for wrk, and this process may not use both.")
    return lacks


def chromium() -> str | None:
    """Return the installed Chromium; None where Playwright's own is used."""
    named = os.environ.get("ASKFIRST_CHROMIUM")
    found = (shutil.which(name) for name in (named, "chromium", "chromium-browser", "google-chrome") if name)
    return next(filter(None, found), None)


def load() -> str:
    """Return the load of the last minute, which tells whether something else was at work."""
    return f"{os.getloadavg()[0]:.2f}"


def processor() -> str:
    """Return the name of this machine's processor."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.*)$", cpuinfo, re.MULTILINE)
    return model[1] if model else platform.processor()


def description(when: datetime, load_before: str | None, command: str = "make bench") -> list[str]:
    """Return the lines that stand above the results; without a load where each section says its own, and on what."""
    known, measured = "", "processor and load before the run are said in each section"
    if load_before is not None:
        known, measured = f"{processor()}, ", f"load before the run {load_before}"
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"- When: {when:%Y-%m-%d %H:%M} UTC, `{command}`",
        f"- Machine: {known}{os.cpu_count()} cores, {platform.system()} {platform.release()}; {measured}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}",
        f"- {first_line('wrk', '-v').partition(' Copyright')[0]}; {first_line(chromium(), '--version')}",
        "",
        "A ratio inside one run counts; an absolute figure from another day or machine does not.",
        "The goals are those that the project set itself before it began; a goal that is missed says so.",
    ]


def first_line(program: str | None, option: str) -> str:
    """Return the first line that a program prints with an option."""
    if program is None:
        return "Playwright's own Chromium"
    said = subprocess.run([program, option], capture_output=True, text=True, check=False).stdout
    return said.partition("\n")[0].strip()
