"""The `askfirst` command in this process: what it says, and how it ends."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from askfirst.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """How one command ended."""

    code: int
    out: str
    err: str


class CommandLine:
    """Runs commands as an operator does, on one home folder, with no other setting in the environment."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._patch, self._capture = patch, capture
        for name in [name for name in os.environ if name.startswith("ASKFIRST_")]:
            patch.delenv(name)
        patch.setenv("ASKFIRST_HOME", str(home))
        patch.setenv("ASKFIRST_PICTURES", "no")  # a test that wants pictures says so
        patch.setenv("COLUMNS", "200")
        patch.chdir(home.parent)

    def __call__(self, *words: str, **settings: str) -> Said:
        """Run one command; `settings` are environment variables without their prefix."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"ASKFIRST_{name}", value)
            patch.setattr(sys, "argv", ["askfirst", *words])
            self._capture.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        written = self._capture.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, written.out, written.err)

    def does(self, *words: str, **settings: str) -> str:
        """Run a command that has to work and return what it says."""
        said = self(*words, **settings)
        assert (0, "") == (said.code, said.err), said
        return said.out

    def refuses(self, *words: str, **settings: str) -> str:
        """Run a command that has to be refused: exit code 1, nothing on standard output, one sentence of why."""
        said = self(*words, **settings)
        assert (1, "") == (said.code, said.out), said
        assert "Traceback" not in said.err
        assert said.err.count("\n") == 1, said.err
        return said.err.strip()
