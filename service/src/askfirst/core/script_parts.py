"""Which prebuilt fragments a site's script needs: a page pays for what its policy uses, and for nothing else."""

from collections.abc import Callable, Mapping
from typing import Final

from askfirst.core.policy import Policy
from askfirst.core.signals import signal_settings

# One line a fragment, named as its file in snippet/src/fragments/. The order is that of the build, which alone decides
# in which order fragments are joined.
_USED: Final[Mapping[str, Callable[[Policy], bool]]] = {
    "google": lambda policy: policy.signals.google is not None,
    "microsoft_uet": lambda policy: policy.signals.microsoft_uet is not None,
    "clarity": lambda policy: policy.signals.clarity is not None,
    "matomo": lambda policy: policy.signals.matomo is not None,
}


def uses(policy: Policy, part: str) -> bool:
    """Tell whether a policy needs the fragment of this name; one that is not listed here is always needed."""
    wanted = _USED.get(part)
    return wanted is None or wanted(policy)


def part_settings(policy: Policy) -> dict[str, object]:
    """Return what the fragments of a policy's script have to know, by their names; plain JSON values."""
    return signal_settings(policy.signals, policy.regions.rules)
