"""The lines that pin code and policy by their digests (`askfirst site embed KEY --pinned`), one for each language."""

import os
import re
from dataclasses import dataclass

from .errors import ConfigurationError
from .policy_document import nearest
from .receipt import is_site_key
from .tags import Html, attribute_text

__all__ = ["Pins"]

_LINE = re.compile(
    r'<script async src="(?P<src>https?://[^"<>\s]+/b/[0-9a-f]{64}\.js)" integrity="(?P<code>sha384-[A-Za-z0-9+/]{64})"'
    r' crossorigin="anonymous" data-config="(?P<config>https?://[^"<>\s]+/c/(?P<site>[a-z0-9]{4,32})/[0-9a-f]{64}'
    r'/[0-9a-f]{64}/(?P<language>[A-Za-z0-9-]+)\.json)" data-check="(?P<check>sha256-[A-Za-z0-9+/]{43}=)"></script>'
)
_MOST = 65_536


@dataclass(frozen=True, slots=True)
class _Pin:
    src: str
    code: str
    config: str
    check: str


class Pins:
    """Pinned lines of one site. A browser runs nothing where code or policy is another than the one that was pinned, so
    print them again after each publication and each upgrade of the service."""

    def __init__(self, text: str, *, site: str) -> None:
        """Take the lines as they were printed, the first one's language being the default. Raises ConfigurationError
        for anything else, and for a line of another site."""
        if not is_site_key(site):
            raise ConfigurationError(f"{site!r} is no site key")
        self._pins: dict[str, _Pin] = {}
        for number, line in enumerate(text.strip().splitlines() if len(text) <= _MOST else [""], 1):
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise ConfigurationError(f"line {number} is none that `askfirst site embed {site} --pinned` prints")
            if found["site"] != site:
                raise ConfigurationError(f"line {number} is of the site {found['site']}, not {site}")
            self._pins[found["language"]] = _Pin(found["src"], found["code"], found["config"], found["check"])
        if not self._pins:
            raise ConfigurationError(f"there is no line: print some with `askfirst site embed {site} --pinned`")

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, site: str) -> "Pins":
        """Return the pins in a file with one line a language. Raises OSError where it can not be read."""
        with open(path, encoding="utf-8") as file:
            return cls(file.read(_MOST + 1), site=site)

    def tag(self, language: str | None = None, nonce: str | None = None) -> Html:
        """Return the line in the pinned language that is nearest to the wanted one."""
        pin = self._pins[nearest(tuple(self._pins), language)]
        given: dict[str, str | bool | None] = {
            "async": True,
            "src": pin.src,
            "integrity": pin.code,
            "crossorigin": "anonymous",
            "data-config": pin.config,
            "data-check": pin.check,
            "nonce": nonce,
        }
        return Html(f"<script{attribute_text(given)}></script>")
