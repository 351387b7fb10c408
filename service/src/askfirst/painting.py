"""Pictures by a Chromium of this machine, in a process of its own that is ended where it takes too long."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from askfirst.core.errors import NotRendered
from askfirst.settings import Settings
from askfirst.usecases.banner_frame import SnippetBuild
from askfirst.usecases.renderings import Painted, Renderer, Sight

_WORKER: Final = "askfirst.painting_worker"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_LONGEST_SAID: Final = 200


def renderer_of(settings: Settings, snippet: SnippetBuild) -> Renderer:
    """Return what takes pictures of policies, as the settings say."""
    return Renderer(snippet, ChromiumPainter(settings))


class ChromiumPainter:
    """The `Painter` of usecases.renderings. Nothing is opened before the first picture."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings: whether pictures are wanted, which browser, and how long it may take."""
        self._settings = settings

    def paint(self, sights: Sequence[Sight]) -> Painted:
        """Return a PNG of each; raise NotRendered where there is no browser, or it takes too long."""
        if not self._settings.pictures:
            raise NotRendered("ASKFIRST_PICTURES says that none are taken")
        if find_spec("playwright") is None:
            raise NotRendered("Playwright is not installed; install it with: pip install 'askfirst[rendering]'")
        with tempfile.TemporaryDirectory(prefix="askfirst-pictures-") as folder:
            return self._paint(sights, Path(folder))

    def _paint(self, sights: Sequence[Sight], folder: Path) -> Painted:
        job = {
            "chromium": self._settings.chromium or next(filter(None, map(shutil.which, _NAMES)), None),
            "folder": str(folder),
            "patience_ms": self._settings.picture_seconds * 1000,
            "sights": [
                {
                    "html": sight.frame.html,
                    "content_policy": sight.frame.content_policy,
                    "width": sight.width,
                    "height": sight.height,
                }
                for sight in sights
            ],
        }
        said = json.loads(_run(json.dumps(job), self._settings.picture_seconds))
        if "reason" in said:
            raise NotRendered(str(said["reason"])[:_LONGEST_SAID])
        images = tuple(folder.joinpath(f"{number}.png").read_bytes() for number in range(len(sights)))
        return Painted(str(said["browser"]), images)


def _run(job: str, seconds: int) -> str:
    """Return what the worker printed; raise NotRendered where it failed or was ended."""
    command = [sys.executable, "-m", _WORKER]
    # A session of its own, so that the browser ends with its driver whatever state either is in.
    with subprocess.Popen(  # noqa: S603 (this Python, our own module)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(job, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise NotRendered(f"the browser took longer than {seconds} seconds") from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0 or not said:
        raise NotRendered(f"the browser's driver ended with {process.returncode}")
    return said
