"""Short site files as people write them."""

SHORT = """\
# What the banner of www.example.org asks.
controller:
  name: Example Ltd
  address: 1 Example Street, Example
  contact: privacy@example.org
  country: IE
privacy_policy: https://www.example.org/privacy
languages: [en, de]
purposes: [measurement, embeds]
services:
  - id: matomo
    provider: controller
  - id: youtube
    transfers: {US: adequacy}
    cookies: {PREF: {duration: P8M}}
"""


def with_lines(*lines: str) -> bytes:
    """Return the short file with some lines more."""
    return (SHORT + "\n".join(lines) + "\n").encode()


def changed(old: str, new: str) -> bytes:
    """Return the short file with one part changed."""
    assert SHORT.count(old) == 1
    return SHORT.replace(old, new).encode()
