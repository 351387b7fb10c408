"""What the tests of the SDK share: one service on a real socket, and a reader that has loaded its keys and policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from askfirst_sdk import Askfirst
from sdk.mounted import SITE, recorder_token, service
from support.served import Served


@pytest.fixture(scope="session")
def web_service(furnished_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give one service to all tests of mounts and frameworks; its sites take answers from www.example.org."""
    with service(furnished_folder, tmp_path_factory.mktemp("web") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def web_token(web_service: Served) -> str:
    """Give a token by which it believes a website's server."""
    return recorder_token(web_service)


@pytest.fixture(scope="session")
def reader(web_service: Served) -> Iterator[Askfirst]:
    """Give a reader that has loaded keys and policy."""
    made = Askfirst(site=SITE, service_url=web_service.url)
    made.want_policy()
    assert made.ready(30)
    yield made
    made.close()
