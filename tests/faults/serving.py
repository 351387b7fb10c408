"""Whole services as an operator runs them: `askfirst serve` in processes of its own, killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil
from service.deploy.cluster.loopback import free_ports

from support.places import Home


class Serving:
    """One `askfirst serve` on a port of its own."""

    def __init__(self, home: Home, folder: Path, changes: Mapping[str, str] | None = None) -> None:
        """Start it; `changes` are names and values of its environment."""
        (self.port,) = free_ports(1)
        given = {
            "HOME": str(home.settings.home),
            "DATABASE_URL": home.settings.database_url,
            "PUBLIC_URL": home.settings.public_url,
            "PORT": str(self.port),
            "RATE_PER_MINUTE": "0",
            "SEQUENCE_MS": "30",
            "PUBLISH_MS": "100",
        }
        if home.settings.database_password_file:
            given["DATABASE_PASSWORD_FILE"] = str(home.settings.database_password_file)
        others = {name: value for name, value in os.environ.items() if not name.startswith("ASKFIRST_")}
        own = {f"ASKFIRST_{name}": value for name, value in given.items()}
        self._environment = {**others, **own, **(changes or {})}
        self._folder = folder
        self.log = folder / f"{self.port}.log"
        self._written = self.log.open("ab")
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> psutil.Process:
        """Its process."""
        return psutil.Process(self._process.pid)

    def start(self) -> None:
        """Start it; requests are refused until it listens."""
        command = [Path(sys.executable).with_name("askfirst"), "serve"]
        self._process = subprocess.Popen(
            command, env=self._environment, cwd=self._folder, stdout=self._written, stderr=self._written
        )

    def until_ready(self, within: float = 60.0) -> None:
        """Wait until it says that it is ready; where it ended because its database was away, start it again."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self._process.poll() is not None:
                self.start()
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        """Kill it at once, and start it again, as whatever keeps services running does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)
        self.start()

    def wait(self, seconds: float) -> int:
        """Wait until it ended by itself, and return its code."""
        code = self._process.wait(seconds)
        self._written.close()
        return code

    def end_in_order(self) -> None:
        """Tell it to end, and start it again when it has, as a new version is put in place."""
        self._process.terminate()
        assert self._process.wait(60) in (0, -signal.SIGTERM)
        self.start()

    def stop(self) -> None:
        """End it in order."""
        self._process.terminate()
        assert self.wait(60) in (0, -signal.SIGTERM)
