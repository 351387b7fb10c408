"""Which prebuilt fragments a site's script needs: a page pays for what its policy uses, and for nothing else."""

from collections.abc import Callable, Mapping
from typing import Final

from askfirst.core.policy import Policy

# One line a fragment, named as its file in snippet/src/fragments/. The order is that of the build, which alone decides
# in which order fragments are joined.
_USED: Final[Mapping[str, Callable[[Policy], bool]]] = {}


def uses(policy: Policy, part: str) -> bool:
    """Tell whether a policy needs the fragment of this name; one that is not listed here is always needed."""
    wanted = _USED.get(part)
    return wanted is None or wanted(policy)
