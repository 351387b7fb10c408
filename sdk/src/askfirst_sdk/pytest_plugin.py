"""Fixtures of pytest, found by pytest itself where the SDK is installed."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import PretendSite


@pytest.fixture
def askfirst_site() -> "PretendSite":
    """Give a site of this test alone: `askfirst` is for the application, `cookie("measurement")` a visitor's."""
    from .testing import PretendSite  # noqa: PLC0415  # what signs is imported by tests that ask for it only

    return PretendSite()
