"""The built snippet that this release ships: one boot expression and its fragments, joined for each site."""

import json
from dataclasses import dataclass
from importlib.resources import files

from askfirst.core.errors import ConfigurationFault
from askfirst.core.policy import Policy
from askfirst.core.script_parts import uses
from askfirst.core.site_script import Config, build_digest, page_script, site_script

_PINNED = "pinned"


@dataclass(frozen=True, slots=True)
class Snippet:
    """The parts of one snippet build, in their fixed order, and the modules that few pages load, by their names.

    A build is all parts that a policy uses, whether a page gets them in one script or some of them later.
    """

    boot: str
    fragments: dict[str, str]
    later: dict[str, str]

    def parts(self, policy: Policy) -> list[str]:
        """Return the names of the fragments that a policy uses, in the build's order."""
        return [name for name in self.fragments if uses(policy, name)]

    def at_once(self, parts: list[str]) -> list[str]:
        """Return those of these fragments that a site's script holds; the others are fetched where they are wanted, and
        one fetches the policy for a script that has none in it."""
        left_out = {_PINNED, *(file.partition("-")[0] for file in self.later)}
        return [part for part in parts if part not in left_out]

    def texts(self, parts: list[str]) -> list[str]:
        """Return the fragments of these names."""
        return [self.fragments[part] for part in parts]

    def digest(self, parts: list[str]) -> str:
        """Return the build digest of the joined code."""
        return build_digest(self.boot, self.texts(parts))

    def script(self, parts: list[str], config: Config | None) -> bytes:
        """Return the script's bytes with a configuration, or with `null` in its place."""
        return site_script(self.boot, self.texts(parts), config)

    def page_script(self, parts: list[str], config: Config) -> bytes:
        """Return what a page with these parts loads at once."""
        return page_script(self.boot, self.texts(self.at_once(parts)), config)


def read_stub() -> str:
    """Return the inline stub (embedding.md); raise ConfigurationFault where the package is incomplete."""
    try:
        return (files("askfirst") / "static" / "snippet" / "stub.js").read_text().strip()
    except OSError as error:
        raise ConfigurationFault([("static/snippet", f"the built stub is not in this package: {error}")]) from error


def read_snippet() -> Snippet:
    """Return the snippet in the package; raise ConfigurationFault where the package is incomplete."""
    folder = files("askfirst") / "static" / "snippet"
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        parts = {name: (folder / f"{name}.js").read_text().strip() for name in manifest["order"]}
        later = {
            file: f"export default {(folder / f'{name}.js').read_text().strip()};"
            for name, file in manifest["later"].items()
        }
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationFault([("static/snippet", f"the built snippet is not in this package: {error}")]) from error
    return Snippet(parts.pop("boot"), parts, later)
